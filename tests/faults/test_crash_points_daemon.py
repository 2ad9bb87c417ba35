"""mogirid dies at each of its named places, and Redis in the middle of each function, with applicants and gates at work."""

import os
import re
import signal
import time
from contextlib import contextmanager

import pytest

from applicants_calls import call_again
from breakage import kill, stopped, wait_until_replaced
from crash_points import CrashFile, HaltingFunctions, names, names_in_functions
from festival import new_key, teacher
from other_daemon import OtherDaemon
from stack.client import Client
from stack.waiting import wait_until

AT_START = [place for place in names("daemon") if place.startswith("migration.")]
PLACES = [place for place in names("daemon") if place not in AT_START]
IN_FUNCTIONS = names_in_functions()
ONLY = os.environ.get("MOGIRI_PLACES", ".*")  # a regular expression, for who looks into a few of them
POISON = "毒 リンゴ"


@pytest.fixture(scope="session")
def crash_file(work_dir) -> CrashFile:
    return CrashFile(work_dir / "crash")


@pytest.fixture(scope="session")
def server_environment(crash_file):
    return crash_file.environment("mogirid")


class Provoker:
    """What brings mogirid or Redis to a place that everyday work does not come by."""

    def __init__(self, stack):
        self._stack = stack
        self._next = 0.0
        self.poisoned = 0
        stack.sql(f"ALTER TABLE ticket ADD CONSTRAINT poison CHECK (guest_name <> '{POISON}')")

    def bring(self, place: str) -> None:
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + 2
        if place == "road.taken_over":
            self._abandon_a_job()
        elif place in ("road.batch_refused", "road.fault_counted", "road.buried"):
            self._poison()
            self._next += 10 if place == "road.buried" else 0
        elif place.startswith("publisher."):
            self._stack.sql("WITH fresh AS (UPDATE ticket SET version = version + 1 WHERE event = 1 AND serial IN "
                            "(SELECT serial FROM ticket WHERE event = 1 ORDER BY serial LIMIT 5) RETURNING serial) "
                            "INSERT INTO cache_outbox (event, kind, serial) SELECT 1, 'ticket', serial FROM fresh; "
                            "NOTIFY mogiri_cache")
        elif place.startswith("publish_settings."):
            self._stack.sql("UPDATE event SET version = version + 1 WHERE number = 1; "
                            "INSERT INTO cache_outbox (event, kind) VALUES (1, 'settings'); NOTIFY mogiri_cache")
        elif place.startswith(("rebuild.", "arm.")):
            self._stack.redis("DEL", "{1}:ready")
        elif place.startswith(("calls.", "call.")):
            call_again(self._stack)
        elif place.startswith(("keeper.all_closed", "keeper.functions")):
            self._stack.redis("FUNCTION", "FLUSH")
        else:
            self._next = 0.0

    def _abandon_a_job(self) -> None:
        """As if another mogirid had taken one and died 20 s ago."""
        with stopped(self._stack, "mogirid"):
            time.sleep(1)
            taken = self._stack.redis("XREADGROUP", "GROUP", "road", "dead", "COUNT", "1", "STREAMS", "{1}:jobs", ">")
            if taken:
                self.let_wait("dead", taken["{1}:jobs"][0][0] if isinstance(taken, dict) else taken[0][1][0][0])

    def let_wait(self, consumer: str, job: str) -> None:
        self._stack.redis("XCLAIM", "{1}:jobs", "road", consumer, "0", job, "IDLE", "20000", "JUSTID")

    def _poison(self) -> None:
        """A job that its own data keeps from the ledger, in the middle of a batch."""
        with stopped(self._stack, "mogirid"):
            time.sleep(0.5)
            client = Client(self._stack.env["BASE_URL"])
            answer = client.apply(teacher(f"poison{self.poisoned}", ("客 太郎", POISON)), new_key())
            self.poisoned += answer.status == 202
            time.sleep(0.5)

    def hasten(self) -> None:
        """Faulty jobs are tried again in a second instead of in three."""
        for job, consumer, _, _ in self._stack.redis("XPENDING", "{1}:jobs", "road", "IDLE", "2000", "-", "+", "10"):
            self.let_wait(consumer, job)

    def end(self) -> None:
        def all_buried() -> bool:
            self.hasten()
            return self._stack.sql("SELECT count(*) FROM dead_letter WHERE sqlstate = '23514'") == [[str(self.poisoned)]]

        wait_until("the poisoned jobs to be buried", all_buried, 60, pause=0.2)
        self._stack.sql("UPDATE dead_letter SET resolved_at = now()")


