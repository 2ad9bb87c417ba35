"""Erasing one person's data: it is gone from PostgreSQL, Redis and its files, the spool and every log; figures stay."""

import email
import json
import re
import signal
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from festival import decided, new_key, nonces, student, teacher, variant
from people import Member
from stack.client import Client
from stack.waiting import wait_until
from ticket_codes import TicketCodes

PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def admin(stack):
    stack.redis("CONFIG", "SET", "rdbcompression", "no")  # or nothing could be found in the append-only file's base
    member = Member(stack.env["BASE_URL"])
    assert member.log_in("admin", stack.env["ADMIN_PASSWORD"]).status == 200
    yield member
    member.close()


def dump(stack) -> bytes:
    url = urlsplit(stack.env["DATABASE_URL"])
    return subprocess.run(["pg_dump", "--inserts"], check=True, capture_output=True,
                          env={"PATH": "/usr/bin:/bin", "PGHOST": url.hostname, "PGPORT": str(url.port), "PGUSER": url.username,
                               "PGPASSWORD": url.password, "PGDATABASE": "mogiri"}).stdout


def decoded(mail: Path) -> bytes:
    message = email.message_from_bytes(mail.read_bytes(), policy=email.policy.default)
    parts = [part.get_content() for part in message.walk() if part.get_content_maintype() == "text"]
    return "\n".join([*map(str, message.values()), *parts]).encode()


def found(stack, words) -> set[tuple[str, str]]:
    """Where each word stands: in tables, in Redis's files, in mails, in logs."""
    places = {"the ledger": dump(stack)}
    for path in (stack.folder.redis / "appendonlydir").iterdir():
        try:
            places[f"redis {path.name}"] = path.read_bytes()
        except FileNotFoundError:  # Redis has just removed it
            pass
    for path in Path(stack.env["MAIL_SPOOL"]).iterdir():
        places[f"spool {path.name}"] = decoded(path)
    for path in stack.folder.log.iterdir():
        places[f"log {path.name}"] = path.read_bytes()
    return {(place.split()[0], word) for place, text in places.items() for word in words
            if word.encode() in text or word.encode().hex().encode() in text}


class Somebody:
    """Applies, gets mail, corrects a guest's name, comes in, has an account and a letter that was given up."""

    def __init__(self, stack, admin, client, scanner, name: str, base: str = ""):
        self.stack, self.name, self.base = stack, name, base
        self.address = f"{name}.kesu@example.jp"
        fields = {**teacher(name, (f"{name}客一", f"{name}客二")), "last_name": f"Last{name}", "first_name": f"First{name}",
                  "email": f"{name}.kesu+festival@example.jp"}
        self.words = [f"{name}.kesu", f"Last{name}", f"First{name}", f"{name}客一", f"{name}客二", f"{name}改名"]
        answer = client.post_json(f"{base}/api/v1/apply", fields, Idempotency_Key=new_key())
        self.application = decided(client, answer)["application"]
        where = f"application = '{self.application}'"
        wait_until("the mail", lambda: stack.sql(f"SELECT state FROM mail_outbox WHERE {where}") == [["sent"]])
        renamed = client.post_json(f"{base}/api/v1/applications/{self.application}/tickets/2/rename", {"name": f"{name}改名"},
                                   Idempotency_Key=new_key())
        assert renamed.status == 200, renamed.text
        self.event, serial = map(int, stack.sql(f"SELECT event, serial FROM ticket WHERE {where} AND position = 1")[0])
        self.code = TicketCodes((stack.folder.conf / "master.keys").read_text()).issue(self.event, serial)
        came = scanner.scan(self.code, next(nonces))
        assert came.json["outcome"] == "admitted" and came.json["ticket"]["name"] == f"{name}客一", came.text
        typed = f"{name}.kesu+letters@example.jp"
        user = {"name": f"{name} kesu", "email": typed, "roles": [], "invite": True}
        self.user = admin.ask("POST", "/api/v1/users", user).json["user"]
        letter = json.dumps({"email": typed, "fields": {"last_name": f"Last{name}"}}).encode().hex()
        stack.sql("INSERT INTO dead_letter (event, stream_id, application, payload, faults, sqlstate, reason) VALUES "
                  f"({self.event}, '1-{serial}', 'LETTER{name}', '\\x{letter}', 5, '22000', 'value {self.address}')")
        stack.sql(f"INSERT INTO roster_entry (event, form, id, name, address, class) VALUES ({self.event}, 'teacher', '{name}', "
                  f"'Last{name}', '{self.address}', '')")
        self.words.append(f"{name} kesu")
        wait_until("both mails", lambda: stack.sql(
            f"SELECT count(*) FROM mail_outbox WHERE state = 'sent' AND recipient LIKE '{name}.kesu%'") >= [["2"]])

    def figures(self) -> list:
        return [self.stack.sql(f"SELECT {what} FROM {table} WHERE event = {self.event} ORDER BY 1") for what, table in (
            ("serial, outcome, at", "scan"), ("serial, cycle", "admission"), ("passage_count::text", "passage_count"))]


