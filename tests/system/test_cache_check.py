"""`mogirictl cache`: what Redis holds otherwise than PostgreSQL is named and mended, no scan is forgotten, and running scans are no difference."""

import json
import signal
import subprocess
import threading
import time
from contextlib import contextmanager

import pytest

from festival import nonces, tickets
from stack.client import Client
from stack.waiting import wait_until


def drained(stack) -> None:
    wait_until("the drain", lambda: stack.redis("XLEN", "{1}:scans") == 0)


def check(stack, *words: str) -> tuple[int, dict]:
    done = stack.mogirictl("cache", "check", "musicfes", "--json", *words, check=False)
    assert done.returncode in (0, 1), done.stderr
    told = json.loads(done.stdout)
    assert told["same"] == (done.returncode == 0)
    return done.returncode, told["events"][0]


def named(report: dict) -> dict:
    assert len(report["named"]) == report["differences"]
    return {(one["part"], one["number"]): one["what"] for one in report["named"]}


def in_redis(stack, script: str, *keys: str) -> None:
    stack.redis("EVAL", script, str(len(keys)), *keys)


def key(ticket) -> str:
    return f"{{1}}:t:{ticket.serial}"


def outcome(answer) -> tuple:
    assert answer.status == 200, answer.text
    return answer.json["outcome"], answer.json.get("reason")


