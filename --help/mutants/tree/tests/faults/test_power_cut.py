"""The power goes while everybody is at work: of Redis's and PostgreSQL's files only that is left which was synced.

Both stand on an ext4 on a loop device. `xfs_io -c shutdown` drops what was not synced and lets nothing more through;
then both servers are killed, the file system is mounted again (it replays its journal), and both start from it.
They are stopped just before the shutdown, as all processors are when the power goes: ext4 now and then calls a sync
done that was under way at its shutdown and is lost (Linux 6.18: 2 of 30 times), and they would pass this on.
Where a machine does not let us mount, the test says NOT SHOWN and why, and ends well (mounts.py).
"""

import time

import pytest

from breakage import freeze, taken_down
from mounts import Disk, own_namespace
from stack.stack import Stack
from stack.waiting import wait_until

TICKETS_EACH = 200
DISK_MB = 600


@pytest.fixture(scope="session")
def disk(work_dir):
    own_namespace()
    disk = Disk(work_dir / "disk.img", work_dir / "disk", DISK_MB)
    yield disk
    disk.unmount()


@pytest.fixture(scope="session")
def new_stack(build_dir, work_dir, disk) -> Stack:
    stack = Stack(work_dir / "stack", build_dir)
    stack.folder.make()
    stack.folder.remember()
    for folder in (stack.folder.redis, stack.folder.postgresql):
        (disk.place / folder.name).mkdir(mode=0o700)
        folder.symlink_to(disk.place / folder.name)
    return stack


def test_power_cut(stack, disk, amounts, dice, crowd, history, gate_keys, every_promise_holds):
    tickets = TICKETS_EACH * (amounts.power_cuts + 1)
    crowd.applicants(tickets)
    crowd.gates(gate_keys)
    for number in range(1, amounts.power_cuts + 1):
        amid = 3 * tickets * number // (amounts.power_cuts + 2)
        wait_until(f"{amid} scans", lambda amid=amid: len(history.scans) >= amid or history.wrong, 300)
        time.sleep(dice.uniform(0, 0.3))
        began = time.monotonic()
        freeze(stack, "redis", "postgres")
        disk.cut_power()
        with taken_down(stack, "redis", "postgres"):
            disk.unmount()
            disk.mount()
        sure = len(history.scans)
        wait_until("scans to go on", lambda sure=sure: len(history.scans) > sure + 30 or history.wrong, 120)
        print(f"power cut {number}: at work again after {time.monotonic() - began:.1f} s")
        assert not history.wrong, history.wrong
    crowd.end(300)
    every_promise_holds()
