"""Mails that come back: noted by their Message-ID alone, addresses suppressed and lifted; what is none is told and kept."""

import json

import pytest

from festival import decided, new_key, teacher
from stack.waiting import wait_until

HEAD = "From: Mail Delivery System <MAILER-DAEMON@mx.example.net>\r\nReturn-Path: <>\r\nSubject: Undelivered\r\nMIME-Version: 1.0\r\n"
DSN = HEAD + """Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r
\r
--b\r
Content-Type: text/plain\r
\r
I could not deliver it.\r
\r
--b\r
Content-Type: message/delivery-status\r
\r
Reporting-MTA: dns; mx.example.net\r
\r
Final-Recipient: rfc822; somebody.else@example.jp\r
Action: {action}\r
Status: {status}\r
Diagnostic-Code: smtp; {said}\r
\r
--b\r
Content-Type: text/rfc822-headers\r
\r
Subject: =?UTF-8?B?5Yi4?=\r
Message-ID: {message_id}\r
\r
--b--\r
"""
QMAIL = """Return-Path: <>
From: MAILER-DAEMON@mx.example.net
Subject: failure notice

Hi. This is the qmail-send program at mx.example.net.
I'm afraid I wasn't able to deliver your message to the following addresses.

<gone@example.jp>:
Sorry, no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.

Return-Path: <tickets@example.jp>
Message-ID: {message_id}
Subject: tickets
"""


@pytest.fixture
def sent(stack, client, request):
    """A mail of ours to somebody new: its number, address, application and Message-ID."""
    def send(name):
        answer = client.apply(teacher(name), new_key())
        application = decided(client, answer)["application"]
        [row] = wait_until("the mail", lambda: stack.sql(
            f"SELECT id, message_id, recipient FROM mail_outbox WHERE application = '{application}' AND state = 'sent'"))
        return int(row[0]), row[1], row[2], application
    return send


def bounce(stack, text: str, status: int = 0, *words) -> list:
    told = stack.mogirictl("bounce", "--json", *words, input=text, check=False)
    assert told.returncode == status, (told.stdout, told.stderr)
    return json.loads(told.stdout)


def suppressed(stack) -> list:
    return [row[0] for row in stack.sql("SELECT email FROM mail_suppression WHERE lifted_at IS NULL ORDER BY number")]


def test_a_hard_bounce_suppresses_and_is_lifted(stack, admin, client, sent, mailbox):
    mail, message_id, address, application = sent("hard-bounce")
    dsn = DSN.format(action="failed", status="5.1.1", said="550 5.1.1 no such user here", message_id=message_id)
    assert [(one["mail"], one["kind"], one["status"], one["noted"]) for one in bounce(stack, dsn)] == [(mail, "hard", "5.1.1", True)]
    assert [one["noted"] for one in bounce(stack, dsn)] == [False], "told twice, noted once"
    assert suppressed(stack) == [address], "the address that we wrote to, not the one that the notification names"
    shown = stack.mogirictl("application", "show", application).stdout
    assert f"mail {mail} came back: hard 5.1.1" in shown and "gets no mail any more" in shown and address not in shown
    record = admin.ask("GET", f"/api/v1/applications/{application}/record").json
    assert record["suppressed"]["kind"] == "hard" and record["mails"][0]["bounces"][0]["status"] == "5.1.1"
    resent = admin.ask("POST", f"/api/v1/mails/{mail}/resend").json["mail"]
    [[state, why]] = wait_until("its end", lambda: stack.sql(
        f"SELECT state, last_text FROM mail_outbox WHERE id = {resent} AND ended_at IS NOT NULL"))
    assert state == "suppressed" and f"mail {mail} to this address came back" in why
    assert [one["address"] for one in admin.ask("GET", "/api/v1/suppressions").json["items"]] == [address]
    lifted = admin.ask("POST", f"/api/v1/mails/{mail}/unsuppress")
    assert lifted.status == 200, lifted.text
    assert admin.ask("POST", f"/api/v1/mails/{mail}/unsuppress").json["code"] == "not_suppressed"
    refused = stack.mogirictl("mail", "unsuppress", address, check=False)
    assert refused.returncode == 1 and "is not suppressed" in refused.stderr
    assert [row[0] for row in stack.sql("SELECT verb FROM audit WHERE subject LIKE 'mail suppression %' ORDER BY id")] == [
        "mail.bounce", "mail.unsuppress"]
    bounce(stack, dsn)
    assert suppressed(stack) == [], "the same bounce does not suppress it again"
    again = admin.ask("POST", f"/api/v1/mails/{mail}/resend").json["mail"]
    wait_until("the mail", lambda: stack.sql(f"SELECT id FROM mail_outbox WHERE id = {again} AND state = 'sent'"))
    assert len(mailbox.to(address)) == 2


