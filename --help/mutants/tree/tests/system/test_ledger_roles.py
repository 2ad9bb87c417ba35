"""Three roles of PostgreSQL: the owner migrates, mogirid works without being it, somebody reads."""

import json
import re
import subprocess
from urllib.parse import urlsplit

import pytest

from festival import decided, new_key, teacher
from stack.folder import read_json
from stack.waiting import wait_until


def ask(stack, user: str, password: str, statement: str) -> subprocess.CompletedProcess:
    url = urlsplit(stack.env["DATABASE_URL"])
    return subprocess.run(["psql", "-qAtX", "-v", "ON_ERROR_STOP=1", "-c", statement], capture_output=True, text=True,
                          env={"PATH": "/usr/bin:/bin", "PGHOST": url.hostname, "PGPORT": str(url.port), "PGUSER": user,
                               "PGPASSWORD": password, "PGDATABASE": "mogiri"})


@pytest.fixture(scope="module")
def shared(stack):
    owner = read_json(stack.folder.memory_file)["secrets"]["postgresql_owner"]
    for role in ("mogirid_role", "reader_role"):
        assert ask(stack, "postgres", owner, f"CREATE ROLE {role} LOGIN PASSWORD 'word'").returncode == 0
    told = stack.mogirictl("ledger", "migrate", "--daemon", "mogirid_role", "--reader", "reader_role").stdout
    assert "migrations that ran: 0" in told
    return stack


def test_mogirid_works_as_a_role_that_owns_nothing(shared, client):
    stack, file = shared, shared.folder.conf / "mogirid.toml"
    text = file.read_text()
    changed, count = re.subn(r'^url = "postgresql://[^@]+@', 'url = "postgresql://mogirid_role:word@', text, flags=re.M)
    assert count == 1
    file.write_text(changed)
    wait = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'mogirid_role'"
    import signal
    stack.process("mogirid").signal(signal.SIGHUP)
    wait_until("mogirid to work as the other role", lambda: int(stack.sql(wait)[0][0]) >= 5, 30)
    assert decided(client, client.apply(teacher("by-a-role"), new_key()))["tickets"] == 1
    wait_until("the mail", lambda: stack.sql("SELECT count(*) FROM mail_outbox WHERE state = 'sent'") == [["1"]], 30)
    assert stack.mogirictl("user", "list", "--json").returncode == 0


@pytest.mark.parametrize("statement", ["UPDATE audit SET actor = 'x'", "DELETE FROM audit", "TRUNCATE audit", "DROP TABLE audit",
                                       "ALTER TABLE audit DISABLE TRIGGER audit_stays", "CREATE TABLE mine (n int)",
                                       "DELETE FROM schema_version", "SET mogiri.erasing = 'on'; DELETE FROM audit"])
def test_what_mogirid_may_not(shared, statement):
    refused = ask(shared, "mogirid_role", "word", statement)
    assert refused.returncode != 0 and ("permission denied" in refused.stderr or "must be owner" in refused.stderr), refused


def test_what_a_reader_may(shared):
    assert ask(shared, "reader_role", "word", "SELECT name, role FROM account").stdout.startswith("admin")
    assert ask(shared, "reader_role", "word", "SELECT count(*) FROM ticket").returncode == 0
    for statement in ("SELECT password_hash FROM account", "SELECT key_hash FROM device", "SELECT key_hash FROM api_key",
                      "DELETE FROM ticket", "INSERT INTO audit (actor, origin, verb, subject) VALUES ('x', '', '', '')"):
        assert "permission denied" in ask(shared, "reader_role", "word", statement).stderr, statement
