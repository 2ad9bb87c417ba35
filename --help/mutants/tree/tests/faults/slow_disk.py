"""A disk that syncs slowly while it is told to: slow_sync.cpp, preloaded into Redis, looks into a file that this writes."""

import os
import struct
from contextlib import contextmanager
from pathlib import Path

from stack.waiting import wait_until


class SlowDisk:
    """The file must be there before Redis starts, and be Redis's to write."""

    def __init__(self, path: Path, library: Path):
        self._path, self._library = path, library
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes(4096))
        path.chmod(0o666)

    def environment(self) -> dict[str, dict[str, str]]:
        """For the fixture server_environment."""
        return {"redis": {"LD_PRELOAD": str(self._library), "MOGIRI_SLOW_SYNC": str(self._path)}}

    @contextmanager
    def slow(self, seconds: float):
        """Syncs that begin inside the block take so much longer."""
        self._write(0, int(seconds * 1000))
        try:
            yield
        finally:
            self._write(0, 0)

    def wait_for_sync(self) -> None:
        """Returns while a slowed sync is under way."""
        self._write(4, 0)  # a Redis that was killed has not counted its own away
        wait_until("a slow sync", lambda: struct.unpack("=I", self._path.read_bytes()[4:8])[0] > 0, pause=0.002)

    def _write(self, at: int, number: int) -> None:
        with open(self._path, "r+b", buffering=0) as file:
            os.pwrite(file.fileno(), struct.pack("=I", number), at)
