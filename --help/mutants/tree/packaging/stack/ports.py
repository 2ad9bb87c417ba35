"""Free TCP ports on loopback, outside the range that outgoing connections take theirs from."""

import random
import socket

FIRST, LAST = 20000, 29999


def is_free(port: int) -> bool:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def reserve(port: int) -> socket.socket | None:
    """While the returned socket is open, no other stack on this machine takes the port; None when one has it."""
    mark = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        mark.bind(f"\0mogiri-stack-port-{port}")  # an abstract address: gone when its last holder is
    except OSError:
        mark.close()
        return None
    return mark


def take(wish: int | None) -> tuple[int, socket.socket]:
    """The wished port when it is free, else another one, and its reservation."""
    candidates = ([wish] if wish else []) + random.sample(range(FIRST, LAST + 1), 500)
    for port in candidates:
        mark = reserve(port)
        if mark is None:
            continue
        if is_free(port):
            return port, mark
        mark.close()
    raise RuntimeError(f"No free TCP port between {FIRST} and {LAST} on 127.0.0.1.")
