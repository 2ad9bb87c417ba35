"""Logging in: sessions begin, rotate and end; who guesses is slowed; nothing secret is left lying about."""

import hashlib
import json
import os
import re
import signal
import threading
import time
from pathlib import Path

import pytest

from people import COOKIE, Member
from stack.client import Client
from stack.waiting import wait_until

PASSWORD = "correct horse battery"


@pytest.fixture
def member(stack):
    member = Member(stack.env["BASE_URL"])
    yield member
    member.close()


@pytest.fixture
def other(stack):
    member = Member(stack.env["BASE_URL"])
    yield member
    member.close()


@pytest.fixture(autouse=True)
def forgiven(stack):
    """What one test has guessed wrong slows down no other."""
    for key in stack.redis("KEYS", "{people}:tries:*"):
        stack.redis("DEL", key)


def new_user(stack, name: str) -> str:
    """Of the first one mogirictl makes the password's hash, which takes its time; the others have the same."""
    if not stack.sql("SELECT 1 FROM account WHERE name = 'tanaka'"):
        stack.mogirictl("user", "add", "tanaka", "--email", "tanaka@people.example", "--role", "staff", "--password-file", "-",
                        input=PASSWORD + "\n")
    stack.sql("INSERT INTO account (name, email, address, role, password_hash) SELECT "
              f"'{name}', '{name}@people.example', '{name}@people.example', 'staff', password_hash FROM account "
              f"WHERE name = 'tanaka' AND '{name}' <> 'tanaka'")
    return name


def session_key(member: Member) -> str:
    return "{people}:session:" + hashlib.sha256(member.cookie.encode()).hexdigest()


def test_who_logs_in_is_known(stack, member):
    new_user(stack, "tanaka")
    assert member.ask("GET", "/api/v1/me").json["code"] == "no_session"
    for login in ("tanaka", "tanaka@people.example", "Tanaka@PEOPLE.example"):
        answer = member.log_in(login, PASSWORD)
        assert answer.status == 200, answer.text
        assert answer.json["name"] == "tanaka" and answer.json["roles"] == [{"role": "staff"}]
        me = member.ask("GET", "/api/v1/me")
        assert me.status == 200 and me.json == answer.json
        assert me.headers["Cache-Control"] == "no-store"
    stored = stack.redis("GET", session_key(member))
    assert "tanaka" in stored and member.cookie not in stored
    assert member.ask("POST", "/api/v1/logout").status == 200 and member.cookie is None
    assert member.ask("GET", "/api/v1/me").status == 401


def test_a_login_begins_another_session(stack, member):
    new_user(stack, "sato")
    member.log_in("sato", PASSWORD)
    first, old = member.cookie, session_key(member)
    member.log_in("sato", PASSWORD)
    assert member.cookie != first and stack.redis("EXISTS", old) == 0
    member.cookie = first
    assert member.ask("GET", "/api/v1/me").json["code"] == "session_ended"


def test_nobody_learns_who_has_an_account(stack, member):
    new_user(stack, "suzuki"), new_user(stack, "gone")
    stack.sql("UPDATE account SET disabled_at = now() WHERE name = 'gone'")
    answers = set()
    for login, password in (("suzuki", "wrong guess"), ("nobody", PASSWORD), ("gone", PASSWORD)):
        answer = member.log_in(login, password)
        answers.add((answer.status, answer.text))
    assert len(answers) == 1 and next(iter(answers))[0] == 401
    assert member.cookie is None
    hashed = stack.sql("SELECT subject FROM audit WHERE verb = 'session.login' AND actor = 'visitor' ORDER BY id DESC LIMIT 3")
    assert [subject == ["nobody"] for subject in reversed(hashed)] == [False, True, False]


