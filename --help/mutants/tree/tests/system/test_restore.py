"""A ticket that was scanned by mistake may enter again: once, whatever was drained, published or lost meanwhile."""

import json

import pytest

from festival import nonces, tickets, variant
from other_daemon import stopped, undrained
from stack.client import Client
from stack.waiting import wait_until

ONCE = "/e/once/api/v1"


@pytest.fixture(scope="module")
def event(stack) -> int:
    """Nobody comes in twice, and no scan is taken for a double read."""
    variant(stack, "once", reentry="false", double_read="0")
    return int(stack.sql("SELECT number FROM event WHERE slug = 'once'")[0][0])


@pytest.fixture
def door(stack, event):
    """Scans a ticket, waiting for the door to be open: the outcome, or why not."""
    device = Client(stack.env["BASE_URL"], stack.add_device("once", f"gate {next(nonces)}", "main"))

    def scan(ticket, direction: str = "entry") -> str:
        answer = wait_until("an open door", lambda: (now := device.post_json(
            f"{ONCE}/checkin", {"code": ticket.code, "direction": direction, "nonce": next(nonces)})).status == 200 and now)
        return answer.json.get("reason") or answer.json["outcome"]

    return scan


@pytest.fixture
def ticket(stack, client, event):
    wait_until("the form", lambda: client.get("/e/once/apply/teacher", Accept="text/html").status == 200)
    return tickets(stack, client, 1, f"{ONCE}/apply")[0]


def restore(stack, *words, status: int = 0) -> str:
    done = stack.mogirictl("ticket", "restore", *words, "--reason", "scanned by mistake", check=False)
    assert done.returncode == status, (done.returncode, done.stdout, done.stderr)
    return done.stdout + done.stderr


def drained(stack, event: int) -> None:
    wait_until("the drain", lambda: stack.redis("XLEN", f"{{{event}}}:scans") == 0)


def of_day(stack, ticket) -> list[int]:
    """inside, admissions, given back, of those known"""
    [row] = stack.sql(f"SELECT inside, cycle, given_back, given_back_known FROM ticket_day WHERE serial = {ticket.serial}")
    return [int(value) for value in row]


def totals(stack, event: int) -> list[int]:
    return [int(number) for number in (stack.redis("GET", f"{{{event}}}:totals:1") or "0 0 0").split()]


def test_it_may_enter_again_once(stack, event, door, ticket):
    before = totals(stack, event)
    assert [door(ticket), door(ticket)] == ["admitted", "already_inside"]
    [told] = json.loads(restore(stack, ticket.reference, "--json"))
    assert told == {"event": event, "serial": ticket.serial, "reference": ticket.reference, "day": 1, "uses": 0, "published": True}
    assert totals(stack, event) == before, "the mistake is no longer counted"
    assert [door(ticket), door(ticket)] == ["admitted", "already_inside"]
    assert [door(ticket, "exit"), door(ticket)] == ["exited", "allowance_used"]
    restore(stack, ticket.reference)
    assert [door(ticket), door(ticket)] == ["admitted", "already_inside"]
    assert totals(stack, event) == [before[0] + 1, before[1], before[2] + 1]
    drained(stack, event)
    assert of_day(stack, ticket) == [1, 3, 2, 2]
    assert stack.sql(f"SELECT count(*) FROM admission WHERE serial = {ticket.serial}") == [["3"]]
    assert stack.sql(f"SELECT count(*) FROM scan_conflict WHERE serial = {ticket.serial}") == [["0"]]
    changes = json.loads(stack.mogirictl("ticket", "show", ticket.reference, "--json").stdout)["changes"]
    assert [(one["change"], one["reason"]) for one in changes] == [("restored", "scanned by mistake (day 1)")] * 2


