"""Every figure of an event against a count of the same scans by hand: in its own time zone, past midnight, by all that it can be split by."""

import hashlib
import itertools
import json
import random
import struct
import time
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import redis

from festival import EVENT_TEXT, decided, new_key, student, teacher
from stack.client import Client
from stack.waiting import wait_until

ZONE = ZoneInfo("Asia/Kathmandu")  # 5:45 off: its hours begin at a quarter to
DATES = {1: "2027-06-12", 2: "2027-06-13"}
GATES = {1: "main", 2: "east"}
ADMITTED, EXITED, REFUSED, DOUBLE_READ = 1, 2, 12, 2


@dataclass
class Ticket:
    serial: int
    form: str
    group: str  # its class
    kind: str
    valid: bool = True


@dataclass
class Scan:
    ticket: Ticket
    day: int
    at: datetime
    gate: int
    entry: bool
    outcome: int
    cycle: int
    flags: int = 0

    def logged(self) -> bytes:
        return (struct.pack(">Q", self.ticket.serial)[3:] + struct.pack(">HIQcB", self.gate, 1, 0, b"E" if self.entry else b"X", self.outcome)
                + struct.pack(">Q", int(self.at.timestamp() * 1000))[2:]
                + struct.pack(">BHBB", self.day, self.cycle, self.entry, self.flags))

    @property
    def counts(self) -> bool:
        return self.outcome in (ADMITTED, EXITED) and not self.flags


@pytest.fixture(scope="module")
def event(stack) -> int:
    text = EVENT_TEXT.replace('slug      = "musicfes"', 'slug = "night"').replace('"Asia/Tokyo"', '"Asia/Kathmandu"')
    text = text.replace('closes = "16:30"', 'closes = "23:30"').replace("form_seconds   = 2", "form_seconds = 0")
    file = stack.folder.conf / "night.toml"
    file.write_text(text, encoding="utf-8")
    stack.mogirictl("event", "apply", file)
    number = int(stack.sql("SELECT number FROM event WHERE slug = 'night'")[0][0])
    wait_until("the form", lambda: Client(stack.env["BASE_URL"]).get("/e/night/apply/student", Accept="text/html").status == 200)
    return number


@pytest.fixture(scope="module")
def tickets(stack, event) -> list[Ticket]:
    client, found = Client(stack.env["BASE_URL"]), []
    people = [student(group, number, ("客一", "客二")) for group in ("S2E", "J1A", "J3F") for number in (1, 2, 3)]
    people += [teacher(f"night{n}", ("客",) * 4) for n in range(2)]
    for person in people:
        decided(client, client.post_json("/e/night/api/v1/apply", person, Idempotency_Key=new_key()))
    for serial, form, kind, applicant in stack.sql("SELECT serial, form, kind, applicant FROM ticket JOIN application ON "
                                                   f"id = application WHERE ticket.event = {event} ORDER BY serial"):
        found.append(Ticket(int(serial), form, applicant[:3] if form == "student" else "", kind))
    assert len(found) == 26
    return found


@pytest.fixture(scope="module")
def scans(stack, event, tickets) -> list[Scan]:
    """Of three quarters of them, told to the ledger by the scan log as the door writes it; with refusals and double reads."""
    chance, made = random.Random(20), []
    for day, ticket in itertools.product(DATES, tickets):
        at = datetime.fromisoformat(DATES[day]).replace(tzinfo=ZONE) + timedelta(hours=9, minutes=chance.randrange(600))
        if chance.random() < 0.3:
            continue
        for cycle in range(1, chance.randrange(2, 6)):
            at += timedelta(minutes=chance.randrange(1, 90), milliseconds=chance.randrange(60000))
            gate = chance.choice(list(GATES))
            made.append(Scan(ticket, day, at, gate, True, ADMITTED, cycle))
            if chance.random() < 0.3:
                made.append(Scan(ticket, day, at + timedelta(seconds=1), gate, True, ADMITTED, cycle, DOUBLE_READ))
                made.append(Scan(ticket, day, at + timedelta(seconds=5), 3 - gate, True, REFUSED, cycle))
            if cycle == 4 and chance.random() < 0.5:
                break  # stays inside
            at += timedelta(minutes=chance.randrange(1, 240))
            made.append(Scan(ticket, day, at, chance.choice(list(GATES)), False, EXITED, cycle))
            if chance.random() < 0.3:
                made.append(Scan(ticket, day, at + timedelta(seconds=1), made[-1].gate, False, EXITED, cycle, DOUBLE_READ))
    made.sort(key=lambda scan: scan.at)
    assert any(scan.counts and scan.at.date().isoformat() != DATES[scan.day] for scan in made), "none past midnight"
    server = redis.Redis(unix_socket_path=str(stack.folder.redis_socket))
    entries = iter(made)
    while entry := list(itertools.islice(entries, 7)):
        server.xadd(f"{{{event}}}:scans", {"s": b"".join(scan.logged() for scan in entry)})
    wait_until("the drain", lambda: stack.sql(f"SELECT count(*) FROM scan WHERE event = {event}") == [[str(len(made))]], 60)
    return made


