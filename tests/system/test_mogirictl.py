"""mogirictl against a running mogiri: events, people, devices, doctor, status."""

import json

import pytest

from festival import EVENT_TEXT, decided, new_key, student
from stack.client import Client
from stack.process import children
from stack.waiting import wait_until


@pytest.fixture
def file(stack):
    """A place for event files that the account of the servers can read."""
    def write(text: str):
        path = stack.folder.conf / "changed.toml"
        path.write_text(text, encoding="utf-8")
        path.chmod(0o644)
        return path
    return write


def version(stack) -> str:
    return stack.sql("SELECT version FROM event WHERE slug = 'musicfes'")[0][0]


def test_event_apply_changes_nothing_the_second_time(stack, file):
    path = file(EVENT_TEXT)
    stack.mogirictl("event", "apply", "--force-day", "1", path)
    before = version(stack)
    again = stack.mogirictl("event", "apply", "--force-day", "1", "--json", path)
    assert json.loads(again.stdout)["changes"] == []
    assert version(stack) == before


def test_event_apply_dry_run(stack, file):
    path = file(EVENT_TEXT.replace("limit     = 2 ", "limit     = 3 "))
    before = stack.sql("SELECT * FROM event")
    told = json.loads(stack.mogirictl("event", "apply", "--dry-run", "--force-day", "1", "--json", path).stdout)
    assert told["dry_run"] is True and any("limit" in line for line in told["changes"]), told
    assert stack.sql("SELECT * FROM event") == before


def test_a_change_reaches_the_door_and_the_form(stack, file, client):
    person = ("S1F", 50)
    for _ in range(2):
        assert client.apply(student(*person), new_key()).status == 201
    assert client.apply(student(*person), new_key()).json["code"] == "limit_reached"
    stack.mogirictl("event", "apply", "--force-day", "1", file(EVENT_TEXT.replace("limit     = 2 ", "limit     = 3 ")))
    assert decided(client, client.apply(student(*person), new_key()))["state"] == "issued"
    stack.mogirictl("event", "apply", "--force-day", "1", file(EVENT_TEXT))


@pytest.mark.parametrize("old, new, place", [
    ('type    = "roman"', 'type    = "romaan"', "romaan"),
    ("limit     = 2 ", 'limit     = "two" ', "limit"),
    ("reentry        = true", "re_entry       = true", "re_entry"),
    ("[[day]]", "[[day]", ""),
])
def test_event_files_with_mistakes(stack, file, old, new, place):
    before = stack.sql("SELECT * FROM event")
    told = stack.mogirictl("event", "apply", file(EVENT_TEXT.replace(old, new, 1)), check=False)
    assert told.returncode == 3, told
    assert "changed.toml:" in told.stderr and place in told.stderr, told.stderr
    assert stack.sql("SELECT * FROM event") == before


def test_event_file_that_is_not_there(stack):
    told = stack.mogirictl("event", "apply", "/nonexistent/event.toml", check=False)
    assert told.returncode == 3 and "/nonexistent/event.toml" in told.stderr


def test_user_add(stack):
    told = stack.mogirictl("user", "add", "keiko", "--email", "keiko@example.jp", "--role", "staff", "--password-file", "-",
                           input="a long enough password\n")
    assert "keiko" in told.stdout
    [[role, password]] = stack.sql("SELECT role, password_hash FROM account WHERE name = 'keiko'")
    assert role == "staff" and password.startswith("$argon2id$")
    again = stack.mogirictl("user", "add", "keiko", "--email", "k2@example.jp", "--role", "staff", "--password-file", "-",
                            input="a long enough password\n", check=False)
    assert again.returncode == 1 and "already" in again.stderr
    for name in ("", " ", "a@b", " x", "x" * 101, "two\nlines", "\u200b", "\u202etxt.exe"):  # as the API has it
        wrong = stack.mogirictl("user", "add", "--email", "x@example.jp", "--role", "staff", "--password-file", "-", "--", name,
                                input="a long enough password\n", check=False)
        assert wrong.returncode == 3 and "name: " in wrong.stderr, (name, wrong.stderr)
    as_argument = stack.mogirictl("user", "add", "x", "--email", "x@example.jp", "--role", "staff", "--password", "p", check=False)
    assert as_argument.returncode == 2


