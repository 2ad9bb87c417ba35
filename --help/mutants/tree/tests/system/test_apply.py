"""Programs apply with JSON: every answer of the contract, and what is in the ledger afterwards."""

import itertools
import re
import signal
import threading
import time

import pytest

from festival import decided, everybody, new_key, student, teacher, variant
from stack.client import Client
from stack.waiting import wait_until

people = everybody()


@pytest.fixture
def someone() -> tuple[str, int]:
    return next(people)


def rows_of(stack, application: str) -> list[list[str]]:
    return stack.sql(f"SELECT position, guest_name, status FROM ticket WHERE application = '{application}' ORDER BY position")


def test_issues_one_ticket_per_guest(stack, client, someone):
    answer = client.apply(student(*someone, ("山田 花子", "佐藤 健太郎")), new_key())
    assert answer.status == 201, answer.text
    assert answer.headers["Content-Type"].startswith("application/json")
    assert answer.json["tickets"] == 2
    application = answer.json["application"]
    assert re.fullmatch("[A-Z2-7]{26}", application)
    assert answer.json["status_url"].endswith(f"/api/v1/applications/{application}")
    assert rows_of(stack, application) == [["1", "山田 花子", "valid"], ["2", "佐藤 健太郎", "valid"]]


def test_status_address(client, someone):
    answer = client.apply(student(*someone), new_key())
    status = decided(client, answer)
    assert status == {"application": answer.json["application"], "state": "issued", "tickets": 1}
    other = answer.json["application"][:-1] + ("A" if answer.json["application"][-1] != "A" else "E")
    assert client.get(f"/api/v1/applications/{other}").status == 404
    assert client.get("/api/v1/applications/short").status == 404


def test_the_same_key_again_is_the_same_application(stack, client, someone):
    key, fields = new_key(), student(*someone)
    first = client.apply(fields, key)
    again = [client.apply(fields, key) for _ in range(3)]
    assert {answer.status for answer in [first, *again]} == {201}
    assert {answer.json["application"] for answer in [first, *again]} == {first.json["application"]}
    assert len(rows_of(stack, first.json["application"])) == 1


def test_the_same_key_at_once_from_many_clients_applies_once(stack, someone):
    key, fields, answers = new_key(), student(*someone, ("一 一", "二 二")), []

    def send():
        client = Client(stack.env["BASE_URL"])
        answers.append(client.apply(fields, key))
        client.close()

    threads = [threading.Thread(target=send) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status for answer in answers} <= {201, 202}
    assert len({answer.json["application"] for answer in answers}) == 1
    application = answers[0].json["application"]
    wait_until("two tickets", lambda: len(rows_of(stack, application)) == 2)
    email = fields["email"]
    assert stack.sql(f"SELECT count(*) FROM application WHERE email = '{email}'") == [["1"]]


def test_the_same_key_with_another_body_is_refused(client, someone):
    key = new_key()
    assert client.apply(student(*someone, ("山田 花子",)), key).status == 201
    other = client.apply(student(*someone, ("山田 桜",)), key)
    assert (other.status, other.json["code"]) == (409, "key_reused")


def test_limit_over_all_applications_of_a_student(client, someone):
    assert client.apply(student(*someone), new_key()).status == 201
    assert client.apply(student(*someone), new_key()).status == 201
    key = new_key()
    third = client.apply(student(*someone), key)
    assert (third.status, third.json["code"]) == (409, "limit_reached")
    assert client.apply(student(*someone), key).json["code"] == "limit_reached"
    assert client.apply(student(*someone, ("三 三", "四 四")), new_key()).json["code"] == "limit_reached"


def test_limit_holds_when_two_apply_at_once(stack, client, someone):
    """Eight applications for two tickets each by one student: one of them is issued."""
    answers = []

    def send():
        own = Client(stack.env["BASE_URL"])
        answers.append(decided(own, answer) if (answer := own.apply(student(*someone, ("一 一", "二 二")), new_key())).status
                       in (201, 202) else {"state": "refused", "code": answer.json["code"]})
        own.close()

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer["state"] for answer in answers) == ["issued"] + ["refused"] * 7
    assert {answer["code"] for answer in answers if answer["state"] == "refused"} == {"limit_reached"}


def test_a_student_registered_with_another_address(client, someone):
    assert client.apply(student(*someone, email="first@example.jp"), new_key()).status == 201
    other = client.apply(student(*someone, email="second@example.jp"), new_key())
    assert (other.status, other.json["code"]) == (409, "address_taken")


def test_an_address_belongs_to_one_applicant(client, someone):
    assert client.apply(student(*someone, email="one-family@example.jp"), new_key()).status == 201
    sibling = client.apply(student(*next(people), email="One-Family@example.jp"), new_key())
    assert (sibling.status, sibling.json["code"]) == (409, "address_taken")