def ask(stack, *words) -> dict:
    return json.loads(stack.mogirictl("analytics", "night", "--json", *words).stdout)


def percent(part: int, whole: int) -> float | None:
    return int(1000 * part / whole + 0.5) / 10 if whole else None


def stays(scans: list[Scan], wanted) -> list[float]:
    """Of the exits that are wanted: the n-th exit of a ticket on a day ends what its n-th entry began."""
    lengths = []
    for _, of_ticket in itertools.groupby(sorted((scan for scan in scans if scan.counts),
                                                 key=lambda scan: (scan.ticket.serial, scan.day, scan.at)),
                                          key=lambda scan: (scan.ticket.serial, scan.day)):
        of_ticket = list(of_ticket)
        came, left = ([scan for scan in of_ticket if scan.entry is entry] for entry in (True, False))
        lengths += [(there.at - here.at).total_seconds() for here, there in zip(came, left) if wanted(there)]
    return lengths


def mean(values: list[float]) -> float | None:
    return sum(values) / len(values) if values else None


def close(told, counted, within: float = 1) -> bool:
    return told == counted or abs(told - counted) <= within


def check_passages(told: dict, scans: list[Scan], wanted) -> None:
    passed = [scan for scan in scans if scan.counts and wanted(scan)]
    assert told["entries"] == sum(scan.entry for scan in passed)
    assert told["exits"] == sum(not scan.entry for scan in passed)
    assert close(told["mean_stay_s"], mean(stays(scans, wanted)))


def check_tickets(told: dict, tickets: list[Ticket], scans: list[Scan], days: list[int]) -> None:
    used = {day: {scan.ticket.serial for scan in scans if scan.counts and scan.entry and scan.day == day} for day in days}
    serials = {ticket.serial for ticket in tickets if ticket.valid}
    any_day = serials & set().union(*used.values())
    all_days = serials.intersection(*used.values())
    assert told["tickets"] == {"total": len(serials), "used": len(any_day), "unused": len(serials - any_day),
                               "used_on_all_days": len(all_days)}


def check(told: dict, tickets: list[Ticket], scans: list[Scan], days: list[int], wanted=lambda scan: True) -> None:
    check_passages(told, scans, lambda scan: scan.day in days and wanted(scan))
    assert [day["day"] for day in told["days"]] == days
    for of_day in told["days"]:
        check_passages(of_day, scans, lambda scan: scan.day == of_day["day"] and wanted(scan))
        passed = [scan for scan in scans if scan.counts and scan.day == of_day["day"] and wanted(scan)]
        hours = {entry: Counter(scan.at.astimezone(ZONE).strftime("%Y-%m-%dT%H:00") for scan in passed if scan.entry is entry)
                 for entry in (True, False)}
        assert [(hour["hour"], hour["entries"], hour["entries_percent"], hour["exits"], hour["exits_percent"])
                for hour in of_day["hours"]] == [
            (hour, hours[True][hour], percent(hours[True][hour], of_day["entries"]),
             hours[False][hour], percent(hours[False][hour], of_day["exits"])) for hour in sorted(hours[True] | hours[False])]
        busiest = min(hours[True], key=lambda hour: (-hours[True][hour], hour), default=None)
        assert of_day["busiest_hour"] == busiest
        midnight = datetime.fromisoformat(DATES[of_day["day"]]).replace(tzinfo=ZONE)
        minutes = mean([(scan.at - midnight).total_seconds() / 60 for scan in passed if not scan.entry])
        if minutes is not None:
            hour, minute = of_day["mean_exit"].split(":")
            assert close(60 * int(hour) + int(minute), minutes)
        if "tickets" in told:
            in_use = Counter(scan.ticket.serial for scan in passed if scan.entry and scan.ticket.valid)
            assert (of_day["used"], of_day["fully_used"]) == (len(in_use), len(in_use)), "one admission uses a ticket up"
    if "tickets" in told:
        check_tickets(told, tickets, scans, days)