def test_what_is_no_login(member):
    for body, field in (({}, "login"), ({"login": 1, "password": PASSWORD}, "login"), ({"login": "x"}, "password"),
                        ({"login": "x", "password": 5}, "password"), ({"login": "a\r\nb", "password": "x"}, "login"),
                        ({"login": "x" * 300, "password": "x"}, "login"), ({"login": "x", "password": "x", "more": 1}, "more")):
        answer = member.ask("POST", "/api/v1/login", body)
        assert answer.status == 422 and field in [error["field"] for error in answer.json["errors"]], (body, answer.text)
    for body, code in (("{", "broken_json"), ("[]", "broken_json"), ('{"login":"a","login":"b"}', "broken_json")):
        assert member.ask("POST", "/api/v1/login", body).json["code"] == code
    assert member.ask("POST", "/api/v1/login", "x", Content_Type="text/plain").status == 415
    assert member.ask("GET", "/api/v1/login").status == 405


def test_forged_cookies(stack, member):
    new_user(stack, "forger")
    member.log_in("forger", PASSWORD)
    real = member.cookie
    other = "A" if real[0] != "A" else "B"
    for forged in ("", "x", other + real[1:], real.lower(), real + "A", hashlib.sha256(real.encode()).hexdigest(), "x" * 4000):
        member.cookie = forged
        assert member.ask("GET", "/api/v1/me").status == 401, forged
    member.cookie = real
    assert member.ask("GET", "/api/v1/me").status == 200
    # A session's token is no program's key.
    assert Client(stack.env["BASE_URL"], real).get("/api/v1/me").json["code"] == "bad_key"


def test_sessions_end_by_themselves(stack, member):
    new_user(stack, "sleepy")
    member.log_in("sleepy", PASSWORD)
    key = session_key(member)
    assert 0 < stack.redis("PTTL", key) <= 3600_000
    stack.redis("PEXPIRE", key, "1000000")  # not used for a while
    assert member.ask("GET", "/api/v1/me").status == 200
    assert stack.redis("PTTL", key) > 3500_000, "use keeps it alive"
    idle, ends, about = stack.redis("GET", key).split(" ", 2)
    soon = int(time.time() * 1000) + 60_000
    stack.redis("SET", key, f"{idle} {soon} {about}", "PX", "1000")
    assert member.ask("GET", "/api/v1/me").status == 200
    assert 1000 < stack.redis("PTTL", key) <= 60_000, "never beyond its absolute end"
    stack.redis("SET", key, f"{idle} {soon - 120_000} {about}", "PX", "1000000")
    assert member.ask("GET", "/api/v1/me").json["code"] == "session_ended"


def test_own_sessions_are_listed_and_ended(stack, member, other):
    new_user(stack, "busy"), new_user(stack, "stranger")
    member.log_in("busy", PASSWORD)
    second = Member(stack.env["BASE_URL"])
    second.log_in("busy", PASSWORD)
    other.log_in("stranger", PASSWORD)
    sessions = member.ask("GET", "/api/v1/me/sessions").json["items"]
    assert [one["current"] for one in sessions] == [True, False] and sessions[0]["origin"] == "127.0.0.1"
    theirs = other.ask("GET", "/api/v1/me/sessions").json["items"][0]["session"]
    assert member.ask("DELETE", f"/api/v1/me/sessions/{theirs}").status == 404
    assert other.ask("GET", "/api/v1/me").status == 200
    assert member.ask("DELETE", f"/api/v1/me/sessions/{sessions[1]['session']}").status == 200
    assert second.ask("GET", "/api/v1/me").status == 401
    assert len(member.ask("GET", "/api/v1/me/sessions").json["items"]) == 1
    second.close()


