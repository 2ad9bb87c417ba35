"""Processor time that servers used, by their process ids and those of their children, to the nanosecond."""

from pathlib import Path

from stack.process import children


def of_tree(pid: int) -> float:
    """Milliseconds so far. What ended meanwhile is missing: servers of ours keep their processes."""
    return sum(_of_process(one) for one in [pid, *children(pid)])


def of_threads(pid: int, name: str) -> float:
    """Milliseconds of the threads whose name begins so."""
    total = 0.0
    for task in Path(f"/proc/{pid}/task").iterdir():
        if (task / "comm").read_text().startswith(name):
            total += _milliseconds(task)
    return total


def _of_process(pid: int) -> float:
    try:
        return sum(_milliseconds(task) for task in Path(f"/proc/{pid}/task").iterdir())
    except FileNotFoundError:
        return 0.0


def _milliseconds(task: Path) -> float:
    try:
        return int((task / "schedstat").read_text().split()[0]) / 1e6
    except (FileNotFoundError, ProcessLookupError):
        return 0.0