@contextmanager
def held_in_postgresql(stack, statement: str):
    """A session that has executed this and stays."""
    url = stack.env["DATABASE_URL"]
    session = subprocess.Popen(["psql", "-qAt", url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        session.stdin.write(f"BEGIN;\n{statement};\n\\echo held\n")
        session.stdin.flush()
        while "held" not in (line := session.stdout.readline()):
            assert line, "psql ended"
        yield
    finally:
        session.stdin.close()
        session.wait(10)
        session.stdout.close()


def test_nothing_differs(stack, client, first):
    used, left, unused = tickets(stack, client, 3)
    for ticket, direction in ((used, "entry"), (left, "entry"), (left, "exit")):
        first.scan(ticket.code, next(nonces), direction)
    status, report = check(stack)
    assert (status, report["differences"], report["named"]) == (0, 0, [])
    assert report["tickets"] == int(stack.sql("SELECT count(*) FROM ticket WHERE event = 1")[0][0])
    assert stack.mogirictl("cache", "check").stdout.splitlines()[-1].endswith(", 0 differences")


def test_every_difference_is_named_and_mended(stack, client, first, second):
    lost, damaged, renamed, kind, undead, used, strange, last = tickets(stack, client, 8)
    in_redis(stack, "return redis.call('COPY', KEYS[1], KEYS[2])", key(used), "{1}:kept")
    in_redis(stack, "return redis.call('COPY', KEYS[1], KEYS[2])", key(undead), "{1}:kept-valid")
    assert outcome(first.scan(used.code, next(nonces))) == ("admitted", None)
    assert outcome(first.scan(lost.code, next(nonces))) == ("admitted", None)
    stack.mogirictl("ticket", "revoke", str(undead.serial), "--reason", "a test")
    drained(stack)
    assert check(stack)[1]["differences"] == 0

    spoil = ("local function put(key, at, text) local old = redis.call('GET', key) "
             "redis.call('SET', key, string.sub(old, 1, at - 1) .. text .. string.sub(old, at + #text)) end ")
    in_redis(stack, spoil + "redis.call('DEL', KEYS[1]) redis.call('SET', KEYS[2], 'junk') "
             "put(KEYS[3], redis.call('STRLEN', KEYS[3]) - 4, 'X') put(KEYS[4], redis.call('STRLEN', KEYS[4]) - 2, '\\5') "
             "redis.call('COPY', KEYS[5], KEYS[6], 'REPLACE') redis.call('COPY', KEYS[7], KEYS[8], 'REPLACE') "
             "redis.call('COPY', KEYS[9], KEYS[10]) redis.call('SET', KEYS[11], '7 1 9') redis.call('DEL', KEYS[5], KEYS[7]) "
             "redis.call('SET', KEYS[12], (string.gsub(redis.call('GET', KEYS[12]), 'Asia/Tokyo', 'Asia/Seoul')))",
             key(lost), key(damaged), key(renamed), key(kind), "{1}:kept", key(used), "{1}:kept-valid", key(undead), key(last),
             "{1}:t:99999999", "{1}:totals:2", "{1}:settings")
    totals = stack.redis("GET", "{1}:totals:1")
    entered = int(totals.split()[0])
    stack.redis("SET", "{1}:totals:1", " ".join([str(entered + 5), *totals.split()[1:]]))
    expected = {("ticket", lost.serial): "missing", ("ticket", damaged.serial): "damaged", ("ticket", renamed.serial): "name",
                ("ticket", kind.serial): "kind", ("ticket", used.serial): "use", ("ticket", undead.serial): "status,version",
                ("ticket", 99999999): "extra", ("totals", 1): "entered", ("totals", 2): "entered,exited,inside",
                ("settings", 0): "content"}
    status, report = check(stack)
    assert status == 1 and named(report) == expected and report["mended"] == 0
    assert named(check(stack)[1]) == expected, "looking changes nothing"

    words = stack.mogirictl("cache", "check", "musicfes", check=False).stdout
    assert f"ticket {renamed.serial}: name\n" in words and "totals of day 1: entered\n" in words
    assert "山" not in words and "客" not in words

    status, report = check(stack, "--repair")
    assert status == 0 and report["mended"] == report["differences"] == len(expected), report
    assert all(one["mended"] for one in report["named"])
    assert check(stack)[1]["differences"] == 0
    assert stack.redis("GET", "{1}:totals:1") == totals and stack.redis("EXISTS", "{1}:t:99999999") == 0
    # Nobody who is inside comes in twice; the revoked stays out; the others may come.
    assert outcome(second.scan(used.code, next(nonces))) == ("refused", "already_inside")
    assert outcome(second.scan(lost.code, next(nonces))) == ("refused", "already_inside")
    assert outcome(second.scan(undead.code, next(nonces))) == ("refused", "revoked")
    for ticket in (damaged, renamed, kind, strange):
        assert outcome(second.scan(ticket.code, next(nonces))) == ("admitted", None)
    drained(stack)
    assert check(stack)[1]["differences"] == 0


def test_an_admission_that_only_redis_knows_is_kept_and_told(stack, client, first, second):
    ticket, = tickets(stack, client, 1)
    assert outcome(first.scan(ticket.code, next(nonces))) == ("admitted", None)
    drained(stack)
    kept = stack.sql(f"SELECT row_to_json(t) FROM ticket_day t WHERE serial = {ticket.serial}")[0][0]
    stack.sql(f"DELETE FROM ticket_day WHERE serial = {ticket.serial}")
    try:
        status, report = check(stack, "--repair")
        assert status == 1 and ("ticket", ticket.serial) in named(report) and not report["named"][0]["mended"]
        assert outcome(second.scan(ticket.code, next(nonces))) == ("refused", "already_inside")
    finally:
        stack.sql(f"INSERT INTO ticket_day SELECT * FROM json_populate_record(NULL::ticket_day, '{kept}')")
    drained(stack)
    status, report = check(stack, "--repair")
    assert status == 0, report


def test_running_scans_are_no_difference(stack, client):
    some, done, made = tickets(stack, client, 12), threading.Event(), []
    # Each stands still for a moment between two scans, as tickets at a door do.

    def scan_on(own, device_key):
        device, direction = Client(stack.env["BASE_URL"], device_key), "entry"
        while not done.is_set():
            for ticket in own:
                nonce = next(nonces)  # what came too late on a busy machine is asked again, and is the same scan
                answer = wait_until("an answer", lambda: (now := device.scan(ticket.code, nonce, direction)).status != 503 and now)
                made.append(outcome(answer))
                time.sleep(0.01)
            direction = "exit" if direction == "entry" else "entry"

    threads = [threading.Thread(target=scan_on, args=(some[i::3], stack.env["DEVICE_KEY"])) for i in range(3)]
    for thread in threads:
        thread.start()
    try:
        for words in ((), (), ("--repair",)):
            before = len(made)
            wait_until("scans", lambda: len(made) > before + 20)
            status, report = check(stack, *words)
            assert (status, report["differences"]) == (0, 0), report
    finally:
        done.set()
        for thread in threads:
            thread.join()
    print(f"{len(made)} scans while it was compared")
    assert {one[0] for one in made} == {"admitted", "exited"}


def test_scans_that_nobody_drains_are_no_difference(stack, client, first):
    ticket, = tickets(stack, client, 1)
    mogirid = stack.process("mogirid")
    mogirid.signal(signal.SIGSTOP)
    try:
        first.scan(ticket.code, next(nonces))
        assert stack.redis("XLEN", "{1}:scans") == 1
        assert check(stack)[0] == 0
    finally:
        mogirid.signal(signal.SIGCONT)
    drained(stack)
    assert stack.sql(f"SELECT count(*) FROM admission WHERE serial = {ticket.serial}") == [["1"]]


def test_a_repair_stays_out_of_a_rebuild(stack):
    with held_in_postgresql(stack, f"SELECT pg_advisory_lock({0x6d6f0002}, 1)"):
        refused = stack.mogirictl("cache", "check", "musicfes", "--repair", check=False)
        assert refused.returncode == 1 and "is being rebuilt or mended by somebody else" in refused.stderr
        assert check(stack)[0] == 0, "looking is allowed"


def test_rebuild_and_its_progress(stack, client, first):
    ticket, = tickets(stack, client, 1)
    epoch = int(stack.redis("GET", "{1}:ready").split()[1])

    def rebuilding():
        return json.loads(stack.mogirictl("status", "--json").stdout)["events"][0].get("rebuilding")

    assert rebuilding() is None
    told: list = []
    command = threading.Thread(target=lambda: told.append(
        stack.mogirictl("cache", "rebuild", "musicfes", "--reason", "a test", "--json", check=False)))
    # What the rebuild reads after the tickets cannot be read for a while.
    with held_in_postgresql(stack, "LOCK TABLE old_code IN ACCESS EXCLUSIVE MODE"):
        command.start()
        wait_until("how far it is", lambda: rebuilding())
        assert first.scan(ticket.code, next(nonces)).status == 503
        assert "\n  rebuilding: " in stack.mogirictl("status").stdout
        ready = [one for one in check(stack)[1]["named"]]
        assert [one["part"] for one in ready] == ["ready"]
    command.join()
    assert told[0].returncode == 0 and json.loads(told[0].stdout)["epoch"] == epoch + 1, told[0].stderr
    assert rebuilding() is None
    assert outcome(first.scan(ticket.code, next(nonces))) == ("admitted", None)
    assert "a test" in (stack.folder.log / "mogirid.log").read_text(encoding="utf-8")
    assert check(stack)[0] == 0


@pytest.mark.parametrize("words", [("cache",), ("cache", "rebuild", "musicfes"), ("cache", "check", "nosuch")])
def test_refusals(stack, words):
    refused = stack.mogirictl(*words, check=False)
    assert refused.returncode in (1, 2) and refused.stderr
