"""Undo and entry by force: who may, what follows in Redis, the ledger and its figures, and that all of it survives a lost Redis."""

import json

import pytest

from festival import nonces, tickets, variant
from people import Member
from openapi import DOCUMENT, check_answer
from stack.client import Client
from stack.waiting import wait_until

PATH = "/e/gate/api/v1/checkin"
REASON = "子どもの誤操作"
PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def event(stack) -> int:
    """Nobody comes in twice, and no scan is taken for a double read."""
    variant(stack, "gate", reentry="false", double_read="0")
    return int(stack.sql("SELECT number FROM event WHERE slug = 'gate'")[0][0])


@pytest.fixture(scope="module")
def devices(stack, event) -> dict[str, Client]:
    made = {name: Client(stack.env["BASE_URL"], stack.add_device("gate", name, gate, profile))
            for name, gate, profile in (("scanner", "main", "scanner"), ("supervisor", "east", "supervisor"))}
    wait_until("the form", lambda: made["scanner"].get("/e/gate/apply/teacher", Accept="text/html").status == 200)
    return made


@pytest.fixture(scope="module")
def box(stack, devices):
    return iter(tickets(stack, Client(stack.env["BASE_URL"]), 30, "/e/gate/api/v1/apply"))


@pytest.fixture
def ticket(box):
    return next(box)


@pytest.fixture(scope="module")
def person(stack):
    stack.mogirictl("user", "add", "the supervisor", "--email", "s@people.example", "--role", "supervisor", "--password-file", "-",
                    input=PASSWORD + "\n")
    member = Member(stack.env["BASE_URL"])
    wait_until("the login", lambda: member.log_in("the supervisor", PASSWORD).status == 200)
    yield member
    member.close()


def asked(client, what, ticket, nonce=None, **more):
    body = {"code": ticket.code, "nonce": nonce or next(nonces), "reason": REASON, **more}
    answer = client.post_json(f"{PATH}/{what}", body) if isinstance(client, Client) else client.ask("POST", f"{PATH}/{what}", body)
    if answer.status == 200:
        check_answer(answer, DOCUMENT["paths"][f"/api/v1/checkin/{what}"]["post"])
    return answer


def told(answer) -> str:
    assert answer.status == 200, (answer.status, answer.text)
    return answer.json.get("reason") or answer.json.get("undone") or answer.json["outcome"]


def scan(client, ticket, direction="entry"):
    answer = wait_until("an open door", lambda: (now := client.post_json(
        PATH, {"code": ticket.code, "direction": direction, "nonce": next(nonces)})).status == 200 and now)
    return told(answer)


def totals(stack, event) -> list[int]:
    return [int(number) for number in (stack.redis("GET", f"{{{event}}}:totals:1") or "0 0 0").split()]


def drained(stack, event) -> None:
    wait_until("the drain", lambda: stack.redis("XLEN", f"{{{event}}}:scans") == 0)


def recounted(stack) -> None:
    """The statistics, kept up scan by scan, are what the log amounts to."""
    assert stack.sql("SELECT count(*) FROM (SELECT event, day, quarter, gate, form, class, kind, entries, exits, exit_ms, stays, stay_ms "
                     "FROM passage_count WHERE (entries, exits) <> (0, 0) EXCEPT SELECT * FROM passage_recount) AS d") == [["0"]]
    assert stack.sql("SELECT count(*) FROM (SELECT * FROM passage_recount EXCEPT SELECT * FROM passage_count) AS d") == [["0"]]


def lose_redis(stack, event) -> None:
    drained(stack, event)
    stack.redis("FLUSHALL")


