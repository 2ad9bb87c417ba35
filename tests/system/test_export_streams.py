"""Exports by the API: streamed with bounded memory everywhere, at the client's pace, and never ended as if whole when they are not."""

import http.client
import json
import re
import signal
import socket
import sqlite3
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from festival import tickets
from stack.client import Client
from stack.process import Process, children
from stack.waiting import wait_until

ROWS = 200_000
BIG = "/api/v1/exports/scans?format=jsonl"
AHEAD, CHUNK = 8, 128 * 1024


@pytest.fixture(scope="module")
def admin(stack):
    tickets(stack, Client(stack.env["BASE_URL"]), 12)
    told = stack.mogirictl("apikey", "add", "takes away", "--role", "admin", "--scope", "export:read", "--scope", "ticket:read", "--json")
    client = Client(stack.env["BASE_URL"], json.loads(told.stdout)["secret"], timeout=60)
    yield client
    client.close()


@pytest.fixture(scope="module")
def many(stack, admin):
    stack.sql("INSERT INTO scan (event, epoch, stream_ms, stream_seq, place, serial, device, gate, direction, outcome, at, day, cycle, "
              "inside, flags, nonce) SELECT 1, 90, 1800000000000 + n, 0, 0, 1, 1, 1, 'entry', 12, now(), 1, 1, 1, 0, "
              f"'\\x0000000000000000' FROM generate_series(1, {ROWS}) AS n; ANALYZE scan")


@pytest.fixture(autouse=True)
def fresh(admin):
    """A connection that was idle for a whole test may be closed by nginx as it is used."""
    admin.close()


class Reader:
    """Reads an export as slowly as it likes."""

    def __init__(self, stack, admin: Client, path: str = BIG):
        url = urlsplit(stack.env["BASE_URL"])
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        self.socket.settimeout(60)
        self.socket.connect((url.hostname, url.port))
        self.socket.sendall(f"GET {path} HTTP/1.1\r\nHost: {url.netloc}\r\nAuthorization: Bearer {admin.key}\r\n\r\n".encode())
        self.answer = http.client.HTTPResponse(self.socket)
        self.answer.begin()
        assert self.answer.status == 200

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.answer.close()
        self.socket.close()


def streaming(stack) -> bool:
    return stack.sql("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'mogiri export'") != [["0"]]


def chunks(stack) -> list[str]:
    return [key for key in stack.redis("KEYS", "{1}:x:*") if not key.endswith(":room")]


def peak(pid: int) -> int:
    """KiB since the last forget_peak()."""
    return int(re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1])


def forget_peak(pid: int) -> int:
    Path(f"/proc/{pid}/clear_refs").write_text("5")
    return peak(pid)


@pytest.mark.parametrize("subject, form, kind", [
    ("applications", "csv", "text/csv; charset=utf-8"), ("tickets", "jsonl", "application/jsonl; charset=utf-8"), ("users", "csv", "text/csv; charset=utf-8"),
    ("mails", "csv", "text/csv; charset=utf-8"), ("analytics", "jsonl", "application/jsonl; charset=utf-8"), ("door-list", "csv", "text/csv; charset=utf-8")])
def test_the_api_gives_what_mogirictl_writes(stack, admin, subject, form, kind):
    answer = admin.get(f"/api/v1/exports/{subject}?format={form}")
    assert answer.status == 200 and answer.headers["Transfer-Encoding"] == "chunked", answer.text
    assert answer.headers["Content-Type"] == kind and answer.headers["Cache-Control"] == "no-store"
    slug = "mogiri" if subject == "users" else "musicfes"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{slug}-{subject}.{form}"'
    assert answer.text == stack.mogirictl("export", subject, "--format", form, "--output", "-").stdout.replace("\n", "\r\n" if form == "csv" else "\n")
    actor, verb, after, origin = stack.sql("SELECT actor, verb, after, origin FROM audit WHERE actor LIKE 'key:%' ORDER BY id DESC LIMIT 1")[0]
    rows = answer.body.count(b"\r\n") - 1 if form == "csv" else answer.body.count(b"\n")
    assert (verb, json.loads(after), origin) == (f"export.{subject}", {"format": form, "rows": rows}, "127.0.0.1")


def test_files_come_whole(stack, admin, tmp_path):
    pdf = admin.get("/api/v1/exports/door-list?day=2")
    assert pdf.headers["Content-Type"] == "application/pdf" and pdf.body.startswith(b"%PDF-") and pdf.body.endswith(b"%%EOF\n")
    assert pdf.headers["Content-Disposition"] == 'attachment; filename="musicfes-door-list-day2.pdf"'
    (tmp_path / "all.sqlite").write_bytes(admin.get("/api/v1/exports/everything").body)
    assert sqlite3.connect(tmp_path / "all.sqlite").execute("SELECT count(*) FROM ticket").fetchone() == (12,)


