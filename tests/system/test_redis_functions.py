"""The door's truth table, walked through the Redis functions themselves on a private Redis."""
import hashlib
import json
import random
import struct
import subprocess
import threading
import time

import pytest
import redis

from checkin_call import DoorScan, checkin_call, rows_of, ticket_record
from redis_functions import function_library

ADMITTED, EXITED, UNKNOWN, REVOKED, ALREADY_INSIDE, ALLOWANCE_USED = 1, 2, 10, 11, 12, 13
GIVEN_BACK = 3
NOT_INSIDE, NOT_YET, OVER, WRONG_GATE, VENUE_FULL, LATE = 14, 15, 16, 17, 18, 19
SETTINGS = 3


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("redis")
    process = subprocess.Popen(
        ["redis-server", "--port", "0", "--unixsocket", "redis.sock", "--dir", str(folder), "--save", "",
         "--appendonly", "yes", "--appendfsync", "always"], cwd=folder, stdout=subprocess.DEVNULL)
    client = redis.Redis(unix_socket_path=str(folder / "redis.sock"))
    try:
        until = time.monotonic() + 10
        while True:
            try:
                client.ping()
                break
            except redis.exceptions.ConnectionError:
                assert time.monotonic() < until, "redis-server did not start"
                threading.Event().wait(0.02)
        client.function_load(function_library())
        yield client
    finally:
        process.terminate()
        process.wait(10)


class Door:
    """One event in Redis; `scan` gives (outcome, flags, left, inside, cycle, first device)."""

    def __init__(self, client):
        self.client = client
        self.client.flushdb()
        self.run_id = client.info("server")["run_id"]
        self.batch = 0
        self.serials = 0
        self.client.fcall("mogiri_publish_settings", 3, "{1}:ready", "{1}:settings", "events", SETTINGS,
                          json.dumps({"version": SETTINGS}), "[]", "settings", 1, self.run_id)
        self.client.fcall("mogiri_arm", 2, "{1}:ready", "{1}:settings", self.run_id, 1)

    def ticket(self, kind=0, allowance=1, version=1, revoked=False, serial=None):
        if serial is None:
            self.serials += 1
            serial = self.serials
        record = ticket_record(kind=kind, allowance=allowance, version=version, status=b"R" if revoked else b"V")
        self.published = self.client.fcall("mogiri_publish", 2, "{1}:ready", "{1}:t:%d" % serial, self.run_id, "merge",
                                           record)
        return serial

    def give_back(self, serial, count, version=2):
        """The ledger has given back that many admissions of day 1."""
        day = struct.pack(">BBH", 1, 0, 0) + bytes(12) + struct.pack(">H", count)
        record = ticket_record("a", version=version, use=day + bytes([1, 0, 133]))
        self.client.fcall("mogiri_publish", 2, "{1}:ready", "{1}:t:%d" % serial, self.run_id, "merge", record)

    def scan(self, *serials, direction="E", device=1, gate=1, nonce=None, settings=SETTINGS, day=1, window=0,
             reentry=1, double_read=0, capacity=0, deadline=None, kinds=0xFFFFFFFF, day_kinds=0xFFFFFFFF,
             later_kinds=0, run_id=None, batch=None):
        scans = []
        for serial in serials:
            self.nonces = getattr(self, "nonces", 0) + 1
            digest = hashlib.sha256((nonce or str(self.nonces)).encode()).digest()[:8]
            scans.append(DoorScan(serial, digest, gate, device, direction.encode(),
                                  int(time.time() * 1000) + 5000 if deadline is None else deadline, kinds))
        reply = self.client.fcall(*checkin_call(
            scans, run_id or self.run_id, settings, self.batch if batch is None else batch, day, window, reentry, double_read, capacity,
            day_kinds, later_kinds))
        self.batch = reply[0]
        results = []
        for scan, text in zip(scans, reply[2:]):
            if text[0] == 130:  # a first entry's: the record as it was
                self.first_device, self.name = scan.device, text[15:-4].decode()
                results.append((ADMITTED, 0, text[-2] - 1, 1, 1))
                continue
            outcome, flags, left, inside, cycle, _ = struct.unpack(">BBBBHB", text[:7])
            self.first_device = struct.unpack(">I", text[21:25])[0]
            self.name = text[33:].decode()
            results.append((outcome, flags & 3, left, inside, cycle))
        return results[0] if len(serials) == 1 else results

    def log(self):
        return [row for entry in self.client.xrange("{1}:scans") for row in rows_of(entry[1])]


