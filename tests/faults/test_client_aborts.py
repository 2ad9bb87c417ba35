"""Clients leave at random moments, during reloads too, while servers pause, under sanitizers: no finding, nothing leaks, nothing is lost."""

import itertools
import random
import re
import signal
import threading
import time
from pathlib import Path

import pytest

from breakage import workers
from crowd import codes_of
from rude_clients import RudeClient, Wishes
from sanitized import SanitizedBuild
from stack import ports
from stack.waiting import wait_until

CLIENTS = 8
ESTABLISHED, CLOSE_WAIT = "01", "08"  # as /proc/net/tcp has them


@pytest.fixture(scope="session")
def build(build_dir) -> SanitizedBuild:
    return SanitizedBuild(build_dir)


@pytest.fixture
def http2(stack):
    """A port of the stack's nginx that speaks HTTP/2 without TLS."""
    port, reservation = ports.take(None)
    file = stack.folder.conf / "nginx.conf"
    text = file.read_text(encoding="utf-8")
    file.write_text(re.sub(r"( +listen [^;]+;)", rf"\1\n        listen 127.0.0.1:{port} http2;", text, count=1), encoding="utf-8")
    reload(stack)
    yield port
    reservation.close()


def reload(stack) -> None:
    before = workers(stack)
    assert stack.process("nginx").signal(signal.SIGHUP)
    wait_until("new workers", lambda: len(set(workers(stack)) - set(before)) == 2)


def connections(stack, *of: int) -> int:
    """That nginx holds on these ports."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]]
    return sum(int(row[1].split(":")[1], 16) in of and row[3] in (ESTABLISHED, CLOSE_WAIT) for row in rows)


def pause(stack, dice: random.Random) -> None:
    """mogirid or Redis stand still for a moment, so that there are requests that wait for them."""
    server = stack.process(dice.choice(["mogirid", "redis"]))
    server.signal(signal.SIGSTOP)
    time.sleep(dice.uniform(0.05, 0.4))
    server.signal(signal.SIGCONT)


def test_client_aborts(stack, amounts, seed, dice, crowd, history, gate_keys, http2, every_promise_holds):
    crowd.applicants(60, clients=4)
    wait_until("tickets", lambda: not crowd.applying(), 120)
    wishes = Wishes(stack, history, dice, gate_keys[0], codes_of(stack))
    left, numbers, lock = RudeClient(stack, http2), itertools.count(), threading.Lock()
    master = stack.process("nginx")

    def leave_again_and_again(own: random.Random) -> None:
        while next(numbers) < amounts.aborts:
            with lock:
                wish = wishes.draw(own)
            left.leave(wish, own)

    began, reloads, pauses = time.monotonic(), 0, 0
    for number in range(CLIENTS):
        crowd.begin(f"rude{number}", leave_again_and_again)
    while crowd.applying("rude"):
        time.sleep(dice.uniform(0.1, 0.5))
        if dice.random() < 0.5:
            pause(stack, dice)
            pauses += 1
        if dice.random() < 0.5:
            reload(stack)
            reloads += 1
    count = sum(left.left.values())
    print(f"{count} requests left in {time.monotonic() - began:.0f} s, {reloads} reloads and {pauses} pauses meanwhile: "
          f"{dict(sorted(left.left.items()))}")
    assert not history.wrong, history.wrong
    assert stack.process("nginx") == master and count >= amounts.aborts and reloads and pauses
    port = int(stack.env["BASE_URL"].rsplit(":", 1)[1])
    wait_until("the old workers to end", lambda: len(workers(stack)) == 2, 90)
    wait_until("nginx to hold no connection", lambda: connections(stack, port, http2) == 0, 30)
    every_promise_holds()
