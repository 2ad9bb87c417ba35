"""A backup of a system that worked, restored into one that is empty: every row, and the door's answers; and files that are no such backup."""

import io
import json
import re
import sys
import tarfile
from contextlib import contextmanager
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[1] / "faults"))

from breakage import taken_down  # noqa: E402
from conftest import check_logs  # noqa: E402
from festival import nonces, tickets, variant  # noqa: E402
from reloading import reload_nginx  # noqa: E402
from stack.client import Client  # noqa: E402
from stack.folder import Folder  # noqa: E402
from stack.stack import Stack  # noqa: E402
from stack.waiting import wait_until  # noqa: E402

PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def folder(stack) -> Path:
    """Where the account of the servers may write."""
    path = stack.folder.path / "backups"
    path.mkdir()
    path.chmod(0o777)
    return path


@pytest.fixture(scope="module")
def made(stack):
    """Tickets: the first was let in, the second came and went, the third was revoked, the others were never seen."""
    client, door = Client(stack.env["BASE_URL"]), Client(stack.env["BASE_URL"], stack.env["DEVICE_KEY"])
    made = tickets(stack, client, 6)
    variant(stack, "other")
    for ticket, directions in ((made[0], ["entry"]), (made[1], ["entry", "exit"])):
        for direction in directions:
            assert door.scan(ticket.code, next(nonces), direction).json["outcome"] in ("admitted", "exited")
    stack.mogirictl("ticket", "revoke", made[2].reference, "--reason", "lost, =\"quoted\"\n山田 👩‍👩‍👧‍👦")
    stack.mogirictl("user", "add", "sato", "--email", "sato@example.jp", "--role", "staff", "--password-file", "-", input=PASSWORD + "\n")
    stack.mogirictl("user", "change", "sato", "--role", "admin@other")
    wait_until("quiet", lambda: stack.sql(
        "SELECT (SELECT count(*) FROM scan), (SELECT count(*) FROM mail_outbox WHERE state <> 'sent'), (SELECT count(*) FROM cache_outbox)"
    ) == [["3", "0", "0"]])
    return made


@pytest.fixture(scope="module")
def program_key(stack) -> str:
    return json.loads(stack.mogirictl("apikey", "add", "a program", "--role", "staff", "--scope", "ticket:read", "--json").stdout)["secret"]


@pytest.fixture(scope="module")
def backup(stack, made, program_key, folder) -> Path:
    file = folder / "all.backup"
    said = stack.mogirictl("backup", file, "--with-keys").stdout
    assert "who has this file can make tickets" in said and file.stat().st_mode & 0o777 == 0o600
    assert list(folder.iterdir()) == [file]
    return file


@pytest.fixture(scope="module")
def second(build, work_dir):
    """A system of its own, with nothing in it but an empty database, and an empty Redis; mogirid does not run."""
    Folder(work_dir / "second").make()
    second = Stack(work_dir / "second", build, {})
    second.start()
    yield second
    second.stop()
    check_logs(second)


