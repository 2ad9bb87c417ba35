"""Walks every row of the door's truth table, x-decisions in openapi.yaml, and the rules of repeated scans."""

import hashlib
import itertools
import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

import pytest

from festival import EVENT_TEXT, Ticket, nonces, tickets
from openapi import DOCUMENT, check_answer, resolved
from stack.client import Client
from stack.waiting import wait_until
from ticket_codes import TicketCodes

OPERATION = DOCUMENT["paths"]["/api/v1/checkin"]["post"]
ROWS = OPERATION["x-decisions"]
OF_EVENT = ("reentry", "allowance", "hours", "forced", "archived", "kind_days", "gate_takes", "capacity", "day_later")
NAMES = {*OF_EVENT, "code", "before", "others_inside", "revoked", "direction", "outcome", "reason", "left", "inside"}
slugs = (f"table{n}" for n in itertools.count())


def named(row: dict) -> str:
    return " ".join(f"{name}={value}" for name, value in row.items() if name not in ("left", "inside"))


def noon_zone() -> tuple[str, datetime]:
    """A time zone in which it is noon by now or some minutes before or after, and its time: the rows' hours are far from both ends."""
    now = datetime.now(timezone.utc)
    offset = round(12 - now.hour - now.minute / 60)
    return f"Etc/GMT{-offset:+d}", now + timedelta(hours=offset)


def event_text(slug: str, row: dict) -> str:
    """The sample event as the row has it, its first day today and its second tomorrow unless `hours` says otherwise."""
    zone, now = noon_zone()
    shift, opens, closes = {None: (0, "06:00", "18:00"), "before_the_first_day": (2, "06:00", "18:00"), "before_opening": (0, "16:00", "22:00"),
                            "after_closing": (0, "02:00", "08:00"), "between_two_days": (-1, "06:00", "18:00"),
                            "after_the_last_day": (-9, "06:00", "18:00")}[row.get("hours")]
    first = now.date() + timedelta(days=shift)
    second = first + timedelta(days=2 if row.get("hours") == "between_two_days" else 1)
    text = EVENT_TEXT.replace('slug      = "musicfes"', f'slug = "{slug}"').replace('"Asia/Tokyo"', f'"{zone}"')
    for old, new in (("reentry        = true", f"reentry = {str(row.get('reentry', True)).lower()}"),
                     ("forced_day     = 0", f"forced_day = {1 if row.get('forced') or 'kind_days' in row or row.get('day_later') else 0}"),
                     ("venue_capacity = 0", f"venue_capacity = {row.get('capacity', 0)}"), ("double_read    = 2", "double_read = 0"),
                     ('date   = "2027-06-12"', f'date = "{first}"'), ('date   = "2027-06-13"', f'date = "{second}"'),
                     ('closes = "16:30"', f'closes = "{closes}"'), ('closes = "15:30"', f'closes = "{closes}"')):
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    text = text.replace('opens  = "09:00"', f'opens = "{opens}"').replace("allowance = 1", f"allowance = {row.get('allowance', 1)}")
    days = {"later": "[2]", "earlier": "[1]", "this": "[1]"}.get(row.get("kind_days"))
    if days:
        text = text.replace('id        = "guest"', f'id = "guest"\ndays = {days}')
    if row.get("kind_days") == "earlier":
        text = text.replace("forced_day = 1", "forced_day = 2")
    if not row.get("gate_takes", True):  # the rows' gate is the east one
        head, east = text.split('id     = "east"')
        text = head + 'id     = "east"' + east.replace("kinds  = []", 'kinds = ["family"]', 1)
    return text


@dataclass
class Place:
    """An event of some rows, with its scanners; `apply` writes its settings again."""
    slug: str
    text: str
    device: Client  # at the east gate
    other: Client
    box: list

    def scan(self, client: Client, code: str, direction: str, nonce=None, **headers):
        return client.post_json(f"/e/{self.slug}/api/v1/checkin", {"code": code, "direction": direction, "nonce": nonce or next(nonces)}, **headers)


