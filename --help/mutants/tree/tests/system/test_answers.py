"""A decision is never lost with the worker, or the subscription, that waited for it: status address and repeated key have it."""

import os
import signal
import threading
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest

from festival import everybody, new_key, student
from stack.client import Client
from stack.process import children
from stack.waiting import wait_until

people = everybody()


@pytest.fixture(scope="module", autouse=True)
def patient(stack):
    """Requests wait longer than the tests take."""
    file = stack.folder.conf / "mogiri-server.conf"
    file.write_text("mogiri_wait 20s;\n" + file.read_text(encoding="utf-8"), encoding="utf-8")
    reload(stack)


class Applicant(threading.Thread):
    """One application, sent and waiting; `answer` or `error` when it has come."""

    def __init__(self, stack):
        super().__init__(daemon=True)
        self.url, self.fields, self.key = stack.env["BASE_URL"], student(*next(people)), new_key()
        self.answer = self.error = None

    def run(self):
        try:
            self.answer = self.send()
        except OSError as error:
            self.error = error

    def send(self):
        return Client(self.url).apply(self.fields, self.key)


@contextmanager
def waiting(stack):
    """An applicant whose application is in Redis while mogirid stands still; afterwards it is decided."""
    mogirid = stack.process("mogirid")
    assert mogirid.signal(signal.SIGSTOP)
    try:
        applicant = Applicant(stack)
        applicant.start()
        wait_until("the application in Redis", lambda: stack.redis("XLEN", "{1}:jobs") == 1)
        yield applicant
    finally:
        mogirid.signal(signal.SIGCONT)
    wait_until("the decision", lambda: stack.sql(
        f"SELECT state FROM application WHERE email = '{applicant.fields['email']}'") == [["issued"]])
    wait_until("the answer in Redis", lambda: stack.redis("XLEN", "{1}:jobs") == 0)


def reload(stack) -> None:
    before = set(children(stack.process("nginx").pid))
    assert stack.process("nginx").signal(signal.SIGHUP)
    wait_until("fresh workers", lambda: len(set(children(stack.process("nginx").pid)) - before) == 2)


def same_everywhere(applicant: Applicant) -> None:
    """The repeated key is answered at once, and the status address says the same."""
    again = applicant.send()
    assert again.status == 201, again.text
    status = Client(applicant.url).get(urlsplit(again.json["status_url"]).path)
    assert (status.status, status.json["state"]) == (200, "issued")
    if applicant.answer is not None:
        assert again.json == applicant.answer.json


def test_a_killed_worker_loses_only_the_connection(stack):
    with waiting(stack) as applicant:
        for pid in children(stack.process("nginx").pid):
            os.kill(pid, signal.SIGKILL)
    applicant.join(10)
    assert applicant.error is not None
    same_everywhere(applicant)


def test_a_leaving_worker_hears_its_answers(stack):
    with waiting(stack) as applicant:
        reload(stack)
    applicant.join(10)
    assert applicant.answer.status == 201
    same_everywhere(applicant)


def test_what_was_said_while_nobody_listened_is_asked_for(stack):
    with waiting(stack) as applicant:
        stack.redis("ACL", "SETUSER", "nginx", "-subscribe")
        stack.redis("CLIENT", "KILL", "TYPE", "pubsub")
    assert applicant.answer is None
    stack.redis("ACL", "SETUSER", "nginx", "+subscribe")
    applicant.join(10)
    assert applicant.answer is not None and applicant.answer.status == 201
    same_everywhere(applicant)


def test_it_is_asked_for_whichever_connection_comes_back_first(stack):
    for _ in range(3):
        with waiting(stack) as applicant:
            stack.redis("ACL", "SETUSER", "nginx", "off")
            stack.redis("CLIENT", "KILL", "USER", "nginx")
        assert applicant.answer is None
        stack.redis("ACL", "SETUSER", "nginx", "on")
        applicant.join(10)
        assert applicant.answer is not None and applicant.answer.status == 201
        wait_until("both workers' links", lambda: "\nmogiri_redis_connected 2\n" in Client(applicant.url).get("/metrics").text)
        same_everywhere(applicant)