def test_an_admin_ends_sessions_and_withdraws_links(stack, admin, member, other):
    number = stack.sql(f"SELECT number FROM account WHERE name = '{new_user(stack, 'watched')}'")[0][0]
    path = f"/api/v1/users/{number}"
    member.log_in("watched", PASSWORD), other.log_in("watched", PASSWORD)
    sessions = admin.ask("GET", path + "/sessions").json["items"]
    assert [one["current"] for one in sessions] == [False, False]
    assert admin.ask("DELETE", f"{path}/sessions/{sessions[0]['session']}").status == 200
    assert (member.ask("GET", "/api/v1/me").status, other.ask("GET", "/api/v1/me").status) == (401, 200)
    assert admin.ask("DELETE", f"{path}/sessions/{sessions[0]['session']}").status == 404
    assert admin.ask("DELETE", path + "/sessions").status == 200
    assert other.ask("GET", "/api/v1/me").status == 401 and admin.ask("GET", path + "/sessions").json == {"items": []}
    assert {("user.end_session",), ("user.end_sessions",)} <= {tuple(row) for row in stack.sql(
        f"SELECT verb FROM audit WHERE subject = 'account {number}'")}

    assert admin.ask("POST", path + "/invite").status == 200
    assert [one["kind"] for one in admin.ask("GET", path).json["links"]] == ["reset"]
    assert admin.ask("DELETE", path + "/invite").json["links"] == []
    assert stack.sql(f"SELECT count(*) FROM account_link WHERE account = {number} AND used_at IS NULL") == [["0"]]
    invited = [one["name"] for one in admin.ask("GET", "/api/v1/users?has_password=false").json["items"]]
    assert "watched" not in invited
    for gone in ("/sessions", "/sessions/x", "/invite"):
        assert admin.ask("DELETE", "/api/v1/users/999999" + gone).status == 404


def test_a_changed_password_ends_all_sessions(stack, member, other):
    new_user(stack, "changer")
    member.log_in("changer", PASSWORD), other.log_in("changer", PASSWORD)
    wrong = member.ask("POST", "/api/v1/me/password", {"password": "not this one", "new_password": "another password"})
    assert wrong.status == 422 and wrong.json["errors"][0]["field"] == "password"
    short = member.ask("POST", "/api/v1/me/password", {"password": PASSWORD, "new_password": "short"})
    assert short.status == 422 and short.json["errors"][0]["code"] == "too_short"
    before = member.cookie
    assert member.ask("POST", "/api/v1/me/password", {"password": PASSWORD, "new_password": "another password"}).status == 200
    assert member.cookie != before and member.ask("GET", "/api/v1/me").status == 200
    assert other.ask("GET", "/api/v1/me").status == 401
    other.cookie = None
    assert other.log_in("changer", PASSWORD).status == 401
    assert other.log_in("changer", "another password").status == 200


def test_other_peoples_pages_do_nothing(stack, member):
    new_user(stack, "target")
    member.log_in("target", PASSWORD)
    cookie = member.cookie
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {}, {"Origin": "https://evil.example"},
                    {"Origin": "null"}):
        member.cookie, member.own = cookie, headers
        answer = member.ask("POST", "/api/v1/logout")
        assert (answer.status, answer.json["code"]) == (403, "cross_site"), headers
        assert member.ask("GET", "/api/v1/me").status == 200
        if headers:
            member.cookie = None
            assert member.log_in("target", PASSWORD).json["code"] == "cross_site", headers
    member.own, member.cookie = {"Origin": stack.env["BASE_URL"]}, None
    assert member.log_in("target", PASSWORD).status == 200 and member.ask("POST", "/api/v1/logout").status == 200


def test_who_guesses_is_slowed(stack, member):
    """The first guesses are taken as made: each costs the time of a hash."""
    new_user(stack, "guessed")
    name, stranger = ("{people}:tries:name:" + hashlib.sha256(login).hexdigest() for login in (b"guessed", b"no such name"))
    stack.redis("SET", name, "2"), stack.redis("SET", stranger, "4")
    spellings = ["guessed", "guessed@people.example", "GUESSED@PEOPLE.example"]
    assert [member.log_in(spelling, "a guess").status for spelling in spellings] == [401] * 3
    assert stack.redis("GET", name) == "5" and stack.redis("PTTL", name + ":wait") <= 1000
    stack.redis("SET", name + ":wait", "1", "PX", "2000")  # a second is over too soon on a slow machine
    refused = member.log_in("guessed", PASSWORD)
    assert refused.status == 429 and refused.json["code"] == "too_many_logins" and int(refused.headers["Retry-After"]) >= 1
    assert member.log_in("no such name", "a guess").status == 401, "others are not slowed"
    assert stack.redis("GET", stranger) == "5", "a name that nobody has is slowed the same"
    wait_until("the wait to end", lambda: member.log_in("guessed", PASSWORD).status == 200)
    assert stack.redis("EXISTS", name, name + ":wait") == 0, "a login is a new beginning"