def test_device_add(stack):
    key = stack.add_device("musicfes", "North 1", "main")
    door = Client(stack.env["BASE_URL"], key)
    assert door.scan("A" * 34, "n").status == 200  # known at once: device add waits for the door
    assert key not in stack.sql("SELECT key_hash FROM device WHERE name = 'North 1'")[0][0]
    for words in (("musicfes", "North 1", "main"), ("musicfes", "North 2", "nogate"), ("noevent", "North 3", "main")):
        with pytest.raises(RuntimeError, match="status [123]"):
            stack.add_device(*words)


def test_status(stack, client):
    decided(client, client.apply(student("S1F", 49), new_key()))
    told = wait_until("the counts", lambda: (now := json.loads(stack.mogirictl("status", "--json").stdout))
                      ["mail"]["sent"] == now["ledger"]["applications"] > 0 and now)
    assert told["ready"] is True
    assert told["events"][0]["slug"] == "musicfes" and told["events"][0]["ready"] is True
    assert told["events"][0]["jobs"] == {"length": 0, "oldest_ms": 0}
    assert told["ledger"]["tickets"] >= told["ledger"]["applications"]
    assert "musicfes" in stack.mogirictl("status").stdout


def test_doctor_finds_nothing_wrong(stack):
    told = stack.mogirictl("doctor")
    assert "wrong" not in told.stdout
    findings = json.loads(stack.mogirictl("doctor", "--json").stdout)
    assert findings["healthy"] is True
    assert {"configuration", "redis", "database", "mail", "mogirid"} <= {f["subject"].lower() for f in findings["findings"]}, findings


def test_doctor_sees_that_redis_is_not_durable(stack):
    stack.redis("CONFIG", "SET", "appendfsync", "everysec")
    try:
        told = stack.mogirictl("doctor", check=False)
    finally:
        stack.redis("CONFIG", "SET", "appendfsync", "always")
    assert told.returncode == 1
    assert "appendfsync" in told.stdout and "always" in told.stdout


def test_half_of_the_memory_is_an_alert(stack):
    def told():
        return json.loads(stack.mogirictl("status", "--json").stdout)

    def alerts():
        return [alert["kind"] for alert in told()["alerts"]]

    try:
        stack.redis("CONFIG", "SET", "maxmemory", "0")
        assert "maxmemory is not set" in stack.mogirictl("doctor").stdout
        stack.redis("CONFIG", "SET", "maxmemory", str(int(told()["redis"]["used_memory"] * 1.6)))
        wait_until("the alert", lambda: alerts() == ["redis_memory"])
        assert "redis_memory" in stack.mogirictl("status").stdout and "over half full" in stack.mogirictl("doctor").stdout
        wait_until("the status", lambda: "Redis's memory fills" in stack.notified("mogirid")[1])
    finally:
        stack.redis("CONFIG", "SET", "maxmemory", "512mb")
    wait_until("the end of the alert", lambda: alerts() == [])
    log = (stack.folder.log / "mogirid.log").read_text()
    assert log.count("over half full") == log.count("has memory again") == 1


@pytest.mark.parametrize("name", ["redis-mogirid.password", "mogirid.toml", "master.keys"])
def test_doctor_sees_secrets_that_others_may_read(stack, name):
    file = stack.folder.conf / name
    mode = file.stat().st_mode & 0o777
    file.chmod(0o644)
    try:
        told = stack.mogirictl("doctor", check=False)
    finally:
        file.chmod(mode)
    assert told.returncode == 1 and f"chmod 640 {file}" in told.stdout, told.stdout


def test_doctor_sees_a_mail_folder_that_is_gone(stack):
    away = stack.folder.mail.with_name("mail-away")
    stack.folder.mail.rename(away)
    try:
        told = stack.mogirictl("doctor", check=False)
    finally:
        away.rename(stack.folder.mail)
    assert told.returncode == 1 and str(stack.folder.mail) in told.stdout


def test_doctor_without_redis(stack):
    redis = stack.process("redis")
    redis.signal(19)  # SIGSTOP: there, but silent
    try:
        told = stack.mogirictl("doctor", check=False)
    finally:
        redis.signal(18)
    assert told.returncode == 1 and "redis" in told.stdout.lower()


def test_mogirid_tells_systemd(stack):
    ready, status = stack.notified("mogirid")
    assert ready and status
    assert children(stack.process("mogirid").pid) == []


def test_help_and_versions(stack):
    assert "mogirictl" in stack.mogirictl("--help").stdout
    assert stack.mogirictl("--version").stdout.startswith("mogirictl ")
    assert stack.mogirictl("nosuch", check=False).returncode == 2
