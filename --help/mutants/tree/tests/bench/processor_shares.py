"""Shares of the processors by cgroups, as systemd gives them by the shipped units (CPUWeight=)."""

import os
import re
from pathlib import Path

from stack.process import children

ROOT = Path("/sys/fs/cgroup")
UNITS = Path(__file__).resolve().parents[2] / "packaging/systemd"
UNIT_OF = {"nginx": "nginx.service.d/mogiri.conf", "redis": "mogiri-redis.service", "mogirid": "mogirid.service"}
DEFAULT_WEIGHT = 100  # systemd's, which PostgreSQL has, and gunicorn would have


def shipped_weight(server: str) -> int:
    said = server in UNIT_OF and re.search(r"(?m)^CPUWeight=(\d+)$", (UNITS / UNIT_OF[server]).read_text())
    return int(said[1]) if said else DEFAULT_WEIGHT


class ProcessorShares:
    """A group for each server. `given` is False once this machine has not let us make one."""

    def __init__(self):
        # Version 1 of cgroups counts in shares, 1024 of which are the usual weight.
        self._root, self._unit = (ROOT / "cpu", 1024) if (ROOT / "cpu").is_dir() else (ROOT, 100)
        self._groups: list[Path] = []
        self.given = True

    def give(self, server: str, pid: int) -> None:
        group = self._root / f"mogiri-bench-{os.getpid()}-{server}"
        try:
            if not group.exists():
                group.mkdir()
                self._groups.append(group)
                weight = group / ("cpu.shares" if self._unit == 1024 else "cpu.weight")
                weight.write_text(str(shipped_weight(server) * self._unit // DEFAULT_WEIGHT))
            for process in [pid, *children(pid)]:
                (group / "cgroup.procs").write_text(str(process))
        except OSError:
            self.given = False

    def end(self) -> None:
        """Once the servers have ended."""
        for group in self._groups:
            group.rmdir()
