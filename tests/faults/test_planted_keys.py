"""Keys in Redis that are not what they should be, in the middle of a batch of 32 scans: nothing is half done, and no neighbour suffers."""

import itertools
import json
import re
import signal
import time
from contextlib import contextmanager
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest
import redis

from breakage import workers
from checkin_call import ticket_record
from crowd import codes_of
from history import History
from stack.waiting import wait_until

BATCH, ITEM = 32, 17
DAY_TOTALS = "{1}:totals:1"
nonces = itertools.count()
DAMAGE = {"another type": ("RPUSH", b"x"), "too short": ("SET", b"x"),
          "cut off": ("SET", ticket_record(use=bytes(20) + b"\x05\x04\x85"))}  # says five days and four scans


@pytest.fixture(scope="module")
def history() -> History:
    return History()


@pytest.fixture(scope="module", autouse=True)
def one_worker(stack):
    """So that scans that wait together leave together."""
    file = stack.folder.conf / "nginx.conf"
    file.write_text(re.sub("worker_processes 2", "worker_processes 1", file.read_text(encoding="utf-8")), encoding="utf-8")
    before = workers(stack)
    stack.process("nginx").signal(signal.SIGHUP)
    wait_until("one worker", lambda: len(now := workers(stack)) == 1 and now[0] not in before)


@pytest.fixture
def codes(stack, crowd):
    """Of tickets that nobody has scanned yet."""
    if not codes_of(stack):
        crowd.applicants(200, clients=4)
        wait_until("tickets", lambda: not crowd.applying(), 60)
    scanned = {int(row[0]) for row in stack.sql("SELECT DISTINCT serial FROM scan")}
    return iter([one for one in codes_of(stack) if one[0] not in scanned])


@contextmanager
def standing_still(stack, *servers: str):
    stopped = [stack.process(server) for server in servers]
    try:
        for process in stopped:
            process.signal(signal.SIGSTOP)
        yield
    finally:
        for process in reversed(stopped):
            process.signal(signal.SIGCONT)


class Gate:
    """Sends scans without waiting for their answers."""

    def __init__(self, stack, history: History, key: str):
        self._url, self._history, self._key = urlsplit(stack.env["BASE_URL"]), history, key

    def connect(self, count: int) -> list[HTTPConnection]:
        connections = [HTTPConnection(self._url.hostname, self._url.port, timeout=10) for _ in range(count)]
        for connection in connections:
            connection.connect()
        return connections

    def send(self, connection: HTTPConnection, serial: int, code: str, scan=None):
        scan = scan or self._history.scan(serial, f"p{next(nonces)}", "entry")
        connection.request("POST", "/api/v1/checkin", json.dumps({"code": code, "direction": "entry", "nonce": scan.nonce}),
                           {"Authorization": f"Bearer {self._key}"})
        return scan

    def hear(self, connection: HTTPConnection, scan) -> tuple:
        """(status, outcome or "degraded valid")"""
        answer = connection.getresponse()
        told = json.loads(answer.read())
        if answer.status != 200:
            return answer.status, f"{told.get('reason')} {told.get('signature')}"
        scan.outcome, scan.reason, scan.answered = told["outcome"], told.get("reason"), time.monotonic()
        scan.decisions.add((scan.outcome, scan.reason))
        return 200, scan.outcome

    def scan(self, serial: int, code: str, scan=None) -> tuple:
        [connection] = self.connect(1)
        return self.hear(connection, self.send(connection, serial, code, scan))


@pytest.fixture
def gate(stack, history, gate_keys) -> Gate:
    return Gate(stack, history, gate_keys[0])