def test_an_entry_is_taken_back(stack, event, devices, ticket):
    before = totals(stack, event)
    assert scan(devices["scanner"], ticket) == "admitted"
    nonce = next(nonces)
    undone = asked(devices["supervisor"], "undo", ticket, nonce)
    assert (undone.json["outcome"], undone.json["undone"], undone.json["inside"], undone.json["left"]) == ("undone", "entry", 0, 1)
    assert totals(stack, event) == before
    again = asked(devices["supervisor"], "undo", ticket, nonce)
    assert (again.json["undone"], again.json["repeat"], again.json["time"]) == ("entry", True, undone.json["time"])
    assert told(asked(devices["supervisor"], "undo", ticket)) == "nothing_to_undo"
    assert scan(devices["scanner"], ticket) == "admitted" and scan(devices["scanner"], ticket) == "already_inside"
    drained(stack, event)
    # The number of what was taken back is not given again: the ledger has it.
    assert stack.sql(f"SELECT cycle, given_back FROM admission WHERE serial = {ticket.serial} ORDER BY cycle") == [["1", "t"], ["2", "f"]]
    assert stack.sql(f"SELECT inside, cycle, undone FROM ticket_day WHERE serial = {ticket.serial}") == [["1", "2", "1"]]
    assert stack.sql("SELECT count(*) FROM scan_conflict") == [["0"]]
    assert stack.sql(f"SELECT actor, verb, after->>'reason', after->>'direction' FROM audit WHERE subject = 'ticket {ticket.serial}' "
                     f"AND verb LIKE 'checkin.%'") == [["device:2", "checkin.undo", REASON, "entry"]]
    recounted(stack)


def test_an_exit_is_taken_back(stack, event, devices, ticket):
    scan(devices["scanner"], ticket)
    before = totals(stack, event)
    assert scan(devices["scanner"], ticket, "exit") == "exited"
    assert told(asked(devices["supervisor"], "undo", ticket)) == "exit"
    assert totals(stack, event) == before
    assert scan(devices["scanner"], ticket) == "already_inside"
    assert scan(devices["scanner"], ticket, "exit") == "exited"
    drained(stack, event)
    recounted(stack)
    assert stack.sql(f"SELECT sum(exits) FROM passage_recount WHERE event = {event}") == stack.sql(
        f"SELECT count(*) - 2 * count(*) FILTER (WHERE outcome = 5) FROM scan WHERE event = {event} AND outcome IN (2, 5)")


def test_one_after_the_other(stack, event, devices, ticket):
    assert [scan(devices["scanner"], ticket), scan(devices["scanner"], ticket, "exit")] == ["admitted", "exited"]
    undo = devices["supervisor"]
    assert [told(asked(undo, "undo", ticket)) for _ in range(3)] == ["exit", "entry", "nothing_to_undo"]
    assert scan(devices["scanner"], ticket) == "admitted"
    lose_redis(stack, event)
    assert scan(devices["scanner"], ticket) == "already_inside"
    assert told(asked(undo, "undo", ticket)) == "entry"
    recounted(stack)


def test_beginning_anew_gives_nothing_back_that_was_undone(stack, event, devices, ticket):
    assert scan(devices["scanner"], ticket) == "admitted"
    assert told(asked(devices["supervisor"], "undo", ticket)) == "entry"
    drained(stack, event)
    stack.mogirictl("event", "reset-use", "gate", "--confirm", "gate", "--reason", "rehearsal")
    assert [scan(devices["scanner"], ticket), scan(devices["scanner"], ticket, "exit")] == ["admitted", "exited"]
    lose_redis(stack, event)
    assert scan(devices["scanner"], ticket) == "allowance_used"


def test_refusals_do_not_hide_what_there_is_to_undo(stack, event, devices, ticket):
    assert scan(devices["scanner"], ticket) == "admitted"
    for _ in range(6):
        assert scan(devices["scanner"], ticket) == "already_inside"
    lose_redis(stack, event)
    assert scan(devices["scanner"], ticket) == "already_inside"
    assert told(asked(devices["supervisor"], "undo", ticket)) == "entry"


def test_nothing_to_undo(stack, devices, ticket):
    assert told(asked(devices["supervisor"], "undo", ticket)) == "nothing_to_undo"
    scan(devices["scanner"], ticket)
    stack.mogirictl("ticket", "restore", ticket.reference, "--reason", "by staff")
    assert told(asked(devices["supervisor"], "undo", ticket)) == "nothing_to_undo"
    assert scan(devices["scanner"], ticket) == "admitted"
    assert told(asked(devices["supervisor"], "undo", ticket)) == "entry"
    refused = stack.mogirictl("ticket", "restore", ticket.reference, "--reason", "by staff", check=False)
    assert refused.returncode == 1 and "no admission" in refused.stderr, "what was undone is not given back as well"