def test_a_person_is_gone_everywhere(stack, admin, client, first, second):
    other = Somebody(stack, admin, client, first, "nokoru")
    person = Somebody(stack, admin, client, first, "kieru")
    wait_until("the scans in the ledger", lambda: stack.redis("XLEN", "{1}:scans") == 0)
    before, figures = found(stack, person.words), person.figures()
    assert {place for place, _ in before} == {"the", "redis", "spool"}
    assert {word for _, word in before} == set(person.words)
    rows = stack.sql("SELECT id, at, actor, verb, subject FROM audit ORDER BY id")

    trial = json.loads(stack.mogirictl("person", "erase", person.address, "--roster", "--dry-run", "--json").stdout)
    mails = int(stack.sql("SELECT count(*) FROM mail_outbox WHERE recipient LIKE 'kieru.kesu%'")[0][0])
    assert {name: trial[name] for name in ("applications", "tickets", "mails", "users", "roster", "letters", "usable", "state")} == \
        {"applications": 1, "tickets": 3, "mails": mails, "users": 1, "roster": 1, "letters": 1, "usable": 2, "state": "dry_run"}
    for words, status, says in (((), 1, "--revoke"), (("--revoke",), 2, "--yes"), (("--revoke", "--event", "none"), 1, "none")):
        refused = stack.mogirictl("person", "erase", person.address, *words, check=False)
        assert refused.returncode == status and says in refused.stderr, refused
    assert "S2E99" in stack.mogirictl("person", "erase", "S2E99", check=False).stderr
    assert found(stack, person.words) == before and stack.sql("SELECT count(*) FROM erasure") == [["0"]]

    told = json.loads(stack.mogirictl("person", "erase", f"KIERU.kesu+else@example.jp", "--roster", "--revoke", "--yes", "--json").stdout)
    assert told["state"] == "done" and told["applications"] == 1 and told["users"] == 1 and told["audit_rows"] > 3
    wait_until("Redis to have removed its old file", lambda: not found(stack, person.words))
    assert not [key for key in stack.redis("KEYS", "*") if person.application in key]

    # Who, when and what stay in the audit log; the erasure stands there, too.
    now = stack.sql("SELECT id, at, actor, verb, subject FROM audit ORDER BY id")
    assert now[:len(rows)] == rows and ["person.erase", f"erasure {told['erasure']}"] in [row[3:] for row in now]
    assert stack.sql(f"SELECT after->>'email' IS NULL FROM audit WHERE subject = 'account {person.user}' "
                     "AND verb = 'user.create' AND after ? 'email'") == [["t"]]
    assert stack.sql(f"SELECT count(*) FROM audit WHERE actor = 'application:{person.application}' AND origin <> ''") == [["0"]]
    # The figures are the same, and so is everybody else.
    assert person.figures() == figures
    assert {word for _, word in found(stack, other.words)} == set(other.words)
    assert first.scan(other.code, next(nonces), "exit").json["ticket"]["name"] == "nokoru客一"
    scanned = second.scan(person.code, next(nonces)).json  # at the first gate it may be read twice
    assert scanned["outcome"] == "refused" and scanned["reason"] == "revoked" and not scanned["ticket"]["name"]
    assert client.get(f"/api/v1/applications/{person.application}").status in (200, 404)
    assert stack.mogirictl("person", "erase", person.address, "--yes", check=False).returncode == 1, "nobody is known by that"


