"""Redis stands still for 10 s while gates scan: every answer in time, and nothing that was answered 503 is done afterwards."""

import time

from breakage import stopped
from checker import digest
from crowd import codes_of
from load import FORGED, Load
from stack.client import Client
from stack.waiting import wait_until

RATE = 200
TICKETS = 60
STILL = 10.0      # seconds
LONGEST = 350     # milliseconds
DEADLINE = 0.240  # door.hpp: what came later than this before Redis woke may still be done, and answered, in time
BORDER = 0.005    # seconds: what was sent before the stop may have been decided and its answer not sent
REPEATED = 50


def test_stopped_redis(stack, amounts, seed, crowd, history, gate_keys, every_promise_holds):
    crowd.applicants(TICKETS, clients=4)
    wait_until("tickets", lambda: not crowd.applying(), 60)
    codes = codes_of(stack)
    forged = [(FORGED, code[:20] + ("B" if code[20] == "A" else "A") + code[21:]) for _, code in codes[:5]]
    for stop in range(amounts.stops):
        load = Load(stack.env["BASE_URL"], gate_keys[0], RATE, seed, [], codes + forged, share_of_scans=1, name=f"stop{stop}")
        load.start()
        time.sleep(1)
        with stopped(stack, "redis"):
            began = time.monotonic()
            time.sleep(STILL)
            ended = time.monotonic()
        time.sleep(2)
        loaded = load.end()
        print(loaded.summary())
        assert not loaded.dropped
        assert loaded.milliseconds[-1] <= LONGEST, loaded.milliseconds[-20:]
        degraded = [scan for scan in loaded.scans if scan[2] is None]
        amid = [scan for scan in loaded.scans if began + BORDER < scan[4] < ended - DEADLINE]
        assert {(scan[2], scan[3]) for scan in amid if scan[0] == FORGED} == {("refused", "unknown")}
        assert {(scan[2], scan[3]) for scan in amid if scan[0] != FORGED} == {(None, "degraded valid")}
        assert len(amid) > RATE * STILL / 2
        loaded.tell(history)
        # of those that were surely not done: a ticket remembers its last 4 scans, and here it is read all the time
        again = [scan for scan in amid if scan[0] != FORGED]
        repeat(stack, history, dict(codes), gate_keys[0], again[::max(1, len(again) // REPEATED)])
        wait_until("the scan log to be drained", lambda: stack.redis("XLEN", "{1}:scans") == 0)
        done = {row[0] for row in stack.sql("SELECT encode(nonce, 'hex') FROM scan")}
        repeated = {scan.nonce for scan in history.scans if scan.outcome is not None}
        late = [scan for scan in degraded if digest(scan[1]) in done and scan[1] not in repeated]
        print(f"{len(amid)} scans while Redis stood still; of {len(degraded)} answered 503, {len(repeated & {s[1] for s in degraded})} "
              f"were repeated; of the others {len(late)} were decided, sent just before the stop or its end")
        executed = [scan for scan in late if scan in amid]
        assert not executed, [(scan[4] - began, scan[5] - began) for scan in executed]
    every_promise_holds()


def repeat(stack, history, codes: dict[int, str], key: str, scans: list[list]) -> None:
    """As their clients would: the same nonce. Each is decided now, once."""
    client = Client(stack.env["BASE_URL"], key)
    by_nonce = {scan.nonce: scan for scan in history.scans}
    for serial, nonce, *_ in scans:
        answer = client.scan(codes[serial], nonce)
        assert answer.status == 200, answer.text
        scan, told = by_nonce[nonce], answer.json
        # of a device that reads the same ticket all the time most scans are double reads
        scan.outcome = "double_read" if told.get("double_read") else told["outcome"]
        scan.answered, scan.reason = time.monotonic(), told.get("reason")
        scan.decisions.add((scan.outcome, scan.reason))