@pytest.mark.parametrize("action, status, said, kind", [
    ("failed", "5.2.2", "552 mailbox full", "soft"), ("failed", "5.7.1", "554 looks like spam", "soft"),
    ("failed", "4.4.7", "expired", "soft"), ("delayed", "4.4.1", "no answer", "news"),
    ("failed", "5.0.0", "550 <x@example.jp> User unknown", "hard")])
def test_only_what_is_for_good_suppresses(stack, sent, action, status, said, kind):
    mail, message_id, address, _ = sent(f"kind-{status.replace('.', '')}-{action}")
    [told] = bounce(stack, DSN.format(action=action, status=status, said=said, message_id=message_id))
    assert (told["kind"], told["noted"]) == (kind, kind != "news")
    assert (address in suppressed(stack)) == (kind == "hard")


def test_a_text_of_qmail_and_notifications_of_ses(stack, sent):
    mail, message_id, address, _ = sent("text-bounce")
    assert bounce(stack, QMAIL.format(message_id=message_id))[0]["kind"] == "hard"
    for name, kind, about in (("ses-bounce", "hard", {"notificationType": "Bounce", "bounce": {
            "bounceType": "Permanent", "bounceSubType": "General",
            "bouncedRecipients": [{"emailAddress": "x@example.jp", "status": "5.1.1", "diagnosticCode": "smtp; 550 no"}]}}),
            ("ses-full", "soft", {"eventType": "Bounce", "bounce": {"bounceType": "Transient", "bounceSubType": "MailboxFull"}}),
            ("ses-complaint", "complaint", {"notificationType": "Complaint", "complaint": {"complaintFeedbackType": "abuse"}})):
        mail, message_id, address, _ = sent(name)
        stack.sql(f"UPDATE mail_outbox SET provider_id = '010600000000000000000000000000-{name}' WHERE id = {mail}")
        event = json.dumps({**about, "mail": {"messageId": f"010600000000000000000000000000-{name}"}})
        told = bounce(stack, event if kind == "soft" else json.dumps({"Type": "Notification", "Message": event}))
        assert [(one["mail"], one["kind"]) for one in told] == [(mail, kind)]
        assert (address in suppressed(stack)) == (kind != "soft")


def test_what_is_no_bounce_is_told_and_suppresses_nobody(stack, sent, work_dir):
    mail, message_id, address, _ = sent("not-bounced")
    before = suppressed(stack)
    good = DSN.format(action="failed", status="5.1.1", said="550 no", message_id=message_id)
    for text, why in (
            (good.replace(message_id, "<mogiri.000000000000000000000000@example.jp>"), "no mail that we sent"),
            (good[:good.index("Reporting-MTA")], "it is cut off"), (good[:good.index("Message-ID")], "no Message-ID"),
            (f"From: friend@example.jp\nSubject: Re: tickets\nIn-Reply-To: {message_id}\n\nThank you!\nMessage-ID: {message_id}\n",
             "no mail server sent it"), ("", "it is empty"), ("{\"a\": ", "begins as JSON and is none"), ("{}", "no notification of SES"),
            (json.dumps({"notificationType": "Bounce", "mail": {}}), "names no mail"),
            (json.dumps({"Type": "SubscriptionConfirmation"}), "SubscribeURL")):
        [told] = bounce(stack, text, 3)
        assert why in told["error"], (why, told)
    assert suppressed(stack) == before
    strange = good.replace("550 no", "550 \x01 \\xff no such user").encode().replace(b"\\xff", b"\xff\xfe\x83\x81")
    maildir = work_dir / "Maildir"
    for folder in ("new", "cur", "tmp"):
        (maildir / folder).mkdir(parents=True)
    (maildir / "new" / "1.good").write_bytes(strange)
    (maildir / "new" / "2.spam").write_text("Subject: buy\n\nnow\n")
    (maildir / "new" / "3.huge").write_bytes(b"Subject: x\n\n" + b"x" * (33 << 20))
    for path in (work_dir, *maildir.rglob("*"), maildir):
        path.chmod(0o777)
    told = {one["file"].rsplit("/", 1)[1]: one for one in bounce(stack, "", 3, "--maildir", maildir)}
    assert told["1.good"]["kind"] == "hard" and "no mail server sent it" in told["2.spam"]["error"]
    assert "larger than 32 MiB" in told["3.huge"]["error"]
    assert sorted(path.name for path in maildir.rglob("*.*")) == ["1.good:2,S", "2.spam:2,F", "3.huge:2,F"], "nothing is lost"
    assert bounce(stack, "", 0, "--maildir", maildir) == [], "each is taken once"
    assert address in suppressed(stack)
    wrong = stack.mogirictl("bounce", "--maildir", work_dir, check=False)
    assert wrong.returncode == 3 and "new, cur and tmp" in wrong.stderr