@pytest.fixture
def door(server):
    return Door(server)


def test_entry_exit_and_entry_again(door):
    ticket = door.ticket()
    assert door.scan(ticket, device=7) == (ADMITTED, 0, 0, 1, 1)
    assert door.name == "山田 花子"
    assert door.scan(ticket, device=8) == (ALREADY_INSIDE, 0, 0, 1, 1)
    assert door.first_device == 7
    assert door.scan(ticket, direction="X") == (EXITED, 0, 1, 0, 1)
    assert door.scan(ticket, direction="X") == (NOT_INSIDE, 0, 1, 0, 1)
    assert door.scan(ticket) == (ADMITTED, 0, 0, 1, 2)
    assert door.client.get("{1}:totals:1") == b"2 1 1"
    assert [scan[20] for scan in door.log()] == [ADMITTED, ALREADY_INSIDE, EXITED, NOT_INSIDE, ADMITTED]


def test_allowance_is_people(door):
    ticket = door.ticket(allowance=2)
    assert door.scan(ticket) == (ADMITTED, 0, 1, 1, 1)
    assert door.scan(ticket) == (ADMITTED, 0, 0, 2, 2)
    assert door.scan(ticket)[0] == ALREADY_INSIDE


def test_without_reentry(door):
    ticket = door.ticket()
    assert door.scan(ticket, reentry=0)[0] == ADMITTED
    assert door.scan(ticket, reentry=0)[0] == ALREADY_INSIDE
    assert door.scan(ticket, reentry=0, direction="X") == (EXITED, 0, 0, 0, 1)
    assert door.scan(ticket, reentry=0)[0] == ALLOWANCE_USED


def test_days_are_apart(door):
    ticket = door.ticket()
    assert door.scan(ticket, day=1)[0] == ADMITTED
    assert door.scan(ticket, day=2) == (ADMITTED, 0, 0, 1, 1)
    assert door.scan(ticket, day=1)[0] == ALREADY_INSIDE, "a day that comes back is still used"


def test_refusals_before_the_ticket_counts(door):
    ticket = door.ticket(kind=1)
    assert door.scan(ticket, window=1)[0] == NOT_YET
    assert door.scan(ticket, window=2)[0] == OVER
    assert door.scan(ticket, kinds=1)[0] == WRONG_GATE
    assert door.scan(ticket, kinds=2)[0] == ADMITTED
    assert door.scan(door.ticket(), capacity=1)[0] == VENUE_FULL
    assert door.scan(door.ticket(), capacity=2)[0] == ADMITTED
    assert door.scan(4711)[0] == UNKNOWN
    assert door.scan(door.ticket(revoked=True))[0] == REVOKED


def test_kind_of_another_day(door):
    serial = door.ticket(kind=3)
    assert door.scan(serial, day_kinds=0b0111, later_kinds=0b1000)[0] == NOT_YET
    assert door.scan(serial, day_kinds=0b0111, later_kinds=0b1000, window=2)[0] == NOT_YET
    assert door.scan(serial, day_kinds=0b0111)[0] == OVER
    assert door.scan(serial, day_kinds=0b1000, window=1)[0] == NOT_YET
    assert door.scan(serial, day_kinds=0b1000)[0] == ADMITTED
    assert door.scan(serial, day_kinds=0b0111, direction="X")[0] == EXITED


def test_one_nonce_has_one_answer(door):
    ticket = door.ticket()
    first = door.scan(ticket, nonce="a")
    assert door.scan(ticket, nonce="a") == (first[0], 1, *first[2:])
    refused = door.scan(ticket, nonce="b")
    assert door.scan(ticket, direction="X", nonce="c")[0] == EXITED
    assert door.scan(ticket, nonce="b") == (refused[0], 1, *refused[2:3], 0, refused[4]), "refusals too, before any rule"
    assert door.scan(ticket, nonce="b", device=2)[0] == ADMITTED, "another device's nonce is another scan"
    assert len(door.log()) == 4


