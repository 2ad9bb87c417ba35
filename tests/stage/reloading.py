"""A new configuration for nginx, seen to its end: the old workers are gone, and with them the connections that they kept."""

import signal

from stack.process import children
from stack.waiting import wait_until


def reload_nginx(stack) -> None:
    pid = stack.process("nginx").pid
    before = set(children(pid))
    assert stack.process("nginx").signal(signal.SIGHUP)
    wait_until("fresh workers only", lambda: (now := set(children(pid))) and not now & before)
