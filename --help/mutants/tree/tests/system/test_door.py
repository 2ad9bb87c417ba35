"""The door's rules, as a scanner meets them: who is let in, who is told what, and what the ledger knows afterwards."""

import threading
from datetime import datetime, timezone

import pytest

from festival import Ticket, nonces, tickets, variant
from stack.client import Client
from stack.waiting import wait_until
from ticket_codes import TicketCodes


@pytest.fixture(scope="session")
def box(stack):
    """Tickets nobody has used yet."""
    client = Client(stack.env["BASE_URL"])
    return iter(tickets(stack, client, 40))


@pytest.fixture
def ticket(box) -> Ticket:
    return next(box)


def verdict(answer) -> tuple:
    assert answer.status == 200, (answer.status, answer.text)
    return answer.json["outcome"], answer.json.get("reason")


def scan(device, ticket, direction="entry", nonce=None):
    return device.scan(ticket.code, nonce or next(nonces), direction)


def scanner_of(stack, event: str, gate: str = "main") -> Client:
    return Client(stack.env["BASE_URL"], stack.add_device(event, f"Scanner {next(nonces)}", gate))


def test_in_refused_out_in(first, second, ticket):
    answer = scan(first, ticket)
    assert verdict(answer) == ("admitted", None)
    told = answer.json
    assert told["ticket"]["reference"] == ticket.reference and told["ticket"]["name"] == ticket.name
    assert (told["left"], told["inside"], told["day"]) == (0, 1, 1)
    age = datetime.now(timezone.utc) - datetime.fromisoformat(told["time"].replace("Z", "+00:00"))
    assert abs(age.total_seconds()) < 60

    refused = scan(second, ticket)
    assert verdict(refused) == ("refused", "already_inside")
    assert refused.json["first"]["time"] == told["time"]
    assert refused.json["first"]["gate"] and refused.json["first"]["device"]

    assert verdict(scan(second, ticket, "exit")) == ("exited", None)
    assert verdict(scan(first, ticket, "exit")) == ("refused", "not_inside")
    assert verdict(scan(first, ticket)) == ("admitted", None)


def test_not_inside(first, ticket):
    assert verdict(scan(first, ticket, "exit")) == ("refused", "not_inside")


def test_the_same_nonce_is_answered_the_same(first, ticket):
    original = scan(first, ticket, nonce="once").json
    for _ in range(2):
        again = scan(first, ticket, nonce="once").json
        assert again.pop("repeat") is True
        assert again["outcome"] == "admitted" and again["time"] == original["time"]
    assert verdict(scan(first, ticket, "exit")) == ("exited", None)


def test_a_refusal_repeats_too(first, second, ticket):
    scan(first, ticket)
    refused = scan(second, ticket, nonce="refused")
    scan(first, ticket, "exit")
    again = scan(second, ticket, nonce="refused")  # by now it would be let in
    assert verdict(refused) == verdict(again) == ("refused", "already_inside")
    assert again.json["repeat"] is True


def test_one_nonce_at_two_devices_is_two_scans(first, second, ticket):
    assert verdict(scan(first, ticket, nonce="same")) == ("admitted", None)
    assert verdict(scan(second, ticket, nonce="same")) == ("refused", "already_inside")


def test_double_read(stack, first, second, ticket):
    assert verdict(scan(first, ticket)) == ("admitted", None)
    again = scan(first, ticket)
    assert verdict(again) == ("admitted", None)
    assert again.json["repeat"] is True and again.json["double_read"] is True
    assert verdict(scan(second, ticket)) == ("refused", "already_inside")
    assert admissions(stack, ticket) == 1


def test_a_double_read_is_no_double_read_of_another_device_or_direction(first, second, ticket):
    assert verdict(scan(first, ticket)) == ("admitted", None)
    assert verdict(scan(first, ticket, "exit")) == ("exited", None)
    assert "double_read" not in scan(second, ticket).json


def test_unknown_codes_have_one_wording(stack, first, ticket):
    codes = TicketCodes((stack.folder.conf / "master.keys").read_text())
    forged = ticket.code[:20] + ("B" if ticket.code[20] == "A" else "A") + ticket.code[21:]
    absent = codes.issue(1, 999_999_999)  # signed, but no such ticket
    answers = [first.scan(code, next(nonces)) for code in (forged, absent)]
    assert [verdict(answer) for answer in answers] == [("refused", "unknown")] * 2
    assert answers[0].json["message"] == answers[1].json["message"]
    assert set(answers[0].json) == set(answers[1].json)


