"""The door's live figures: what screens show is what the ledger says once the scan log is drained, whatever happened between."""

import http.client
import json
import random
import re
import signal
import socket
import time
from urllib.parse import urlsplit

import pytest
import redis

from festival import nonces, tickets, variant
from other_daemon import stopped
from openapi import DOCUMENT, check_answer
from stack.client import Client
from stack.waiting import wait_until

PATHS = DOCUMENT["paths"]
LEDGER = """
SELECT json_build_object(
  'entered', (SELECT count(*) FROM admission WHERE event = {event} AND day = 1) - (SELECT sum(given_back_known + undone) FROM ticket_day
              WHERE event = {event} AND day = 1),
  'inside', (SELECT sum(inside) FROM ticket_day WHERE event = {event} AND day = 1),
  'undone', json_build_object('entries', count(*) FILTER (WHERE outcome IN (3, 4)), 'exits', count(*) FILTER (WHERE outcome = 5)),
  'exited', count(*) FILTER (WHERE outcome = 2 AND flags & 2 = 0) - count(*) FILTER (WHERE outcome = 5),
  'main', json_build_array(count(*) FILTER (WHERE gate = 1 AND outcome = 1 AND flags & 2 = 0),
                           count(*) FILTER (WHERE gate = 1 AND outcome = 2 AND flags & 2 = 0)),
  'east', json_build_array(count(*) FILTER (WHERE gate = 2 AND outcome = 1 AND flags & 2 = 0),
                           count(*) FILTER (WHERE gate = 2 AND outcome = 2 AND flags & 2 = 0)),
  'refused', (SELECT json_object_agg(outcome, n) FROM (SELECT outcome, count(*) AS n FROM scan WHERE event = {event} AND day = 1
              AND outcome BETWEEN 10 AND 18 GROUP BY outcome) AS o),
  'minutes', (SELECT json_object_agg(minute, n) FROM (SELECT floor(extract(epoch FROM at) / 60)::bigint AS minute, count(*) AS n FROM scan
              WHERE event = {event} AND day = 1 AND outcome NOT IN (3, 4, 5, 21) GROUP BY 1) AS m))
FROM scan WHERE event = {event} AND day = 1"""
REASONS = {10: "unknown", 11: "revoked", 12: "already_inside", 13: "allowance_used", 14: "not_inside", 15: "not_yet", 16: "over",
           17: "wrong_gate", 18: "venue_full"}


@pytest.fixture(scope="module")
def event(stack) -> int:
    variant(stack, "live", allowance=2, double_read="1", venue_capacity="14", gate_kinds='["guest"]')
    return int(stack.sql("SELECT number FROM event WHERE slug = 'live'")[0][0])


@pytest.fixture(scope="module")
def devices(stack, event) -> list[Client]:
    return [Client(stack.env["BASE_URL"], stack.add_device("live", name, gate, profile))
            for name, gate, profile in (("main", "main", "scanner"), ("east", "east", "scanner"), ("boss", "east", "supervisor"))]


@pytest.fixture(scope="module")
def box(stack, devices):
    wait_until("the form", lambda: devices[0].get("/e/live/apply/teacher", Accept="text/html").status == 200)
    return tickets(stack, Client(stack.env["BASE_URL"]), 12, "/e/live/api/v1/apply")


def figures(device) -> dict:
    answer = wait_until("the figures", lambda: (now := device.get("/e/live/api/v1/door/stats")).status == 200 and now)
    check_answer(answer, PATHS["/api/v1/door/stats"]["get"])
    return answer.json


