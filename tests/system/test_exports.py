"""Exports by mogirictl against the ledger: CSV that Excel reads and does not run, JSON Lines, a SQLite file, the door list on paper."""

import csv
import io
import json
import os
import re
import signal
import sqlite3
import subprocess
from pathlib import Path

import pytest

from festival import tickets
from stack.client import Client
from stack.waiting import wait_until

HOSTILE = ["=cmd|'/C calc'!A0", "+81 90 1234", "-2+3", "@SUM(1)", "\t=1+1", "\r=1+1", "\n=2", "＝1+1", "＠x", 'quote " and, comma; end',
           "two\r\nlines", "‮שלום עולם", "👩‍👩‍👧‍👦 家族", "'apostrophe", " =space", "山田 花子", "ｱｲｳ 半角", "あおき はな"]
FORMULA = re.compile(r"[=+\-@\t\r\n＝＋－＠]")


def as_sql(text: str) -> str:
    return "U&'" + "".join(f"\\+{ord(c):06X}" for c in text) + "'"


@pytest.fixture(scope="module")
def guests(stack) -> dict[str, str]:
    """Names by reference: some of a kind that no form lets through, but an import might."""
    made = tickets(stack, Client(stack.env["BASE_URL"]), len(HOSTILE))
    for ticket, name in zip(made, HOSTILE):
        stack.sql(f"UPDATE ticket SET guest_name = {as_sql(name)} WHERE serial = {ticket.serial}")
    stack.sql(f"UPDATE application SET fields = fields || jsonb_build_object('last_name', {as_sql(HOSTILE[0])}::text)")
    client = Client(stack.env["BASE_URL"], stack.env["DEVICE_KEY"])
    for number, ticket in enumerate(made[:3]):
        assert client.scan(ticket.code, f"export-{number}").json["outcome"] == "admitted"
    wait_until("the drain", lambda: stack.sql("SELECT count(*) FROM scan") == [["3"]])
    return {ticket.reference: name for ticket, name in zip(made, HOSTILE)}


@pytest.fixture(scope="module")
def folder(stack) -> Path:
    """Where the account of the servers may write."""
    path = stack.folder.path / "exported"
    path.mkdir()
    path.chmod(0o777)
    return path


@pytest.fixture
def export(stack, folder):
    def run(subject: str, form: str, *options: str) -> bytes:
        file = folder / f"{subject}.{form}"
        told = stack.mogirictl("export", subject, "--format", form, "--output", file, "--json", *options)
        about = json.loads(told.stdout)
        assert about["file"] == str(file) and about["bytes"] == file.stat().st_size
        assert file.stat().st_mode & 0o777 == 0o600
        run.rows = about["rows"]
        return file.read_bytes()
    return run


def rows_of(stack, select: str) -> list:
    return json.loads(stack.sql(f"SELECT coalesce(jsonb_agg(r), '[]')::text FROM ({select}) AS r")[0][0])


def read_csv(data: bytes) -> list[list[str]]:
    assert data.startswith(b"\xef\xbb\xbf") and data.endswith(b"\r\n")
    return list(csv.reader(io.StringIO(data[3:].decode(), newline=""), strict=True))


def read_lines(data: bytes) -> list[dict]:
    assert data.endswith(b"\n")
    return [json.loads(line) for line in data[:-1].split(b"\n")]


def neutral(text: str) -> str:
    return "'" + text if FORMULA.match(text) else text


@pytest.mark.parametrize("subject", ["applications", "tickets", "users", "scans", "mails", "audit", "analytics", "door-list"])
def test_csv_and_json_lines_tell_the_same(stack, guests, export, subject):
    lines = read_lines(export(subject, "jsonl"))
    assert len(lines) == export.rows > 0
    [head, *rows] = read_csv(export(subject, "csv"))
    assert len(rows) == export.rows == len(lines) + (subject == "audit")  # the first export is in the second
    assert all(len(row) == len(head) for row in rows)
    assert not any(FORMULA.match(cell) for row in rows for cell in row), "a spreadsheet would calculate it"
    for row, line in zip(rows, lines):
        told = dict(zip(head, row))
        for name, value in line.items():
            if name in told and not isinstance(value, (dict, list)):
                known = "" if value is None else {True: "t", False: "f"}.get(value) if isinstance(value, bool) else str(value)
                assert told[name] == neutral(known), (subject, name)


