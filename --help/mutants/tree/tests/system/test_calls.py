"""Calls between nginx and mogirid: each is done once or not at all, in time or not at all, whoever dies meanwhile."""

import json
import threading
import time

import pytest

from crash_points import CrashFile
from festival import decided, new_key, teacher
from other_daemon import stopped
from stack.client import Client
from stack.waiting import wait_until

people = (f"caller{n}" for n in range(1, 1000))


@pytest.fixture(scope="session")
def crash_file(work_dir) -> CrashFile:
    return CrashFile(work_dir / "crash")


@pytest.fixture(scope="session")
def server_environment(crash_file):
    return crash_file.environment("mogirid")


@pytest.fixture
def application(client) -> str:
    return decided(client, client.apply(teacher(next(people)), new_key()))["application"]


def resend(client, application: str, key: str):
    return client.post_json(f"/api/v1/applications/{application}/resend", {}, Idempotency_Key=key)


def mails(stack, application: str) -> int:
    return int(stack.sql(f"SELECT count(*) FROM mail_outbox WHERE application = '{application}'")[0][0])


def test_a_call_is_done_once_for_a_key(stack, client, application):
    key = new_key()
    answers = [resend(client, application, key) for _ in range(3)]
    assert {answer.status for answer in answers} == {200}, answers[0].text
    assert {answer.text for answer in answers} == {json.dumps({"application": application, "mail": "pending"}, separators=(",", ":"))}
    assert mails(stack, application) == 2
    assert resend(client, application, new_key()).status == 200 and mails(stack, application) == 3


def test_many_with_one_key_at_once(stack, application):
    key, answers = new_key(), []

    def send():
        own = Client(stack.env["BASE_URL"])
        answers.append(resend(own, application, key).status)
        own.close()

    threads = [threading.Thread(target=send) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [200] * 16
    assert mails(stack, application) == 2


def test_what_is_no_call_is_refused(stack, client, application):
    path = f"/api/v1/applications/{application}/resend"
    assert client.post_json(path, {}).json["code"] == "missing_key"
    assert client.get(path).status == 405
    other = application[:-1] + ("A" if application[-1] != "A" else "E")
    for wrong in (other, "short", application.lower()):
        answer = resend(client, wrong, new_key())
        assert (answer.status, answer.json["code"]) == (404, "not_found"), wrong
    assert client.post_json(f"/e/nosuch{path}", {}, Idempotency_Key=new_key()).status == 404
    assert client.post_json(f"{path}/more", {}, Idempotency_Key=new_key()).status == 404
    assert mails(stack, application) == 1


def test_a_call_past_its_deadline_is_not_done(stack, client, application):
    """mogirid stands still longer than the client waits; when it wakes it leaves the call, until it is repeated."""
    key = new_key()
    with stopped(stack.process("mogirid")):
        began = time.monotonic()
        late = resend(client, application, key)
        assert (late.status, late.json["code"]) == (504, "timed_out") and time.monotonic() - began < 8
        assert "Idempotency-Key" in late.json["detail"]
        assert late.headers["Content-Type"] == "application/problem+json"
    wait_until("the late call to be dropped", lambda: stack.redis("XLEN", "{1}:calls") == 0)
    assert mails(stack, application) == 1
    assert resend(client, application, key).status == 200
    assert mails(stack, application) == 2


def test_a_client_that_repeats_while_the_daemon_is_away(stack, client, application):
    """The late first call is still in the stream when the same one comes again."""
    key, answers = new_key(), []
    with stopped(stack.process("mogirid")):
        assert resend(client, application, key).status == 504
        own = Client(stack.env["BASE_URL"])
        again = threading.Thread(target=lambda: answers.append(resend(own, application, key)))
        again.start()
        wait_until("the second one in the stream", lambda: stack.redis("XLEN", "{1}:calls") == 2)
    again.join()
    assert answers[0].status == 200, answers[0].text
    assert mails(stack, application) == 2
    wait_until("no call left", lambda: stack.redis("XLEN", "{1}:calls") == 0)


@pytest.mark.parametrize("place, waits", [("calls.claimed", True), ("calls.written", True), ("calls.committed", True),
                                          ("calls.answered", False)])
def test_the_daemon_dies_with_a_call_in_hand(stack, client, application, crash_file, place, waits):
    """The repeated key gets the same answer, and it is done once."""
    key, first = new_key(), []
    crash_file.name(place)
    own = Client(stack.env["BASE_URL"])
    sender = threading.Thread(target=lambda: first.append(resend(own, application, key)))
    sender.start()
    wait_until(f"mogirid to die at {place}", crash_file.was_hit)
    sender.join()
    assert first[0].status in (200, 504), first[0].text
    answer = wait_until("an answer", lambda: (now := resend(client, application, key)).status == 200 and now)
    assert answer.json == {"application": application, "mail": "pending"}
    assert resend(client, application, key).text == answer.text
    assert mails(stack, application) == 2
    assert stack.sql(f"SELECT count(*) FROM call WHERE actor = 'application:{application}'") == [["1"]]
    wait_until("the mail", lambda: stack.sql(
        f"SELECT count(*) FROM mail_outbox WHERE application = '{application}' AND state = 'sent'") == [["2"]], 30)


def test_redis_forgets_what_was_done(stack, client, application):
    """Redis's data is lost: the ledger knows that the call was done, and what it carried."""
    key = new_key()
    assert resend(client, application, key).status == 200
    for name in stack.redis("KEYS", "{1}:c:*"):
        stack.redis("DEL", name)
    assert resend(client, application, key).status == 200
    assert mails(stack, application) == 2
    assert stack.redis("KEYS", "{1}:c:*") != []