def same_as_ledger(stack, event, device) -> None:
    """Redis's counters and the ledger's are compared within one minute of the clock."""
    wait_until("the drain", lambda: stack.redis("XLEN", f"{{{event}}}:scans") == 0)
    while True:
        minute = int(time.time() // 60)
        told, ledger = figures(device), json.loads(stack.sql(LEDGER.format(event=event))[0][0])
        if int(time.time() // 60) == minute:
            break
    gates = {one["gate"]: [one["entered"], one["exited"]] for one in told["gates"]}
    assert {name: told[name] for name in ("entered", "exited", "inside", "undone")} == {
        name: ledger[name] for name in ("entered", "exited", "inside", "undone")}
    assert (gates["main"], gates["east"]) == (ledger["main"], ledger["east"])
    assert {name: n for name, n in told["refused"].items() if n} == {REASONS[int(key)]: n for key, n in (ledger["refused"] or {}).items()}
    assert told["scans_per_minute"] == [(ledger["minutes"] or {}).get(str(minute - ago), 0) for ago in range(10)]
    assert sum(one["entered"] for one in told["gates"]) - told["undone"]["entries"] == told["entered"]
    assert sum(one["exited"] for one in told["gates"]) - told["undone"]["exits"] == told["exited"]
    of_day = next(one for one in told["days"] if one["day"] == 1)
    assert [of_day[name] for name in ("entered", "exited", "inside")] == [told[name] for name in ("entered", "exited", "inside")]


def random_scans(devices, box, dice, count: int) -> None:
    for _ in range(count):
        ticket, what = dice.choice(box), dice.choice(("entry",) * 5 + ("exit",) * 3 + ("undo", "force"))
        if what in ("undo", "force"):
            devices[2].post_json(f"/e/live/api/v1/checkin/{what}", {"code": ticket.code, "nonce": next(nonces), "reason": "a die"})
        else:
            dice.choice(devices).post_json("/e/live/api/v1/checkin", {"code": ticket.code, "direction": what, "nonce": next(nonces)})


def test_they_are_what_the_ledger_says(stack, event, devices, box):
    """After random scans, undos and overrides, a ticket given back, Redis killed, and Redis lost."""
    dice = random.Random(5)
    random_scans(devices, box, dice, 60)
    same_as_ledger(stack, event, devices[0])
    wait_until("an entry to give back", lambda: stack.sql(f"SELECT serial FROM ticket_day WHERE event = {event} AND cycle > undone + given_back"))
    serial = stack.sql(f"SELECT serial FROM ticket_day WHERE event = {event} AND cycle > undone + given_back LIMIT 1")[0][0]
    reference = stack.sql(f"SELECT reference FROM ticket WHERE event = {event} AND serial = {serial}")[0][0]
    stack.mogirictl("ticket", "restore", reference, "--reason", "a test")
    random_scans(devices, box, dice, 30)
    stack.process("redis").signal(signal.SIGKILL)
    random_scans(devices, box, dice, 10)  # most of them are told 503
    wait_until("an open door", lambda: devices[0].post_json("/e/live/api/v1/checkin", {
        "code": box[0].code, "direction": "exit", "nonce": next(nonces)}).status == 200)
    random_scans(devices, box, dice, 30)
    same_as_ledger(stack, event, devices[0])
    before = figures(devices[0])
    stack.redis("FLUSHALL")
    wait_until("the rebuild", lambda: (stack.redis("GET", f"{{{event}}}:ready") or "closed").startswith("closed") is False)
    after = figures(devices[0])
    assert {name: value for name, value in after.items() if name != "scans_per_minute"} == {
        name: value for name, value in before.items() if name != "scans_per_minute"}
    random_scans(devices, box, dice, 30)
    same_as_ledger(stack, event, devices[0])


def test_damaged_counters_are_counted_again(stack, event, devices, box):
    before = figures(devices[0])
    stack.redis("SET", f"{{{event}}}:live:1", "planted")
    nonce = next(nonces)
    wait_until("the door to open again", lambda: devices[0].post_json("/e/live/api/v1/checkin", {
        "code": box[1].code, "direction": "exit", "nonce": nonce}).status == 200)
    same_as_ledger(stack, event, devices[0])
    assert figures(devices[0])["entered"] == before["entered"]


def test_who_may_look(stack, devices, box):
    client = Client(stack.env["BASE_URL"])
    assert (client.get("/e/live/api/v1/door/stats").status, client.get("/e/live/api/v1/door/stream").status) == (401, 401)
    assert Client(stack.env["BASE_URL"], "A" * 32).get("/e/live/api/v1/door/stats").status == 401
    key = json.loads(stack.mogirictl("apikey", "add", "a board", "--role", "staff", "--scope", "scan:read", "--json").stdout)["secret"]
    board = Client(stack.env["BASE_URL"], key)
    wait_until("the second day", lambda: board.get("/e/live/api/v1/door/stats?day=2").json.get("day") == 2)
    for query in ("day=9", "day=", "day=x", "other=1", "day=-1", "day=" + "9" * 40):
        answer = devices[0].get(f"/e/live/api/v1/door/stats?{query}")
        assert answer.status == 422 and answer.json["errors"][0]["field"] == "day", query


def opened(stack, devices) -> "Stream":
    """A screen, as soon as there is room for one at whichever worker takes it."""
    def tried():
        screen = Stream(stack, devices[0].key)
        if screen.answer.status == 200:
            return screen
        return screen.close()

    return wait_until("a screen", tried)


class Stream:
    """One screen: reads events as they come."""

    def __init__(self, stack, key: str, path: str = "/e/live/api/v1/door/stream"):
        url = urlsplit(stack.env["BASE_URL"])
        self.connection = http.client.HTTPConnection(url.hostname, url.port, timeout=20)
        self.connection.request("GET", path, headers={"Authorization": f"Bearer {key}"})
        self.answer = self.connection.getresponse()

    def event(self) -> list[str]:
        lines = []
        while (line := self.answer.readline().decode()) not in ("\n", ""):
            lines.append(line.rstrip("\n"))
        return lines if lines or line else ["end"]

    def figures(self) -> dict:
        while True:
            lines = self.event()
            assert lines != ["end"]
            if lines[-1].startswith("data: {\""):
                return json.loads(lines[-1].removeprefix("data: "))

    def close(self):
        self.answer.close()
        self.connection.close()


def reads(stack) -> int:
    """MGETs of all functions; one for each look at the figures, and one for each scan."""
    return redis.Redis(unix_socket_path=str(stack.folder.redis_socket)).info("commandstats")["cmdstat_mget"]["calls"]


def let_in(stack, devices, ticket) -> None:
    """One person more, whatever the rules say."""
    supervisor = Client(stack.env["BASE_URL"], devices[2].key)
    answer = supervisor.post_json("/e/live/api/v1/checkin/force", {"code": ticket.code, "nonce": next(nonces), "reason": "a screen"})
    assert answer.status == 200, answer.text
    supervisor.close()


def test_one_read_a_second_for_all_screens(stack, devices, box):
    screens = [Stream(stack, devices[0].key) for _ in range(30)]
    try:
        entered = [screen.figures()["entered"] for screen in screens][0]
        began, before = time.monotonic(), reads(stack)
        for n in range(1, 4):
            let_in(stack, devices, box[3])
            for screen in screens:
                wait_until("the entry", lambda: screen.figures()["entered"] >= entered + n)
        assert reads(stack) - before <= 2 * (time.monotonic() - began + 2) + 3, "two workers"
    finally:
        for screen in screens:
            screen.close()


def test_screens_follow(stack, event, devices, box):
    screens = [Stream(stack, devices[0].key) for _ in range(3)]
    try:
        assert screens[0].answer.headers["Content-Type"] == "text/event-stream"
        before = [screen.figures() for screen in screens]
        assert before[0]["entered"] == before[1]["entered"] == figures(devices[0])["entered"]
        let_in(stack, devices, box[2])
        for screen in screens:
            wait_until("the entry", lambda: screen.figures()["entered"] == before[0]["entered"] + 1)
            assert screen.answer.headers["X-Accel-Buffering"] == "no"
    finally:
        for screen in screens:
            screen.close()


def test_a_device_that_is_revoked_sees_no_more(stack, devices):
    key = stack.add_device("live", "a screen", "main")
    screen = Stream(stack, key)
    screen.figures()
    stack.sql("UPDATE device SET revoked_at = now() WHERE name = 'a screen'; UPDATE event SET version = version + 1 "
              "WHERE slug = 'live'; INSERT INTO cache_outbox (event, kind) SELECT number, 'settings' FROM event WHERE slug = 'live'; "
              "NOTIFY mogiri_cache")
    wait_until("the end", lambda: screen.event() == ["end"])
    screen.close()


def test_no_more_screens_than_a_bound(stack, devices):
    """64 for each of two workers; who leaves makes room."""
    screens = []
    try:
        for _ in range(140):
            screens.append(Stream(stack, devices[0].key))
        full = [screen for screen in screens if screen.answer.status == 503]
        assert len(full) >= 140 - 128 and len(screens) - len(full) >= 64
        assert json.loads(full[0].answer.read())["code"] == "busy" and full[0].answer.headers["Retry-After"]
    finally:
        for screen in screens:
            screen.close()

    def opens() -> bool:
        screen = Stream(stack, devices[0].key)
        status = screen.answer.status
        screen.close()
        return status == 200

    wait_until("room again", opens)


def test_a_screen_that_takes_nothing_holds_nobody_up(stack, devices, box):
    url = urlsplit(stack.env["BASE_URL"])
    deaf = socket.create_connection((url.hostname, url.port))
    deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
    deaf.sendall(f"GET /e/live/api/v1/door/stream HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {devices[0].key}\r\n\r\n".encode())
    screen = opened(stack, devices)
    screen.figures()
    screen.close()
    deaf.close()


def test_a_reload_ends_the_streams_and_drops_nothing(stack, devices):
    screen = opened(stack, devices)
    screen.figures()
    stack.process("nginx").signal(signal.SIGHUP)
    wait_until("the end", lambda: screen.event() == ["end"])
    screen.close()
    again = opened(stack, devices)
    again.figures()
    again.close()


def test_a_redis_that_is_away_is_told(stack, devices):
    screen = opened(stack, devices)
    screen.figures()
    with stopped(stack.process("redis")):
        wait_until("the word of it", lambda: screen.event()[0] == "event: degraded")
    assert screen.figures()["event"] == "live"
    screen.close()
