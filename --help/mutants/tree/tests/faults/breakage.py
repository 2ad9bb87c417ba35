"""How servers are broken: killed and stopped, each by its own process id."""

import os
import random
import signal
import time
from contextlib import contextmanager

from stack.process import Process, children
from stack.service import kill_all
from stack.stack import Stack
from stack.waiting import wait_until

SERVERS = ("worker", "mogirid", "redis", "postgres")
SERVICES = ("nginx", "mogirid", "redis", "postgres")  # of the supervisor


def workers(stack: Stack) -> list[int]:
    """nginx's workers; its master has no other children."""
    return children(stack.process("nginx").pid)


def kill(stack: Stack, server: str, dice: random.Random) -> None:
    """kill -9. Returns when another process is in its place."""
    if server == "worker":
        before = workers(stack)
        os.kill(dice.choice(before), signal.SIGKILL)
        wait_until("a new worker", lambda: set(workers(stack)) - set(before) and len(workers(stack)) == len(before))
    else:
        process = stack.process(server)
        assert process.signal(signal.SIGKILL)
        wait_until_replaced(stack, server, process)


def wait_until_replaced(stack: Stack, server: str, process: Process) -> None:
    wait_until(f"{server} to be started again", lambda: stack.process(server) not in (None, process))


@contextmanager
def taken_down(stack: Stack, *servers: str):
    """kill -9 of all that each has started, and none is started again before the end of the block: the supervisor
    stands still meanwhile. Returns when other processes are in their places."""
    supervisor = stack.supervisor()
    supervisor.signal(signal.SIGSTOP)
    down = {server: stack.process(server) for server in servers}
    up = [stack.process(server).pid for server in SERVICES if server not in servers]
    try:
        for pid in children(supervisor.pid):  # one may have been started that nobody has told us of yet
            if pid not in up:
                kill_all(_still_family(pid))
        yield
    finally:
        supervisor.signal(signal.SIGCONT)
    for server, process in down.items():
        wait_until_replaced(stack, server, process)


def freeze(stack: Stack, *servers: str) -> None:
    """SIGSTOP to all that each has started; only killing them ends it."""
    for server in servers:
        for member in _still_family(stack.process(server).pid):
            member.signal(signal.SIGSTOP)


def _still_family(pid: int) -> list[Process]:
    """The process, which is stopped so that it gets no more children, and its children; PostgreSQL's have sessions of
    their own."""
    os.kill(pid, signal.SIGSTOP)
    found = []
    for one in (pid, *children(pid)):
        try:
            found.append(Process.of(one))
        except ProcessLookupError:
            pass
    return found


def stopped(stack: Stack, server: str):
    """SIGSTOP to the server, and SIGCONT at the end of the block."""
    return standing_still(server, stack.process(server).pid, children_too=server == "postgres")


@contextmanager
def standing_still(name: str, pid: int, children_too: bool = False):
    """PostgreSQL's work is done by its children."""
    def tell(number: int) -> None:
        for one in [pid, *(children(pid) if children_too else [])]:
            try:
                os.kill(one, number)
            except ProcessLookupError:
                pass

    tell(signal.SIGSTOP)
    began = time.monotonic()
    try:
        yield
    finally:
        tell(signal.SIGCONT)
        print(f"{name} stood still for {time.monotonic() - began:.1f} s")