def test_hostile_names_come_back_as_they_are(guests, export):
    [head, *rows] = read_csv(export("tickets", "csv"))
    assert {row[head.index("reference")]: row[head.index("guest")] for row in rows} == {r: neutral(n) for r, n in guests.items()}
    lines = read_lines(export("tickets", "jsonl"))
    assert {line["reference"]: line["guest"] for line in lines} == guests
    [head, *rows] = read_csv(export("applications", "csv"))
    assert {row[head.index("field_last_name")] for row in rows} == {"'" + HOSTILE[0]}
    assert " / ".join(f"客{i} 太郎" for i in range(1, 11)) in {row[head.index("guests")] for row in rows}


def test_lines_are_the_ledgers(stack, guests, export):
    lines = read_lines(export("tickets", "jsonl"))
    ledger = rows_of(stack, "SELECT serial AS ticket, reference, application, position, kind, guest_name AS guest, status FROM ticket ORDER BY 1")
    assert [{name: line[name] for name in ledger[0]} for line in lines] == ledger
    assert sum(line["entries"] for line in lines) == 3
    scans = read_lines(export("scans", "jsonl"))
    assert {(one["kind"], one["overrode"], one["device_at"], one["skewed"], one["actor"], one["reason"]) for one in scans} == {
        ("scan", None, None, False, None, None)}
    stack.sql("UPDATE scan SET flags = 16, overrode = 13, actor = 'account:1', reason = '=late' WHERE serial = "
              f"{scans[0]['ticket']}")
    forced = next(one for one in read_lines(export("scans", "jsonl")) if one["scan"] == scans[0]["scan"])
    assert (forced["kind"], forced["overrode"], forced["actor"], forced["reason"]) == ("force", 13, "account:1", "=late")
    [head, *rows] = read_csv(export("scans", "csv"))
    assert ["force", "13", "'=late"] in [[row[head.index(name)] for name in ("kind", "overrode", "reason")] for row in rows]
    people = read_lines(export("users", "jsonl"))
    assert [(one["name"], one["roles"], one["has_password"]) for one in people] == [("admin", [{"role": "admin"}], True)]