def test_an_admin_erases_by_the_api(stack, admin, client, first, second):
    person = Somebody(stack, admin, client, first, "apide")
    refusals = [({"who": person.address}, 409, "tickets_valid"), ({"who": "nobody.at.all@example.jp"}, 404, "not_found"),
                ({"who": "nobody"}, 404, "not_found"), ({"who": "admin@example.jp"}, 409, "own_account"), ({}, 422, "invalid"),
                ({"who": person.address, "roster": "x"}, 422, "invalid")]
    for body, status, code in refusals:
        answer = admin.ask("POST", "/api/v1/erasures", body)
        assert (answer.status, answer.json["code"]) == (status, code), (body, answer.text)
    trial = admin.ask("POST", "/api/v1/erasures", {"who": person.address, "dry_run": True})
    assert trial.status == 200 and trial.json["applications"] == 1 and trial.json["roster"] == 0
    assert admin.ask("GET", f"/api/v1/erasures/{trial.json['erasure']}").status == 404
    key = new_key()
    done = [admin.ask("POST", "/api/v1/erasures", {"who": person.address, "roster": True, "revoke": True}, Idempotency_Key=key)
            for _ in range(2)]
    assert done[0].status == 201 and done[0].json == done[1].json and done[0].json["roster"] == 1
    scanned = second.scan(person.code, next(nonces))
    assert scanned.json.get("reason") == "revoked", scanned.text
    look = f"/api/v1/erasures/{done[0].json['erasure']}"
    wait_until("the end", lambda: admin.ask("GET", look).json["state"] == "done")
    wait_until("nothing to be left", lambda: not found(stack, person.words))
    assert stack.sql(f"SELECT ordered_by FROM erasure WHERE number = {done[0].json['erasure']}") == [["account:1"]]


def test_an_applicant_of_one_event(stack, admin, client):
    """What is somewhere else stays, and so do tickets that nobody can use any more: their event is over."""
    variant(stack, "elsewhere")
    ids = [decided(client, client.post_json(f"{base}/api/v1/apply", student("S2E", 12, (f"二度{n}",)), Idempotency_Key=new_key()))["application"]
           for n, base in enumerate(("", "/e/elsewhere"))]
    variant(stack, "elsewhere", forced_day=0, year="2025")
    wait_until("the mail", lambda: stack.sql(f"SELECT state FROM mail_outbox WHERE application = '{ids[1]}'") == [["sent"]])
    told = stack.mogirictl("person", "erase", "S2E12", "--event", "elsewhere", "--yes", check=False)
    assert told.returncode in (0, 5), told  # 5: it takes longer than a command waits
    assert stack.sql(f"SELECT guest_name FROM ticket WHERE application = '{ids[0]}'") == [["二度0"]]
    assert stack.sql(f"SELECT guest_name, status FROM ticket WHERE application = '{ids[1]}'") == [["", "valid"]]
    # A ticket without an address has nobody to be mailed to.
    serial = stack.sql(f"SELECT serial FROM ticket WHERE application = '{ids[1]}'")[0][0]
    mail = stack.sql(f"SELECT id FROM mail_outbox WHERE application = '{ids[1]}'")[0][0]
    again = admin.ask("POST", f"/e/elsewhere/api/v1/mails/{mail}/resend", {})
    assert (again.status, again.json["code"]) == (409, "no_tickets")
    assert admin.ask("POST", f"/e/elsewhere/api/v1/tickets/{serial}/reissue", {"reason": "lost"}).status == 201
    assert stack.sql(f"SELECT state FROM mail_outbox WHERE application = '{ids[1]}'") == [["sent"]]
    sold = "SELECT sold FROM group_sales JOIN event ON event = number WHERE slug = 'elsewhere'"
    assert stack.sql(sold) == [["1"]]


def test_who_was_refused_in_anothers_name_takes_nothing_from_them(stack, admin, client):
    owner, other = (student("S2E", 17, ("本人の客",), f"{who}@example.jp") for who in ("owner", "other"))
    decided(client, client.post_json("/api/v1/apply", owner, Idempotency_Key=new_key()))
    stack.sql("INSERT INTO roster_entry (event, form, id, name, address, class) VALUES (1, 'student', 'S2E17', 'Owner', '', 'S2E')")
    assert client.post_json("/api/v1/apply", other, Idempotency_Key=new_key()).json["code"] == "address_taken"
    told = stack.mogirictl("person", "erase", "other@example.jp", "--roster", "--yes", check=False)
    assert told.returncode in (0, 5), told
    assert stack.sql("SELECT count(*) FROM application WHERE email = 'other@example.jp'") == [["0"]]
    assert stack.sql("SELECT address FROM applicant WHERE applicant = 'S2E17'") == [["owner@example.jp"]]
    assert stack.sql("SELECT name FROM roster_entry WHERE id = 'S2E17'") == [["Owner"]]
    told = stack.mogirictl("person", "erase", "owner@example.jp", "--roster", "--revoke", "--yes", check=False)
    assert told.returncode in (0, 5), told
    assert stack.sql("SELECT FROM applicant WHERE applicant = 'S2E17' UNION ALL SELECT FROM roster_entry WHERE id = 'S2E17'") == []