@pytest.mark.parametrize("query, field", [("format=pdf", "format"), ("format=x", "format"), ("day=1", "day"), ("day=x", "day"), ("limit=5", "limit")])
def test_what_is_not_offered_is_refused_with_its_field(admin, query, field):
    answer = admin.get(f"/api/v1/exports/tickets?{query}")
    assert answer.status == 422 and [error["field"] for error in answer.json["errors"]] == [field]


def test_who_cannot_tell_a_broken_answer_gets_none(stack, admin):
    assert admin.request("HEAD", "/api/v1/exports/tickets").status == 405
    url = urlsplit(stack.env["BASE_URL"])
    with socket.create_connection((url.hostname, url.port)) as old:
        old.sendall(f"GET /api/v1/exports/tickets HTTP/1.0\r\nAuthorization: Bearer {admin.key}\r\n\r\n".encode())
        assert b" 505 " in old.makefile("rb").readline()


def test_many_rows_take_little_memory(stack, many, admin):
    daemon, nginx = stack.process("mogirid").pid, stack.process("nginx").pid
    admin.get("/api/v1/exports/mails")  # what only the first one needs
    processes = [daemon, *children(nginx)]
    before = [forget_peak(pid) for pid in processes]
    most, size, rows = 0, 0, 0
    begun = time.monotonic()
    with Reader(stack, admin) as reader:
        while piece := reader.answer.read(256 * 1024):
            size += len(piece)
            rows += piece.count(b"\n")
            most = max([most, *(stack.redis("LLEN", key) for key in chunks(stack))]) if size % (4 * 1024 * 1024) < len(piece) else most
    took = time.monotonic() - begun
    grown = [peak(pid) - was for pid, was in zip(processes, before)]
    print(f"{rows} rows, {size} bytes in {took:.1f} s; at most {most} chunks in Redis; grown: mogirid {grown[0]} KiB, workers {grown[1:]} KiB")
    assert rows == int(stack.sql("SELECT count(*) FROM scan")[0][0]) >= ROWS and size > 40e6
    assert most <= AHEAD and max(grown) < 16 * 1024


def test_a_slow_client_fills_nothing_and_gets_all(stack, many, admin):
    with Reader(stack, admin) as reader:
        read = reader.answer.read(100_000)
        # What is on its way to the client fills up first, then Redis, and then the writer waits.
        wait_until("the writer to wait", lambda: [stack.redis("LLEN", key) for key in chunks(stack)] == [AHEAD])
        [key] = chunks(stack)
        assert stack.redis("MEMORY", "USAGE", key) < (AHEAD + 1) * CHUNK * 1.3
        assert 0 < stack.redis("TTL", key) <= 60
        read += reader.answer.read(12_000_000)
    places = [json.loads(line)["stream_ms"] for line in read.split(b"\n")[:-1]]
    first = places.index(1800000000001)
    assert len(places) > 20_000 and places[first:] == list(range(1800000000001, 1800000000001 + len(places) - first)), "none twice, none left out"


def test_two_at_once_while_others_are_answered(stack, many, admin):
    with Reader(stack, admin) as one, Reader(stack, admin) as other:
        assert one.answer.read(10) == other.answer.read(10)
        assert admin.get("/api/v1/tickets").status == 200


def test_a_client_that_leaves_stops_it(stack, many, admin):
    with Reader(stack, admin) as reader:
        reader.answer.read(100_000)
        assert streaming(stack)
    wait_until("the export to end", lambda: not streaming(stack), 20)
    log = (stack.folder.log / "mogirid.log").read_text()
    assert "not to its end: its reader is gone" in log
    # And the desk is free for the next.
    assert admin.get("/api/v1/exports/mails").status == 200


@pytest.mark.parametrize("whom, how", [("mogirid", signal.SIGTERM), ("redis", signal.SIGKILL)])
def test_what_breaks_off_is_seen_to_be_incomplete(stack, many, admin, whom, how):
    with Reader(stack, admin) as reader:
        reader.answer.read(100_000)
        was = stack.process(whom).pid
        stack.process(whom).signal(how)
        with pytest.raises((http.client.IncompleteRead, ConnectionError)):
            reader.answer.read()
    wait_until("it to be back", lambda: stack.process(whom).pid != was, 60)
    wait_until("exports to work again", lambda: admin.get("/api/v1/exports/mails").status == 200, 60)