@pytest.mark.parametrize("code", ["", "A", "A" * 33, "A" * 35, "!" * 34, "あ" * 34])
def test_wrong_shapes(first, code):
    answer = first.scan(code, next(nonces))
    if not code:
        assert answer.status in (200, 422)
        return
    assert verdict(answer) == ("refused", "bad_code")


def test_messages_by_language(first, ticket):
    nonce = next(nonces)
    ja = first.scan(ticket.code, nonce, Accept_Language="ja").json["message"]
    en = first.scan(ticket.code, nonce, Accept_Language="en").json["message"]
    assert ja != en and en.isascii()


def revoke(stack, ticket) -> None:
    stack.sql(f"UPDATE ticket SET status = 'revoked', version = version + 1 WHERE serial = {ticket.serial};"
              f"INSERT INTO cache_outbox (event, kind, serial) VALUES (1, 'ticket', {ticket.serial}); NOTIFY mogiri_cache")
    wait_until("the revocation to be published",
               lambda: stack.sql(f"SELECT count(*) FROM cache_outbox WHERE serial = {ticket.serial}") == [["0"]])


def test_revoked(stack, first, ticket):
    revoke(stack, ticket)
    assert verdict(scan(first, ticket)) == ("refused", "revoked")


def test_the_revoked_may_leave(stack, first, ticket):
    assert verdict(scan(first, ticket)) == ("admitted", None)
    revoke(stack, ticket)
    assert verdict(scan(first, ticket, "exit")) == ("exited", None)
    assert verdict(scan(first, ticket)) == ("refused", "revoked")


def test_32_scans_at_once_from_two_devices_admit_once(stack, ticket):
    answers, start = [], threading.Barrier(32)

    def send(key):
        device = Client(stack.env["BASE_URL"], key)
        device.get("/healthz")  # the connection is there before the race
        start.wait()
        answers.append(scan(device, ticket))
        device.close()

    keys = [stack.env["DEVICE_KEY"], stack.env["DEVICE_KEY_2"]] * 16
    threads = [threading.Thread(target=send, args=(key,)) for key in keys]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    fresh = [answer for answer in answers if verdict(answer) == ("admitted", None) and not answer.json.get("repeat")]
    assert len(fresh) == 1
    others = [answer.json for answer in answers if answer is not fresh[0]]
    assert all(other.get("reason") == "already_inside" or other.get("double_read") for other in others), others
    assert admissions(stack, ticket) == 1


def test_every_scan_reaches_the_ledger(stack, first, second, ticket):
    for device, direction in ((first, "entry"), (second, "entry"), (second, "exit"), (first, "entry")):
        scan(device, ticket, direction)
    wait_until("four scans in the ledger",
               lambda: stack.sql(f"SELECT direction, outcome, cycle FROM scan WHERE serial = {ticket.serial} "
                                 "ORDER BY epoch, stream_ms, stream_seq, place") == [
                   ["entry", "1", "1"], ["entry", "12", "1"], ["exit", "2", "1"], ["entry", "1", "2"]], 10)
    assert admissions(stack, ticket) == 2
    assert stack.sql(f"SELECT inside, cycle FROM ticket_day WHERE serial = {ticket.serial} AND day = 1") == [["1", "2"]]
    wait_until("an empty scan log in Redis", lambda: stack.redis("XLEN", "{1}:scans") == 0)
    assert stack.sql("SELECT count(*) FROM scan_conflict") == [["0"]]


def test_devices(stack, client, ticket):
    without = client.post_json("/api/v1/checkin", {"code": ticket.code, "direction": "entry", "nonce": "n"})
    assert (without.status, without.json["code"]) == (401, "no_device_key")
    assert "Bearer" in without.headers["WWW-Authenticate"]
    stranger = Client(stack.env["BASE_URL"], "A" * 32)
    refused = scan(stranger, ticket)
    assert (refused.status, refused.json["code"]) == (401, "bad_device_key")
    assert verdict(scan(Client(stack.env["BASE_URL"], stack.env["SUPERVISOR_KEY"]), ticket)) == ("admitted", None)