def test_who_is_still_to_be_decided_is_refused(stack, admin, client):
    """An application that is decided after the erasure would bring it all back."""
    stack.sql("CREATE FUNCTION stand_still() RETURNS trigger LANGUAGE plpgsql AS "
              "'BEGIN PERFORM pg_advisory_xact_lock(4711); RETURN NEW; END'; "
              "CREATE TRIGGER stands BEFORE INSERT ON application FOR EACH ROW EXECUTE FUNCTION stand_still()")
    with Holding(stack, "SELECT pg_advisory_lock(4711)"):
        assert client.apply(teacher("undecided"), new_key()).status == 202
        answer = admin.ask("POST", "/api/v1/erasures", {"who": "undecided@example.jp"})
        assert (answer.status, answer.json["code"]) == (409, "on_its_way")
        waits = stack.mogirictl("person", "erase", "undecided@example.jp", "--yes", check=False)
        assert waits.returncode == 1 and "on its way" in waits.stderr
    stack.sql("DROP TRIGGER stands ON application")
    wait_until("the decision", lambda: stack.redis("XLEN", "{1}:jobs") == 0)
    stack.mogirictl("person", "erase", "undecided@example.jp", "--revoke", "--yes")


class PastEvent:
    """An event whose days are over, with several batches of applications and what their tickets did."""

    def __init__(self, stack, client, admin, slug: str, applications: int):
        self.stack, self.slug, self.admin = stack, slug, admin
        variant(stack, slug)
        scanner = Client(stack.env["BASE_URL"], stack.add_device(slug, "its gate", "main"))
        self.number = int(stack.sql(f"SELECT number FROM event WHERE slug = '{slug}'")[0][0])
        self.words = [f"{slug}.one@example", f"客{slug}", f"{slug}-roster"]
        fields = {**teacher(f"{slug}.one", (f"客{slug}",))}
        self.application = decided(client, client.post_json(f"/e/{slug}/api/v1/apply", fields, Idempotency_Key=new_key()))["application"]
        serial = int(stack.sql(f"SELECT serial FROM ticket WHERE application = '{self.application}'")[0][0])
        self.code = TicketCodes((stack.folder.conf / "master.keys").read_text()).issue(self.number, serial)
        for direction in ("entry", "exit"):
            answer = scanner.post_json(f"/e/{slug}/api/v1/checkin", {"code": self.code, "direction": direction, "nonce": next(nonces)})
            assert answer.json["outcome"] in ("admitted", "exited"), answer.text
        scanner.close()
        stack.sql(
            "INSERT INTO application (id, event, form, applicant, state, tickets, email, language, fields, guests, body_hash, submitted_at) "
            f"SELECT '{chr(64 + self.number)}' || translate(lpad(n::text, 25, '0'), '0189', 'XYZW'), {self.number}, 'teacher', 'many' || n, 'issued', 1, "
            f"'{slug}.many' || n || '@example.jp', 'ja', '{{}}', '[]', repeat('0', 32), now() FROM generate_series(1, {applications}) AS n; "
            "INSERT INTO ticket (event, serial, application, position, kind, guest_name, reference, key_id) "
            f"SELECT event, nextval('ticket_serial'), id, 1, 'guest', '客{slug}多', right(id, 8), 1 FROM application "
            f"WHERE event = {self.number} AND applicant LIKE 'many%'; "
            f"INSERT INTO roster_entry (event, form, id, name, address, class) VALUES ({self.number}, 'teacher', 'x', '{slug}-roster', '', '')")
        wait_until("the mail", lambda: stack.sql(f"SELECT state FROM mail_outbox WHERE event = {self.number}") == [["sent"]])
        wait_until("the scans in the ledger", lambda: stack.redis("XLEN", f"{{{self.number}}}:scans") == 0)

    def age(self) -> None:
        """Its days were last year, and it was made before them."""
        variant(self.stack, self.slug, forced_day=0, year="2025", retention_days="30")
        self.stack.sql(f"UPDATE event SET created_at = now() - interval '2 years' WHERE number = {self.number}")

    def analytics(self):
        told = self.admin.ask("GET", f"/e/{self.slug}/api/v1/analytics?by=class")
        assert told.status == 200 and told.json["entries"] == 1
        return told.json

    def state(self) -> dict:
        return next(one for one in json.loads(self.stack.mogirictl("retention", "list", "--json").stdout) if one["event"] == self.slug)

    def unread(self) -> int:
        return int(self.stack.sql(f"SELECT count(*) FROM application WHERE event = {self.number} AND email <> ''")[0][0])


