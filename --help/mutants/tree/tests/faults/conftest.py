"""What the fault tests share: amounts, a seed, a crowd of clients, and the end that every one of them must come to."""

import os
import random
import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from amounts import CI, FULL  # noqa: E402
from checker import violations, wait_for_quiet  # noqa: E402
from crowd import Crowd  # noqa: E402
from history import History  # noqa: E402


def pytest_addoption(parser):
    parser.addoption("--single-process", choices=("asan", "valgrind"), default="asan", help="for test_single_process.py")


@pytest.fixture(scope="session")
def amounts():
    return FULL if os.environ.get("MOGIRI_FAULTS") == "full" else CI


@pytest.fixture
def seed() -> int:
    """MOGIRI_SEED=N plays a run again, as far as the machine's own timing allows."""
    seed = int(os.environ.get("MOGIRI_SEED", 0)) or time.time_ns() % 1_000_000
    print(f"\nMOGIRI_SEED={seed}")
    return seed


@pytest.fixture
def dice(seed) -> random.Random:
    return random.Random(seed)


@pytest.fixture
def history() -> History:
    return History()


@pytest.fixture
def crowd(stack, history, seed):
    crowd = Crowd(stack, history, seed)
    yield crowd
    crowd.stop()


@pytest.fixture
def gate_keys(stack) -> list[str]:
    return [stack.env[name] for name in ("DEVICE_KEY", "DEVICE_KEY_2", "SUPERVISOR_KEY")]


@pytest.fixture
def every_promise_holds(stack, amounts, history):
    """To be called when the servers are whole again and the crowd has ended."""
    def check(mails: bool = True) -> None:
        wait_for_quiet(stack, amounts.quiet_seconds)
        found = violations(stack, history, mails)
        print(history.summary())
        print(f"violations: {len(found)}")
        assert not found, "\n".join(found[:30])

    return check