def one_batch(stack, gate: Gate, first, batch):
    """The scans of `batch` in one call of the function: they gather while the calls of the `first` few are under way.
    Gives each one's scan and answer."""
    connections = gate.connect(len(first) + len(batch))
    with standing_still(stack, "redis"):
        sent = []
        for number, (connection, ticket) in enumerate(zip(connections, [*first, *batch])):
            sent.append(gate.send(connection, *ticket))
            if number < len(first):
                time.sleep(0.01)
        time.sleep(0.02)
    heard = [(scan, gate.hear(connection, scan)) for connection, scan in zip(connections, sent)]
    return heard[len(first):]


def plant(stack, key: str, command: str, value: bytes) -> None:
    with redis.Redis(unix_socket_path=str(stack.folder.redis_socket)) as client:
        client.delete(key)
        client.execute_command(command, key, value)


def totals(stack) -> list[int]:
    return [int(part) for part in (stack.redis("GET", DAY_TOTALS) or "0 0 0").split()]


def rebuild(stack) -> None:
    epoch = stack.redis("GET", "{1}:ready")[41:51]
    stack.redis("DEL", "{1}:ready")
    wait_until("a rebuilt cache", lambda: (stack.redis("GET", "{1}:ready") or "")[41:51] > epoch)


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_ticket_costs_its_neighbours_nothing(stack, gate, history, codes, damage, every_promise_holds):
    first, batch = [next(codes) for _ in range(4)], [next(codes) for _ in range(BATCH)]
    serial, code = batch[ITEM - 1]
    key = f"{{1}}:t:{serial}"
    plant(stack, key, *DAMAGE[damage])
    before = totals(stack)
    with standing_still(stack, "mogirid"):  # so that the scan log stays to be seen
        heard = one_batch(stack, gate, first, batch)
        entries = stack.redis("XLEN", "{1}:scans")
    assert [answer for _, answer in heard if answer != (200, "admitted")] == [(503, "degraded valid")]
    assert heard[ITEM - 1][1][0] == 503
    assert entries <= len(first) + 1, "the 32 did not travel together"
    assert totals(stack) == [before[0] + len(first) + BATCH - 1, 0, before[2] + len(first) + BATCH - 1]
    assert f"event 1: what Redis holds for ticket {serial} is no ticket record" in \
        (stack.folder.log / "nginx-error.log").read_text(encoding="utf-8")
    assert gate.scan(*next(codes)) == (200, "admitted")
    rebuild(stack)  # what mends it
    assert gate.scan(serial, code, heard[ITEM - 1][0]) == (200, "admitted")
    every_promise_holds()


def test_a_damaged_log_stops_all_and_changes_nothing(stack, gate, history, codes, every_promise_holds):
    first, batch = [next(codes) for _ in range(4)], [next(codes) for _ in range(BATCH)]
    wait_until("the scan log to be drained", lambda: stack.redis("XLEN", "{1}:scans") == 0)
    before = totals(stack), stack.redis("GET", "{1}:ready")
    with standing_still(stack, "mogirid"):
        stack.redis("RENAME", "{1}:scans", "kept")  # an empty stream remembers its last id
        stack.redis("RPUSH", "{1}:scans", "x")
        heard = one_batch(stack, gate, first, batch)
        assert {answer for _, answer in heard} == {(503, "degraded valid")}
        assert (totals(stack), stack.redis("GET", "{1}:ready")) == before
        stack.redis("RENAME", "kept", "{1}:scans")
    for ticket, (scan, _) in zip(batch, heard):
        assert gate.scan(*ticket, scan) == (200, "admitted")
    every_promise_holds()


@pytest.mark.parametrize("damage", ["another type", "too short"])
def test_damaged_totals_are_counted_again(stack, gate, codes, damage, every_promise_holds):
    before = totals(stack)
    plant(stack, DAY_TOTALS, *DAMAGE[damage])
    ticket = next(codes)
    assert gate.scan(*ticket)[0] == 503
    wait_until("the door to open", lambda: gate.scan(*ticket) in ((200, "admitted"), (200, "refused")))
    assert totals(stack) == [before[0] + 1, before[1], before[2] + 1]
    every_promise_holds()
