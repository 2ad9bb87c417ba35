"""One server under supervision: started in a session of its own, ended with all it started, restarted with a short back-off."""

import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field

from .process import Process, session_members

LONGEST_BACK_OFF = 1.0  # seconds
STEADY_AFTER = 1.0      # a server that ran this long is started again at once


@dataclass
class Specification:
    """How a server is started and ended; travels from the front to the supervisor as JSON."""

    name: str
    argv: list[str]
    log: str
    stop_signal: int = signal.SIGTERM
    stop_seconds: float = 20.0
    environment: dict[str, str] = field(default_factory=dict)
    watchdog_seconds: float = 0.0  # over 0: it speaks sd_notify, and this long without a word ends it


class Service:
    def __init__(self, specification: Specification):
        self.specification = specification
        self.name = specification.name
        self.process: Process | None = None
        self.ready = False   # by sd_notify
        self.status = ""
        self.last_word = 0.0
        self.start_at = 0.0  # when it is to be started, by time.monotonic
        self._popen: subprocess.Popen | None = None
        self._started = 0.0
        self._back_off = 0.0

    def start(self) -> None:
        specification = self.specification
        with open(specification.log, "ab") as log:
            self._popen = subprocess.Popen(specification.argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/",
                                           env=specification.environment, start_new_session=True)
        self.process = Process.of(self._popen.pid)
        self.ready, self.status = False, ""
        self._started = self.last_word = time.monotonic()
        note(f"{self.name} started, pid {self.process.pid}")

    def ended(self, how: int) -> None:
        """The main process is gone and reaped: nothing it started may live on, then it is due again."""
        leader, self.process = self.process, None
        self._popen.returncode = how
        note(f"{self.name}, pid {leader.pid}, ended " + (f"by signal {-how}" if how < 0 else f"with status {how}"))
        kill_all(session_members(leader))
        if time.monotonic() - self._started >= STEADY_AFTER:
            self._back_off = 0.0
        self.start_at = time.monotonic() + self._back_off
        self._back_off = min(max(0.1, 2 * self._back_off), LONGEST_BACK_OFF)

    def overdue(self) -> bool:
        allowed = self.specification.watchdog_seconds
        return bool(allowed and self.process and self.ready and time.monotonic() - self.last_word > allowed)


def kill_all(processes: list[Process]) -> None:
    for process in processes:
        process.signal(signal.SIGKILL)
    for process in processes:
        process.wait_end(5)


def note(text: str) -> None:
    """A line in the supervisor's log."""
    now = time.time()
    stamp = time.strftime("%H:%M:%S", time.localtime(now)) + f".{int(now * 1000) % 1000:03d}"
    print(stamp, text, file=sys.stderr, flush=True)