class Holding:
    """Another session of PostgreSQL that keeps what the statement has locked until the end."""

    def __init__(self, stack, statement: str):
        url = urlsplit(stack.env["DATABASE_URL"])
        self.psql = subprocess.Popen(["psql", "-qAtX"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={
            "PATH": "/usr/bin:/bin", "PGHOST": url.hostname, "PGPORT": str(url.port), "PGUSER": url.username,
            "PGPASSWORD": url.password, "PGDATABASE": "mogiri"})
        self.psql.stdin.write(f"BEGIN; {statement}; SELECT 'held';\n")
        self.psql.stdin.flush()

    def __enter__(self):
        while self.psql.stdout.readline().strip() != "held":
            pass

    def __exit__(self, *_):
        self.psql.stdin.close()
        self.psql.wait(30)


def test_an_event_is_erased_when_its_time_is_over(stack, admin, client):
    event = PastEvent(stack, client, admin, "matsuri", 450)
    variant(stack, "matsuri", forced_day=0, year="2025", retention_days="0")
    assert event.state()["ends_at"] is None and event.state()["state"] == "kept"
    event.age()
    before = event.analytics()
    assert before["tickets"]["total"] == 451
    assert event.state()["state"] == "due" and event.state()["applications"] == 451
    trial = stack.mogirictl("retention", "run", "--dry-run").stdout
    assert "matsuri: the data of 451 applications would be erased" in trial and event.unread() == 451
    told = stack.mogirictl("retention", "run", check=False)
    assert told.returncode in (0, 5), told  # 5: it takes longer than a command waits
    wait_until("the end", lambda: event.state()["state"] == "erased", 60)
    wait_until("nothing to be left", lambda: not found(stack, event.words))
    assert event.state()["applications"] == 0 and event.analytics() == before
    assert stack.sql(f"SELECT applications, tickets, mails, roster FROM erasure WHERE event = {event.number}") == [["451", "451", "1", "1"]]
    who, after = stack.sql(f"SELECT actor, after->>'applications' FROM audit WHERE verb = 'event.erase' AND event = {event.number}")[0]
    assert who.startswith("mogirictl:") and after == "451"
    assert re.search(r"erasure \d+ is done", (stack.folder.log / "mogirid.log").read_text())
    assert not stack.sql("SELECT FROM application WHERE event = 1 AND email = '' AND fields <> '{}'")
    # Others are as they were, and nothing is due any more.
    assert "no event is due" in stack.mogirictl("retention", "run").stdout
    # Who applied afterwards is kept as long, and no longer.
    stack.sql("INSERT INTO application (id, event, form, applicant, state, code, tickets, email, language, fields, guests, body_hash, "
              f"submitted_at) SELECT 'LATE' || id_of, {event.number}, 'teacher', 'late', 'refused', 'closed', 0, 'late@example.jp', 'ja', "
              "'{}', '[]', repeat('0', 32), at FROM (VALUES (repeat('A', 22), now() - interval '29 days')) AS t (id_of, at)")
    assert event.state()["state"] == "erased" and event.state()["applications"] == 1
    stack.sql("UPDATE application SET submitted_at = now() - interval '31 days' WHERE email = 'late@example.jp'")
    assert event.state()["state"] == "due"
    stack.mogirictl("retention", "run", check=False)
    wait_until("the end", lambda: (now := event.state())["state"] == "erased" and now["applications"] == 0, 60)


def test_a_killed_daemon_goes_on_with_it(stack, admin, client):
    event = PastEvent(stack, client, admin, "kaminari", 450)
    event.age()
    first, last = stack.sql(f"SELECT min(id), max(id) FROM application WHERE event = {event.number} AND applicant LIKE 'many%'")[0]
    with Holding(stack, f"SELECT FROM application WHERE id = '{last}' FOR UPDATE"):
        assert stack.mogirictl("retention", "run", check=False).returncode == 5
        wait_until("the last batch to be reached", lambda: event.unread() <= 251 and event.unread() > 0)
        half = event.unread()
        daemon = stack.process("mogirid")
        daemon.signal(signal.SIGKILL)
        wait_until("another mogirid", lambda: stack.process("mogirid").pid != daemon.pid)
        assert event.unread() == half and event.state()["state"] == "erasing"
    wait_until("the end", lambda: event.state()["state"] == "erased", 60)
    wait_until("nothing to be left", lambda: not found(stack, event.words))
    assert stack.sql(f"SELECT count(*), sum(applications) FROM erasure WHERE event = {event.number}") == [["1", "451"]]