def test_a_revoked_device_is_out(stack, ticket):
    device = scanner_of(stack, "musicfes")
    assert verdict(scan(device, ticket)) == ("admitted", None)
    stack.sql("UPDATE device SET revoked_at = now() WHERE number = (SELECT max(number) FROM device WHERE event = 1) AND event = 1;"
              "UPDATE event SET version = version + 1 WHERE number = 1;"
              "INSERT INTO cache_outbox (event, kind) VALUES (1, 'settings'); NOTIFY mogiri_cache")
    wait_until("the device to be refused", lambda: scan(device, ticket).status == 401, 10)


def test_allowance_of_two_people(stack, client):
    variant(stack, "pairs", allowance=2, double_read="0")
    one, two = scanner_of(stack, "pairs"), scanner_of(stack, "pairs")
    ticket = tickets(stack, client, 1, "/e/pairs/api/v1/apply")[0]
    path = "/e/pairs/api/v1/checkin"

    def at(device, direction="entry"):
        return device.post_json(path, {"code": ticket.code, "direction": direction, "nonce": next(nonces)})

    answer = at(one)
    assert verdict(answer) == ("admitted", None) and (answer.json["left"], answer.json["inside"]) == (1, 1)
    answer = at(one)
    assert verdict(answer) == ("admitted", None) and (answer.json["left"], answer.json["inside"]) == (0, 2)
    assert verdict(at(two)) == ("refused", "already_inside")
    assert verdict(at(two, "exit")) == ("exited", None)
    assert verdict(at(two)) == ("admitted", None)


def test_no_reentry(stack, client):
    variant(stack, "once", reentry="false")
    device, other = scanner_of(stack, "once"), scanner_of(stack, "once")
    ticket = tickets(stack, client, 1, "/e/once/api/v1/apply")[0]
    sent = [(device, "entry", ("admitted", None)), (other, "entry", ("refused", "already_inside")),
            (other, "exit", ("exited", None)), (other, "entry", ("refused", "allowance_used"))]
    for who, direction, expected in sent:
        answer = who.post_json("/e/once/api/v1/checkin", {"code": ticket.code, "direction": direction, "nonce": next(nonces)})
        assert verdict(answer) == expected


def test_full_venue_and_wrong_gate(stack, client):
    variant(stack, "small", venue_capacity="1", gate_kinds='["family"]')
    main, east = scanner_of(stack, "small"), scanner_of(stack, "small", "east")
    one, two = tickets(stack, client, 2, "/e/small/api/v1/apply")

    def at(device, ticket):
        return verdict(device.post_json("/e/small/api/v1/checkin",
                                        {"code": ticket.code, "direction": "entry", "nonce": next(nonces)}))

    assert at(east, one) == ("refused", "wrong_gate")
    assert at(main, one) == ("admitted", None)
    assert at(main, two) == ("refused", "venue_full")


@pytest.mark.parametrize("slug, year, reason", [("future", "2099", "not_yet"), ("past", "2001", "over")])
def test_out_of_its_days(stack, client, slug, year, reason):
    variant(stack, slug, forced_day=0, year=year)
    device = scanner_of(stack, slug)
    ticket = tickets(stack, client, 1, f"/e/{slug}/api/v1/apply")[0]
    answer = device.post_json(f"/e/{slug}/api/v1/checkin", {"code": ticket.code, "direction": "entry", "nonce": next(nonces)})
    assert verdict(answer) == ("refused", reason)


def test_a_ticket_of_another_event(stack, client, first):
    variant(stack, "other")
    ticket = tickets(stack, client, 1, "/e/other/api/v1/apply")[0]
    assert verdict(scan(first, ticket)) == ("refused", "wrong_event")


def test_a_device_of_another_event(stack, client, ticket):
    variant(stack, "elsewhere")
    assert scan(scanner_of(stack, "elsewhere"), ticket).status == 401


def admissions(stack, ticket) -> int:
    def count():
        return int(stack.sql(f"SELECT count(*) FROM admission WHERE serial = {ticket.serial}")[0][0])

    wait_until("the drain", lambda: stack.redis("XLEN", "{1}:scans") == 0 and count())
    return count()
