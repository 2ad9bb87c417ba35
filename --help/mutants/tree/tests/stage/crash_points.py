"""Named places in our code where a process dies as by kill -9: their names in the sources, and dying there on demand.

A test file has a session fixture `server_environment` that gives CrashFile(work_dir / "crash").environment("nginx").
"""

import os
import re
import time
from pathlib import Path

from redis_functions import function_library
from stack.waiting import wait_until

SOURCE = Path(__file__).resolve().parents[2]
POINT = re.compile(r'MOGIRI_CRASH_POINT\("([a-z0-9._]+)"\)')


def names(*folders: str) -> list[str]:
    """Every named place in the sources of these folders; a name stands for one place only."""
    found = [name for folder in folders for path in sorted((SOURCE / folder).rglob("*.cpp"))
             for name in POINT.findall(path.read_text(encoding="utf-8"))]
    twice = sorted({name for name in found if found.count(name) > 1})
    assert not twice, f"one name for two places: {twice}"
    return found


class CrashFile:
    """The file in which the servers look up where to die. It must be there before they start, and be theirs to write."""

    def __init__(self, path: Path):
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes(4096))
        path.chmod(0o666)

    def environment(self, *servers: str) -> dict[str, dict[str, str]]:
        """For the fixture server_environment."""
        return {server: {"MOGIRI_CRASH_FILE": str(self.path)} for server in servers}

    def name(self, place: str) -> None:
        """The first process that comes by dies there. Servers have the file mapped, so it is written in place:
        the first letter comes last, for until then nobody reads a name."""
        with open(self.path, "r+b", buffering=0) as file:
            os.pwrite(file.fileno(), place[1:].encode() + b"\0", 1)
            os.pwrite(file.fileno(), place[:1].encode(), 0)

    def was_hit(self) -> bool:
        return self.path.read_bytes()[:1] == b"\0"

    def hit(self, place: str, seconds: float = 30, meanwhile=lambda: None) -> None:
        """Returns when a process has died there. `meanwhile` is called again and again, to bring one by."""
        self.name(place)

        def died() -> bool:
            meanwhile()
            return self.was_hit()

        wait_until(f"a process to die at {place}", died, seconds)



FUNCTION_POINT = re.compile(r"(?m)^ *-- crash point: ([a-z0-9._]+)$")
WITNESS = "{1}:totals:half-run"  # nginx may write to such a key


def names_in_functions() -> list[str]:
    return FUNCTION_POINT.findall(function_library())


class HaltingFunctions:
    """Redis's functions with one that stops for ever at a named place: a kill -9 then comes in the middle of it.

    Only this life of Redis stops there. Before, the function leaves a key: where that is found afterwards, a part of
    what the function did has survived.
    """

    def __init__(self, stack):
        self._stack = stack
        self._log = stack.folder.log / "redis.log"

    def _seen(self, place: str) -> int:
        return self._log.read_text(encoding="utf-8", errors="replace").count(f"halts at {place}")

    def halt(self, place: str, seconds: float = 30, meanwhile=lambda: None) -> None:
        """Returns when Redis has come by and stands still. mogirid brings the true functions back when Redis is lost."""
        run_id = re.search(r"run_id:(\w+)", self._stack.redis("EVAL", "return redis.call('INFO', 'server')", "0"))[1]
        halting = (f"if string.find(redis.call('INFO', 'server'), 'run_id:{run_id}', 1, true) then "
                   f"redis.call('SET', '{WITNESS}', '1') redis.log(redis.LOG_WARNING, 'halts at {place}') "
                   "while true do end end")
        library = re.sub(rf"(?m)^ *-- crash point: {re.escape(place)}$", halting, function_library())
        before, load_at = self._seen(place), 0.0

        def halted() -> bool:
            nonlocal load_at
            if self._seen(place) > before:
                return True
            if time.monotonic() >= load_at:  # again and again: a mogirid that has just started loads its own
                self._stack.redis("FUNCTION", "LOAD", "REPLACE", library)
                load_at = time.monotonic() + 1
            meanwhile()
            return False

        wait_until(f"Redis to halt at {place}", halted, seconds)

    def left_something(self) -> bool:
        return self._stack.redis("EXISTS", WITNESS) != 0