def test_force(stack, event, devices, ticket):
    before = totals(stack, event)
    assert [scan(devices["scanner"], ticket), scan(devices["scanner"], ticket)] == ["admitted", "already_inside"]
    nonce = next(nonces)
    forced = asked(devices["supervisor"], "force", ticket, nonce)
    assert (forced.json["outcome"], forced.json["forced"], forced.json["inside"], forced.json["left"]) == ("admitted", True, 2, 0)
    again = asked(devices["supervisor"], "force", ticket, nonce).json
    assert (again["forced"], again["repeat"], again["inside"]) == (True, True, 2)
    assert [scan(devices["scanner"], ticket, "exit"), scan(devices["scanner"], ticket, "exit")] == ["exited", "exited"]
    assert scan(devices["scanner"], ticket) == "allowance_used"
    assert asked(devices["supervisor"], "force", ticket).json["forced"] is True
    assert totals(stack, event) == [before[0] + 3, before[1] + 2, before[2] + 1]
    lose_redis(stack, event)
    assert scan(devices["scanner"], ticket) == "already_inside"
    assert totals(stack, event) == [before[0] + 3, before[1] + 2, before[2] + 1]
    assert asked(devices["supervisor"], "force", ticket, nonce).json["outcome"] == "admitted"
    assert stack.sql(f"SELECT outcome, flags & 16, overrode, actor, reason FROM scan WHERE serial = {ticket.serial} AND overrode IS NOT NULL "
                     "ORDER BY at LIMIT 2") == [["1", "16", "12", "device:2", REASON], ["1", "16", "13", "device:2", REASON]]
    assert stack.sql(f"SELECT count(*) FROM admission WHERE serial = {ticket.serial}") >= [["3"]]
    recounted(stack)


def test_an_entry_by_force_is_taken_back(stack, event, devices, ticket):
    before = totals(stack, event)
    scan(devices["scanner"], ticket)
    assert told(asked(devices["supervisor"], "force", ticket)) == "admitted"
    assert [told(asked(devices["supervisor"], "undo", ticket)) for _ in range(3)] == ["entry", "entry", "nothing_to_undo"]
    assert totals(stack, event) == before


@pytest.mark.parametrize("slug, settings, before", [
    ("early", {"forced_day": 0, "year": "2099"}, "not_yet"), ("late", {"forced_day": 0, "year": "2001"}, "over"),
    ("othergate", {"gate_kinds": '["family"]'}, "wrong_gate"), ("full", {"venue_capacity": "1"}, "venue_full")])
def test_what_force_overrides(stack, slug, settings, before):
    variant(stack, slug, **settings)
    device = Client(stack.env["BASE_URL"], stack.add_device(slug, "S", "east", "supervisor"))
    wait_until("the form", lambda: device.get(f"/e/{slug}/apply/teacher", Accept="text/html").status == 200)
    one, two = tickets(stack, Client(stack.env["BASE_URL"]), 2, f"/e/{slug}/api/v1/apply")
    path = f"/e/{slug}/api/v1/checkin"
    if slug == "full":
        device.post_json(path, {"code": two.code, "direction": "entry", "nonce": next(nonces)})
    assert told(device.post_json(path, {"code": one.code, "direction": "entry", "nonce": next(nonces)})) == before
    answer = device.post_json(f"{path}/force", {"code": one.code, "nonce": next(nonces), "reason": REASON})
    assert answer.json["outcome"] == "admitted" and answer.json["forced"] is True


def test_what_force_never_overrides(stack, devices, ticket, box):
    supervisor = devices["supervisor"]
    other = tickets(stack, Client(stack.env["BASE_URL"]), 1)[0]
    forged = ticket.code[:20] + ("B" if ticket.code[20] == "A" else "A") + ticket.code[21:]
    stack.mogirictl("ticket", "revoke", ticket.serial, "--reason", "lost")
    for code, reason in (("A" * 33, "bad_code"), (forged, "unknown"), (other.code, "wrong_event"), (ticket.code, "revoked")):
        ticket.code = code
        assert told(asked(supervisor, "force", ticket)) == reason
    assert asked(supervisor, "force", next(box)).json.get("forced") is None, "who may come in anyway comes in as anybody"