def test_a_network_that_guesses_is_slowed(stack, member):
    new_user(stack, "neighbour")
    stack.redis("SET", "{people}:tries:network:127.0.0", "110")  # from then on it waits for minutes
    assert member.log_in("neighbour", "a wrong one").status == 401
    assert member.log_in("neighbour", PASSWORD).status == 429


def test_many_logins_at_once(stack, first):
    """They are hashed one after another, and refused where they would wait too long; the door does not notice.

    MOGIRI_LOGINS=10000 tries as many; what the door's answers took is printed (pytest -s)."""
    attempts, senders = int(os.environ.get("MOGIRI_LOGINS", "60")), 30
    new_user(stack, "crowd")
    answers, lock = [], threading.Lock()

    def guess(number: int):
        own = Member(stack.env["BASE_URL"])
        for n in range(number, attempts, senders):
            status = own.try_login(f"crowd {number} {n}", "a wrong password").status
            with lock:
                answers.append(status)
        own.close()

    def scan() -> float:
        began = time.monotonic()
        assert first.scan("x" * 34, f"n{began}").status == 200
        return time.monotonic() - began

    def peak() -> int:
        return int(re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{stack.process('mogirid').pid}/status").read_text())[1])

    before, quiet = peak(), sorted(scan() for _ in range(100))
    threads = [threading.Thread(target=guess, args=(n,)) for n in range(senders)]
    for thread in threads:
        thread.start()
    busy = []
    while any(thread.is_alive() for thread in threads):
        busy.append(scan())
    for thread in threads:
        thread.join()
    busy.sort()
    told = {status: answers.count(status) for status in sorted(set(answers))}
    print(f"{len(answers)} logins {told}; the door's p99 {quiet[98] * 1000:.1f} ms before, {busy[len(busy) * 99 // 100] * 1000:.1f} ms meanwhile")
    assert len(answers) == attempts and set(answers) <= {401, 429, 503, 504}, told
    assert 503 in answers, "not all of them can wait"
    assert peak() - before < 160 * 1024, "not more than one hash at a time"
    assert busy[-1] < 2


def test_logins_that_wait_are_told(stack, member):
    def waiting() -> list[str]:
        return re.findall(r'mogiri_logins_waiting\{event="1"\} (\d+)', member.client.get("/metrics").text)

    wait_until("all who waited before", lambda: waiting() == ["0"], 60)
    mogirid = stack.process("mogirid")
    mogirid.signal(signal.SIGSTOP)
    other = Member(stack.env["BASE_URL"])
    thread = threading.Thread(target=other.try_login, args=("nobody at all", "a guess"))
    try:
        thread.start()
        wait_until("the figure", lambda: waiting() == ["1"])
        assert json.loads(stack.mogirictl("status", "--json").stdout)["events"][0]["logins"]["length"] == 1
        assert re.search(r"logins waiting +1 +oldest", stack.mogirictl("status").stdout)
    finally:
        mogirid.signal(signal.SIGCONT)
        thread.join()
        other.close()
    wait_until("nobody to wait", lambda: waiting() == ["0"])


def test_no_secret_is_left_lying_about(stack, member):
    secrets = ["very secret passphrase", "another very secret one"]
    stack.mogirictl("user", "add", "careful", "--email", "careful@people.example", "--role", "staff", "--password-file", "-",
                    input=secrets[0] + "\n")
    member.log_in("careful", secrets[0])
    secrets.append(member.cookie)
    assert member.ask("POST", "/api/v1/me/password", {"password": secrets[0], "new_password": secrets[1]}).status == 200
    secrets.append(member.cookie)
    member.log_in("careful", secrets[0])
    for folder in (stack.folder.log, stack.folder.redis):
        for path in [path for path in folder.rglob("*") if path.is_file()]:
            text = path.read_bytes()
            for secret in secrets:
                assert secret.encode() not in text, (path, secret)
    assert COOKIE not in stack.logs(1000)
