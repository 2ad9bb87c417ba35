"""mogirid is away while the door goes on: Redis holds the scans in little memory, then each reaches PostgreSQL once and in order.

MOGIRI_SCANS sets how many (100,000): 1800000 is an hour of 500 a second.
"""

import os
import signal
import struct
import threading
import time

import redis

from checkin_call import DoorScan, checkin_call, ticket_record
from festival import nonces, tickets
from stack.client import Client
from stack.waiting import wait_until

SCANS = int(os.environ.get("MOGIRI_SCANS", "100000"))
DEVICES, FIRST_DEVICE, FIRST_SERIAL = 8, 1000, 1_000_000
TICKETS = max(SCANS // 5, 1)
BYTES_A_SCAN = 110  # an hour of 500 a second in 200 MB
DAY = 1


class Door:
    """Calls Redis's functions as nginx's workers do, one scan an entry: the worst case for memory."""

    def __init__(self, stack):
        self.redis = redis.Redis(unix_socket_path=str(stack.folder.redis_socket))
        mark = self.redis.get("{1}:ready").decode()
        self._run_id, self._settings = mark[:40], int(mark[52:62])

    def used_memory(self) -> int:
        return self.redis.info("memory")["used_memory"]

    def make_tickets(self) -> None:
        pipe = self.redis.pipeline(transaction=False)
        for i in range(TICKETS):
            pipe.fcall("mogiri_publish", 2, "{1}:ready", f"{{1}}:t:{FIRST_SERIAL + i}", self._run_id, "merge", ticket_record())
            if i % 1000 == 999:
                pipe.execute()
        pipe.execute()

    def scan_all(self, count: int) -> None:
        """Round by round everybody in, then out. A device's nonces count its scans."""
        pipe, deadline = self.redis.pipeline(transaction=False), int(time.time() * 1000 + 600_000)
        for i in range(count):
            serial, device = FIRST_SERIAL + i % TICKETS, i % DEVICES
            scan = DoorScan(serial, struct.pack(">Q", i // DEVICES), 1, FIRST_DEVICE + device, b"X" if i // TICKETS % 2 else b"E", deadline)
            pipe.fcall(*checkin_call([scan], self._run_id, self._settings, day=DAY))
            if i % 500 == 499:
                pipe.execute()
        pipe.execute()


class Visitors(threading.Thread):
    """Go in and out through nginx, one after the other, until told to stop; `seconds` are their waits."""

    def __init__(self, stack, ticket):
        super().__init__()
        self._client, self._ticket = Client(stack.env["BASE_URL"], stack.env["DEVICE_KEY"]), ticket
        self.stop, self.seconds, self.failures = threading.Event(), [], []

    def run(self) -> None:
        for i in range(10**9):
            if self.stop.is_set():
                return
            begun = time.monotonic()
            answer = self._client.scan(self._ticket.code, next(nonces), "exit" if i % 2 else "entry")
            self.seconds.append(time.monotonic() - begun)
            if answer.status != 200 or answer.json["outcome"] not in ("admitted", "exited"):
                self.failures.append(answer.text)
            time.sleep(0.02)


def test_an_hour_away(stack, client):
    door, ticket = Door(stack), tickets(stack, client, 1)[0]
    door.make_tickets()
    mogirid = stack.process("mogirid")
    mogirid.signal(signal.SIGSTOP)  # and ended below: the supervisor would start another one at once
    try:
        before = door.used_memory()
        door.scan_all(SCANS)
        each = (door.used_memory() - before) / SCANS
    finally:
        mogirid.signal(signal.SIGKILL)
    visitors = Visitors(stack, ticket)
    visitors.start()
    back = time.monotonic()
    try:
        # and once more, amid the catching up
        wait_until("half of the scans", lambda: door.redis.xlen("{1}:scans") < SCANS / 2, 60 + SCANS / 1000)
        again = stack.process("mogirid")
        again.signal(signal.SIGKILL)
        wait_until("the rest of them", lambda: door.redis.xlen("{1}:scans") < 10, 60 + SCANS / 1000)
        seconds = time.monotonic() - back
    finally:
        visitors.stop.set()
        visitors.join()
    waits = sorted(visitors.seconds)
    middle, p99, worst = (1000 * waits[int(len(waits) * part)] for part in (0.5, 0.99, 0.9999))
    print(f"{SCANS} scans: {each:.1f} bytes each, so {each * 1.8:.0f} MB an hour of 500 a second; caught up in {seconds:.1f} s, "
          f"{SCANS / seconds:.0f} a second; meanwhile the door answered {len(waits)} scans in {middle:.1f} ms in the middle, "
          f"{p99:.1f} ms at p99, {worst:.1f} ms at worst")
    assert each <= BYTES_A_SCAN
    assert visitors.failures == []
    assert p99 < 300, "a scan that takes longer is answered degraded"

    wait_until("the last ones", lambda: door.redis.xlen("{1}:scans") == 0)
    ours = f"FROM scan WHERE device >= {FIRST_DEVICE}"
    assert stack.sql(f"SELECT count(*), count(DISTINCT (device, nonce)), min(outcome), max(outcome) {ours}") == \
        [[str(SCANS), str(SCANS), "1", "2"]]
    # a device's scans come in the order in which it made them, in the log and in time
    assert stack.sql("SELECT count(*) FROM (SELECT row_number() OVER log - 1 AS place, ('x' || encode(nonce, 'hex'))::bit(64)::bigint "
                     f"AS nth, drained_at < lag(drained_at) OVER log AS before_its_time {ours} "
                     "WINDOW log AS (PARTITION BY device ORDER BY epoch, stream_ms, stream_seq, place)) AS scans "
                     "WHERE place <> nth OR before_its_time") == [["0"]]
    entries = sum(min(TICKETS, SCANS - start) for start in range(0, SCANS, 2 * TICKETS))
    assert stack.sql(f"SELECT count(*) FROM admission WHERE device >= {FIRST_DEVICE}") == [[str(entries)]]
    assert stack.sql("SELECT count(*) FROM scan_conflict") == [["0"]]
    made = len(visitors.seconds)
    assert stack.sql(f"SELECT count(*) FROM scan WHERE serial = {ticket.serial}") == [[str(made)]]