def test_an_admission_is_given_back_once(door):
    ticket = door.ticket()
    assert door.scan(ticket, reentry=0) == (ADMITTED, 0, 0, 1, 1)
    door.give_back(ticket, 1)
    assert door.client.get("{1}:totals:1") == b"0 0 0"
    assert [(scan[20], scan[30]) for scan in door.log()] == [(ADMITTED, 1), (GIVEN_BACK, 0)]
    assert door.scan(ticket, reentry=0) == (ADMITTED, 0, 0, 1, 2)
    for version in (1, 2, 3):
        door.give_back(ticket, 1, version)
        assert door.scan(ticket, reentry=0) == (ALREADY_INSIDE, 0, 0, 1, 2)
    assert door.scan(ticket, direction="X", reentry=0) == (EXITED, 0, 0, 0, 2)
    assert door.scan(ticket, reentry=0) == (ALLOWANCE_USED, 0, 0, 0, 2)
    door.give_back(ticket, 2, version=1)  # late, and told by a version that is known already
    assert door.client.get("{1}:totals:1") == b"0 0 0"
    assert door.scan(ticket, reentry=0) == (ADMITTED, 0, 0, 1, 3)


def test_no_more_is_given_back_than_was_used(door):
    ticket = door.ticket()
    door.give_back(ticket, 5)
    assert door.log() == [] and door.client.get("{1}:totals:1") is None
    assert door.scan(ticket, reentry=0)[0] == ADMITTED
    door.scan(ticket, direction="X", reentry=0)
    assert door.scan(ticket, reentry=0)[0] == ALLOWANCE_USED


def test_a_double_read_does_not_reach_past_what_was_given_back(door):
    ticket = door.ticket()
    assert door.scan(ticket, double_read=60_000)[0] == ADMITTED
    door.give_back(ticket, 1)
    assert door.scan(ticket, double_read=60_000) == (ADMITTED, 0, 0, 1, 2)


def test_a_double_read_is_no_second_admission(door):
    ticket = door.ticket(allowance=3)
    assert door.scan(ticket, double_read=2000, nonce="a")[0:2] == (ADMITTED, 0)
    assert door.scan(ticket, double_read=2000, nonce="b")[0:2] == (ADMITTED, 3)
    assert door.scan(ticket, double_read=2000, nonce="b")[0:2] == (ADMITTED, 3)
    assert door.scan(ticket, double_read=2000, nonce="c", device=2)[0:2] == (ADMITTED, 0)
    assert door.scan(ticket, double_read=2000, nonce="d", device=1)[0:2] == (ADMITTED, 0), "not the latest change"
    assert door.client.get("{1}:totals:1") == b"3 0 3"
    assert door.scan(ticket, double_read=0, nonce="e", device=1)[0] == ALREADY_INSIDE


def test_a_batch_sees_its_own_earlier_scans(door):
    ticket, other = door.ticket(), door.ticket()
    results = door.scan(ticket, other, ticket, ticket)
    assert [result[0] for result in results] == [ADMITTED, ADMITTED, ALREADY_INSIDE, ALREADY_INSIDE]
    assert door.client.xlen("{1}:scans") == 1, "one entry for a batch"


def test_a_deadline_that_passed_decides_nothing(door):
    ticket = door.ticket()
    assert door.scan(ticket, deadline=1)[0] == LATE
    assert door.log() == []
    assert door.scan(ticket)[0] == ADMITTED


def test_old_settings_decide_nothing(door):
    with pytest.raises(redis.exceptions.ResponseError, match="SETTINGS"):
        door.scan(door.ticket(), settings=SETTINGS - 1)
    assert door.log() == []


