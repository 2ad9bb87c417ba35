"""Redis loses its data altogether: emptied, its AOF deleted, an older AOF put back; with mogirid up, and with it down.

The promise is for what was drained. So before each loss the crowd is held until the road and the scan log are empty:
what is in them goes with Redis's data, the window that is stated. Then everybody goes on, and until the rebuild the
door answers 503.
"""

import shutil
import subprocess
import time
from contextlib import ExitStack

import pytest

from breakage import kill, stopped, taken_down
from stack.client import Client
from stack.stack import EVENT
from stack.waiting import wait_until
from ticket_codes import TicketCodes

TICKETS_EACH = 80
ASKED_AGAIN = 30  # used tickets after each loss


class Appendonly:
    """Redis's append-only files, and a copy of them from earlier."""

    def __init__(self, stack, work_dir):
        self._stack = stack
        self._files, self._older = stack.folder.redis / "appendonlydir", work_dir / "older"

    def remember(self) -> None:
        """While Redis writes on: at worst the last entry is torn, and Redis cuts it off."""
        shutil.rmtree(self._older, ignore_errors=True)
        self._copy(self._files, self._older)

    def empty(self) -> None:
        self._stack.redis("FLUSHALL")

    def delete(self) -> None:
        with taken_down(self._stack, "redis"):
            shutil.rmtree(self._files)

    def rewind(self) -> None:
        with taken_down(self._stack, "redis"):
            shutil.rmtree(self._files)
            self._copy(self._older, self._files)

    @staticmethod
    def _copy(source, target) -> None:
        subprocess.run(["cp", "-a", source, target], check=True)


@pytest.fixture
def appendonly(stack, work_dir) -> Appendonly:
    return Appendonly(stack, work_dir)


@pytest.fixture
def inspector(stack):
    """A device that takes no part in the race."""
    client = Client(stack.env["BASE_URL"], stack.add_device(EVENT, "Inspector", "main"))
    yield client
    client.close()


def is_drained(stack) -> bool:
    return all(stack.redis("XLEN", f"{{1}}:{stream}") == 0 for stream in ("jobs", "scans"))


def is_open(client) -> bool:
    return client.get("/readyz").status == 200


def test_lost_redis(stack, amounts, dice, crowd, history, gate_keys, appendonly, inspector, every_promise_holds):
    losses = [(take, down) for take in (appendonly.empty, appendonly.delete, appendonly.rewind)
              for down in (False, True) for _ in range(amounts.losses)]
    dice.shuffle(losses)
    tickets = TICKETS_EACH * (len(losses) + 1)
    codes = TicketCodes((stack.folder.conf / "master.keys").read_text())

    def lose(take, daemon_is_down: bool) -> float:
        """When it was lost."""
        with ExitStack() as down:
            with crowd.held():
                wait_until("an empty road and an empty scan log", lambda: is_drained(stack))
                if daemon_is_down:
                    down.enter_context(stopped(stack, "mogirid"))
                lost = time.monotonic()
                take()
            if daemon_is_down:
                time.sleep(dice.uniform(0.5, 2.5))
                assert not is_open(inspector)
                early = [scan for scan in history.scans if (scan.answered or 0) > lost]
                assert not early, f"decided by a Redis that nobody has rebuilt: {early[:3]}"
                if dice.random() < 0.5:
                    kill(stack, "mogirid", dice)  # another one starts instead of waking
        return lost

    def ask_again(lost: float) -> None:
        """Who was inside when it was lost is inside still."""
        gone = {scan.serial for scan in history.scans if scan.direction == "exit"}
        used = [scan.serial for scan in history.scans if scan.outcome == "admitted" and scan.answered < lost
                and scan.serial not in gone]
        for serial in dice.sample(used, min(ASKED_AGAIN, len(used))):
            scan = crowd.scan(inspector, dice, serial, codes.issue(1, serial), f"again.{lost}.{serial}", "entry")
            assert scan.reason == "already_inside", scan

    crowd.applicants(tickets)
    crowd.gates(gate_keys)
    for number, (take, daemon_is_down) in enumerate(losses, 1):
        amid = 3 * tickets * number // (len(losses) + 2)
        wait_until(f"{amid} scans", lambda amid=amid: len(history.scans) >= amid or history.wrong, 300)
        if number == 1 or dice.random() < 0.2:
            appendonly.remember()
            time.sleep(0.5)
        lost = lose(take, daemon_is_down)
        ask_again(lost)
        print(f"{take.__name__}, mogirid {'down' if daemon_is_down else 'up'}: "
              f"open again after {time.monotonic() - lost:.1f} s")
        assert not history.wrong, history.wrong
    crowd.end(300)
    every_promise_holds()
