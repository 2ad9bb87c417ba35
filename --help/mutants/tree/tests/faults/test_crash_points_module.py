"""A worker of nginx dies at each named place of the module, with applicants and gates at work; another takes over."""

import os
import signal
import time

import pytest

from applicants_calls import call_again
from breakage import workers
from crash_points import CrashFile, names
from stack.waiting import wait_until

PLACES = names("module")
# A worker does not come by these by itself: what brings one there.
AT_A_RELOAD = ("module.worker.", "module.settings.", "module.answers.subscribed", "module.redis.connecting", "module.redis.ready")
AT_NEW_SETTINGS = "module.shelf.locked"
AT_A_CALL = "module.call.parked"
AT_A_LOST_CONNECTION = ("module.redis.dropped", "module.redis.loss_told")


@pytest.fixture(scope="session")
def crash_file(work_dir) -> CrashFile:
    return CrashFile(work_dir / "crash")


@pytest.fixture(scope="session")
def server_environment(crash_file):
    return crash_file.environment("nginx")


def test_crash_points_module(stack, amounts, dice, crowd, history, gate_keys, crash_file, every_promise_holds):
    assert len(PLACES) >= 12
    visits = PLACES * amounts.crashes
    dice.shuffle(visits)
    # few tickets, for each becomes a mail; enough that somebody comes by everywhere
    crowd.applicants(10**6, clients=6, most=2, rest=0.2)
    crowd.gates(gate_keys)
    wait_until("applicants and gates at work", lambda: len(history.scans) > 20, 60)
    began = time.monotonic()
    for place in visits:
        crash_file.hit(place, 60, meanwhile=lambda place=place: bring(stack, place))
        assert not history.wrong, history.wrong
        wait_until("all workers to be there", lambda: len(workers(stack)) == 2)
    print(f"{len(visits)} workers died at {len(PLACES)} places in {time.monotonic() - began:.0f} s")
    crowd.stop()
    crowd.end(60)
    every_promise_holds()


def bring(stack, place: str) -> None:
    if place.startswith(AT_A_RELOAD):
        os.kill(stack.process("nginx").pid, signal.SIGHUP)
        time.sleep(0.5)
    elif place == AT_NEW_SETTINGS:
        stack.add_device("musicfes", f"Phone {time.monotonic_ns()}", "main")
    elif place == AT_A_CALL:
        call_again(stack)
    elif place in AT_A_LOST_CONNECTION:
        stack.redis("CLIENT", "KILL", "USER", "nginx")
        time.sleep(0.1)