def test_a_restarted_redis_goes_on_and_a_rewound_one_does_not(door):
    ticket = door.ticket()
    door.scan(ticket)
    assert door.scan(ticket, run_id="b" * 40)[0] == ALREADY_INSIDE
    assert door.client.get("{1}:ready").startswith(b"b" * 40)
    with pytest.raises(redis.exceptions.ResponseError, match="NOTREADY"):
        door.scan(ticket, run_id="c" * 40, batch=door.batch + 1)
    door.client.delete("{1}:ready")
    with pytest.raises(redis.exceptions.ResponseError, match="NOTREADY"):
        door.scan(ticket)


def test_an_older_version_never_overwrites(door):
    ticket = door.ticket(version=5, revoked=True)
    door.ticket(version=4, serial=ticket)
    assert door.published[1] == 0
    assert door.scan(ticket)[0] == REVOKED
    door.ticket(version=6, serial=ticket)
    assert door.scan(ticket)[0] == ADMITTED
    door.ticket(version=7, serial=ticket, revoked=True)
    assert door.scan(ticket)[0] == REVOKED
    assert door.scan(ticket, direction="X")[0] == EXITED, "who is inside may leave"


def test_a_wrong_type_in_the_batch_marks_nothing(door):
    tickets = [door.ticket() for _ in range(4)]
    door.client.delete("{1}:scans")
    door.client.set("{1}:scans", "planted")
    with pytest.raises(redis.exceptions.ResponseError):
        door.scan(*tickets)
    door.client.delete("{1}:scans")
    assert [result[0] for result in door.scan(*tickets)] == [ADMITTED] * 4


def apply(door, *keys, body="0" * 32, deadline=None, high_water=100):
    """What is said to each: its state and answer, in one list."""
    until = int(time.time() * 1000) + 5000 if deadline is None else deadline
    _, _, *said = door.client.fcall("mogiri_apply", len(keys) + 2, "{1}:ready", "{1}:jobs", *("{1}:a:" + key for key in keys),
                                    door.run_id, 0, 60, *(until, body, high_water, "{}") * len(keys))
    return said


def answer(door, *told):
    """`told`: stream id, application, answer."""
    keys = ["{1}:a:" + application for _, application, _ in told]
    words = [(stream_id, "0" * 32, text, "answers:w", application) for stream_id, application, text in told]
    return door.client.fcall("mogiri_answer", len(keys) + 1, "{1}:jobs", *keys, "road", 60, *sum(words, ()))


def test_apply_is_deduplicated(door):
    door.client.xgroup_create("{1}:jobs", "road", "0", mkstream=True)
    assert apply(door, "A")[0] == b"NEW"
    assert apply(door, "A")[0] == b"PENDING"
    assert apply(door, "A", body="1" * 32)[0] == b"CONFLICT"
    assert apply(door, "B", deadline=1)[0] == b"LATE"
    assert apply(door, "B", high_water=1)[0] == b"BUSY"
    assert door.client.xlen("{1}:jobs") == 1
    listener = door.client.pubsub()
    listener.subscribe("answers:w")
    listener.get_message(timeout=5)
    [(_, [(stream_id, _)])] = door.client.xreadgroup("road", "c", {"{1}:jobs": ">"})
    answer(door, (stream_id, "A", '{"x":1}'))
    assert listener.get_message(timeout=5)["data"] == b'A {"x":1}'
    assert apply(door, "A") == [b"DECIDED", b'{"x":1}']
    assert door.client.xlen("{1}:jobs") == 0
    assert door.client.xpending("{1}:jobs", "road")["pending"] == 0


def test_applications_are_taken_together_and_each_judged_alone(door):
    door.client.delete("{1}:jobs")
    assert apply(door, "F")[0] == b"NEW"
    door.client.set("{1}:a:G", "0" * 32 + '{"x":4}')
    until, same, other = int(time.time() * 1000) + 5000, "0" * 32, "1" * 32
    sent = [("F", until, same, 9), ("G", until, same, 9), ("H", 1, same, 9), ("I", until, same, 9), ("I", until, same, 9),
            ("I", until, other, 9), ("J", until, same, 2), ("K", until, same, 3)]
    batch, age, *said = door.client.fcall(
        "mogiri_apply", len(sent) + 2, "{1}:ready", "{1}:jobs", *("{1}:a:" + key for key, *_ in sent), door.run_id, 0, 60,
        *sum(((deadline, body, high_water, "job of " + key) for key, deadline, body, high_water in sent), ()))
    assert said[::2] == [b"PENDING", b"DECIDED", b"LATE", b"NEW", b"PENDING", b"CONFLICT", b"BUSY", b"NEW"]
    assert said[1::2] == [b"", b'{"x":4}'] + [b""] * 6
    assert [fields[b"apply"] for _, fields in door.client.xrange("{1}:jobs")] == [b"{}", b"job of I", b"job of K"]
    assert [door.client.exists("{1}:a:" + key) for key in "HIJK"] == [0, 1, 0, 1]
    assert 0 <= age < 60_000 and int(door.client.get("{1}:ready")[-16:]) == batch


