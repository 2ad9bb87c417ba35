"""The mail that brings the tickets: opened as a mail program would, its pictures read by zbar."""

import json
import re
import shutil
import signal
import struct
from pathlib import Path

import pytest

from festival import EVENT, EVENT_TEXT, decided, new_key, student, teacher
from stack.mailbox import Mail
from stack.waiting import wait_until
from ticket_codes import TicketCodes

GUESTS = ("山田 花子", "髙橋 健太郎")


def the_mail(client, mailbox, fields):
    answer = client.apply(fields, new_key())
    decided(client, answer)
    return answer.json["application"], wait_until("the mail", lambda: mailbox.to(fields["email"]))[0]


def test_one_mail_with_one_picture_per_guest(stack, client, mailbox):
    application, mail = the_mail(client, mailbox, student("S2E", 12, GUESTS))
    assert len(mailbox.to(mail.to)) == 1
    assert mail.message["From"].addresses[0].addr_spec == "tickets@example.jp"
    assert EVENT["name"]["ja"] in mail.message["Subject"]
    assert EVENT["name"]["ja"] in mail.text and EVENT["contact"] in mail.text
    assert [image.file_name for image in mail.images] == [f"{guest}.png" for guest in GUESTS]
    rows = stack.sql("SELECT event, serial, key_id FROM ticket "
                     f"WHERE application = '{application}' ORDER BY position")
    codes = TicketCodes((stack.folder.conf / "master.keys").read_text())
    assert [image.codes for image in mail.images] == [[codes.issue(*map(int, row))] for row in rows]
    assert wait_until("the outbox to know", lambda: stack.sql(
        f"SELECT state, attempts FROM mail_outbox WHERE application = '{application}' AND state = 'sent'")) == [["sent", "1"]]


def test_picture_has_the_events_layout(client, mailbox):
    _, mail = the_mail(client, mailbox, student("S2E", 13))
    width, height = struct.unpack(">II", mail.images[0].png[16:24])
    assert (width, height) == (2083, 4167)


def test_teachers_ticket_has_its_own_layout(client, mailbox):
    _, mail = the_mail(client, mailbox, teacher("suzuki"))
    assert struct.unpack(">II", mail.images[0].png[16:24]) != (2083, 4167)
    assert len(mail.images[0].codes) == 1


def test_file_names_that_a_file_system_cannot_have(client, mailbox):
    _, mail = the_mail(client, mailbox, student("S2E", 14, ("../../etc/passwd", "a/b\\c:d*\"<e>|")))
    assert len({image.file_name for image in mail.images}) == 2
    for image in mail.images:
        assert not re.search(r'[/\\:*?"<>|\x00-\x1f]', image.file_name), image.file_name
        assert not image.file_name.startswith(".")
        assert image.file_name.endswith(".png")
        assert len(image.codes) == 1


def test_two_guests_of_one_name_have_two_files(client, mailbox):
    _, mail = the_mail(client, mailbox, student("S2E", 15, ("山田 花子", "山田 花子")))
    assert len({image.file_name for image in mail.images}) == 2
    assert len({code for image in mail.images for code in image.codes}) == 2


def test_wire_format(client, mailbox):
    """Lines end in CRLF, none is long, everything is ASCII, every part is base64."""
    _, mail = the_mail(client, mailbox, student("S2E", 16, GUESTS))
    raw = mail.path.read_bytes()
    assert raw.isascii() and b"\0" not in raw
    assert re.search(rb"(?<!\r)\n|\r(?!\n)", raw) is None
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    for part in mail.message.walk():
        assert not part.defects
        if not part.is_multipart():
            assert part["Content-Transfer-Encoding"] == "base64"
    assert re.fullmatch(r"<[^<>@\s]+@[^<>@\s]+>", mail.message["Message-ID"])


def test_pictures_stand_in_the_text_and_once_in_the_mail(client, mailbox):
    """As RFC 2387 has it: the HTML names each by its Content-ID, and none is there a second time as an attachment."""
    _, mail = the_mail(client, mailbox, student("S2E", 19, GUESTS))
    html, pictures = mail.message.get_body(("html",)).get_content(), [part for part in mail.message.walk() if part.get_content_type() == "image/png"]
    assert len(pictures) == len(GUESTS)
    assert re.findall('src="cid:([^"]+)"', html) == [part["Content-ID"].strip("<>") for part in pictures]
    assert [part.get_content_disposition() for part in pictures] == ["inline"] * len(GUESTS)
    assert mail.message.get_body(("related",)).get_content_type() == "multipart/related"
    status = re.search('href="([^"]+/apply/result/[^"]+)"', html)[1]
    assert status in mail.text
    assert not [part.defects for part in mail.message.walk() if part.defects]


