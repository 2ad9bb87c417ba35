"""A second mogirid beside the stack's own, under another name, stopped and woken as a test wants."""

import re
import signal
import subprocess
from contextlib import contextmanager

from stack import services
from stack.process import Process
from stack.stack import Stack
from stack.waiting import wait_until


class OtherDaemon:
    def __init__(self, stack: Stack, name: str, *changes: tuple[str, str], environment: dict[str, str] | None = None):
        """`changes` are patterns of lines of the configuration, and what stands there instead."""
        self.name = name
        text = (stack.folder.conf / "mogirid.toml").read_text(encoding="utf-8")
        for pattern, line in (('consumer = ""', f'consumer = "{name}"'), *changes):
            text, count = re.subn(f"(?m)^{pattern}", lambda _, line=line: line, text)
            assert count == 1, pattern
        file = stack.folder.conf / f"{name}.toml"
        file.write_text(text, encoding="utf-8")
        file.chmod(0o600)
        stack._account.own(file)
        self.log = stack.folder.log / f"{name}.log"
        with open(self.log, "ab") as log:
            self._popen = subprocess.Popen(
                stack._account.command([stack._build.mogirid, "--config", file]), stdin=subprocess.DEVNULL, stdout=log,
                stderr=log, cwd="/", start_new_session=True,
                env={**services.clean_environment(stack.folder), **stack._build.sanitizer_environment(), **(environment or {})})
        self.process = Process.of(self._popen.pid)

    def wait_until_ready(self) -> None:
        wait_until(f"{self.name} to be ready", lambda: "is ready" in self.log.read_text(encoding="utf-8"))

    def wait(self, seconds: float) -> int:
        """How it ended."""
        return self._popen.wait(seconds)

    def end(self) -> None:
        self.process.signal(signal.SIGCONT)
        self.process.signal(signal.SIGTERM)
        try:
            self._popen.wait(30)
        finally:
            self._popen.kill()
            self._popen.wait(5)


@contextmanager
def other_daemon(stack: Stack, name: str = "other"):
    daemon = OtherDaemon(stack, name)
    try:
        daemon.wait_until_ready()
        yield daemon
    finally:
        daemon.end()


@contextmanager
def slow_commits(stack: Stack, table: str = "application"):
    """Whoever commits a new row of the table waits a second in the COMMIT: there he can be stopped with everything in hand."""
    stack.sql("CREATE FUNCTION sleepy() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(1); RETURN NULL; END';"
              f"CREATE CONSTRAINT TRIGGER sleepy AFTER INSERT ON {table} DEFERRABLE INITIALLY DEFERRED "
              "FOR EACH ROW EXECUTE FUNCTION sleepy()")
    try:
        yield
    finally:
        stack.sql(f"DROP TRIGGER sleepy ON {table}; DROP FUNCTION sleepy()")


@contextmanager
def undrained(stack: Stack, event: int = 1):
    """No scan of the event reaches the ledger."""
    lock = 0x6D6F0001  # daemon/ledger/locks.hpp
    with subprocess.Popen(["psql", "-qAtX", stack.env["DATABASE_URL"]], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          text=True) as holder:
        try:
            holder.stdin.write(f"SELECT pg_advisory_lock({lock}, {event}); SELECT 'held';\n")
            holder.stdin.flush()
            assert "held" in holder.stdout.readline() + holder.stdout.readline()
            yield
        finally:
            holder.terminate()


def in_commit(stack: Stack) -> bool:
    return stack.sql("SELECT count(*) FROM pg_stat_activity WHERE query = 'COMMIT' AND wait_event = 'PgSleep'") == [["1"]]


@contextmanager
def slow_locks(stack: Stack):
    """Every advisory lock of the road takes a while, so that two batches surely take theirs at the same time."""
    reconnect = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'mogirid road';"
    stack.sql("CREATE SCHEMA slow; CREATE FUNCTION slow.pg_advisory_xact_lock(bigint) RETURNS void LANGUAGE plpgsql AS "
              "'BEGIN PERFORM pg_sleep(0.001); PERFORM pg_catalog.pg_advisory_xact_lock($1); END';"
              "ALTER ROLE CURRENT_USER SET search_path = slow, pg_catalog, public;" + reconnect)
    try:
        yield
    finally:
        stack.sql("ALTER ROLE CURRENT_USER RESET search_path; DROP SCHEMA slow CASCADE;" + reconnect)


@contextmanager
def stopped(process: Process):
    """SIGSTOP, and SIGCONT at the end."""
    process.signal(signal.SIGSTOP)
    try:
        yield
    finally:
        process.signal(signal.SIGCONT)


