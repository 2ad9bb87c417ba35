"""Clients leave at random moments, during reloads too, while servers pause, under sanitizers: no finding, nothing leaks, nothing is lost."""

import itertools
import random
import signal
import threading
import time
from urllib.parse import urlsplit

import pytest

from breakage import workers
from crowd import codes_of
from rude_clients import RudeClient, Wishes, connections
from sanitized import SanitizedBuild
from stack.waiting import wait_until

CLIENTS = 8


@pytest.fixture(scope="session")
def build(build_dir) -> SanitizedBuild:
    return SanitizedBuild(build_dir)


def reload(stack) -> None:
    before = workers(stack)
    assert stack.process("nginx").signal(signal.SIGHUP)
    wait_until("new workers", lambda: len(set(workers(stack)) - set(before)) == 2)


def stop(stack, name: str, seconds: float) -> None:
    """So that there are requests that wait for it."""
    server = stack.process(name)
    server.signal(signal.SIGSTOP)
    time.sleep(seconds)
    server.signal(signal.SIGCONT)


def lose_redis(stack) -> None:
    """Long enough for requests to find it away."""
    stack.redis("ACL", "SETUSER", "nginx", "off")
    stack.redis("CLIENT", "KILL", "USER", "nginx")
    time.sleep(0.3)
    stack.redis("ACL", "SETUSER", "nginx", "on")


def test_client_aborts(stack, amounts, seed, dice, crowd, history, gate_keys, every_promise_holds):
    crowd.applicants(60, clients=4)
    wait_until("tickets", lambda: not crowd.applying(), 120)
    port, http2 = (urlsplit(stack.env[name]).port for name in ("BASE_URL", "HTTP2_URL"))
    wishes = Wishes(stack, history, dice, gate_keys[0], codes_of(stack))
    left, numbers, lock = RudeClient(stack, http2), itertools.count(), threading.Lock()
    master = stack.process("nginx")

    def leave_again_and_again(own: random.Random) -> None:
        while next(numbers) < amounts.aborts:
            with lock:
                wish = wishes.draw(own)
            left.leave(wish, own)

    troubles = [lambda: reload(stack), lambda: stop(stack, "mogirid", dice.uniform(0.05, 0.4)),
                lambda: lose_redis(stack), lambda: stop(stack, "redis", dice.uniform(0.05, 0.4))]
    began, rounds = time.monotonic(), 0
    for number in range(CLIENTS):
        crowd.begin(f"rude{number}", leave_again_and_again)
    while crowd.applying("rude"):
        dice.shuffle(troubles)
        for trouble in troubles:
            time.sleep(dice.uniform(0, 0.3))
            trouble()
        rounds += 1
    count = sum(left.left.values())
    print(f"{count} requests left in {time.monotonic() - began:.0f} s, {rounds} times a reload, a lost and a stopped Redis "
          f"and a stopped mogirid meanwhile: {dict(sorted(left.left.items()))}")
    assert not history.wrong, history.wrong
    assert stack.process("nginx") == master and count >= amounts.aborts and rounds
    wait_until("the old workers to end", lambda: len(workers(stack)) == 2, 90)
    wait_until("nginx to hold no connection", lambda: connections(port, http2) == 0, 30)
    every_promise_holds()