def test_all_of_it(stack, tickets, scans):
    told = ask(stack)
    check(told, tickets, scans, [1, 2])
    assert (told["event"], told["time_zone"]) == ("night", "Asia/Kathmandu")
    assert told["entries_per_day"] == told["entries"] / 2


@pytest.mark.parametrize("words, days", [(("--from", "2027-06-13"), [2]), (("--to", "2027-06-12"), [1]),
                                         (("--from", "2027-06-12", "--to", "2027-06-13"), [1, 2]), (("--from", "2027-06-14"), [])])
def test_days(stack, tickets, scans, words, days):
    told = ask(stack, *words)
    if days:
        check(told, tickets, scans, days)
    else:
        assert (told["entries"], told["days"], told["tickets"]["used"], told["tickets"]["total"]) == (0, [], 0, 26)


@pytest.mark.parametrize("by, of", [("form", lambda ticket: ticket.form), ("class", lambda ticket: ticket.group),
                                    ("kind", lambda ticket: ticket.kind)])
def test_splits_and_filters(stack, tickets, scans, by, of):
    told = ask(stack, "--by", by)
    check(told, tickets, scans, [1, 2])
    assert [group[by] for group in told["groups"]] == sorted({of(ticket) for ticket in tickets})
    for group in told["groups"]:
        some = [ticket for ticket in tickets if of(ticket) == group[by]]
        check_passages(group, scans, lambda scan: of(scan.ticket) == group[by])
        check_tickets(group, some, [scan for scan in scans if scan.ticket in some], [1, 2])
        if group[by]:
            check(ask(stack, f"--{by}", group[by]), some, [scan for scan in scans if scan.ticket in some], [1, 2])


def test_gates(stack, tickets, scans):
    told = ask(stack, "--by", "gate")
    assert "tickets" not in told and [group["gate"] for group in told["groups"]] == ["east", "main"]
    for group in told["groups"]:
        check_passages(group, scans, lambda scan: GATES[scan.gate] == group["gate"])
    check(ask(stack, "--gate", "east", "--from", "2027-06-13"), tickets, scans, [2], lambda scan: GATES[scan.gate] == "east")


def test_the_summary_is_what_the_log_says(stack, scans):
    assert stack.sql("SELECT count(*) > 0 FROM passage_count") == [["t"]]
    assert stack.sql("(TABLE passage_count EXCEPT TABLE passage_recount) UNION ALL (TABLE passage_recount EXCEPT "
                     "SELECT * FROM passage_count WHERE entries <> 0 OR exits <> 0)") == []


def test_for_people_and_refusals(stack, scans):
    text = stack.mogirictl("analytics", "night", "--by", "class").stdout
    assert "busiest hour" in text and "By class" in text and "(none)" in text and "S2E" in text
    for words, word in {("--from", "12.6.2027"): "--from", ("--from", "2027-02-30"): "--from", ("--by", "hair"): "--by",
                        ("--form", "x"): "--form", ("--kind", "x"): "--kind", ("--gate", "x"): "--gate"}.items():
        refused = stack.mogirictl("analytics", "night", *words, check=False)
        assert refused.returncode == 2 and word in refused.stderr, (words, refused.stderr)
    assert stack.mogirictl("analytics", "nothing", check=False).returncode == 1


