"""The old way's side of the benchmark: Flask and gunicorn, with the same PostgreSQL server and the same applicants."""

import itertools
import os
import socket
import subprocess
from pathlib import Path

import processor_time
from load import Answers, Load, arrivals, post
from processor_shares import ProcessorShares
from road import CLASS_SIZE, applicants
from stack.stack import Stack
from stack.waiting import wait_until

HERE = Path(__file__).resolve().parent
# Of a kind that fits: the old way answers one after the other, and more connections only wait in its backlog.
CONNECTIONS = 64

TABLES = """
CREATE SCHEMA old_way;
CREATE TABLE old_way.applicant (id text PRIMARY KEY, email text NOT NULL UNIQUE, name text NOT NULL,
                                applied integer NOT NULL DEFAULT 0);
CREATE TABLE old_way.ticket (applicant text NOT NULL REFERENCES old_way.applicant, number integer NOT NULL,
                             guest text NOT NULL, hash text NOT NULL UNIQUE, PRIMARY KEY (applicant, number));
"""


# As the system before works, and a kinder one: with psycopg2 alone.
APPS = {"old": "old_way_app", "old_raw": "old_way_raw_app"}


class OldWay:
    def __init__(self, stack: Stack, program: Path, shares: ProcessorShares):
        self._stack, self._program, self._shares = stack, program, shares
        self._applicants = applicants()
        self._seeds = itertools.count(100_000)
        stack.sql(TABLES)

    def measure(self, way: str, workers: int, rate: float, seconds: float) -> tuple[Answers, dict[str, float]]:
        """The answers, and milliseconds of processor time for each."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        url = f"http://127.0.0.1:{port}"
        gunicorn = subprocess.Popen(
            self._stack.command(["/usr/bin/python3", "-B", "-m", "gunicorn", "--workers", workers, "--backlog", "2048",
                                 "--bind", f"127.0.0.1:{port}", "--log-level", "warning", f"{APPS[way]}:app"]),
            cwd="/", env={"PATH": os.defpath, "LANG": "C.UTF-8", "PYTHONPATH": str(HERE), "HOME": "/nonexistent",
                          "DATABASE_URL": self._stack.env["DATABASE_URL"], "CLASS_SIZE": str(CLASS_SIZE), "SECRET": "bench"})
        try:
            wait_until("gunicorn to listen", lambda: self._warm(port, 4 * workers), 60, 0.1)
            self._shares.give("gunicorn", gunicorn.pid)
            times = arrivals(rate, seconds, next(self._seeds))
            requests = [post(url, "/apply", next(self._applicants)) for _ in times]
            before = self._processor_time(gunicorn.pid)
            answers = Load(self._program, url, times, requests, CONNECTIONS).start().end()
            after = self._processor_time(gunicorn.pid)
        finally:
            gunicorn.terminate()
            gunicorn.wait(30)
        return answers, {name: (after[name] - before[name]) / max(1, answers.count) for name in after}

    def _warm(self, port: int, count: int) -> bool:
        """Every worker has made its connection to PostgreSQL, very likely."""
        url = f"http://127.0.0.1:{port}"
        times = [0.002 * (i + 1) for i in range(count)]
        requests = [post(url, "/apply", next(self._applicants)) for _ in times]
        with socket.create_connection(("127.0.0.1", port), 1):
            pass
        return Load(self._program, url, times, requests, CONNECTIONS).start().end().all_are(201)

    def _processor_time(self, pid: int) -> dict[str, float]:
        return {"gunicorn": processor_time.of_tree(pid),
                "postgres": processor_time.of_tree(self._stack.process("postgres").pid)}
