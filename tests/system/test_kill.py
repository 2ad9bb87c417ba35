"""kill -9 of a worker, mogirid, Redis and PostgreSQL, five times each, amid 500 applications: what was answered stays answered."""

import itertools
import os
import queue
import random
import signal
import threading
import time
from collections import Counter

from festival import everybody, new_key, student
from stack.client import Client
from stack.process import Process, children
from stack.waiting import wait_until

APPLICATIONS, CLIENTS, ROUNDS = 500, 16, 5
VICTIMS = ("worker", "mogirid", "redis", "postgres")


class Applicants:
    """16 clients who repeat, with the same key, whatever was not answered 201 or 202."""

    def __init__(self, base_url: str):
        self._base_url = base_url
        self._waiting: queue.Queue = queue.Queue()
        for i, person in enumerate(itertools.islice(everybody(), APPLICATIONS)):
            guests = ("山田 花子", "佐藤 桜") if i % 10 == 0 else ("山田 花子",)
            self._waiting.put((student(*person, guests), new_key()))
        self.answered: list[tuple[dict, set[str]]] = []  # the form, and the ids that were answered for it
        self.not_answered: Counter = Counter()
        self.wrong: list[str] = []
        self._threads = [threading.Thread(target=self._apply) for _ in range(CLIENTS)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def join(self) -> None:
        for thread in self._threads:
            thread.join()

    def _apply(self) -> None:
        client = Client(self._base_url, timeout=15)
        while True:
            try:
                fields, key = self._waiting.get_nowait()
            except queue.Empty:
                return
            ids = set()
            while not ids:
                try:
                    answer = client.apply(fields, key)
                except Exception as error:  # noqa: BLE001: a connection that a kill cut
                    self.not_answered[type(error).__name__] += 1
                    time.sleep(0.02)
                    continue
                if answer.status in (201, 202):
                    ids.add(answer.json["application"])
                elif answer.status == 503 and answer.headers["Retry-After"]:
                    self.not_answered["503 " + answer.json["code"]] += 1
                    time.sleep(0.02)
                else:
                    self.wrong.append(f"{answer.status} {answer.text}")
                    break
            if random.random() < 0.2:  # who is not sure sends again
                try:
                    again = client.apply(fields, key)
                    if again.status in (201, 202):
                        ids.add(again.json["application"])
                except Exception:  # noqa: BLE001
                    pass
            self.answered.append((fields, ids))


def kill(stack, victim: str) -> None:
    """Returns when another process is in its place."""
    if victim == "worker":
        master = stack.process("nginx")
        workers = children(master.pid)
        os.kill(random.choice(workers), signal.SIGKILL)
        wait_until("a new worker", lambda: set(children(master.pid)) - set(workers) and len(children(master.pid)) == 2)
    else:
        process: Process = stack.process(victim)
        assert process.signal(signal.SIGKILL)
        killed = time.monotonic()
        wait_until(f"{victim} to be started again", lambda: stack.process(victim) not in (None, process))
        assert time.monotonic() - killed < 5


def test_what_was_answered_stays_answered(stack, mailbox):
    applicants = Applicants(stack.env["BASE_URL"])
    kills = list(VICTIMS) * ROUNDS
    random.shuffle(kills)
    print("kills:", kills)
    applicants.start()
    try:
        for number, victim in enumerate(kills, 1):
            amid = number * APPLICATIONS // (len(kills) + 1)
            wait_until(f"{amid} answers", lambda amid=amid: len(applicants.answered) >= amid or applicants.wrong, 120)
            kill(stack, victim)
    finally:
        applicants.join()
    print("not answered:", dict(applicants.not_answered))
    assert applicants.wrong == []
    assert len(applicants.answered) == APPLICATIONS
    assert all(len(ids) == 1 for _, ids in applicants.answered), "one key, two applications"

    expected = {ids.copy().pop(): fields for fields, ids in applicants.answered}
    assert len(expected) == APPLICATIONS
    wait_until("an empty road", lambda: stack.redis("XLEN", "{1}:jobs") == 0, 60)
    wait_until("all mails to be sent",
               lambda: stack.sql("SELECT count(*) FROM mail_outbox WHERE state <> 'sent'") == [["0"]] and
               stack.redis("XLEN", "{1}:mail") == 0, 240, pause=0.5)

    rows = {row[0]: row[1:] for row in stack.sql("SELECT id, state, tickets, email FROM application")}
    assert rows == {one: ["issued", fields["ticket_quantity"], fields["email"]] for one, fields in expected.items()}
    tickets = Counter(dict((one, int(count)) for one, count in
                           stack.sql("SELECT application, count(*) FROM ticket GROUP BY application")))
    assert tickets == Counter({one: int(fields["ticket_quantity"]) for one, fields in expected.items()})

    mails = mailbox.all()
    assert Counter(mail.to for mail in mails) == Counter(fields["email"] for fields in expected.values())
    assert len({mail.message["Message-ID"] for mail in mails}) == len(mails)
    by_address = {mail.to: mail for mail in mails}
    for fields in expected.values():
        assert len(by_address[fields["email"]].images) == int(fields["ticket_quantity"])
    for mail in random.sample(mails, 10):
        assert all(len(image.codes) == 1 for image in mail.images)

    assert stack.sql("SELECT count(*) FROM dead_letter") == [["0"]]
    assert stack.redis("XPENDING", "{1}:jobs", "road")[0] == 0
    assert stack.sql("SELECT count(*) FROM cache_outbox") == [["0"]]
    # every ticket is known at the door
    assert len(stack.redis("KEYS", "{1}:t:*")) == sum(tickets.values())