def test_many_answers_leave_in_one_message(door):
    door.client.delete("{1}:jobs")
    door.client.xgroup_create("{1}:jobs", "road", "0", mkstream=True)
    assert apply(door, *"CDE") == [b"NEW", b""] * 3
    [(_, jobs)] = door.client.xreadgroup("road", "c", {"{1}:jobs": ">"})
    ids = [stream_id for stream_id, _ in jobs]
    listener = door.client.pubsub()
    listener.subscribe("answers:w")
    listener.get_message(timeout=5)
    failed = '{"decision":"failed"}'
    assert answer(door, (ids[0], "C", '{"x":1}'), (ids[1], "D", failed)) == 2
    assert listener.get_message(timeout=5)["data"] == b'C {"x":1}\nD ' + failed.encode()
    # D's job is gone: who tells `failed` of it again is late, and that stops no other's answer
    door.client.set("{1}:a:D", "0" * 32 + '{"x":2}')
    assert answer(door, (ids[1], "D", failed), (ids[2], "E", '{"x":3}')) == 1
    assert listener.get_message(timeout=5)["data"] == b'E {"x":3}'
    assert apply(door, "D")[1] == b'{"x":2}'
    assert answer(door, (ids[1], "D", failed)) == 0
    assert door.client.xlen("{1}:jobs") == 0
    assert door.client.xpending("{1}:jobs", "road")["pending"] == 0


class Calls:
    """Calls of event 1, as nginx puts them on their way and the daemon ends them."""

    def __init__(self, client):
        self.client = client
        client.flushdb()
        client.xgroup_create("{1}:calls", "calls", "0", mkstream=True)

    def put(self, call="a", body="0" * 32, in_ms=5000, high_water=10):
        self.deadline = int(time.time() * 1000) + in_ms
        return self.client.fcall("mogiri_call", 2, "{1}:c:" + call, "{1}:calls", self.deadline, body, high_water, 30,
                                 "{}")[0].decode()

    def claim(self):
        [[_, entries]] = self.client.xreadgroup("calls", "one", {"{1}:calls": ">"})
        return [number for number, _ in entries]

    def drop(self, entry, call="a", body="0" * 32, deadline=None):
        self.client.fcall("mogiri_drop_call", 2, "{1}:c:" + call, "{1}:calls", "calls", entry,
                          f"{body}{deadline or self.deadline}")


def test_tries_to_log_in_are_counted_as_they_are_let_through(server):
    server.flushdb()
    name, network = "{people}:tries:name", "{people}:tries:network"

    def attempt():
        return server.fcall("mogiri_try", 4, name, name + ":wait", network, network + ":wait", 2, 100, 300, 900)

    # Nobody looks in between: the third one of many at once waits as it would one after the other.
    assert [attempt() for _ in range(4)] == [0, 0, 1, 1]
    assert server.get(name) == b"2" and server.get(network) == b"2"
    server.delete(name + ":wait")
    assert attempt() == 0 and 1000 < server.pttl(name + ":wait") <= 2000 and server.pttl(name) > 890_000
    server.set(network + ":wait", "1", ex=300)
    server.delete(name + ":wait")
    assert 299 <= attempt() <= 300


@pytest.fixture
def calls(server):
    return Calls(server)


