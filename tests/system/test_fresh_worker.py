"""A worker that starts while Redis stands still has the events' settings from the others, and judges as they do."""

import re
import signal
import time
from contextlib import contextmanager

import pytest

from festival import nonces, tickets, variant
from reloading import kill_workers, reload_nginx
from stack.client import Client
from stack.waiting import wait_until

LONGEST = 0.35  # seconds
GATE = '\n[[gate]]\nnumber = {0}\nid = "side{0}"\nname = {{ ja = "通用口{0}", en = "Side gate {0}" }}\nkinds = []\n'
GATES = 3000    # more than a small zone can hold


@contextmanager
def redis_stopped(stack):
    redis = stack.process("redis")
    assert redis.signal(signal.SIGSTOP)
    try:
        yield
    finally:
        redis.signal(signal.SIGCONT)


def scan(stack, key: str, code: str):
    """On a connection of its own, so that any worker may get it; the answer must come in time."""
    began = time.monotonic()
    answer = Client(stack.env["BASE_URL"], key).scan(code, next(nonces))
    assert time.monotonic() - began <= LONGEST, answer.text
    return answer


def forged(code: str) -> str:
    return code[:20] + ("B" if code[20] == "A" else "A") + code[21:]


@pytest.mark.parametrize("refresh", [reload_nginx, kill_workers])
def test_it_judges_signatures_and_devices(stack, client, refresh):
    ticket = tickets(stack, client, 1)[0]
    key = stack.env["DEVICE_KEY"]
    with redis_stopped(stack):
        refresh(stack)
        for _ in range(8):
            degraded = scan(stack, key, ticket.code)
            assert degraded.status == 503
            assert (degraded.json["reason"], degraded.json["signature"]) == ("degraded", "valid")
            refused = scan(stack, key, forged(ticket.code))
            assert (refused.status, refused.json["reason"]) == (200, "unknown")
            assert scan(stack, "no such key", ticket.code).status == 401
            assert Client(stack.env["BASE_URL"]).get("/apply/student", Accept="text/html").status == 200
            assert Client(stack.env["BASE_URL"]).get("/e/nowhere/apply/student", Accept="text/html").status == 404
    admitted = wait_until("the door to open", lambda: (answer := scan(stack, key, ticket.code)).status == 200 and answer)
    assert admitted.json["outcome"] == "admitted"


def test_it_has_the_newest_settings(stack, client):
    """A device that was added a moment ago, at another worker's turn to fetch."""
    ticket = tickets(stack, client, 1)[0]
    key = stack.add_device("musicfes", "Main gate 9", "main")
    wait_until("the device to be known", lambda: scan(stack, key, forged(ticket.code)).status == 200)
    with redis_stopped(stack):
        kill_workers(stack)
        assert scan(stack, key, ticket.code).json["signature"] == "valid"


def test_a_zone_that_is_too_small_is_said_once_and_costs_nothing_else(stack, client):
    ticket = tickets(stack, client, 1)[0]
    file = stack.folder.conf / "mogiri-http.conf"
    shipped = file.read_text(encoding="utf-8")
    log = stack.folder.log / "nginx-error.log"
    file.write_text(re.sub(r"mogiri_zone +\S+;", "mogiri_zone 256k;", shipped), encoding="utf-8")
    try:
        reload_nginx(stack)
        variant(stack, "crowded")
        crowded = stack.folder.conf / "crowded.toml"
        crowded.write_text(crowded.read_text(encoding="utf-8") + "".join(GATE.format(number) for number in range(3, GATES)),
                           encoding="utf-8")
        stack.mogirictl("event", "apply", crowded)
        wait_until("the shelf to be full", lambda: "mogiri_zone is too small" in log.read_text(encoding="utf-8"))
        kill_workers(stack)
        reload_nginx(stack)
        assert wait_until("the door to open", lambda: scan(stack, stack.env["DEVICE_KEY"], ticket.code).status == 200)
        assert Client(stack.env["BASE_URL"]).get("/e/crowded/apply/student", Accept="text/html").status == 200
        text = log.read_text(encoding="utf-8")
        assert text.count("mogiri_zone is too small") == 1 and "no memory" not in text
    finally:
        file.write_text(shipped, encoding="utf-8")
        reload_nginx(stack)