@contextmanager
def without_daemon(second):
    with taken_down(second, "mogirid"):
        wait_until("its connections to be gone", lambda: second.sql(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'mogirid%'") == [["0"]])
        yield


def empty(second) -> None:
    second.sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    second.redis("FLUSHALL")


def rows(stack) -> dict[str, list]:
    """Of every table but those that say how far Redis has come; what backup and restore noted of themselves apart."""
    names = [name for [name] in stack.sql("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace "
                                          "AND relname NOT IN ('cache_state', 'cache_outbox') ORDER BY 1")]
    assert len(names) > 25
    return {name: json.loads(stack.sql(f'SELECT coalesce(jsonb_agg(to_jsonb(t) ORDER BY t::text), \'[]\') FROM "{name}" AS t '
                                       + ("WHERE subject !~ '^restore of'" if name == "audit" else ""))[0][0]) for name in names}


def test_an_empty_system_becomes_the_one_that_was(stack, second, program_key, backup, made):
    before = rows(stack)
    assert before["ticket"] and before["scan"] and before["account_role"] and before["audit"] and before["api_key"]
    with without_daemon(second):
        empty(second)
        keys = second.folder.conf / "master.keys"
        keys.unlink()
        second.folder.conf.chmod(0o777)
        done = second.mogirictl("restore", backup, "--with-keys")
        assert "is back" in done.stdout and "builds Redis" in done.stdout and "not the one" not in done.stdout
        after = rows(second)
        assert keys.stat().st_mode & 0o777 == 0o600 and keys.read_bytes() == (stack.folder.conf / "master.keys").read_bytes()
        # A ticket that was issued after the backup, and is lost, is nobody else's.
        assert int(second.sql("SELECT last_value FROM ticket_serial")[0][0]) >= max(ticket.serial for ticket in made) + 1_000_000
        assert second.sql("SELECT count(*) FROM audit WHERE subject ~ '^restore of'") == [["1"]]
    assert after.keys() == before.keys()
    for table in before:
        assert after[table] == before[table], table

    reload_nginx(second)  # it reads the keys anew
    door = Client(second.env["BASE_URL"], stack.env["DEVICE_KEY"])

    def scan(ticket, direction: str = "entry") -> str:
        answer = wait_until("an open door", lambda: (now := door.scan(ticket.code, next(nonces), direction)).status == 200
                            and now.json.get("reason") != "unknown" and now)
        return answer.json.get("reason") or answer.json["outcome"]

    assert scan(made[0]) == "already_inside" and scan(made[0], "exit") == "exited"
    assert scan(made[1], "exit") == "not_inside"
    assert scan(made[2]) == "revoked"
    assert scan(made[3]) == "admitted" and scan(made[3]) in ("already_inside", "admitted")
    program = Client(second.env["BASE_URL"], program_key)
    assert program.get(f"/api/v1/tickets?reference={made[2].reference}").json["items"][0]["status"] == "revoked"
    assert program.get("/api/v1/users").status == 403
    # And new ones are sold.
    [new] = tickets(second, Client(second.env["BASE_URL"]), 1)
    assert new.serial > made[-1].serial + 1_000_000 and scan(new) == "admitted"


def test_what_is_not_empty_is_not_touched(stack, second, backup):
    running = second.mogirictl("restore", backup, check=False)
    assert running.returncode == 1 and "stop it first" in running.stderr
    with without_daemon(second):
        before = rows(second)
        done = second.mogirictl("restore", backup, check=False)
        assert done.returncode == 1 and re.search(r"2 rows of event.* keys in Redis would be overwritten", done.stderr), done.stderr
        assert rows(second) == before
        replaced = second.mogirictl("restore", backup, "--replace")
        assert "replacing" in replaced.stdout and "rows of ticket" in replaced.stdout
        assert rows(second)["ticket"] == rows(stack)["ticket"]


def lasting_keys(second) -> list[str]:
    """Without answers and sessions, whose time passes."""
    return sorted(key for key in second.redis("KEYS", "*") if not re.search(r":c:|people|:x:|:outbox$", key))


def with_member(backup: Path, to: Path, name: str, change) -> Path:
    """The archive again, with what `change` makes of a member; None takes it out."""
    with tarfile.open(backup) as old, tarfile.open(to, "w", format=tarfile.PAX_FORMAT) as new:
        for member in old:
            data = old.extractfile(member).read()
            if member.name == name and (data := change(data)) is None:
                continue
            member.size = len(data)
            member.pax_headers = {}
            new.addfile(member, io.BytesIO(data))
    to.chmod(0o644)
    return to


def manifest_with(**changes):
    return lambda data: json.dumps({**json.loads(data), **changes}).encode()


def flipped(data: bytes) -> bytes:
    return data[:5000] + bytes([data[5000] ^ 1]) + data[5001:]


def broken_files(backup: Path, folder: Path):
    whole = backup.read_bytes()

    def plain(name: str, data: bytes) -> Path:
        (folder / name).write_bytes(data)
        return folder / name

    yield plain("empty", b""), "no backup of mogiri"
    yield plain("text", b"hello\n" * 1000), "no backup of mogiri"
    yield plain("truncated", whole[:len(whole) // 2]), "damaged"
    yield plain("nearly-whole", whole[:-len(whole) // 5]), "damaged"
    yield folder / "missing", "is no file"
    yield with_member(backup, folder / "flipped", "ledger.dump", flipped), "ledger.dump has another checksum"
    yield with_member(backup, folder / "without", "ledger.dump", lambda _: None), "ledger.dump is missing"
    yield with_member(backup, folder / "headless", "MANIFEST.json", lambda _: None), "no MANIFEST.json"
    yield with_member(backup, folder / "garbled", "MANIFEST.json", lambda _: b"{"), "manifest cannot be read"
    yield with_member(backup, folder / "newer-format", "MANIFEST.json", manifest_with(mogiri_backup=2)), "newer mogirictl"
    yield with_member(backup, folder / "newer-ledger", "MANIFEST.json", manifest_with(migration=9999)), "newer mogiri"
    yield with_member(backup, folder / "foreign", "MANIFEST.json", manifest_with(mogiri_backup=None)), "no backup of mogiri"
    # The checksums are right, the rows are not those that were counted: found in the transaction, which is rolled back.
    counted = manifest_with(tables={"ticket": 99})
    yield with_member(backup, folder / "miscounted", "MANIFEST.json", counted), "table ticket: 6 rows came instead of 99"


def test_broken_files_change_nothing(stack, second, backup, folder):
    with without_daemon(second):
        before, keys = rows(second), lasting_keys(second)
        for file, said in broken_files(backup, folder):
            done = second.mogirictl("restore", file, "--replace", check=False)
            assert done.returncode in (1, 3) and said in done.stderr and "nothing was changed" in done.stderr, (file, done)
        assert rows(second) == before and lasting_keys(second) == keys


def test_a_database_of_somebody_else_is_left_alone(second, backup):
    with without_daemon(second):
        empty(second)
        second.sql("CREATE TABLE theirs (n integer)")
        done = second.mogirictl("restore", backup, "--replace", check=False)
        assert done.returncode == 1 and '"theirs"' in done.stderr and second.sql("SELECT count(*) FROM theirs") == [["0"]]
        second.sql("DROP TABLE theirs")
        assert "is not the one" not in second.mogirictl("restore", backup).stdout


def test_without_keys_it_says_so(stack, made, folder):
    said = stack.mogirictl("backup", folder / "keyless.backup").stdout
    assert "master keys are not in it" in said
    with tarfile.open(folder / "keyless.backup") as archive:
        names = archive.getnames()
    assert names[0] == "MANIFEST.json" and "ledger.dump" in names and "master.keys" not in names
    assert "layouts/musicfes/layout.toml" in names
    refused = stack.mogirictl("restore", folder / "keyless.backup", "--with-keys", check=False)
    assert refused.returncode == 1 and "has no master keys" in refused.stderr


def test_applications_on_their_way_are_told(stack, made, folder):
    with taken_down(stack, "mogirid"):
        stack.redis("XADD", "{1}:jobs", "*", "apply", "{}")
        assert "1 applications in Redis are not decided yet" in stack.mogirictl("backup", folder / "early.backup").stdout
        stack.redis("XTRIM", "{1}:jobs", "MAXLEN", "0")