def test_days_for_the_calendar_come_with_it(client, mailbox):
    _, mail = the_mail(client, mailbox, student("S2E", 20))
    entry, = [part for part in mail.message.walk() if part.get_content_type() == "text/calendar"]
    assert (entry.get_content_disposition(), entry.get_filename()) == ("attachment", "日程.ics")
    text = entry.get_payload(decode=True)
    assert text.startswith(b"BEGIN:VCALENDAR\r\n") and text.endswith(b"END:VCALENDAR\r\n")
    assert text.count(b"BEGIN:VEVENT") == len(EVENT["day"])


def test_language_of_the_mail(client, mailbox):
    _, mail = the_mail(client, mailbox, {**student("S2E", 17), "lang": "en"})
    assert EVENT["name"]["en"] in mail.message["Subject"]
    assert mail.message["Subject"].isascii()


def test_logs_know_no_person(stack, client, mailbox):
    fields = student("S2E", 18, ("匿名希望 花子",), email="very.private@example.jp")
    application, mail = the_mail(client, mailbox, fields)
    code = mail.images[0].codes[0]
    for path in stack.folder.log.glob("*.log"):
        text = path.read_text(encoding="utf-8", errors="replace")
        for secret in ("匿名希望", "very.private", code):
            assert secret not in text, path


def test_an_events_own_words(stack, client, mailbox):
    """In place of the subject and the first paragraph; its contact gets the answers, its sender sends."""
    words = """[mail.tickets]
subject = { ja = "{event}の券、{count}枚です", en = "Yours: {count}" }
text = { ja = "ようこそ <{event}> へ。\\n{status_url} をご覧ください。", en = "Welcome, {applicant}." }

[[day]]"""
    text = re.sub(r'(?m)^slug .*$', 'slug = "worded"', EVENT_TEXT, count=1)
    text = re.sub(r'(?m)^contact .*$', 'contact = "words@example.jp"\nsender = "sender@example.jp"', text, count=1)
    file = stack.folder.conf / "worded.toml"
    file.write_text(text.replace("[[day]]", words, 1), encoding="utf-8")
    file.chmod(0o644)
    stack.mogirictl("event", "apply", file)
    by_language = {}
    for language, guests in (("ja", GUESTS), ("en", GUESTS[:1])):
        fields = teacher(f"worded.{language}", guests)
        answer = client.post_json("/e/worded/api/v1/apply", {**fields, "lang": language}, Idempotency_Key=new_key())
        decided(client, answer)
        [by_language[language]] = wait_until("the mail", lambda: mailbox.to(fields["email"]))
        mail = by_language[language]
        assert (mail.message["From"].addresses[0].addr_spec, mail.message["Reply-To"].addresses[0].addr_spec) == (
            "sender@example.jp", "words@example.jp")
        assert GUESTS[0] in mail.text and "words@example.jp" in mail.text, "the rest is as it was"
        assert "添付しました" not in mail.text and "attached" not in mail.text, "but its first paragraph"
    japanese, english = by_language["ja"], by_language["en"]
    assert japanese.message["Subject"] == f"{EVENT['name']['ja']}の券、2枚です"
    application = stack.sql("SELECT id FROM application WHERE email = 'worded.ja@example.jp'")[0][0]
    assert japanese.text.splitlines()[0] == f"ようこそ <{EVENT['name']['ja']}> へ。"
    assert japanese.text.splitlines()[1].endswith(f"/e/worded/apply/result/{application} をご覧ください。")
    assert f"ようこそ &lt;{EVENT['name']['ja']}&gt; へ。<br>" in japanese.message.get_body(("html",)).get_content()
    assert (english.message["Subject"], english.text.splitlines()[0]) == ("Yours: 1", "Welcome, worded.en@example.jp.")


def test_broken_words_change_nothing(stack):
    file = stack.folder.conf / "broken.toml"
    sample = stack.mogirictl("event", "show", "musicfes").stdout
    file.write_text(sample + '\n[mail.links]\nsubject = { ja = "{count}枚", en = "x" }\n', encoding="utf-8")
    file.chmod(0o644)
    told = stack.mogirictl("event", "apply", file, check=False)
    line = len(sample.splitlines()) + 3
    assert told.returncode == 3 and f"broken.toml:{line}: mail.links.subject.ja" in told.stderr, told.stderr
    assert "{count}" in told.stderr and "a place is one of {event}, {contact}" in told.stderr
    assert stack.mogirictl("event", "show", "musicfes").stdout == sample