class Places:
    def __init__(self, stack):
        self.stack, self.client, self.made = stack, Client(stack.env["BASE_URL"]), {}

    def apply(self, slug: str, text: str) -> None:
        file = self.stack.folder.conf / f"{slug}.toml"
        file.write_text(text, encoding="utf-8")
        file.chmod(0o644)
        self.stack.mogirictl("event", "apply", file)

    def devices(self, slug: str) -> list[Client]:
        """At the east gate and at the main one; both at once, for there are many events."""
        keys = [f"{slug}-east-key", f"{slug}-main-key"]
        hashes = [hashlib.sha256(key.encode()).hexdigest() for key in keys]
        self.stack.sql(f"INSERT INTO device (event, number, name, gate, profile, key_hash) SELECT number, 1, 'East 1', 2, 'scanner', '{hashes[0]}' "
                       f"FROM event WHERE slug = '{slug}' UNION ALL SELECT number, 2, 'Main 1', 1, 'scanner', '{hashes[1]}' FROM event "
                       f"WHERE slug = '{slug}'; UPDATE event SET version = version + 1 WHERE slug = '{slug}'; INSERT INTO cache_outbox "
                       f"(event, kind) SELECT number, 'settings' FROM event WHERE slug = '{slug}'; NOTIFY mogiri_cache")
        made = [Client(self.stack.env["BASE_URL"], key) for key in keys]
        wait_until("the devices", lambda: made[0].post_json(f"/e/{slug}/api/v1/checkin", {}).status == 422)
        return made

    def of(self, row: dict) -> Place:
        key = json.dumps({name: row[name] for name in OF_EVENT if name in row})
        if row.get("others_inside") or "capacity" in row or row.get("archived") or key not in self.made:
            slug = next(slugs)
            text = event_text(slug, row)
            self.apply(slug, text)
            devices = self.devices(slug)
            wait_until("the event's form", lambda: self.client.get(f"/e/{slug}/apply/teacher", Accept="text/html").status == 200)
            alike = [other for other in ROWS if all(other.get(name) == row.get(name) for name in OF_EVENT)]
            self.made[key] = Place(slug, text, *devices, tickets(self.stack, self.client, len(alike) + 2, f"/e/{slug}/api/v1/apply"))
        return self.made[key]


@pytest.fixture(scope="module")
def places(stack):
    return Places(stack)


@pytest.fixture(scope="module")
def codes(stack) -> TicketCodes:
    return TicketCodes((stack.folder.conf / "master.keys").read_text())


@pytest.fixture(scope="module")
def place(places) -> Place:
    """For scans that follow one upon another: the event of the rows that say nothing of it."""
    return places.of({})


@pytest.fixture(scope="module")
def box(stack):
    return iter(tickets(stack, Client(stack.env["BASE_URL"]), 40))


@pytest.fixture
def ticket(box) -> Ticket:
    return next(box)


def code_of(row: dict, ticket: Ticket, codes: TicketCodes, place: Place, stack) -> str:
    kind = row.get("code")
    if kind is None:
        return ticket.code
    event = int(stack.sql(f"SELECT number FROM event WHERE slug = '{place.slug}'")[0][0])
    return {"misshapen": "A" * 33, "forged": ticket.code[:20] + ("B" if ticket.code[20] == "A" else "A") + ticket.code[21:],
            "absent": codes.issue(event, 999_999_999), "other_event": codes.issue(1, 1)}[kind]


@pytest.mark.parametrize("row", ROWS, ids=named)
def test_every_row(stack, places, codes, row):
    assert row.keys() <= NAMES, "a name that nobody walks"
    place = places.of(row)
    ticket = place.box.pop()
    admitted = None
    for direction in row.get("before", []):
        done = place.scan(place.other, ticket.code, direction).json
        assert done["outcome"] == ("admitted" if direction == "entry" else "exited"), done
        admitted = admitted or done
    for _ in range(row.get("others_inside", 0)):
        assert place.scan(place.other, place.box.pop().code, "entry").json["outcome"] == "admitted"
    if row.get("revoked"):
        stack.mogirictl("ticket", "revoke", ticket.serial, "--reason", "a row of the table")
    if row.get("day_later"):
        places.apply(place.slug, place.text.replace("forced_day = 1", "forced_day = 2"))
    if row.get("archived"):
        stack.mogirictl("event", "archive", place.slug)
        nonce = next(nonces)
        wait_until("the door to know", lambda: place.scan(place.device, place.box[0].code, "entry").json.get("reason") == "over")
    nonce = next(nonces)
    answer = place.scan(place.device, code_of(row, ticket, codes, place, stack), row["direction"], nonce, Accept_Language="en")
    assert answer.status == 200, answer.text
    check_answer(answer, OPERATION)
    told = answer.json
    assert {name: told.get(name) for name in ("outcome", "reason")} == {name: row.get(name) for name in ("outcome", "reason")}, told
    assert {name: told[name] for name in ("left", "inside") if name in row} == {name: row[name] for name in ("left", "inside") if name in row}
    ja = place.scan(place.device, code_of(row, ticket, codes, place, stack), row["direction"], nonce, Accept_Language="ja").json["message"]
    assert re.search("[ぁ-ん]", ja) and not re.search("[ぁ-ん]", told["message"])
    if "code" not in row:
        assert told["ticket"] == {"reference": ticket.reference, "kind": "guest", "name": ticket.name}
        assert told["day"] == (2 if row.get("day_later") or row.get("kind_days") == "earlier" or row.get("hours") == "after_the_last_day"
                               and not row.get("forced") else 1)
    if admitted and not row.get("day_later"):
        assert told["first"] == {"time": admitted["time"], "gate": "main", "device": "Main 1"}
    if row.get("code") == "other_event":
        assert told["ticket_event"]["event"] == "musicfes" and told["ticket_event"]["name"] in told["message"]
    if row.get("day_later"):
        places.apply(place.slug, place.text)