def test_a_sqlite_file_has_every_row_and_no_hash(stack, guests, export, folder):
    data = export("everything", "sqlite")
    file = sqlite3.connect(folder / "everything.sqlite")
    assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    tables = [name for [name] in file.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    ledger = [name for [name] in stack.sql("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace "
                                           "AND relname NOT IN ('cache_outbox', 'cache_state') ORDER BY 1")]
    assert tables == ledger
    counts = {name: file.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in tables}
    # The export itself is noted after the file's moment.
    assert counts == {name: int(stack.sql(f'SELECT count(*) FROM "{name}"')[0][0]) - (name == "audit") for name in tables}
    assert sum(counts.values()) == export.rows
    assert dict(file.execute("SELECT reference, guest_name FROM ticket")) == guests
    assert {len(nonce) for [nonce] in file.execute("SELECT nonce FROM scan")} == {8}
    secrets = [row[0] for row in stack.sql("SELECT password_hash FROM account UNION ALL SELECT key_hash FROM device")]
    assert len(secrets) >= 3 and not any(secret.encode() in data for secret in secrets)


def test_a_door_list_on_paper_has_every_name(stack, guests, export, folder):
    export("door-list", "pdf")
    file = folder / "door-list.pdf"
    told = subprocess.run(["pdftotext", "-layout", file, "-"], capture_output=True, text=True, check=True).stdout
    pages = told.split("\f")[:-1]
    assert [re.search(r"(\d+) ?/ ?(\d+)\s*$", page).groups() for page in pages] == [(str(n), "4") for n in range(1, 5)]
    for page, (day, order) in zip(pages, [(d, o) for d in ("1日目 2027-06-12", "2日目 2027-06-13") for o in ("By name", "By reference")]):
        assert "音楽祭" in page and day in page and order in page
        assert set(re.findall(r"[0-9A-Z]{8}", page)) >= set(guests)
        squeezed = re.sub(r"\s", "", page)
        for name in ("山田花子", "あおきはな", "ｱｲｳ半角", "=cmd|'/Ccalc'!A0", 'quote"and,comma;end'):
            assert name in squeezed
    by_name = [found for found in re.findall(r"あおき|ｱｲｳ|山田", pages[0])][-3:]
    assert by_name == ["ｱｲｳ", "あおき", "山田"], "kana first, in whatever width"
    listed = re.findall(r"(?m)^\s*([0-9A-Z]{8})", pages[1])
    assert sorted(guests) == listed
    fonts = subprocess.run(["pdffonts", file], capture_output=True, text=True, check=True).stdout.splitlines()[2:]
    assert fonts and all(re.search(r"\s+yes\s+yes\s+yes\s+\d+\s+\d+$", font) for font in fonts), fonts
    size = subprocess.run(["pdfinfo", file], capture_output=True, text=True, check=True).stdout
    assert "(A4)" in size
    one_day = read_lines(export("door-list", "jsonl", "--day", "2"))
    assert {line["day"] for line in one_day} == {2} and len(one_day) == len(guests)


def test_every_export_is_in_the_audit_log(stack, guests, export):
    export("mails", "jsonl")
    [row] = rows_of(stack, "SELECT actor, verb, event, subject, after FROM audit ORDER BY id DESC LIMIT 1")
    assert row.pop("actor").startswith("mogirictl:")
    assert row == {"verb": "export.mails", "event": 1, "subject": "export mails", "after": {"format": "jsonl", "rows": export.rows}}


@pytest.mark.parametrize("words, said", [
    (["tickets", "--format", "pdf"], "tickets (csv jsonl)"), (["nothing"], "no such thing"), (["everything", "--event", "musicfes"], "all events"),
    (["door-list", "--day", "3"], "no such day"), (["tickets", "--day", "1"], "only door-list")])
def test_what_is_not_offered_is_refused(stack, folder, words, said):
    done = stack.mogirictl("export", *words, "--output", folder / "refused", check=False)
    assert done.returncode == 2 and said in done.stderr and not (folder / "refused").exists()


def test_a_folder_that_is_not_there(stack, folder):
    done = stack.mogirictl("export", "tickets", "--output", folder / "nowhere/tickets.csv", check=False)
    assert done.returncode == 1 and "No such file or directory" in done.stderr


class TestOfMany:
    """200,000 scans."""

    ROWS = 200_000

    @pytest.fixture(scope="class")
    def many(self, stack, guests):
        before = int(stack.sql("SELECT count(*) FROM scan")[0][0])
        stack.sql("INSERT INTO scan (event, epoch, stream_ms, stream_seq, place, serial, device, gate, direction, outcome, at, day, cycle, "
                  "inside, flags, nonce) SELECT 1, 90, 1800000000000 + n, 0, 0, 1, 1, 1, 'entry', 12, now(), 1, 1, 1, 0, "
                  f"'\\x0000000000000000' FROM generate_series(1, {self.ROWS}) AS n; ANALYZE scan")
        return before + self.ROWS

    @staticmethod
    def start(stack, *words) -> subprocess.Popen:
        argv = stack.command([stack._build.mogirictl, "--config", stack.folder.conf / "mogirid.toml", "export", *words])
        return subprocess.Popen([str(word) for word in argv], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd="/")

    def peak(self, stack, subject: str, form: str, file: Path) -> int:
        """MiB that it ever had."""
        process = self.start(stack, subject, "--format", form, "--output", file)
        _, status, usage = os.wait4(process.pid, 0)
        assert status == 0
        process.returncode = 0
        process.stdout.close(), process.stderr.close()
        return usage.ru_maxrss // 1024

    @pytest.mark.parametrize("subject, form", [("scans", "csv"), ("everything", "sqlite")])
    def test_take_no_more_memory_than_a_few(self, stack, many, folder, subject, form):
        few = self.peak(stack, "mails", "csv", folder / "few.csv")
        most = self.peak(stack, subject, form, folder / f"many.{form}")
        data = (folder / f"many.{form}").read_bytes()
        assert len(data) > 20e6 and most < few + 16, f"{few} MiB for a few, {most} MiB for {len(data)} bytes"
        if form == "sqlite":
            assert sqlite3.connect(folder / "many.sqlite").execute("SELECT count(*) FROM scan").fetchone() == (many,)
        else:
            assert data.count(b"\n") == many + (form == "csv")

    def test_an_interrupted_one_leaves_what_was_there(self, stack, many, folder):
        file = folder / "kept.jsonl"
        file.write_text("what was there")
        process = self.start(stack, "scans", "--format", "jsonl", "--output", file)
        try:
            wait_until("it to write", lambda: any(one.stat().st_size > 0 for one in folder.glob("kept.jsonl.*")))
            process.send_signal(signal.SIGTERM)
            _, said = process.communicate(timeout=30)
        finally:
            process.kill()
        assert process.returncode == 1 and b"interrupted" in said
        assert file.read_text() == "what was there" and list(folder.glob("kept.jsonl*")) == [file]