def test_a_call_is_put_on_its_way_once(calls):
    assert [calls.put(), calls.put(), calls.put(body="1" * 32)] == ["NEW", "PENDING", "CONFLICT"]
    [entry] = calls.claim()
    calls.client.fcall("mogiri_answer", 2, "{1}:calls", "{1}:c:a", "calls", 60, entry, "0" * 32, '{"status":200}', "", "a")
    assert calls.client.fcall("mogiri_call", 2, "{1}:c:a", "{1}:calls", 0, "0" * 32, 10, 30, "{}") == [b"DECIDED", b'{"status":200}']
    assert calls.client.xlen("{1}:calls") == 0


def test_a_call_that_was_not_begun_in_time_may_come_again(calls):
    assert calls.put(in_ms=-1) == "LATE" and calls.client.xlen("{1}:calls") == 0
    assert calls.put(in_ms=20) == "NEW"
    first_deadline = calls.deadline
    threading.Event().wait(0.05)
    assert calls.put() == "NEW"  # the first one is still there, too late for anybody to begin it
    first, second = calls.claim()
    calls.drop(first, deadline=first_deadline)
    assert calls.put() == "PENDING"  # what was repeated is not forgotten with it
    calls.deadline = int(calls.client.get("{1}:c:a")[32:])
    calls.drop(second)
    assert calls.client.get("{1}:c:a") is None and calls.client.xlen("{1}:calls") == 0


def test_calls_are_not_taken_when_too_many_wait_or_nobody_takes_them(calls):
    assert [calls.put(call, high_water=2) for call in "abc"] == ["NEW", "NEW", "BUSY"]
    calls.client.delete("{1}:calls")
    calls.client.xadd("{1}:calls", {"call": "{}"}, id=f"{int(time.time() * 1000) - 16000}-0")
    assert calls.put("d") == "BUSY"


def test_an_older_answer_never_follows_a_newer_one(door):
    """The road may tell late what has changed meanwhile: who waits for it hears what is true now."""
    heard = door.client.pubsub()
    heard.subscribe("worker")

    def answer(decision: str, version: int):
        text = '{"application":"ID","decision":"%s","tickets":0%s}' % (decision, f',"version":{version}' if version else "")
        return door.client.fcall("mogiri_answer", 2, "{1}:jobs", "{1}:a:ID", "road", 60, "0-0", "0" * 32, text, "worker", "ID")

    for decision, version, stays in (("waiting", 0, "waiting"), ("issued", 2, "issued"), ("waiting", 0, "issued"),
                                     ("awaiting_approval", 1, "issued"), ("cancelled", 10, "cancelled"), ("issued", 9, "cancelled")):
        assert answer(decision, version) == 1
        assert b'"decision":"%s"' % stays.encode() in door.client.get("{1}:a:ID")
        told = next(message for message in heard.listen() if message["type"] == "message")["data"]
        assert told.startswith(b'ID {"') and stays.encode() in told


def test_only_what_is_as_it_was_judged_is_mended(door):
    one, two = door.ticket(), door.ticket()
    keys = [f"{{1}}:t:{serial}" for serial in (one, two)]
    before = [door.client.get(key) for key in keys]
    batch = int(door.client.get("{1}:ready").split()[3])
    assert door.client.fcall("mogiri_mend", 3, "{1}:ready", *keys, door.run_id, before[0], before[1] + b"!", b"other", b"") == 1
    assert [door.client.get(key) for key in keys] == [before[0] + b"!", before[1]]
    assert int(door.client.get("{1}:ready").split()[3]) == batch + 1
    assert door.client.fcall("mogiri_mend", 3, "{1}:ready", keys[1], "{1}:t:77", door.run_id, before[1], b"", b"", before[0]) == 2
    assert door.client.get(keys[1]) is None and door.client.get("{1}:t:77") == before[0]
    assert int(door.client.get("{1}:ready").split()[3]) == batch + 2


def test_totals_are_mended_under_running_scans(door):
    door.client.set("{1}:totals:1", "7 2 5")
    assert door.client.fcall("mogiri_mend_totals", 2, "{1}:ready", "{1}:totals:1", door.run_id, -3, 1, -9) == 1
    assert door.client.get("{1}:totals:1") == b"4 3 0"
    assert door.client.fcall("mogiri_mend_totals", 2, "{1}:ready", "{1}:totals:2", door.run_id, 2, 0, 2) == 1
    assert door.client.get("{1}:totals:2") == b"2 0 2"
    door.client.set("{1}:totals:1", "junk")
    assert door.client.fcall("mogiri_mend_totals", 2, "{1}:ready", "{1}:totals:1", door.run_id, 2, 0, 2) == 0


