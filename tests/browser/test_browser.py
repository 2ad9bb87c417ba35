"""The browser tests of this folder (*.test.mjs) against a stack: Playwright drives Debian's Chromium."""

import os
import subprocess
from pathlib import Path

import pytest

from festival import decided, student, teacher, tickets, variant
from laboratory import furnish
from special_event import SpecialEvent
from stack.client import Client
from stack.waiting import wait_until

HERE = Path(__file__).resolve().parent
RETURNED = """From: Mail Delivery System <MAILER-DAEMON@mx.example.net>
Return-Path: <>
Subject: Undelivered
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

I could not deliver it.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net

Final-Recipient: rfc822; somebody@example.jp
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 no such user <script>alert(1)</script>

--b
Content-Type: text/rfc822-headers

Message-ID: MESSAGE_ID

--b--
"""


@pytest.fixture(scope="session")
def laboratory(build_dir) -> Path:
    return furnish(build_dir)


def returned_mails(stack) -> None:
    """In the event `bounced`: one mail came back with hostile words, another failed."""
    variant(stack, "bounced", form_seconds="0")
    client = Client(stack.env["BASE_URL"])
    gone, failed = [decided(client, client.post_json("/e/bounced/api/v1/apply", teacher(name), Idempotency_Key=name))["application"]
                    for name in ("bounced.gone", "bounced.failed")]
    [[message_id]] = wait_until("the mails", lambda: stack.sql(
        f"SELECT message_id FROM mail_outbox WHERE application = '{gone}' AND state = 'sent' AND EXISTS (SELECT FROM mail_outbox "
        f"WHERE application = '{failed}' AND state = 'sent')"), 60)
    stack.mogirictl("bounce", input=RETURNED.replace("MESSAGE_ID", message_id))
    stack.sql("UPDATE mail_outbox SET state = 'failed', attempts = 3, last_code = 554, "
              f"last_text = '<img src=x onerror=alert(1)> {'z' * 200}' WHERE application = '{failed}'")


@pytest.fixture(scope="session")
def events(stack) -> None:
    """`held` holds applications, `full` has a waiting list, `posted` and `bounced` are for mails; `gone` has no tickets left, `soon` opens later,
    `shut` is closed, `rolled` has a roster by list."""
    SpecialEvent(stack, "held", student="confirm_address = true", teacher="approval = true")
    SpecialEvent(stack, "full", student="waiting_list = true", students=1)
    variant(stack, "gone", form_seconds="0")
    gone = stack.folder.conf / "gone.toml"
    gone.write_text(gone.read_text(encoding="utf-8").replace("capacity  = 0", "capacity = 1", 1), encoding="utf-8")
    stack.mogirictl("event", "apply", gone)
    client = Client(stack.env["BASE_URL"])
    assert decided(client, client.post_json("/e/gone/api/v1/apply", student("S2B", 1), Idempotency_Key="gone"))["state"] == "issued"
    variant(stack, "soon")
    soon = stack.folder.conf / "soon.toml"
    soon.write_text(soon.read_text(encoding="utf-8").replace('[[form]]\n', '[[form]]\nopens = "2099-01-01 09:00"\n', 1),
                    encoding="utf-8")
    stack.mogirictl("event", "apply", soon)
    variant(stack, "shut", state='"closed"')
    variant(stack, "rolled")
    rolled = stack.folder.conf / "rolled.toml"
    text = rolled.read_text(encoding="utf-8")
    before = text.index("  [form.roster]\n")
    rolled.write_text(text[:before] + "  [form.roster]\n  list = true\n\n" + text[text.index("[[form]]", before):], encoding="utf-8")
    stack.mogirictl("event", "apply", rolled)
    variant(stack, "posted", form_seconds="0")
    returned_mails(stack)


@pytest.fixture(scope="session")
def organisers(stack, events) -> dict[str, str]:
    """What the organisers' pages are tested with."""
    client, password = Client(stack.env["BASE_URL"]), "correct horse battery"
    stack.mogirictl("user", "add", "supervisor", "--email", "supervisor@example.jp", "--role", "supervisor", "--password-file", "-",
                    input=password + "\n")
    stack.mogirictl("user", "add", "looker", "--email", "looker@example.jp", "--role", "staff", "--password-file", "-",
                    input=password + "\n")
    stack.mogirictl("user", "add", "one-event", "--email", "one@example.jp", "--role", "admin", "--password-file", "-", input=password + "\n")
    stack.mogirictl("user", "change", "one-event", "--role", "admin@shut")
    return {"ONE_EVENT_PASSWORD": password, "ADMIN_PAGES": str(HERE.parents[1] / "templates/pages/admin"), "ADMIN_PASSWORD": stack.env["ADMIN_PASSWORD"],
            "DEVICE_KEY": stack.env["DEVICE_KEY"], "STAFF_PASSWORD": password, "SUPERVISOR_PASSWORD": password, "TICKET_CODE": tickets(stack, client, 1)[0].code}


@pytest.mark.parametrize("subject", [file.name for file in sorted(HERE.glob("*.test.mjs"))])
def test_in_chromium(stack, build_dir, laboratory, events, organisers, subject):
    pictures = build_dir / "tests/browser/pictures"
    pictures.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(["node", "--test", subject], cwd=laboratory, text=True, capture_output=True, timeout=600,
                          env={**os.environ, "BASE_URL": stack.env["BASE_URL"], "PICTURES": str(pictures), **organisers,
                               "LIBRARIES": str(build_dir / "libraries"),
                               "MAIL_SPOOL": stack.env["MAIL_SPOOL"],
                               "LOCALES": str(HERE.parents[1] / "templates/locales")})
    assert done.returncode == 0, done.stdout + done.stderr