def test_every_reason_stands_in_the_table():
    schema = resolved(OPERATION["responses"]["200"]["content"]["application/json"]["schema"])
    assert {row["reason"] for row in ROWS if "reason" in row} == set(schema["properties"]["reason"]["enum"]) - {"nothing_to_undo"}
    assert len({named(row) for row in ROWS}) == len(ROWS) >= 50


# --- repeated scans: the default event, double_read = 2 ---


def verdict(answer) -> tuple:
    assert answer.status == 200, (answer.status, answer.text)
    told = answer.json
    return told.get("reason") or told["outcome"], told.get("repeat", False), told.get("double_read", False)


def scan(device, ticket, direction="entry", nonce=None):
    return device.scan(ticket.code, nonce or next(nonces), direction)


@pytest.mark.parametrize("before, direction, outcome", [
    ([], "entry", "admitted"), (["entry"], "exit", "exited"), (["entry"], "entry", "already_inside"), ([], "exit", "not_inside")])
def test_a_nonce_is_answered_as_the_first_time(first, second, ticket, before, direction, outcome):
    """Refusals too, in both directions, whatever has happened to the ticket meanwhile."""
    for one in before:
        scan(second, ticket, one)
    nonce = next(nonces)
    original = scan(first, ticket, direction, nonce)
    assert verdict(original) == (outcome, False, False)
    scan(second, ticket, "exit")
    scan(second, ticket, "entry")
    again = scan(first, ticket, direction, nonce)
    assert verdict(again) == (outcome, True, False)
    assert [again.json[name] for name in ("time", "left", "day")] == [original.json[name] for name in ("time", "left", "day")]


def test_the_last_four_scans_are_remembered(first, second, ticket):
    sent = [next(nonces) for _ in range(4)]
    told = [verdict(scan(first if n % 2 else second, ticket, "exit", nonce))[0] for n, nonce in enumerate(sent)]
    for n, nonce in enumerate(sent):
        assert verdict(scan(first if n % 2 else second, ticket, "exit", nonce)) == (told[n], True, False)


def test_a_repeat_comes_before_every_rule(stack, first, ticket):
    nonce = next(nonces)
    assert verdict(scan(first, ticket, nonce=nonce)) == ("admitted", False, False)
    stack.mogirictl("ticket", "revoke", ticket.serial, "--reason", "a repeat")
    assert verdict(scan(first, ticket, nonce=nonce)) == ("admitted", True, False)


@pytest.mark.parametrize("direction, outcome", [("entry", "admitted"), ("exit", "exited")])
def test_the_same_ticket_again(stack, first, second, ticket, direction, outcome):
    if direction == "exit":
        scan(second, ticket)
    original = scan(first, ticket, direction).json
    nonce = next(nonces)
    for _ in range(2):  # the second read's own nonce is answered like it
        again = scan(first, ticket, direction, nonce)
        assert verdict(again) == (outcome, True, True)
        assert again.json["time"] == original["time"] and again.json["inside"] == original["inside"]
    wait_until("the drain", lambda: stack.redis("XLEN", "{1}:scans") == 0)
    assert stack.sql(f"SELECT inside, cycle FROM ticket_day WHERE serial = {ticket.serial}") == [[str(original["inside"]), "1"]]


def test_what_is_no_double_read(first, second, ticket):
    assert verdict(scan(first, ticket)) == ("admitted", False, False)
    assert verdict(scan(second, ticket)) == ("already_inside", False, False)  # another device
    assert verdict(scan(first, ticket, "exit")) == ("exited", False, False)  # another direction
    assert verdict(scan(first, ticket)) == ("admitted", False, False)  # not the latest change any more
    assert verdict(scan(second, ticket, "exit")) == ("exited", False, False)
    assert verdict(scan(second, ticket)) == ("admitted", False, False)
    assert verdict(scan(first, ticket)) == ("already_inside", False, False)


def test_a_refusal_is_no_double_read(first, ticket):
    assert verdict(scan(first, ticket, "exit")) == ("not_inside", False, False)
    assert verdict(scan(first, ticket, "exit")) == ("not_inside", False, False)


def test_after_its_time_and_where_it_is_off(places, stack):
    for seconds, outcome in ((0, "already_inside"), (60, "admitted")):
        slug = next(slugs)
        places.apply(slug, event_text(slug, {}).replace("double_read = 0", f"double_read = {seconds}"))
        device = places.devices(slug)[0]
        wait_until("the form", lambda: places.client.get(f"/e/{slug}/apply/teacher", Accept="text/html").status == 200)
        ticket = tickets(stack, places.client, 1, f"/e/{slug}/api/v1/apply")[0]

        def at(direction="entry"):
            return verdict(device.post_json(f"/e/{slug}/api/v1/checkin", {"code": ticket.code, "direction": direction, "nonce": next(nonces)}))

        assert at() == ("admitted", False, False)
        assert at() == (outcome, seconds > 0, seconds > 0)
    # The event's time is what counts: with a shorter one the same read is another scan.
    places.apply(slug, event_text(slug, {}))
    assert wait_until("the new time", lambda: (now := at())[0] == "already_inside" and now) == ("already_inside", False, False)