def test_the_short_way_of_a_first_entry_comes_to_the_same(door):
    """The same scans, by the functions as they are and by those without the short way, under a clock that stands still."""
    library = function_library().replace("local time = redis.call('TIME')", "local time = { '1781913600', '0' }")
    without = library.replace("if use_of then", "if false then")
    assert library != without
    client, ends = door.client, []
    try:
        for text in (library, without):
            client.function_load(text, replace=True)
            ends.append([one_day_at_the_door(client, seed) for seed in range(20)])
    finally:
        client.function_load(function_library(), replace=True)
    assert ends[0] == ends[1]
    outcomes = {reply[0] for replies, _, _ in ends[0] for reply in replies}
    assert {ADMITTED, EXITED, UNKNOWN, REVOKED, ALREADY_INSIDE, ALLOWANCE_USED, NOT_INSIDE, NOT_YET, OVER, WRONG_GATE,
            VENUE_FULL, LATE} <= outcomes


def whole_reply(scan, text: bytes, now: int) -> bytes:
    """What the long way would have said where it is the ticket's record."""
    if text[0] != 130:
        return text
    time_ = now.to_bytes(6, "big")
    return struct.pack(">BBBBHB", ADMITTED, 4, text[-2] - 1, 1, 1, text[-3]) + time_ + time_ + \
        struct.pack(">HI", scan.gate, scan.device) + text[7:-4]


def whole_use(record: bytes) -> bytes:
    """The short form of a first entry's use, spelled out."""
    if record[-1] != 132:
        return record
    base, place, time_, day, left = record[:-23], record[-23:-9], record[-9:-3], record[-3:-2], record[-2:-1]
    return base + day + b"\1\0\1" + time_ + place[:6] + bytes(2) + place[2:] + time_ + b"\1E" + day + left + b"\0\1" + b"\1\1\x85"


def one_day_at_the_door(client, seed):
    """Replies, log and everything that Redis holds in the end."""
    dice, door, now = random.Random(seed), Door(client), 1781913600000
    for serial in range(1, 60):
        status, kind, allowance = dice.choice((b"V", b"V", b"V", b"V", b"R", b"T")), dice.randrange(3), dice.randrange(4)
        client.set("{1}:t:%d" % serial, ticket_record("山田 花子"[:dice.randrange(5)], kind, allowance, 0, status))
    client.set("{1}:t:60", "no record")
    rules = {"window": dice.choice((0, 0, 0, 0, 1, 2)), "reentry": dice.randrange(2), "double_read": dice.choice((0, 2000)),
             "capacity": dice.choice((0, 0, 8)), "kinds": dice.choice((7, 7, 3)), "later_kinds": 4}
    replies = []
    for _ in range(12):
        scans = [DoorScan(dice.randrange(1, 63), bytes(7) + bytes([dice.randrange(40)]), dice.randrange(1, 4), dice.randrange(1, 4),
                          dice.choice((b"E", b"E", b"E", b"X")), now + dice.choice((0, 1, 200, -1)), dice.choice((2**32 - 1, 1, 6)))
                 for _ in range(dice.randrange(1, 20))]
        if dice.randrange(2):  # as nginx sends them
            scans.sort(key=lambda scan: (scan.gate, scan.direction, scan.kinds))
        batch, decided, *texts = client.fcall(*checkin_call(scans, door.run_id, SETTINGS, **rules))
        replies += [whole_reply(scan, text, decided) for scan, text in zip(scans, texts)]
    held = {key: whole_use(client.get(key)) for key in client.scan_iter("{1}:t*", count=1000)}
    live = client.get("{1}:live:1") or b""
    held["live"] = live[:88], sorted(live[at:at + 10] for at in range(88, len(live), 10))  # gates in any order
    return replies, door.log(), held
