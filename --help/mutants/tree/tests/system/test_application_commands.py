"""Applications by command: listed, shown, cancelled; tickets reissued and added."""

import json
from urllib.parse import urlsplit

from festival import decided, everybody, new_key, nonces, student, teacher
from other_daemon import stopped, undrained
from stack.waiting import wait_until
from ticket_codes import TicketCodes

people = everybody()


def told(stack, *words):
    return json.loads(stack.mogirictl(*words, "--json").stdout)


def apply(client, fields: dict) -> dict:
    return decided(client, client.apply(fields, new_key()))


def codes(stack, application: str) -> list[str]:
    """Of the application's valid tickets."""
    keys = TicketCodes((stack.folder.conf / "master.keys").read_text())
    return [keys.issue(int(event), int(serial)) for event, serial in stack.sql(
        f"SELECT event, serial FROM ticket WHERE application = '{application}' AND status = 'valid' ORDER BY position")]


def verdict(door, code: str, direction: str = "entry") -> str:
    answer = door.scan(code, next(nonces), direction).json
    return answer.get("reason") or answer["outcome"]


def mails(stack, application: str) -> int:
    return int(stack.sql(f"SELECT count(*) FROM mail_outbox WHERE application = '{application}' AND state = 'sent'")[0][0])


def test_list_and_show(stack, client):
    group, number = next(people)
    issued = apply(client, student(group, number, ("山田 花子", "山田 次郎")))["application"]
    client.apply(student(group, number), new_key())  # one more than the limit
    applicant = f"{group}{number:02}"
    listed = told(stack, "application", "list", "--event", "musicfes", "--applicant", applicant)
    assert [(row["state"], row.get("code"), row["tickets"]) for row in listed] == [
        ("refused", "limit_reached", 0), ("issued", None, 2)]
    assert [row["application"] for row in told(stack, "application", "list", "--applicant", applicant, "--state", "issued")] == [issued]
    shown = told(stack, "application", "show", issued)
    assert "email" not in shown and [ticket["status"] for ticket in shown["of_tickets"]] == ["valid"] * 2
    personal = told(stack, "application", "show", issued, "--personal")
    assert personal["applicant"] == applicant and personal["guests"] == ["山田 花子", "山田 次郎"]
    text = stack.mogirictl("application", "show", issued).stdout
    assert issued in text and "山田" not in text and applicant not in text
    assert stack.mogirictl("application", "show", "NOSUCH", check=False).returncode == 1


def test_cancel(stack, client, first):
    group, number = next(people)
    fields = student(group, number, ("山田 花子", "山田 次郎"))
    key = new_key()
    answer = client.apply(fields, key)
    application = decided(client, answer)["application"]
    code = codes(stack, application)[0]
    assert client.apply(student(group, number), new_key()).json["code"] == "limit_reached"
    assert told(stack, "application", "cancel", application, "--reason", "moved away")[0]["published"] is True
    assert verdict(first, code) == "revoked"
    status = client.get(urlsplit(answer.json["status_url"]).path).json
    assert (status["state"], status["tickets"], status["code"]) == ("cancelled", 0, "cancelled")
    assert (client.apply(fields, key).status, client.apply(fields, key).json["code"]) == (409, "cancelled")
    page = client.get(f"/apply/result/{application}", Accept="text/html", Accept_Language="ja")
    assert "取り消されました" in page.text
    assert [change["reason"] for change in told(stack, "application", "show", application)["changes"]] == ["moved away"]
    told(stack, "application", "cancel", application, "--reason", "again")
    assert len(told(stack, "application", "show", application)["changes"]) == 1
    assert apply(client, student(group, number, ("山田 花子", "山田 次郎")))["state"] == "issued"


def test_cancel_all_or_none(stack, client, first):
    group, number = next(people)
    application = apply(client, student(group, number))["application"]
    refused = client.apply(student("S2F", 50), new_key()).json["application"]
    for other in ("NOSUCH", refused):
        assert stack.mogirictl("application", "cancel", application, other, "--reason", "x", check=False).returncode == 1
    assert verdict(first, codes(stack, application)[0]) == "admitted"
    assert stack.mogirictl("application", "cancel", application, check=False).returncode == 2


def test_cancel_without_the_daemon_is_noted(stack, client, first):
    group, number = next(people)
    application = apply(client, student(group, number))["application"]
    code = codes(stack, application)[0]
    with stopped(stack.process("mogirid")):
        done = stack.mogirictl("application", "cancel", application, "--reason", "x", check=False)
        assert done.returncode == 5 and "noted" in done.stderr
    wait_until("the door to know", lambda: verdict(first, code) == "revoked")


