"""Fresh workers for nginx, waited for until the old ones are gone, and with them the connections that they kept."""

import os
import signal

from stack.process import children
from stack.waiting import wait_until


def reload_nginx(stack) -> None:
    _refreshed(stack, lambda workers: stack.process("nginx").signal(signal.SIGHUP))


def kill_workers(stack) -> None:
    _refreshed(stack, lambda workers: [os.kill(pid, signal.SIGKILL) for pid in workers])


def _refreshed(stack, end) -> None:
    pid = stack.process("nginx").pid
    before = set(children(pid))
    end(before)
    wait_until("fresh workers only", lambda: len(now := set(children(pid))) == len(before) and not now & before)