def test_an_erased_person_leaves_no_bounce(stack, sent):
    mail, message_id, address, application = sent("erased-bounce")
    bounce(stack, DSN.format(action="failed", status="5.1.1", said=f"550 {address} unknown", message_id=message_id))
    assert address in suppressed(stack)
    stack.mogirictl("mail", "unsuppress", str(mail))
    stack.mogirictl("person", "erase", address, "--revoke", "--yes")
    left = stack.sql(f"SELECT said FROM mail_bounce WHERE mail = {mail} UNION ALL SELECT email FROM mail_suppression WHERE mail = {mail} "
                     f"UNION ALL SELECT coalesce(before::text, '') || coalesce(after::text, '') FROM audit WHERE subject LIKE 'mail suppression %'")
    assert address not in str(left) and [""] in left


def test_staff_look_at_a_mail_and_nothing_of_it_acts(stack, admin, client, sent):
    """A preview shows what would be written now, its pictures in it; no script runs in it, and links that act are blunt."""
    mail, _, address, application = sent("looked-at")
    shown = admin.ask("GET", f"/api/v1/mails/{mail}/preview")
    assert shown.status == 200, shown.text
    assert shown.json["subject"] and application in shown.json["text"]
    assert {one["type"] for one in shown.json["attachments"]} == {"image/png", "text/calendar"}
    page = admin.client.request("GET", f"/api/v1/mails/{mail}/preview.html", None,
                                {"Accept": "text/html", "Cookie": f"__Host-mogiri={admin.cookie}"})
    assert page.status == 200 and page.headers["Content-Type"] == "text/html; charset=utf-8"
    policy = page.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox; default-src 'none'") and "frame-ancestors 'self'" in policy and "script" not in policy
    assert 'src="data:image/png;base64,' in page.text and "cid:" not in page.text

    [[number]] = stack.sql("INSERT INTO account_link (account, kind) SELECT min(number), 'reset' FROM account RETURNING number")
    [[link]] = stack.sql("INSERT INTO mail_outbox (event, application, kind, generation, recipient, language, state, ended_at, next_at) "
                         f"VALUES (1, 'link:{number}', 'reset', 1, 'somebody@example.jp', 'en', 'suppressed', now(), NULL) RETURNING id")
    blunt = admin.ask("GET", f"/api/v1/mails/{link}/preview")
    assert "/password#…" in blunt.json["text"], "whoever looks at it could set the password"
    stack.sql(f"UPDATE account_link SET used_at = now() WHERE number = {number}")
    assert (admin.ask("GET", f"/api/v1/mails/{link}/preview").json["code"]) == "nothing_left"
    assert admin.ask("GET", "/api/v1/mails/999999/preview").status == 404

    assert admin.ask("GET", "/api/v1/suppressions?lifted=maybe").json["items"] == []
    held = admin.ask("GET", "/api/v1/suppressions?lifted=false").json["items"]
    assert sorted(one["address"] for one in held) == sorted(suppressed(stack)) and not any(one["lifted"] for one in held)
