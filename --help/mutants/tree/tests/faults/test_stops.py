"""SIGSTOP of one of two mogirid for 40 s with work in hand, of Redis and of PostgreSQL for 10 s, with a crowd at work."""

import signal
import time

from breakage import standing_still, stopped
from other_daemon import other_daemon
from stack.client import Client
from stack.waiting import wait_until
from ticket_codes import TicketCodes

DAEMON_STOPS, SERVER_STOPS = 40, 10  # seconds
LONGEST_TAKE_OVER = 15               # 10 s of silence, a look every second
SECOND = "second"


def in_hand(stack) -> list[str]:
    """The applications that the second mogirid has claimed, by their entries in the stream."""
    return [entry[0] for entry in stack.redis("XPENDING", "{1}:jobs", "road", "-", "+", "1000", SECOND)]


def test_stops(stack, amounts, dice, crowd, history, gate_keys, every_promise_holds):
    with other_daemon(stack, SECOND) as second:
        crowd.applicants(10**6, clients=5, most=2, rest=0.4)
        crowd.gates(gate_keys)
        wait_until("the second mogirid to share the work", lambda: SECOND in [
            one["name"] for one in stack.redis("XINFO", "CONSUMERS", "{1}:jobs", "road")])
        for _ in range(amounts.stops):
            stop_a_daemon(stack, second, dice)
            with stopped(stack, "redis"):  # what the door answers then: test_stopped_redis.py
                time.sleep(SERVER_STOPS)
            stop_postgresql(stack, crowd, history, dice, gate_keys[0])
            assert not history.wrong, history.wrong
        crowd.stop()
        crowd.end(60)
        every_promise_holds()
        assert second.process.alive(), "the second mogirid has ended"


def stop_a_daemon(stack, second, dice) -> None:
    """Its jobs are another's after 10 s, its scans and locks after 5; its mails are its own for as long as its lease."""
    deadline = time.monotonic() + 60
    while True:
        assert time.monotonic() < deadline, "never caught with an application and a mail in hand"
        time.sleep(dice.uniform(0, 0.1))
        second.process.signal(signal.SIGSTOP)
        jobs, mails = in_hand(stack), mails_of_the_second(stack)
        if jobs and mails:
            break
        second.process.signal(signal.SIGCONT)
    with standing_still("the second mogirid", second.process.pid):
        began = time.monotonic()
        wait_until("its applications to be taken over", lambda: not in_hand(stack), LONGEST_TAKE_OVER)
        print(f"{len(jobs)} applications in its hand, taken over after {time.monotonic() - began:.1f} s; {len(mails)} mails")
        wait_until("the other to have settled them", lambda: not any(stack.redis("XRANGE", "{1}:jobs", job, job) for job in jobs), 5)
        wait_until("the other to drain", lambda: stack.redis("XLEN", "{1}:scans") == 0, 5)
        time.sleep(max(0, began + DAEMON_STOPS - time.monotonic()))
        assert mails_of_the_second(stack) == mails
    wait_until("it to go on", lambda: mails_of_the_second(stack) != mails)
    ends = stack.sql(f"SELECT state, attempts, unknowns FROM mail_outbox WHERE id IN ({','.join(mails)})")
    assert ends == [["sent", "1", "0"]] * len(mails), ends


def mails_of_the_second(stack) -> list[str]:
    return [row[0] for row in stack.sql(f"SELECT id FROM mail_outbox WHERE lease_by LIKE '{SECOND}:%' ORDER BY id")]


def stop_postgresql(stack, crowd, history, dice, key) -> None:
    """Applications are taken and the door works on."""
    door = Client(stack.env["BASE_URL"], key)
    codes = TicketCodes((stack.folder.conf / "master.keys").read_text())
    serials = [int(row[0]) for row in stack.sql("SELECT serial FROM ticket WHERE event = 1 ORDER BY serial LIMIT 50")]
    before, waits = len(history.submissions), []
    with stopped(stack, "postgres"):
        until = time.monotonic() + SERVER_STOPS
        while time.monotonic() < until:
            began = time.monotonic()
            serial = dice.choice(serials)
            scan = crowd.scan(door, dice, serial, codes.issue(1, serial), f"away.{time.time_ns()}", "exit")
            waits.append(time.monotonic() - began)
            assert scan.outcome in ("refused", "exited")
            time.sleep(0.05)
    print(f"{len(waits)} scans while PostgreSQL stood still, the slowest took {max(waits):.3f} s; "
          f"{len(history.submissions) - before} applications")
    assert max(waits) < 1 and len(history.submissions) > before
