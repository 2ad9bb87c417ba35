"""A server under callgrind: instructions that it executes in user space, counted between two moments."""

import re
import subprocess
import time
from pathlib import Path


class Callgrind:
    def __init__(self, folder: Path, argv: list, **popen):
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._log = open(folder / "valgrind.log", "w")
        self._server = subprocess.Popen(
            ["valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/counted", "--dump-instr=no", *map(str, argv)],
            stdout=self._log, stderr=subprocess.STDOUT, **popen)
        self._parts = 0

    @property
    def pid(self) -> int:
        return self._server.pid

    def told(self) -> str:
        return (self._folder / "valgrind.log").read_text(errors="replace")

    def count(self) -> int:
        """Since the last call, or the start."""
        # A server that sleeps in a system call wakes up for this; its file is there when the command returns, or a moment later.
        subprocess.run(["callgrind_control", "--dump", str(self.pid)], capture_output=True, check=True, timeout=30)
        self._parts += 1
        path, until = self._folder / f"counted.{self._parts}", time.monotonic() + 10
        while True:
            found = re.search(r"(?m)^totals: (\d+)", path.read_text()) if path.exists() else None
            if found:
                return int(found[1])
            if time.monotonic() > until:
                raise RuntimeError(f"callgrind wrote no {path}:\n{self.told()}")
            time.sleep(0.02)

    def end(self) -> None:
        """Without ceremony: what was wanted is counted."""
        if self._server.poll() is None:
            self._server.kill()
            self._server.wait(10)
        self._log.close()
