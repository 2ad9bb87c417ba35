"""All tickets of an event by mail: each once, whatever is killed; held up, and never in the way of new tickets."""

import json
import os
import pty
import signal
import subprocess

import pytest

from festival import decided, new_key, teacher
from other_daemon import other_daemon
from stack.waiting import wait_until

PEOPLE = 60


@pytest.fixture(scope="module")
def imported(stack):
    """Applications with tickets and without mails, as an import leaves them; four of another form."""
    stack.sql(f"""
        INSERT INTO application (id, event, form, applicant, state, tickets, email, language, fields, guests, body_hash, submitted_at)
        SELECT 'MAILINGSAAAAAAAAAAAAAAAA' || chr(65 + n / 26) || chr(65 + n % 26), 1, CASE WHEN n < 4 THEN 'student' ELSE 'teacher' END,
               'm' || n, 'issued', 1, 'mailing' || n || '@example.jp', 'ja', '{{}}', '["客"]', repeat('0', 32), now()
        FROM generate_series(0, {PEOPLE - 1}) AS n""")
    stack.sql(f"""
        INSERT INTO ticket (event, serial, application, position, kind, guest_name, reference, key_id)
        SELECT 1, nextval('ticket_serial'), a.id, 1, issued.kind, '客', 'M' || lpad((row_number() OVER ())::text, 7, '0'), 1
        FROM application AS a, (SELECT definition -> 'kind' -> 0 ->> 'id' AS kind FROM event WHERE number = 1) AS issued
        WHERE a.id LIKE 'MAILINGS%'""")


def mails(stack) -> list[list[str]]:
    return stack.sql("SELECT m.state, count(*), count(DISTINCT application) FROM mail_outbox AS m "
                     "WHERE application LIKE 'MAILINGS%' GROUP BY 1 ORDER BY 1")


def mailing(stack, *words, status: int = 0):
    told = stack.mogirictl("tickets", *words, "--json", check=False)
    assert told.returncode == status, (told.stdout, told.stderr)
    return json.loads(told.stdout) if status == 0 else told.stderr


def test_a_dry_run_counts(stack, imported):
    assert mailing(stack, "send", "--dry-run") == {"mails": PEOPLE}
    assert mailing(stack, "send", "--dry-run", "--form", "student", "--state", "none") == {"mails": 4}
    assert mailing(stack, "send", "--dry-run", "--state", "failed") == {"mails": 0}
    assert "10/s or 600/min" in mailing(stack, "send", "--rate", "fast", status=2)
    assert stack.sql("SELECT count(*) FROM mailing") == [["0"]]


def test_each_gets_one_whatever_is_killed(stack, admin, client, imported, mailbox):
    """Two daemons work at it, one is killed over and over; it is paused, and goes on at another rate."""
    ordered = mailing(stack, "send", "--rate", "10/s", "--no-wait")
    number = ordered["mailing"]
    assert (ordered["state"], ordered["total"], ordered["rate"]) == ("running", PEOPLE, 600)
    assert "is not at its end yet: it is running" in mailing(stack, "send", status=1)
    with other_daemon(stack) as other:
        other.wait_until_ready()
        for _ in range(3):
            before = int(stack.sql("SELECT count(*) FROM mail_outbox WHERE mailing IS NOT NULL")[0][0])
            victim = wait_until("mogirid to be there", lambda: stack.process("mogirid"))
            victim.signal(signal.SIGKILL)
            wait_until("the next one", lambda: stack.process("mogirid") not in (None, victim), 30)
            wait_until("it to go on", lambda: int(stack.sql(
                "SELECT count(*) FROM mail_outbox WHERE mailing IS NOT NULL")[0][0]) > before or before == PEOPLE, 30)
    held = admin.ask("PATCH", f"/api/v1/mailings/{number}", {"state": "paused", "rate": 60000})
    assert held.status == 200 and held.json["rate"] == 60000, held.text
    if held.json["state"] == "paused":
        owed = stack.sql("SELECT count(*) FROM mail_outbox WHERE mailing IS NOT NULL")
        wait_until("what is in hand to end", lambda: stack.sql(
            "SELECT count(*) FROM mail_outbox WHERE mailing IS NOT NULL AND ended_at IS NULL") == [["0"]], 60)
        assert stack.sql("SELECT count(*) FROM mail_outbox WHERE mailing IS NOT NULL") == owed
        assert mailing(stack, "resume", str(number))["state"] in ("running", "done")
    over = mailing(stack, "watch", str(number))
    assert (over["state"], over["done"], over["failed"], over["skipped"], over["left"]) == ("done", PEOPLE, 0, 0, 0), over
    assert mails(stack) == [["sent", str(PEOPLE), str(PEOPLE)]]
    got = [len(mailbox.to(f"mailing{n}@example.jp")) for n in range(PEOPLE)]
    assert min(got) == 1 and max(got) == 1, got
    assert "is done" in mailing(stack, "pause", str(number), status=1)
    assert admin.ask("PATCH", f"/api/v1/mailings/{number}", {"state": "paused"}).json["code"] == "mail_ended"
    assert [one["mailing"] for one in mailing(stack, "list")["items"]] == [number]
    assert ["mailing.create", f"mailing {number}"] in stack.sql("SELECT verb, subject FROM audit")


