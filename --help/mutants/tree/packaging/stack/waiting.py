"""Waiting for an event instead of guessing how long it takes."""

import time


class Waited(AssertionError):
    """The event did not come; the message says which and what was seen last."""


def wait_until(what: str, check, seconds: float = 30.0, pause: float = 0.02):
    """Asks `check` until it gives something true, and gives that; an exception of its counts as "not yet"."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            seen, value = None, check()
            if value:
                return value
        except Exception as error:  # noqa: BLE001: what is not up yet refuses in many ways
            seen, value = error, None
        if time.monotonic() > deadline:
            last = f"{type(seen).__name__}: {seen}" if seen is not None else repr(value)
            raise Waited(f"waited {seconds:g} s for {what}; last seen: {last}")
        time.sleep(pause)
