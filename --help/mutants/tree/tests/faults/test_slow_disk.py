"""Redis's fsync takes 1.5 s, and Redis is killed amid it: nothing that was acknowledged is lost.

mogirid stands still from before the first slow sync until after the kill, so that what was acknowledged stands on
Redis's disk alone. MOGIRI_APPENDFSYNC=everysec shows what the test is good for: then it must fail.
"""

import os
import time

import pytest

from breakage import kill, stopped
from slow_disk import SlowDisk
from stack.waiting import wait_until

SYNC_SECONDS = 1.5
TICKETS_EACH = 160


@pytest.fixture(scope="session")
def disk(build_dir, work_dir) -> SlowDisk:
    return SlowDisk(work_dir / "slow_sync", build_dir / "tests/faults/slow_sync.so")


@pytest.fixture(scope="session")
def server_environment(disk):
    return disk.environment()


def test_slow_disk(stack, disk, amounts, dice, crowd, history, gate_keys, every_promise_holds):
    tickets = TICKETS_EACH * (amounts.slow_syncs + 1)
    crowd.applicants(tickets)
    crowd.gates(gate_keys)
    for number in range(1, amounts.slow_syncs + 1):
        amid = 3 * tickets * number // (amounts.slow_syncs + 2)
        wait_until(f"{amid} scans", lambda amid=amid: len(history.scans) >= amid or history.wrong, 300)
        if policy := os.environ.get("MOGIRI_APPENDFSYNC"):
            stack.redis("CONFIG", "SET", "appendfsync", policy)
        with stopped(stack, "mogirid"), disk.slow(SYNC_SECONDS):
            disk.wait_for_sync()
            time.sleep(dice.uniform(0, SYNC_SECONDS))
            kill(stack, "redis", dice)
        assert not history.wrong, history.wrong
    crowd.end(300)
    every_promise_holds()
