"""nginx reloads every second, and its binary is replaced, under 1,000 requests a second: not one request is dropped."""

import itertools
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from breakage import workers
from crowd import codes_of
from festival import teacher
from history import History
from load import Load, Loaded
from stack.client import Client
from stack.waiting import wait_until
from upgraded_nginx import UpgradedNginx

RATE = 1_000
TICKETS = 40
PARKED = 4         # applications that wait for mogirid at each reload
STILL = 0.5        # seconds that mogirid stands still at each reload
PATHS = ["/apply/student", "/apply/teacher", "/healthz", "/readyz"]


@pytest.fixture(scope="module")
def history() -> History:
    """Of both tests, for they share the ledger."""
    return History()


@pytest.fixture
def codes(stack, crowd):
    if not codes_of(stack):
        crowd.applicants(TICKETS, clients=4)
        wait_until("tickets", lambda: not crowd.applying(), 60)
    return codes_of(stack)


@pytest.fixture
def parked_over(stack, history, dice):
    """Applications that wait for mogirid while something is done: the statuses of their answers."""
    names = itertools.count()

    def send(url: str) -> int:
        submission = history.submission(f"{dice.getrandbits(128):032x}", teacher(f"parked{dice.getrandbits(32)}.{next(names)}"))
        answer = Client(url).apply(submission.fields, submission.key)
        submission.statuses[answer.status] += 1
        submission.ids.add(answer.json["application"])
        return answer.status

    def do(url: str, something) -> list[int]:
        began = time.monotonic()
        mogirid = stack.process("mogirid")
        with ThreadPoolExecutor(PARKED) as applicants:
            assert mogirid.signal(signal.SIGSTOP)
            try:
                sent = [applicants.submit(send, url) for _ in range(PARKED)]
                time.sleep(STILL / 2)
                waiting = [answer for answer in sent if not answer.done()]
                something()
                time.sleep(STILL / 2)
            finally:
                mogirid.signal(signal.SIGCONT)
            for answer in sent:
                assert answer.result() in (201, 202)
        time.sleep(max(0, began + 1 - time.monotonic()))
        return [answer.result() for answer in waiting]

    return do


def test_reloads(stack, amounts, seed, history, codes, gate_keys, parked_over, every_promise_holds):
    master = stack.process("nginx")
    url = stack.env["BASE_URL"]
    load = Load(url, gate_keys[0], RATE, seed, PATHS, codes, share_of_scans=0.3, name="reloads")
    load.start()
    parked = [status for _ in range(amounts.reloads) for status in parked_over(url, lambda: master.signal(signal.SIGHUP))]
    loaded = load.end()
    assert stack.process("nginx") == master
    none_was_dropped(f"{amounts.reloads} reloads", loaded, parked, amounts.reloads)
    wait_until("the old workers to end", lambda: len(workers(stack)) == 2, 70)
    loaded.tell(history)
    every_promise_holds()


def test_binary_upgrades(stack, amounts, seed, history, codes, gate_keys, parked_over, every_promise_holds):
    upgrades = amounts.reloads // 5
    with UpgradedNginx(stack) as nginx:
        load = Load(nginx.url, gate_keys[0], RATE, seed, PATHS, codes, share_of_scans=0.3, name="upgrades")
        load.start()
        parked = []
        for _ in range(upgrades):
            parked += parked_over(nginx.url, nginx.begin_upgrade)
            nginx.end_upgrade()
        loaded = load.end()
    none_was_dropped(f"{upgrades} binary upgrades", loaded, parked, upgrades)
    loaded.tell(history)
    every_promise_holds()


def none_was_dropped(what: str, loaded: Loaded, parked: list[int], times: int) -> None:
    print(f"{what}: {loaded.summary()}; {len(parked)} applications were parked meanwhile, "
          f"{parked.count(201)} of them answered 201")
    assert not loaded.dropped, loaded.dropped[:10]
    assert set(loaded.statuses) == {"200"}
    assert len(parked) >= times * PARKED / 2
    assert sum(loaded.statuses.values()) > loaded.seconds * RATE / 2
