"""Two mogirid on one queue: they share the work, nobody waits for the other, and who is stopped does nothing twice when it wakes."""

import itertools
import random
import signal
import threading
import time
from collections import Counter

from festival import everybody, new_key, student, teacher
from other_daemon import in_commit, other_daemon, slow_commits, slow_locks, stopped
from stack.client import Client
from stack.waiting import wait_until

APPLICATIONS, CLIENTS, PEOPLE = 1200, 12, 40


def consumers(stack) -> dict[str, int]:
    """Who has jobs in hand now, and how many."""
    return {name: int(count) for name, count in stack.redis("XPENDING", "{1}:jobs", "road")[3] or []}


def quiet(stack) -> None:
    wait_until("an empty road", lambda: stack.redis("XLEN", "{1}:jobs") == 0 and
               stack.redis("XPENDING", "{1}:jobs", "road")[0] == 0, 60)
    wait_until("all mails to be sent", lambda: stack.sql("SELECT count(*) FROM mail_outbox WHERE state <> 'sent'") == [["0"]]
               and stack.redis("XLEN", "{1}:mail") == 0, 120, pause=0.2)


def test_who_wakes_does_nothing_twice(stack, mailbox):
    """The other is stopped in its COMMIT, with all that follows still to do; ours takes its jobs over after 10 seconds."""
    ours = stack.process("mogirid")
    forms = [teacher(f"twice{i}", ("山田 花子", "佐藤 桜")) for i in range(4)]
    answers = {}

    def apply(fields):
        answers[fields["email"]] = Client(stack.env["BASE_URL"]).apply(fields, new_key())

    applicants = [threading.Thread(target=apply, args=(fields,)) for fields in forms]
    with other_daemon(stack) as other:
        with slow_commits(stack), stopped(ours):
            time.sleep(1)  # longer than ours waits in Redis for a job: the next ones are the other's
            for applicant in applicants:
                applicant.start()
            wait_until("the other's COMMIT", lambda: in_commit(stack), pause=0.001)
            other.process.signal(signal.SIGSTOP)
            wait_until("what it committed", lambda: stack.sql("SELECT count(*) FROM application") != [["0"]])
        since = time.monotonic()
        for applicant in applicants:
            applicant.join()
        assert {answer.status for answer in answers.values()} <= {201, 202}, [answer.text for answer in answers.values()]
        assert consumers(stack).get("other"), "nothing left to take over"
        wait_until("ours to take the jobs over", lambda: stack.redis("XLEN", "{1}:jobs") == 0)
        assert time.monotonic() - since > 5, "taken from who was only slow"
        quiet(stack)
        stored = {answer.json["application"]: stack.redis("GET", "{1}:a:" + answer.json["application"]) for answer in answers.values()}
        mails = len(mailbox.all())
        other.process.signal(signal.SIGCONT)
        fresh = Client(stack.env["BASE_URL"])
        for i in range(5):  # whichever of the two takes them
            assert fresh.apply(teacher(f"after{i}"), new_key()).status in (201, 202)
        time.sleep(3)  # what it would do twice, it does now
        quiet(stack)
    assert {one: stack.redis("GET", "{1}:a:" + one) for one in stored} == stored
    assert stack.sql("SELECT count(*), count(DISTINCT email) FROM application WHERE email LIKE 'twice%'") == [["4", "4"]]
    assert stack.sql("SELECT count(*) FROM ticket JOIN application ON application = id WHERE email LIKE 'twice%'") == [["8"]]
    assert len(mailbox.all()) == mails + 5
    assert set(Counter(mail.to for mail in mailbox.all()).values()) == {1}
    assert stack.sql("SELECT count(*) FROM job_fault") == stack.sql("SELECT count(*) FROM dead_letter") == [["0"]]


def test_they_share_the_work_and_never_deadlock(stack):
    """Few people apply again and again, in any order, while both are stopped: then each takes batches full of what the other has."""
    people = list(itertools.islice(everybody(), 600, 600 + PEOPLE))
    wishes = [student(*person) for person in people for _ in range(APPLICATIONS // PEOPLE)]
    random.shuffle(wishes)
    ids: list[str] = []

    def apply(share):
        client = Client(stack.env["BASE_URL"])
        ids.extend(client.apply(fields, new_key()).json["application"] for fields in share)

    before = stack.sql("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
    most: dict[str, int] = {}
    with slow_locks(stack), other_daemon(stack) as other:
        with stopped(other.process), stopped(stack.process("mogirid")):
            clients = [threading.Thread(target=apply, args=(wishes[i::CLIENTS],)) for i in range(CLIENTS)]
            for client in clients:
                client.start()
            for client in clients:
                client.join()
            assert stack.redis("XLEN", "{1}:jobs") == len(set(ids)) == APPLICATIONS
        while stack.redis("XLEN", "{1}:jobs"):
            for name, count in consumers(stack).items():
                most[name] = max(count, most.get(name, 0))
        quiet(stack)
    print("most in hand:", most)
    assert len(most) == 2 and min(most.values()) >= 64, f"one does all: {most}"
    emails = ", ".join(f"'{student(*person)['email']}'" for person in people)
    assert stack.sql(f"SELECT count(*) FROM application WHERE email IN ({emails})") == [[str(APPLICATIONS)]]
    assert stack.sql("SELECT DISTINCT sum(tickets) FROM application "
                     f"WHERE email IN ({emails}) GROUP BY applicant") == [["2"]], "each has just what the limit allows"
    assert stack.sql("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()") == before
    assert stack.sql("SELECT count(*) FROM job_fault") == stack.sql("SELECT count(*) FROM dead_letter") == [["0"]]


def test_two_of_one_name(stack, client, mailbox):
    """It is told, and nothing is done twice."""
    [name] = {entry["name"] for entry in stack.redis("XINFO", "CONSUMERS", "{1}:jobs", "road")} - {"other"}
    with other_daemon(stack, name) as namesake:
        sent = len(mailbox.all())
        for i in range(30):
            assert client.apply(teacher(f"namesake{i}"), new_key()).status in (201, 202)
        quiet(stack)
        assert len(mailbox.all()) == sent + 30
        wait_until("the log to say so", lambda: "another mogirid works under the name" in namesake.log.read_text())
    assert stack.sql("SELECT count(*) FROM application WHERE email LIKE 'namesake%'") == [["30"]]
