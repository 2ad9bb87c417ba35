"""mogirictl jobs: what is on its way and what was given up, seen, retried and buried by a sysadmin."""

import json
from contextlib import contextmanager

import pytest

from festival import decided, new_key, student
from other_daemon import stopped
from stack.waiting import wait_until

POISON = "毒 太郎"


@contextmanager
def poisoned(stack):
    """Tickets for one guest are refused by the database: the fault is the job's own."""
    stack.sql(f"ALTER TABLE ticket ADD CONSTRAINT poisoned CHECK (guest_name <> '{POISON}') NOT VALID")
    try:
        yield
    finally:
        stack.sql("ALTER TABLE ticket DROP CONSTRAINT poisoned")


def ctl(stack, *words, status: int = 0):
    """What it printed, as JSON where it did."""
    done = stack.mogirictl("jobs", *words, check=False)
    assert done.returncode == status, (done.returncode, done.stdout, done.stderr)
    return json.loads(done.stdout) if "--json" in words else done.stdout + done.stderr


def jobs(stack, *words) -> dict[str, dict]:
    return {job["id"]: job for job in ctl(stack, "list", "--json", *words)["jobs"]}


def job_of(stack, application: str, *states: str) -> dict:
    """Waits for the application's job in one of the states."""
    return wait_until(f"the job of {application} to be {states}", lambda: next(
        (job for job in jobs(stack).values() if job["application"] == application and job["state"] in states), None))


def apply_poison(client, number: int) -> tuple[dict, str, str]:
    person, key = student("S2C", number, (POISON,)), new_key()
    answer = client.apply(person, key)
    assert answer.status == 202, answer.text
    return person, key, answer.json["application"]


def open_alerts(stack) -> int:
    return int(stack.sql("SELECT count(*) FROM alert WHERE kind = 'dead_letter' AND cleared_at IS NULL")[0][0])


def told(client, application: str) -> str | None:
    """What the applicant's status address says now: a refusal's code, or the state."""
    status = client.get(f"/api/v1/applications/{application}").json
    return status.get("code", status["state"])


def test_a_dead_letter_and_its_way_back(stack, client, mailbox):
    with poisoned(stack):
        person, key, application = apply_poison(client, 1)
        faulty = job_of(stack, application, "faulty")
        assert faulty["sqlstate"] == "23514" and faulty["consumer"] and faulty["deliveries"] >= 1
        letter = job_of(stack, application, "dead")
        wait_until("the answer", lambda: told(client, application) == "failed")
        assert letter["faults"] == 5
    shown = ctl(stack, "list") + str(ctl(stack, "list", "--json")) + ctl(stack, "show", letter["id"])
    assert application in shown and not any(word in shown for word in (person["email"], "Yamada", POISON))
    shown = ctl(stack, "show", letter["id"], "--payload", "--json")
    assert shown["payload"]["email"] == person["email"]
    assert any("buried" in moment["what"] for moment in shown["timeline"])
    assert open_alerts(stack) == 1
    wait_until("the mail that tells of it", lambda: len(mailbox.to(person["email"])) == 1)

    assert ctl(stack, "retry", letter["id"], "--json") == [{"id": letter["id"], "state": "on the road"}]
    wait_until("the decision", lambda: told(client, application) == "issued")
    assert client.apply(person, key).json["application"] == application
    assert ctl(stack, "retry", letter["id"], "--json") == [{"id": letter["id"], "state": "decided"}]
    wait_until("the tickets' mail", lambda: len(mailbox.to(person["email"])) == 2)
    assert letter["id"] not in jobs(stack) and jobs(stack, "--state", "resolved")[letter["id"]]["state"] == "resolved"
    assert stack.sql("SELECT kind, state FROM mail_outbox WHERE application = "
                     f"'{application}' ORDER BY id") == [["failed", "sent"], ["tickets", "sent"]]
    assert stack.sql(f"SELECT count(*) FROM ticket WHERE application = '{application}'") == [["1"]]
    assert open_alerts(stack) == 0


def test_a_stuck_job_is_buried(stack, client, mailbox):
    with poisoned(stack):
        person, key, application = apply_poison(client, 2)
        job = job_of(stack, application, "faulty")
        [buried] = ctl(stack, "bury", job["id"], "--reason", "stuck since noon", "--json")
        assert buried["state"] == "dead"
    assert told(client, application) == "failed"
    assert client.apply(person, key).json["code"] == "failed"
    assert ctl(stack, "show", buried["id"], "--json")["reason"] == "stuck since noon"
    assert stack.redis("XLEN", "{1}:jobs") == 0
    wait_until("the mail that tells of it", lambda: len(mailbox.to(person["email"])) == 1)
    assert buried["id"] in ctl(stack, "show", job["id"], status=1)


def test_orders_wait_for_the_daemon(stack):
    with stopped(stack.process("mogirid")):
        assert "mogirid will carry it out" in ctl(stack, "bury", "1/1-0", "--reason", "nowhere", status=5)
    wait_until("the order", lambda: stack.sql("SELECT outcome FROM job_order WHERE stream_id = '1-0'") == [["gone"]])
    assert "no such job" in ctl(stack, "bury", "1/1-0", "--reason", "nowhere", status=1)


def test_a_failed_mail_is_owed_again(stack, client, mailbox):
    person = student("S2C", 3)
    application = decided(client, client.apply(person, new_key()))["application"]
    wait_until("its mail", lambda: len(mailbox.to(person["email"])) == 1)
    [[row]] = wait_until("its end", lambda: stack.sql("SELECT id FROM mail_outbox WHERE state = 'sent' AND "
                                                      f"application = '{application}'"))
    assert "nothing to retry" in ctl(stack, "retry", f"m{row}", status=1)
    stack.sql(f"UPDATE mail_outbox SET state = 'failed' WHERE id = {row}")
    assert jobs(stack, "--state", "failed")[f"m{row}"]["application"] == application
    [again] = ctl(stack, "retry", f"m{row}", "--json")
    assert again["state"] == "due" and again["id"] != f"m{row}"
    wait_until("the second mail", lambda: len(mailbox.to(person["email"])) == 2)
    assert "owed again already" in ctl(stack, "retry", f"m{row}", status=1)
    assert person["email"] not in ctl(stack, "show", f"m{row}")
    assert person["email"] in ctl(stack, "show", f"m{row}", "--payload")


def test_waiting_jobs_without_redis(stack):
    with stopped(stack.process("redis")):
        told = stack.mogirictl("jobs", "list", "--json", check=False)
    assert told.returncode == 4 and "out of reach" in told.stderr and json.loads(told.stdout)["error"]


@pytest.mark.parametrize("words, status", [
    (("show", "d9999"), 1), (("show", "m9999"), 1), (("show", "1/1-0"), 1), (("show", "x"), 2),
    (("retry", "d9999"), 1), (("retry", "m9999"), 1), (("retry", "1/1-0"), 1), (("retry",), 2),
    (("bury", "d1", "--reason", "x"), 1), (("bury", "1/1-0"), 2), (("bury", "1/1-0", "--reason", ""), 2),
    (("bury", "9/1-0", "--reason", "x"), 1), (("list", "--event", "nosuch"), 1), (("list", "--state", "nosuch"), 2),
])
def test_mistakes(stack, words, status):
    done = stack.mogirictl("jobs", *words, check=False)
    assert done.returncode == status and (done.stderr or status == 2), done


def test_help(stack):
    for command in ("list", "show", "retry", "bury"):
        assert "--json" in stack.mogirictl("jobs", command, "--help").stdout