@pytest.mark.parametrize("group, number", [("S2E", 33), ("J1G", 1), ("S1F", 51)])
def test_students_who_do_not_exist(client, group, number):
    answer = client.apply(student(group, number), new_key())
    assert answer.status == 422
    assert answer.json["code"] == ("invalid" if number > 50 else "unknown_student")


def test_teachers_have_ten(client):
    guests = tuple(f"客 {i}" for i in range(1, 11))
    answer = client.apply(teacher("tanaka", guests), new_key())
    assert (answer.status, answer.json["tickets"]) == (201, 10)
    assert client.apply(teacher("tanaka"), new_key()).json["code"] == "limit_reached"


def test_old_japanese_addresses_and_names_pass(client, someone):
    assert client.apply(student(*someone, ("髙橋 さくら",), email="a..b.@docomo.ne.jp"), new_key()).status == 201


def test_teachers_have_an_address_of_the_school(client):
    answer = client.apply({**teacher("sato"), "email": "sato@gmail.example"}, new_key())
    assert answer.status == 422
    assert [(error["field"], error["code"]) for error in answer.json["errors"]] == [("email", "wrong_domain")]


def test_a_form_has_its_own_times(stack, client, someone):
    for slug, line, code in (("early", 'opens = "2099-01-01 00:00"', "not_open_yet"), ("late", 'closes = "2020-01-01 00:00"', "closed")):
        variant(stack, slug, applicant=f'"{{school_grades}}{{classes}}{{student_number:02}}"\n{line}')
        answer = wait_until("the new event at the door", lambda slug=slug: (
            now := client.post_json(f"/e/{slug}/api/v1/apply", student(*someone), Idempotency_Key=new_key())).status != 404 and now)
        assert (answer.status, answer.json["code"]) == (403, code)
        page = client.get(f"/e/{slug}/apply/student", Accept="text/html")
        assert page.status == 403 and "<form" not in page.text


def test_answers_by_language(client, someone):
    client.apply(student(*someone, ("一", "二")), new_key())
    told = {language: client.apply(student(*someone), new_key(), Accept_Language=language).json["detail"]
            for language in ("ja", "en")}
    assert told["ja"] != told["en"]
    assert told["en"].isascii()


def test_event_by_its_slug(client, someone):
    answer = client.post_json("/e/musicfes/api/v1/apply", student(*someone), Idempotency_Key=new_key())
    assert answer.status == 201
    assert client.post_json("/e/nosuch/api/v1/apply", student(*someone), Idempotency_Key=new_key()).status == 404


def test_a_closed_event_takes_nothing(stack, client, someone):
    variant(stack, "shut", state='"closed"')
    answer = wait_until("the new event at the door",
                        lambda: (now := client.post_json("/e/shut/api/v1/apply", student(*someone),
                                                         Idempotency_Key=new_key())).status != 404 and now)
    assert (answer.status, answer.json["code"]) == (403, "closed")


def test_a_burst_is_taken_without_waiting(stack):
    """200 applications by 20 clients: all are taken, each decided once."""
    everyone = list(itertools.islice(people, 200))
    answers, lock = [], threading.Lock()

    def send(some):
        client = Client(stack.env["BASE_URL"])
        for person in some:
            answer = client.apply(student(*person), new_key())
            with lock:
                answers.append(answer)
        client.close()

    threads = [threading.Thread(target=send, args=(everyone[i::20],)) for i in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status for answer in answers} <= {201, 202}, {a.status: a.text for a in answers}
    ids = {answer.json["application"] for answer in answers}
    assert len(ids) == 200
    listed = ",".join(f"'{one}'" for one in ids)
    wait_until("200 decisions",
               lambda: stack.sql(f"SELECT count(*) FROM application WHERE id IN ({listed}) AND state = 'issued'") == [["200"]])
    wait_until("an empty queue", lambda: stack.redis("XLEN", "{1}:jobs") == 0)


def test_who_waits_is_let_go_when_a_backlog_comes_up_behind(stack, client):
    """The daemon is stopped: who came first would wait for two seconds, were it not for those who come later."""
    daemon, seconds, answers = stack.process("mogirid"), [], []

    def send(person):
        own = Client(stack.env["BASE_URL"])
        began = time.monotonic()
        answers.append(own.apply(student(*person), new_key()))
        seconds.append(time.monotonic() - began)
        own.close()

    daemon.signal(signal.SIGSTOP)
    try:
        first = threading.Thread(target=send, args=(next(people),))
        first.start()
        wait_until("the first job", lambda: stack.redis("XLEN", "{1}:jobs") == 1)
        threading.Event().wait(0.2)
        while first.is_alive():
            send(next(people))  # by either worker
        first.join()
    finally:
        daemon.signal(signal.SIGCONT)
    assert max(seconds) < 1.8, seconds
    assert {answer.status for answer in answers} == {202}
    for answer in answers:
        assert decided(client, answer)["state"] == "issued"