def test_run_twice_it_sends_nobody_a_second_mail(stack, admin, imported):
    assert "nobody to write to" in stack.mogirictl("tickets", "send").stdout
    assert mailing(stack, "send") == {"mails": 0}
    again = admin.ask("POST", "/admin/send-tickets", {"dry_run": True})
    assert (again.status, again.json) == (200, {"mails": 0})
    assert admin.ask("POST", "/admin/send-tickets", {}).json["code"] == "no_tickets"
    page = admin.client.request("GET", "/admin/send-tickets", None, {"Accept": "text/html"})
    assert page.status == 200 and "<html" in page.text, "who looks there finds the organisers' pages"
    wrong = admin.ask("POST", "/api/v1/mailings", {"form": "none", "mail_state": "late", "rate": 0})
    assert {(one["field"], one["code"]) for one in wrong.json["errors"]} == {
        ("mail_state", "not_in_list"), ("rate", "out_of_range"), ("form", "not_in_list")}
    told = admin.ask("POST", "/admin/send-tickets", {"form": "student", "again": True, "rate": 60000})
    assert (told.status, told.json["total"]) == (201, 4), told.text
    wait_until("its end", lambda: admin.ask("GET", f"/api/v1/mailings/{told.json['mailing']}").json["state"] == "done", 60)
    assert mails(stack) == [["sent", str(PEOPLE + 4), str(PEOPLE)]]


def test_a_new_ticket_goes_first(stack, client, imported):
    """Though the mailing may send a thousand a second, only a few of its mails are owed before the new one's."""
    number = mailing(stack, "send", "--again", "--rate", "1000/s", "--no-wait")["mailing"]
    wait_until("its first mail", lambda: mailing(stack, "show", str(number))["done"] > 0)
    application = decided(client, client.apply(teacher("goes-first"), new_key()))["application"]
    ahead = wait_until("the new ticket's mail", lambda: stack.sql(
        f"SELECT (SELECT count(*) FROM mail_outbox AS m WHERE mailing = {number} AND m.id < mine.id AND m.ended_at > mine.created_at) "
        f"FROM mail_outbox AS mine WHERE application = '{application}' AND state = 'sent'"), 60)
    assert int(ahead[0][0]) <= 16, "of the mailing's mails"
    cancelled = mailing(stack, "cancel", str(number))
    assert cancelled["state"] in ("cancelled", "done")
    wait_until("what is in hand to end", lambda: stack.sql(
        "SELECT count(*) FROM mail_outbox WHERE ended_at IS NULL") == [["0"]], 60)


def test_one_applicant_and_one_ticket_again(stack, admin, imported):
    [[serial]] = stack.sql("SELECT serial FROM ticket JOIN application AS a ON a.id = application WHERE applicant = 'm9'")
    before = int(stack.sql("SELECT count(*) FROM mail_outbox AS m JOIN application AS a ON a.id = application WHERE applicant = 'm9'")[0][0])
    assert len(mailing(stack, "resend", "--applicant", "m9")) == len(mailing(stack, "resend", "--ticket", serial)) == 1
    sent = admin.ask("POST", f"/api/v1/tickets/{serial}/resend")
    assert (sent.status, sent.json["generation"]) == (201, before + 3), sent.text
    wait_until("all", lambda: stack.sql("SELECT count(*) FROM mail_outbox AS m JOIN application AS a ON a.id = application "
                                        "WHERE applicant = 'm9' AND m.state = 'sent'") == [[str(before + 3)]])
    assert "there is no applicant nobody" in mailing(stack, "resend", "--applicant", "nobody", status=1)


def test_a_bar_on_a_terminal_and_lines_elsewhere(stack, imported):
    stack.sql("UPDATE mail_outbox SET state = 'failed' WHERE application LIKE 'MAILINGS%' AND state = 'sent' AND "
              "application IN (SELECT id FROM application WHERE form = 'student')")
    lines = stack.mogirictl("tickets", "send", "--state", "failed", "--rate", "1000/s").stdout.splitlines()
    assert "it goes on when this is interrupted" in lines[0] and "4 of 4 done, 0 failed, 0 skipped, 0 left, done" in lines[-1], lines
    [[number]] = stack.sql("SELECT max(number) FROM mailing")
    ours, theirs = pty.openpty()
    command = stack.command([stack._build.mogirictl, "--config", stack.folder.conf / "mogirid.toml", "tickets", "watch", number])
    subprocess.run([str(word) for word in command], stdout=theirs, stdin=subprocess.DEVNULL, check=True, cwd="/", timeout=60)
    os.close(theirs)
    drawn = os.read(ours, 4096).decode()
    os.close(ours)
    assert "[" + "#" * 30 + "] 4 of 4 done" in drawn, drawn