def test_crash_points_daemon(stack, amounts, dice, crowd, history, gate_keys, crash_file, every_promise_holds):
    assert len(PLACES) + len(AT_START) + len(IN_FUNCTIONS) >= 24
    provoker, functions = Provoker(stack), HaltingFunctions(stack)
    visits = [place for place in PLACES + IN_FUNCTIONS if re.fullmatch(ONLY, place)] * amounts.crashes
    dice.shuffle(visits)
    # few tickets, for each becomes a mail; enough that somebody comes by everywhere
    crowd.applicants(10**6, clients=4, most=2, rest=0.3)
    crowd.gates(gate_keys)
    wait_until("applicants and gates at work", lambda: len(history.scans) > 20, 60)
    began = time.monotonic()
    for place in visits:
        since = time.monotonic()
        if place in IN_FUNCTIONS:
            die_in_function(stack, functions, provoker, place, dice)
        else:
            die_at(stack, crash_file, provoker, place)
        print(f"{place} {time.monotonic() - since:.1f} s")
        assert not history.wrong, history.wrong
    print(f"{len(visits)} deaths at {len(PLACES)} places in mogirid and {len(IN_FUNCTIONS)} in Redis's functions "
          f"in {time.monotonic() - began:.0f} s")
    crowd.stop()
    crowd.end(60)
    provoker.end()
    every_promise_holds()


def die_at(stack, crash_file, provoker, place: str) -> None:
    def meanwhile() -> None:
        provoker.bring(place)
        if place == "road.buried":
            provoker.hasten()

    if place.startswith("sweep."):
        lose_a_mail(stack, lambda: crash_file.name(place))
        wait_until(f"the next life to die at {place}", crash_file.was_hit, 60)
        return
    mogirid = wait_until("mogirid to run", lambda: stack.process("mogirid"))
    crash_file.hit(place, 60, meanwhile)
    wait_until_replaced(stack, "mogirid", mogirid)


def lose_a_mail(stack, before_the_next_life) -> None:
    """What the sweep looks for: a mail whose worker died. It looks as soon as it lives again."""
    def lost() -> bool:
        with stopped(stack, "mogirid"):
            if stack.sql("SELECT count(*) FROM mail_outbox WHERE state = 'sending'") == [["0"]]:
                return False
            mogirid = stack.process("mogirid")
            before_the_next_life()
            return mogirid.signal(signal.SIGKILL)

    wait_until("a mail to lose its worker", lost, 60, pause=0.2)


def die_in_function(stack, functions, provoker, place: str, dice) -> None:
    functions.halt(place, 60, lambda: provoker.bring(place))
    kill(stack, "redis", dice)
    assert not wait_until("Redis again", lambda: [functions.left_something()])[0], \
        f"what a function did before {place} has survived it"


@pytest.mark.parametrize("place", AT_START)
def test_crash_points_at_start(stack, amounts, crash_file, place):
    """mogirid dies while it makes the ledger's tables, in a schema of their own; the next one makes them whole."""
    def tables(schema: str) -> int:
        return int(stack.sql(f"SELECT count(*) FROM information_schema.tables WHERE table_schema = '{schema}'")[0][0])

    ledger = ("url = \"postgresql.*", f'url = "{stack.env["DATABASE_URL"]}?options=-csearch_path%3Dfresh"')
    nowhere = ("socket = .*", 'socket = "/nowhere"')
    for _ in range(amounts.crashes):
        stack.sql("DROP SCHEMA IF EXISTS fresh CASCADE; CREATE SCHEMA fresh")
        crash_file.name(place)
        with started(stack, ledger, nowhere, environment=crash_file.environment("")[""]) as daemon:
            assert daemon.wait(30) == -9
        assert (tables("fresh") > 0) == (place == "migration.committed")
        with started(stack, ledger, nowhere):
            wait_until("all tables", lambda: tables("fresh") == tables("public"))


@contextmanager
def started(stack, *changes, environment=None):
    daemon = OtherDaemon(stack, "fresh", *changes, environment=environment)
    try:
        yield daemon
    finally:
        daemon.end()
