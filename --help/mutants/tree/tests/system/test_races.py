"""64 clients at once: no limit, no capacity of a kind or a day is passed, and no address serves two applicants."""

import pytest

from festival import EVENT_TEXT, decided, everybody, new_key, nonces, student, teacher, tickets
from race import CLIENTS, race
from stack.client import Client

KIND, DAY = 60, 100  # the student's kind and its day


@pytest.fixture(scope="module")
def event(stack) -> str:
    """60 tickets for students, 100 on the first day; teachers' tickets are for the first day only."""
    text = EVENT_TEXT.replace('slug      = "musicfes"', 'slug = "race"').replace("forced_day     = 0", "forced_day = 1")
    text = text.replace("capacity  = 0", f"capacity = {KIND}", 1)
    text = text.replace("capacity  = 0", "capacity = 0\ndays = [1]", 1)
    text = text.replace("number = 1\ndate", f"number = 1\ncapacity = {DAY}\ndate", 1)
    path = stack.folder.conf / "race.toml"
    path.write_text(text, encoding="utf-8")
    path.chmod(0o644)
    stack.mogirictl("event", "apply", path)
    return "race"


def applied(event: str) -> str:
    return f"/e/{event}/api/v1/apply"


def decision(client, answer) -> str:
    if answer.status not in (201, 202):
        return answer.json["code"]
    state = decided(client, answer)
    return state["state"] if state["state"] == "issued" else state["code"]


def count(stack, query: str) -> int:
    return int(stack.sql(query)[0][0])


OF_RACE = "FROM ticket JOIN event ON event = number WHERE slug = 'race'"


def test_one_applicant_and_one_address(stack, event):
    same = race(stack, applied(event), [student("S2E", 7) for _ in range(CLIENTS)], decision)
    assert same == {"issued": 2, "limit_reached": CLIENTS - 2}
    one_address = race(stack, applied(event), [student("S2F", number % 30 + 1, email="One+%d@EXAMPLE.jp" % number)
                                               for number in range(CLIENTS)], decision)
    assert set(one_address) == {"issued", "address_taken"} | ({"limit_reached"} & set(one_address))
    assert count(stack, "SELECT count(DISTINCT applicant) FROM applicant WHERE address = 'one@example.jp'") == 1


def test_capacity_of_kind_and_day(stack, event):
    people = everybody()
    students = [student(*next(people)) for _ in range(120)]
    teachers = [teacher(f"racer{number}") for number in range(120)]
    mixed = [fields for pair in zip(students, teachers) for fields in pair]
    answers = race(stack, applied(event), mixed, decision)
    assert set(answers) == {"issued", "sold_out"}
    assert count(stack, f"SELECT count(*) {OF_RACE} AND kind = 'family'") <= KIND
    assert count(stack, f"SELECT count(*) {OF_RACE}") == DAY
    assert count(stack, "SELECT sum(sold) FROM kind_sales JOIN event ON event = number WHERE slug = 'race'") == DAY


def test_what_is_given_back_is_sold_again(stack, event, client):
    serial = stack.sql(f"SELECT serial {OF_RACE} AND kind = 'guest' LIMIT 1")[0][0]
    assert client.post_json(applied(event), teacher("late"), Idempotency_Key=new_key()).json["code"] == "sold_out"
    stack.mogirictl("ticket", "revoke", serial, "--event", event, "--reason", "returned")
    assert race(stack, applied(event), [teacher(f"later{number}") for number in range(CLIENTS)], decision) == {
        "issued": 1, "sold_out": CLIENTS - 1}


def test_the_door_asks_for_the_kinds_day(stack, event, client):
    """Teachers' tickets are for the first day."""
    path = stack.folder.conf / "race.toml"
    text = path.read_text(encoding="utf-8").replace(f"capacity = {DAY}", "capacity = 0")
    path.write_text(text, encoding="utf-8")
    stack.mogirictl("event", "apply", path)
    ticket = tickets(stack, client, 1, f"/e/{event}/api/v1/apply")[0]
    door = Client(stack.env["BASE_URL"], stack.add_device(event, "Main", "main"))

    def scan(day: int, days: str, direction: str = "entry") -> dict:
        path.write_text(text.replace("days = [1]", f"days = {days}"), encoding="utf-8")
        stack.mogirictl("event", "apply", "--force-day", day, path)
        return door.post_json(f"/e/{event}/api/v1/checkin",
                              {"code": ticket.code, "direction": direction, "nonce": next(nonces)}).json

    assert scan(1, "[2]")["reason"] == "not_yet"
    assert scan(2, "[1]")["reason"] == "over"
    assert scan(1, "[1]")["outcome"] == "admitted"
    assert scan(1, "[2]", "exit")["outcome"] == "exited"