def test_as_a_call(stack, event, tickets, scans):
    """The verb that nginx will ask."""
    server = redis.Redis(unix_socket_path=str(stack.folder.redis_socket))

    def call(arguments: dict) -> dict:
        identity = "".join(random.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", k=26))
        what = {"actor": "staff", "arguments": arguments, "verb": "analytics"}
        digest = hashlib.sha256(json.dumps(what, sort_keys=True, separators=(",", ":")).encode()).hexdigest()[:32]
        deadline = int(time.time() * 1000) + 20000
        sent = {**what, "body_hash": digest, "deadline_ms": deadline, "event": event, "id": identity, "reply": "answers:x"}
        key = f"{{{event}}}:c:{identity}"
        server.fcall("mogiri_call", 2, key, f"{{{event}}}:calls", deadline, digest, 100, 30,
                     json.dumps(sent, sort_keys=True, separators=(",", ":")))
        return json.loads(wait_until("the answer", lambda: (now := server.get(key)) and now[32:33] == b"{" and now[32:]))

    answer = call({"by": "class"})
    assert answer["status"] == 200 and answer["body"] == ask(stack, "--by", "class")
    assert [day["day"] for day in answer["body"]["live"]] == [1, 2]
    answer = call({"by": "hair"})
    assert answer["status"] == 422 and answer["body"]["field"] == "by"


def test_tickets_that_change(stack, event, tickets, scans):
    """A new code for a used ticket changes no figure; a revoked one is no ticket any more, and who came in came in."""
    entered = {scan.ticket.serial for scan in scans if scan.counts}
    used, unused = (next(ticket for ticket in tickets if (ticket.serial in entered) is there and ticket.form == "student")
                    for there in (True, False))
    before = ask(stack, "--by", "class")
    stack.mogirictl("ticket", "reissue", f"0{used.serial}", "--event", "night", "--reason", "lost")
    assert ask(stack, "--by", "class") == before
    stack.mogirictl("ticket", "revoke", f"0{unused.serial}", "--event", "night", "--reason", "a test")
    unused.valid = False
    check(ask(stack), tickets, scans, [1, 2])
    # The door knows of these scans by a rebuild alone; then an admission is given back.
    stack.redis("FLUSHALL")
    wait_until("the door", lambda: len(stack.redis("GET", f"{{{event}}}:ready") or "") == 79)
    for day in ask(stack)["live"]:
        assert [day["entered"], day["left"], day["inside"]] == [int(n) for n in stack.redis("GET", f"{{{event}}}:totals:{day['day']}").split()]
        assert f"day {day['day']}: inside {day['inside']}, entered {day['entered']}, left {day['left']}" in stack.mogirictl("analytics", "night").stdout
    assert ask(stack)["live"][0]["entered"] > 0
    other = next(scan.ticket for scan in scans if scan.counts and scan.ticket is not used)
    stack.mogirictl("ticket", "restore", f"0{other.serial}", "--event", "night", "--reason", "scanned by mistake")
    wait_until("the log", lambda: ask(stack)["entries"] == before["entries"] - 1)
    assert stack.sql("(TABLE passage_recount EXCEPT TABLE passage_count)") == []


def test_the_mean_exit_of_a_day_that_was_tried_out_before_its_date(stack, tickets, scans):
    """Exits weeks before, and in the night after, have a time of day, too; nothing of it is kept."""
    told = stack.sql("""
        BEGIN;
        DELETE FROM passage_count;
        INSERT INTO passage_count (event, day, quarter, gate, form, class, kind, exits)
        SELECT number, day, moment::timestamptz, 1, 'student', 'S2A', 'family', 1 FROM event,
               (VALUES (1, '2027-05-30 10:00+05:45'), (1, '2027-05-28 11:00+05:45'),
                       (2, '2027-06-13 23:00+05:45'), (2, '2027-06-14 02:00+05:45')) AS v (day, moment) WHERE slug = 'night';
        SELECT day->>'mean_exit' FROM event, jsonb_array_elements(analytics(number, '{}')->'days') AS day WHERE slug = 'night';
        ROLLBACK;""")
    assert told == [["10:30"], ["24:30"]]