def test_reissue(stack, client, first, second):
    application = apply(client, teacher("reissued", ("山田 花子", "山田 次郎")))["application"]
    old, other = codes(stack, application)
    wait_until("the first mail", lambda: mails(stack, application) == 1)
    assert verdict(first, old) == "admitted"
    wait_until("the scan in the ledger", lambda: stack.sql(
        f"SELECT 1 FROM ticket_day JOIN ticket USING (event, serial) WHERE application = '{application}'"))
    reference = stack.sql(f"SELECT reference FROM ticket WHERE application = '{application}' AND position = 1")[0][0]
    new = told(stack, "ticket", "reissue", reference, "--reason", "lost phone")[0]
    assert new["published"] is True
    renewed, still = codes(stack, application)
    assert still == other and renewed != old
    assert verdict(second, old) == "revoked"
    assert verdict(first, renewed) == "already_inside"  # the use that was made of the old one counts
    assert verdict(first, renewed, "exit") == "exited"
    assert verdict(first, renewed) == "admitted"
    wait_until("the second mail", lambda: mails(stack, application) == 2)
    changes = told(stack, "ticket", "show", reference)["changes"]
    assert [change["reason"] for change in changes] == [f"lost phone (reissued as {new['reference']})"]
    again = stack.mogirictl("ticket", "reissue", reference, "--reason", "again", check=False)
    assert again.returncode == 1 and "revoked" in again.stderr
    assert apply(client, teacher("reissued", ("一",) * 8))["state"] == "issued"  # no part of the limit was taken


def test_cancelled_just_after_a_reissue(stack, client):
    application = apply(client, teacher("in-a-hurry"))["application"]
    reference = stack.sql(f"SELECT reference FROM ticket WHERE application = '{application}'")[0][0]
    told(stack, "ticket", "reissue", reference, "--reason", "lost phone")
    stack.mogirictl("application", "cancel", application, "--reason", "not coming")  # does not wait for the door's hold to end


def test_a_reissued_ticket_has_also_the_use_that_is_not_in_the_ledger_yet(stack, client, first, second):
    application = apply(client, teacher("just-entered"))["application"]
    [old] = codes(stack, application)
    reference = stack.sql(f"SELECT reference FROM ticket WHERE application = '{application}'")[0][0]
    with undrained(stack):
        assert verdict(first, old) == "admitted"
        told(stack, "ticket", "reissue", reference, "--reason", "lost phone")
        [new] = codes(stack, application)
        assert (verdict(second, old), verdict(second, new)) == ("revoked", "already_inside")
    wait_until("the drain", lambda: stack.redis("XLEN", "{1}:scans") == 0)
    totals = stack.redis("GET", "{1}:totals:1")
    stack.redis("FLUSHALL")
    wait_until("an open door", lambda: first.scan(new, next(nonces)).status == 200)
    assert verdict(first, new) == "already_inside"
    assert stack.redis("GET", "{1}:totals:1") == totals


def test_reissue_wants_redis(stack, client, first):
    """Without it nobody knows what use was made of the ticket."""
    application = apply(client, teacher("unknown-use"))["application"]
    reference = stack.sql(f"SELECT reference FROM ticket WHERE application = '{application}'")[0][0]
    with stopped(stack.process("redis")):
        done = stack.mogirictl("ticket", "reissue", reference, "--reason", "lost phone", check=False)
    assert done.returncode == 4, done.stderr
    wait_until("an open door", lambda: first.scan(codes(stack, application)[0], next(nonces)).status == 200)


def test_issue(stack, client, first):
    group, number = next(people)
    application = apply(client, student(group, number, ("山田 花子", "山田 次郎")))["application"]
    new = told(stack, "ticket", "issue", application, "山田 三郎", "--reason", "a third guest")
    assert len(new) == 1 and new[0]["published"] is True
    assert [verdict(first, code) for code in codes(stack, application)] == ["admitted"] * 3
    shown = told(stack, "application", "show", application, "--personal")
    assert shown["tickets"] == 3 and shown["guests"][2] == "山田 三郎"
    wait_until("the status", lambda: client.get(f"/api/v1/applications/{application}").json["tickets"] == 3)
    for words in ((application, ""), ("NOSUCH", "x")):
        assert stack.mogirictl("ticket", "issue", *words, "--reason", "x", check=False).returncode != 0


def test_issue_keeps_to_the_capacity(stack, client):
    file = stack.folder.conf / "small.toml"
    file.write_text(stack.mogirictl("event", "show", "musicfes").stdout.replace("'musicfes'\nstate", "'small'\nstate")
                    .replace("capacity = 0", "capacity = 2"), encoding="utf-8")
    file.chmod(0o644)
    stack.mogirictl("event", "apply", file)
    answer = client.post_json("/e/small/api/v1/apply", teacher("small"), Idempotency_Key=new_key())
    application = decided(client, answer)["application"]
    told(stack, "ticket", "issue", application, "山田 三郎", "--reason", "x")
    done = stack.mogirictl("ticket", "issue", application, "山田 四郎", "--reason", "x", check=False)
    assert done.returncode == 1 and "sold out" in done.stderr