def test_an_application_tells_its_mails(stack, admin, client, mailbox):
    application, mail = the_mail(client, mailbox, student("S2E", 21, email="tells@example.jp"))
    where = f"application = '{application}'"
    [[number]] = wait_until("its end", lambda: stack.sql(f"SELECT id FROM mail_outbox WHERE state = 'sent' AND {where}"))
    shown = json.loads(stack.mogirictl("application", "show", application, "--json").stdout)["mails"]
    assert [(one["mail"], one["kind"], one["state"], one["attempts"]) for one in shown] == [(int(number), "tickets", "sent", 1)]
    assert shown[0]["created_at"] <= shown[0]["ended_at"] and "recipient" not in shown[0]
    assert f"mail {number} (tickets): sent, attempts 1" in stack.mogirictl("application", "show", application).stdout
    record = admin.ask("GET", f"/api/v1/applications/{application}/record").json["mails"]
    assert [(one["mail"], one["state"], one["recipient"]) for one in record] == [(int(number), "sent", mail.to)]

    def listed(*words):
        return [one["mail"] for one in json.loads(stack.mogirictl("mail", "list", "--json", *words).stdout)["items"]]

    assert listed("--address", mail.to) == listed("--application", application, "--state", "sent", "--kind", "tickets") == [int(number)]
    assert listed("--address", mail.to, "--state", "failed") == []
    refused = stack.mogirictl("mail", "retry", number, check=False)
    assert refused.returncode == 1 and "is sent: there is nothing to retry" in refused.stderr
    answer = admin.ask("POST", f"/api/v1/mails/{number}/retry", Idempotency_Key=new_key())
    assert (answer.status, answer.json["code"]) == (409, "mail_ended")
    stack.sql(f"UPDATE mail_outbox SET state = 'failed' WHERE id = {number}")
    again = admin.ask("POST", f"/api/v1/mails/{number}/retry", Idempotency_Key=new_key())
    assert again.status == 200 and again.json["generation"] == 2, again.text
    wait_until("the second mail", lambda: len(mailbox.to(mail.to)) == 2)
    second = again.json["mail"]
    wait_until("its end", lambda: stack.sql(f"SELECT state FROM mail_outbox WHERE id = {second}") == [["sent"]])
    stack.sql(f"UPDATE mail_outbox SET state = 'failed' WHERE id = {second}")
    assert stack.mogirictl("mail", "retry", second).stdout.startswith(f"m{second} is owed again, as m")
    wait_until("the third mail", lambda: len(mailbox.to(mail.to)) == 3)


@pytest.fixture
def preview_folder(work_dir):
    """The command runs as the servers do."""
    folder = work_dir / "preview"
    folder.mkdir(exist_ok=True)
    work_dir.chmod(0o755)
    folder.chmod(0o777)
    return folder


def test_a_preview_of_every_mail(stack, preview_folder):
    before = stack.sql("SELECT (SELECT count(*) FROM application), (SELECT count(*) FROM mail_outbox), (SELECT count(*) FROM audit)")
    stems = json.loads(stack.mogirictl("mail", "preview", preview_folder, "--json").stdout)
    assert len(stems) == 18 and len(list(preview_folder.iterdir())) == 54
    for stem in stems:
        mail = Mail(Path(stem + ".eml"))
        text = Path(stem + ".txt").read_text(encoding="utf-8")
        assert mail.to == "hanako@example.jp" and mail.message["Subject"] == text.splitlines()[0].removeprefix("Subject: ")
        assert text.split("\n\n", 1)[1].strip() == mail.text.replace("\r\n", "\n").strip()
        assert Path(stem + ".html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
        assert "{{" not in text
    tickets = Mail(preview_folder / "tickets.ja.eml")
    assert [len(image.codes) for image in tickets.images] == [1, 1] and EVENT["name"]["ja"] in tickets.text
    assert stack.sql("SELECT (SELECT count(*) FROM application), (SELECT count(*) FROM mail_outbox), "
                     "(SELECT count(*) FROM audit)") == before, "nothing is kept"


def test_a_broken_template_is_told_and_the_last_good_one_stays(stack, client, mailbox, preview_folder, work_dir):
    conf = stack.folder.conf / "mogirid.toml"
    good = conf.read_text(encoding="utf-8")
    own = work_dir / "templates"
    shutil.copytree(re.search(r'(?m)^directory *= *"(.*/templates)"', good)[1], own)
    file = own / "mail" / "tickets.ja.txt.mustache"
    log = stack.folder.log / "mogirid.log"
    for broken, why in (("{{evnt}}", "tickets.ja.txt.mustache:1: {{evnt}} is no value of mails"), ("{{#days}}", "tickets.ja.txt.mustache")):
        file.write_text(file.read_text(encoding="utf-8").replace("{{event}}", broken, 1), encoding="utf-8")
        conf.write_text(re.sub(r'(?m)^(directory *= *)".*/templates"', rf'\1"{own}"', good), encoding="utf-8")
        try:
            told = stack.mogirictl("mail", "preview", preview_folder, check=False)
            assert told.returncode == 3 and why in told.stderr, told.stderr
            seen = log.read_text(encoding="utf-8").count(why)
            stack.process("mogirid").signal(signal.SIGHUP)
            wait_until("the refusal", lambda: log.read_text(encoding="utf-8").count(why) > seen)
        finally:
            conf.write_text(good, encoding="utf-8")
    _, mail = the_mail(client, mailbox, student("S2E", 22))
    assert EVENT["name"]["ja"] in mail.message["Subject"]