def test_a_person_supervises(stack, event, person, devices, ticket):
    assert scan(devices["scanner"], ticket) == "admitted"
    assert asked(person, "force", ticket).json["errors"][0]["field"] == "gate"
    nonce = next(nonces)
    assert asked(person, "force", ticket, nonce, gate="main").json["forced"] is True
    assert asked(person, "force", ticket, nonce, gate="main").json["repeat"] is True
    assert told(asked(person, "undo", ticket)) == "entry"
    answer = person.ask("POST", f"{PATH}/undo", {"ticket": ticket.serial, "nonce": next(nonces), "reason": REASON})
    assert told(answer) == "entry", "a desk has the ticket's number"
    drained(stack, event)
    account = stack.sql("SELECT 'account:' || number FROM account WHERE name = 'the supervisor'")[0]
    assert stack.sql(f"SELECT verb FROM audit WHERE actor = '{account[0]}' AND subject = 'ticket {ticket.serial}' ORDER BY id") == [
        ["checkin.force"], ["checkin.undo"], ["checkin.undo"]]
    listed = person.ask("GET", f"/e/gate/api/v1/scans?ticket={ticket.serial}").json["items"]
    assert [(one["kind"], one.get("reason")) for one in listed] == [("undo", REASON), ("undo", REASON), ("force", REASON), ("scan", None)]
    assert person.ask("POST", f"{PATH}/undo", {"code": ticket.code, "nonce": "n", "reason": REASON}, Sec_Fetch_Site="cross-site").status == 403


def test_who_may_not(stack, devices, ticket):
    answer = asked(devices["scanner"], "undo", ticket)
    assert (answer.status, answer.json["code"]) == (403, "wrong_profile")
    assert asked(devices["scanner"], "force", ticket).status == 403
    nobody = asked(Client(stack.env["BASE_URL"]), "force", ticket)
    assert (nobody.status, nobody.json["code"]) == (401, "no_session")
    assert asked(Client(stack.env["BASE_URL"], "A" * 32), "undo", ticket).status == 401


@pytest.mark.parametrize("change, field", [
    ({"reason": None}, "reason"), ({"reason": ""}, "reason"), ({"reason": "　 "}, "reason"), ({"reason": "あ" * 201}, "reason"),
    ({"reason": "a\nb"}, "reason"), ({"reason": 5}, "reason"), ({"nonce": ""}, "nonce"), ({"gate": "none"}, "gate"), ({"more": 1}, "more"),
    ({"direction": "entry"}, "direction"), ({"ticket": 0}, "ticket"), ({"ticket": "1"}, "ticket"), ({"code": 5}, "code")])
def test_what_is_asked_wrongly(devices, ticket, change, field):
    body = {"code": ticket.code, "nonce": next(nonces), "reason": "あ" * 200, **change}
    if "ticket" in change and change["ticket"] != 0:
        del body["code"]
    answer = devices["supervisor"].post_json(f"{PATH}/undo", {name: value for name, value in body.items() if value is not None})
    assert answer.status == 422 and field in [error["field"] for error in answer.json["errors"]], answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_test_ticket_leaves_no_trace(stack, event, devices):
    before = stack.sql("SELECT count(*) FROM scan"), totals(stack, event)
    made = json.loads(stack.mogirictl("ticket", "test", "gate", "--json").stdout)[0]
    for what in (("", {"direction": "entry"}), ("/force", {"reason": REASON}), ("/undo", {"reason": REASON})):
        answer = devices["supervisor"].post_json(PATH + what[0], {"code": made["code"], "nonce": next(nonces), **what[1]})
        assert answer.json["test"] is True and answer.json["outcome"] in ("admitted", "undone")
    drained(stack, event)
    assert (stack.sql("SELECT count(*) FROM scan"), totals(stack, event)) == before
