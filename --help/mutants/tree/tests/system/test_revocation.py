"""A revocation that was reported done holds, whatever daemon dies, sleeps or wakes with an old publication, and however Redis fares."""

import json
import signal
import threading
import time

import pytest

from festival import new_key, nonces, teacher, tickets
from other_daemon import in_commit, other_daemon, slow_commits, stopped
from stack.client import Client
from stack.waiting import wait_until
from ticket_codes import TicketCodes


def revoke(stack, *words, status: int = 0) -> str:
    done = stack.mogirictl("ticket", "revoke", *words, "--reason", "lost phone", check=False)
    assert done.returncode == status, (done.returncode, done.stdout, done.stderr)
    return done.stdout + done.stderr


def verdict(device, ticket) -> tuple:
    """Of an open door."""
    answer = wait_until("an open door", lambda: (now := device.scan(ticket.code, next(nonces))).status == 200 and now)
    return answer.json["outcome"], answer.json.get("reason")


REVOKED = ("refused", "revoked")


def test_by_reference_and_by_serial(stack, client, first):
    one, two, three = tickets(stack, client, 3)
    told = revoke(stack, one.reference.lower(), two.serial)
    assert one.reference in told and two.reference in told and one.name not in told
    assert verdict(first, one) == verdict(first, two) == REVOKED
    assert verdict(first, three) == ("admitted", None)
    shown = json.loads(stack.mogirictl("ticket", "show", one.reference, "--json").stdout)
    assert (shown["status"], shown["version"], "guest" in shown) == ("revoked", 2, False)
    assert [change["reason"] for change in shown["changes"]] == ["lost phone"]
    assert one.name in stack.mogirictl("ticket", "show", one.reference, "--personal").stdout
    listed = json.loads(stack.mogirictl("ticket", "list", "--status", "revoked", "--json").stdout)
    assert {one.serial, two.serial} <= {row["serial"] for row in listed} and three.serial not in {row["serial"] for row in listed}
    assert "already" in revoke(stack, one.reference)
    assert json.loads(stack.mogirictl("ticket", "show", one.reference, "--json").stdout)["version"] == 2


def test_all_or_none(stack, client, first):
    ticket = tickets(stack, client, 1)[0]
    for wrong in ("88888888", "999999999999", "nonsense"):
        revoke(stack, ticket.serial, wrong, status=1)
    assert verdict(first, ticket) == ("admitted", None)
    assert stack.mogirictl("ticket", "revoke", ticket.serial, check=False).returncode == 2
    assert stack.mogirictl("ticket", "show", "nonsense", check=False).returncode == 1


def test_without_the_daemon_it_is_noted(stack, client, first):
    ticket = tickets(stack, client, 1)[0]
    with stopped(stack.process("mogirid")):
        told = revoke(stack, ticket.reference, status=5)
        assert "noted" in told and "may still let" in told
        assert verdict(first, ticket) == ("admitted", None)
    wait_until("the revocation to reach the door", lambda: verdict(first, ticket) == REVOKED)


def test_the_daemon_dies_between_commit_and_publication(stack, client, first):
    for ticket in tickets(stack, client, 5):
        stack.process("mogirid").signal(signal.SIGKILL)
        revoke(stack, ticket.reference)
        assert verdict(first, ticket) == REVOKED


def test_a_daemon_wakes_with_an_old_publication_in_hand(stack, first):
    """It committed a ticket and was stopped before it told Redis; meanwhile another published the ticket, and it was revoked."""
    ours = stack.process("mogirid")
    fields = teacher("sleeper")
    applicant = threading.Thread(target=lambda: Client(stack.env["BASE_URL"]).apply(fields, new_key()))
    with other_daemon(stack) as other:
        with slow_commits(stack), stopped(ours):
            time.sleep(1)  # longer than ours waits in Redis for a job: the next one is the other's
            applicant.start()
            wait_until("the other's COMMIT", lambda: in_commit(stack), pause=0.001)
            other.process.signal(signal.SIGSTOP)
            [[serial, reference]] = wait_until("the ticket", lambda: stack.sql(
                "SELECT serial, ticket.reference FROM ticket JOIN application ON application = id "
                f"WHERE email = '{fields['email']}'"))
        applicant.join()
        wait_until("ours to publish it", lambda: stack.redis("EXISTS", f"{{1}}:t:{serial}"))
        revoke(stack, reference)
        code = TicketCodes((stack.folder.conf / "master.keys").read_text()).issue(1, int(serial))
        assert first.scan(code, next(nonces)).json["reason"] == "revoked"
        before = wait_until("quiet", lambda: (mark := stack.redis("GET", "{1}:ready")) and not time.sleep(0.5)
                            and stack.redis("GET", "{1}:ready") == mark and mark)
        other.process.signal(signal.SIGCONT)
        wait_until("the other to publish what it has", lambda: stack.redis("GET", "{1}:ready") != before)
        assert first.scan(code, next(nonces)).json["reason"] == "revoked"


@pytest.mark.parametrize("delay", [0.0, 0.02, 0.05, 0.1, 0.2, 0.4])
def test_redis_is_emptied_amid_revocations(stack, client, delay):
    """A rebuild races the publication: what was reported done is so from then on."""
    some = tickets(stack, client, 4)
    device = Client(stack.env["BASE_URL"], stack.env["DEVICE_KEY"])
    flush = threading.Timer(delay, lambda: stack.redis("FLUSHALL"))
    flush.start()
    for ticket in some:
        revoke(stack, ticket.serial)
        answer = device.scan(ticket.code, next(nonces))
        assert answer.status == 503 or answer.json["reason"] == "revoked", answer.text
    flush.join()
    assert all(verdict(device, ticket) == REVOKED for ticket in some)