def test_a_rebuild_knows_of_it(stack, event, door, ticket):
    assert door(ticket) == "admitted"
    restore(stack, ticket.reference)
    drained(stack, event)
    before = totals(stack, event)
    stack.redis("FLUSHALL")
    assert [door(ticket), door(ticket)] == ["admitted", "already_inside"]
    assert totals(stack, event) == [before[0] + 1, before[1], before[2] + 1]
    drained(stack, event)
    stack.redis("FLUSHALL")
    assert door(ticket) == "already_inside"
    assert of_day(stack, ticket) == [1, 2, 1, 1]


def test_with_scans_that_are_not_drained(stack, event, door, ticket):
    with undrained(stack, event):
        assert door(ticket) == "admitted"
        assert stack.sql(f"SELECT count(*) FROM ticket_day WHERE serial = {ticket.serial}") == [["0"]]
        restore(stack, ticket.reference)
        assert [door(ticket), door(ticket)] == ["admitted", "already_inside"]
        assert of_day(stack, ticket) == [0, 0, 1, 0]
    drained(stack, event)
    assert of_day(stack, ticket) == [1, 2, 1, 1]
    stack.redis("FLUSHALL")
    assert door(ticket) == "already_inside"


def test_when_the_scan_itself_is_lost(stack, event, door, ticket):
    """The stated window: what Redis lost before it was drained never happened, and neither did its restoration."""
    with undrained(stack, event):
        assert door(ticket) == "admitted"
        restore(stack, ticket.reference)
        stack.redis("FLUSHALL")
    assert [door(ticket), door(ticket)] == ["admitted", "already_inside"]
    assert of_day(stack, ticket)[2:] == [0, 0]


def test_without_the_daemon_it_is_noted(stack, event, door, ticket):
    assert door(ticket) == "admitted"
    drained(stack, event)
    with stopped(stack.process("mogirid")):
        assert "stored" in restore(stack, ticket.reference, status=5)
        stack.redis("FLUSHALL")
    assert [door(ticket), door(ticket)] == ["admitted", "already_inside"]
    drained(stack, event)
    stack.redis("FLUSHALL")
    assert door(ticket) == "already_inside"


def test_telling_the_door_again_gives_nothing_more(stack, event, door, ticket):
    assert door(ticket) == "admitted"
    restore(stack, ticket.reference)
    assert door(ticket) == "admitted"
    for version in ("version", "version + 1"):
        stack.sql(f"UPDATE ticket SET version = {version} WHERE serial = {ticket.serial}; "
                  f"INSERT INTO cache_outbox (event, kind, serial) VALUES ({event}, 'ticket', {ticket.serial})")
        wait_until("the publication", lambda: stack.sql("SELECT count(*) FROM cache_outbox") == [["0"]])
        assert door(ticket) == "already_inside"


def test_a_double_read_does_not_answer_for_it(stack, client, first):
    """Restored within two seconds, the same device's next scan is an admission."""
    ticket = tickets(stack, client, 1)[0]
    assert first.scan(ticket.code, next(nonces)).json["outcome"] == "admitted"
    restore(stack, ticket.reference)
    again = first.scan(ticket.code, next(nonces)).json
    assert (again["outcome"], again.get("double_read"), again.get("repeat")) == ("admitted", None, None)


def test_refusals(stack, client, event, door, ticket):
    other = tickets(stack, client, 1, f"{ONCE}/apply")[0]
    assert door(ticket) == "admitted"
    told = restore(stack, ticket.reference, other.reference, status=1)
    assert other.reference in told and "no admission" in told
    assert "day 2" in restore(stack, ticket.reference, "--day", 2, status=1)
    assert door(ticket) == "already_inside", "all or none"
    restore(stack, ticket.reference)
    assert "no admission" in restore(stack, ticket.reference, status=1)
    stack.mogirictl("ticket", "revoke", ticket.serial, "--reason", "lost")
    assert "is revoked" in restore(stack, ticket.serial, status=1)
    assert stack.mogirictl("ticket", "restore", ticket.serial, check=False).returncode == 2
