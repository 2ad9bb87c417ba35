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


def test_an_erased_person_leaves_the_audit_log(shared, client):
    """The one change that is allowed there: a function of the owner's does it, for those who may erase applications."""
    stack = shared
    decided(client, client.apply(teacher("forgotten"), new_key()))
    stack.sql("INSERT INTO audit (actor, origin, verb, subject, after) SELECT 'application:' || id, '192.0.2.1', 'ticket.rename', "
              "'application ' || id, jsonb_build_object('email', email, 'tickets', 1) FROM application WHERE email LIKE 'forgotten%'")
    assert stack.mogirictl("person", "erase", "forgotten@example.jp", "--revoke", "--yes").returncode == 0
    assert stack.sql("SELECT origin, after->>'email' IS NULL, after->>'tickets' FROM audit WHERE verb = 'ticket.rename'") == [["", "t", "1"]]
    attempt = "SELECT erase_from_audit(array_agg(subject), array_agg(actor), NULL) FROM audit"
    assert "permission denied" in ask(stack, "reader_role", "word", attempt).stderr or \
        "erasing is for those" in ask(stack, "reader_role", "word", attempt).stderr
    assert ask(stack, "mogirid_role", "word", "UPDATE audit SET origin = ''").returncode != 0


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
