"""Processes by pid and start time, so that a pid which the kernel has given to another process is never signalled."""

import os
import select
import signal
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Process:
    """One process of this boot; `start` is its start time in clock ticks."""

    pid: int
    start: int

    @classmethod
    def of(cls, pid: int) -> "Process":
        """Raises ProcessLookupError when there is none."""
        stat = _stat(pid)
        if stat is None:
            raise ProcessLookupError(pid)
        return cls(pid, stat["start"])

    def alive(self) -> bool:
        stat = _stat(self.pid)
        return stat is not None and stat["start"] == self.start and stat["state"] not in "ZX"

    def signal(self, number: int) -> bool:
        """True when the process was there to get it. SIGSTOP returns once all its threads stand still."""
        try:
            fd = os.pidfd_open(self.pid)
        except ProcessLookupError:
            return False
        try:
            if not self.alive():
                return False
            signal.pidfd_send_signal(fd, number)
            if number == signal.SIGSTOP:
                self._stand_still(time.monotonic() + 5)
            return True
        except ProcessLookupError:
            return False
        finally:
            os.close(fd)

    def _stand_still(self, deadline: float) -> None:
        tasks = Path(f"/proc/{self.pid}/task")
        while time.monotonic() < deadline:
            states = {stat["state"] for stat in (_stat(f"{self.pid}/task/{task.name}") for task in tasks.glob("*")) if stat}
            if states <= set("TtZX"):
                return
            time.sleep(0.001)

    def wait_end(self, seconds: float) -> bool:
        """True when it has ended within the time."""
        try:
            fd = os.pidfd_open(self.pid)
        except ProcessLookupError:
            return True
        try:
            return not self.alive() or bool(select.select([fd], [], [], seconds)[0])
        finally:
            os.close(fd)


def children(pid: int) -> list[int]:
    return [child for child, stat in _all() if stat["parent"] == pid]


def session_members(leader: Process) -> list[Process]:
    """Who still lives in the session that `leader` opened, itself included; nothing when its pid is another's now."""
    now = _stat(leader.pid)
    if now is not None and now["start"] != leader.start:
        return []
    return [Process(pid, stat["start"]) for pid, stat in _all()
            if stat["session"] == leader.pid and stat["start"] >= leader.start and stat["state"] not in "ZX"]


def _all():
    for name in os.listdir("/proc"):
        if name.isdigit():
            stat = _stat(int(name))
            if stat is not None:
                yield int(name), stat


def _stat(pid: int | str) -> dict | None:
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            text = file.read()
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = text[text.rindex(")") + 2:].split()  # the name before it may hold anything
    return {"state": fields[0], "parent": int(fields[1]), "session": int(fields[3]), "start": int(fields[19])}
