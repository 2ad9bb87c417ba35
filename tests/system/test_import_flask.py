"""The system before comes over: its tickets open our door with their old codes, used ones stay used, and nothing comes twice."""

import json

import pytest

from festival import EVENT_TEXT, nonces, variant
from flask_database import FlaskDatabase
from stack.client import Client
from stack.waiting import wait_until

MISSING_USE = {"entry_day1": None, "exit_day1": None, "entry_total_day1": None}


@pytest.fixture(scope="module")
def old(stack) -> FlaskDatabase:
    """Good rows: of two students and a teacher."""
    old = FlaskDatabase(stack, "music_fes").make()
    old.student("S2E", 12)
    old.ticket("S2E12", 1, "山田 花子")
    old.ticket("S2E12", 2, " Hanako O'Neil　", **MISSING_USE)
    old.student("S2D", 3)
    # came in twice, is inside; and one who has come and gone
    old.ticket("S2D03", 1, "佐藤 次郎", entry_day1=0, entry_total_day1=2, exit_day1=1,
               entry_time_day1="2027-06-12 10:15:00", exit_time_day1="2027-06-12 09:50:00")
    old.ticket("S2D03", 2, "佐藤 三郎", entry_day1=1, entry_total_day1=1, exit_day1=1,
               entry_time_day1="2027-06-12 09:05:00", exit_time_day1="2027-06-12 11:40:00")
    old.teacher("suzuki")
    old.ticket("suzuki", 1, "鈴木 一郎")
    old.student("S2D", 4)  # never applied
    return old


@pytest.fixture(scope="module")
def taking(stack) -> None:
    """The sample event takes old codes."""
    file = stack.folder.conf / "taking.toml"
    file.write_text(EVENT_TEXT.replace("old_codes      = false", "old_codes = true"), encoding="utf-8")
    assert "old_codes = true" in file.read_text(encoding="utf-8")
    stack.mogirictl("event", "apply", "--force-day", "1", "--form-seconds", "0", file)


def run(stack, old, *options, event="musicfes", status=0) -> dict:
    done = stack.mogirictl("import-flask", "-", "--event", event, "--json", *options, input=old.url + "\n", check=False)
    assert done.returncode == status, (done.returncode, done.stdout, done.stderr)
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def imported(stack, old, taking) -> dict:
    dry = run(stack, old, "--dry-run")
    assert (dry["tickets"], dry["published"]) == (5, False)
    assert stack.sql("SELECT count(*) FROM ticket") == [["0"]], "a dry run left something"
    return run(stack, old)


def outcome(answer) -> tuple:
    assert answer.status == 200, answer.text
    return answer.json["outcome"], answer.json.get("reason")


def code_of(old, user: str, number: int) -> str:
    return old.sql(f"SELECT ticket_hash FROM \"mf24-ticket\" WHERE userid = '{user}' AND ticket_id = {number}")[0][0]


def test_what_came_over(stack, imported):
    assert imported == {"dry_run": False, "applications": 3, "tickets": 5, "known": 0, "uses": 2,
                        "users_without_tickets": 1, "left_out": [], "published": True}
    assert stack.sql("SELECT form, applicant, guest_name, position, kind FROM ticket JOIN application ON id = application "
                     "ORDER BY applicant, position") == [
        ["student", "S2D03", "佐藤 次郎", "1", "family"], ["student", "S2D03", "佐藤 三郎", "2", "family"],
        ["student", "S2E12", "山田 花子", "1", "family"], ["student", "S2E12", "Hanako O'Neil", "2", "family"],
        ["teacher", "suzuki@example.jp", "鈴木 一郎", "1", "guest"]]
    assert stack.sql("SELECT count(*) FROM mail_outbox") == [["0"]], "its people have their tickets"
    assert stack.sql("SELECT event, subject, after->>'tickets' FROM audit WHERE verb = 'import.flask' AND after ? 'left_out' "
                     "AND actor LIKE 'mogirictl:%' AND origin <> ''") == [
        [event, f"event {slug}", tickets] for event, slug, tickets in
        stack.sql("SELECT event, slug, tickets FROM flask_import JOIN event ON number = event")]
    assert stack.sql("SELECT tickets, known, uses, left_out, source LIKE 'music_fes on %' FROM flask_import") == [
        ["5", "0", "2", "0", "t"]]
    assert stack.sql("SELECT cycle, inside, to_char(at AT TIME ZONE 'Asia/Tokyo', 'HH24:MI') FROM admission "
                     "JOIN ticket_day USING (event, serial, day, cycle) ORDER BY at") == [["1", "0", "09:05"], ["2", "1", "10:15"]]
    assert stack.redis("GET", "{1}:totals:1") == "3 2 1"


def test_old_codes_open_the_door(stack, imported, old, first, second):
    code = code_of(old, "S2E12", 1)
    admitted = first.scan(code, next(nonces))
    assert outcome(admitted) == ("admitted", None)
    assert admitted.json["ticket"]["name"] == "山田 花子" and admitted.json["ticket"]["kind"] == "family"
    assert outcome(second.scan(code.upper(), next(nonces))) == ("refused", "already_inside")
    answer = second.get(f"/api/v1/exit/validate/{code}")
    assert (answer.json["result"], answer.json["code"]) == ("success", 200)
    assert outcome(first.scan(code, next(nonces), "exit")) == ("refused", "not_inside")
    # the two codes of a ticket are one ticket
    assert second.get(f"/api/v1/entry/validate/{code}").json["code"] == 200


def test_used_stays_used(imported, old, first, second):
    assert outcome(first.scan(code_of(old, "S2D03", 1), next(nonces))) == ("refused", "already_inside")
    gone = code_of(old, "S2D03", 2)
    assert outcome(first.scan(gone, next(nonces), "exit")) == ("refused", "not_inside")
    again = second.scan(gone, next(nonces))
    assert outcome(again) == ("admitted", None)
    assert again.json["first"]["time"] == "2027-06-12T00:05:00.000Z" and "gate" not in again.json["first"]


def test_other_codes_of_that_shape(stack, imported, first):
    assert outcome(first.scan("0" * 64, next(nonces))) == ("refused", "unknown")
    assert outcome(first.scan("0" * 63 + "g", next(nonces))) == ("refused", "bad_code")
    assert outcome(first.scan("0" * 63, next(nonces))) == ("refused", "bad_code")
    # an event that does not say so takes none
    variant(stack, "ours")
    device = Client(stack.env["BASE_URL"], stack.add_device("ours", "Gate", "main"))
    answer = device.post_json("/e/ours/api/v1/checkin", {"code": "0" * 64, "direction": "entry", "nonce": "n"})
    assert outcome(answer) == ("refused", "bad_code")


def test_they_end_with_the_event(stack, imported, old):
    """Though a day is forced, by which a code of ours would still be let in."""
    variant(stack, "bygone", year="2001", old_codes="true")
    run(stack, old, event="bygone")
    device = Client(stack.env["BASE_URL"], stack.add_device("bygone", "Gate", "main"))

    def scan(direction):
        return outcome(device.post_json("/e/bygone/api/v1/checkin", {"code": code_of(old, "S2D03", 1), "direction": direction,
                                                                    "nonce": next(nonces)}))

    assert scan("entry") == ("refused", "over")
    assert scan("exit") == ("exited", None), "who is inside may go out"


def test_a_lost_redis_knows_them_again(stack, imported, old, first):
    code = code_of(old, "suzuki", 1)
    wait_until("the drain", lambda: stack.redis("XLEN", "{1}:scans") == 0)
    stack.redis("FLUSHALL")
    seen = []

    def decided():
        seen.append(first.scan(code, next(nonces)))
        return seen[-1].status == 200

    wait_until("the door to open", decided)
    refused = {(answer.status, answer.json.get("reason"), answer.json.get("signature")) for answer in seen[:-1]}
    assert refused <= {(503, "degraded", "unknown"), (503, "degraded", "valid")}
    assert outcome(seen[-1]) == ("admitted", None)
    assert outcome(first.scan(code_of(old, "S2D03", 1), next(nonces))) == ("refused", "already_inside")


def test_a_second_import_doubles_nothing(stack, imported, old, first):
    def counts():
        return stack.sql("SELECT (SELECT count(*) FROM application), (SELECT count(*) FROM ticket), "
                         "(SELECT count(*) FROM admission WHERE epoch = 0), (SELECT count(*) FROM scan WHERE epoch = 0), "
                         "(SELECT sum(tickets) FROM application)")

    before = counts()
    assert {name: run(stack, old)[name] for name in ("applications", "tickets", "known", "uses")} == {
        "applications": 0, "tickets": 0, "known": 5, "uses": 0}
    assert counts() == before
    # Meanwhile there: one more ticket, and one that was not used came in. What our door has scanned is ours.
    old.ticket("S2E12", 3, "遅れた 客")
    old.sql("UPDATE \"mf24-ticket\" SET entry_day2 = 0, entry_total_day2 = 1, entry_time_day2 = '2027-06-13 09:30' "
            "WHERE (userid, ticket_id) IN (('S2E12', 2), ('S2E12', 1))")
    again = run(stack, old)
    assert (again["applications"], again["tickets"], again["known"], again["uses"]) == (0, 1, 5, 1)
    assert stack.sql("SELECT tickets, jsonb_array_length(guests) FROM application WHERE applicant = 'S2E12' AND event = 1") == [
        ["3", "3"]]
    assert outcome(first.scan(code_of(old, "S2E12", 3), next(nonces))) == ("admitted", None)
    assert stack.redis("GET", "{1}:totals:2") == "1 0 1"


def test_every_bad_row_is_named_with_its_reason(stack, imported):
    bad = FlaskDatabase(stack, "bad_fes").make()
    bad.student("S2E", 20)
    for number, other in enumerate(({"ticket_hash": "123"}, {"guest": "　 "}, {"guest": "a\u202eb"}, {"entry_total_day1": -1},
                                    {"entry_total_day1": 5000}, {"entry_day2": 0}), 1):
        bad.ticket("S2E20", number, **other)
    bad.ticket("S2E20", 7, ticket_hash="ab" * 32)
    bad.ticket("S2E20", 8, ticket_hash="AB" * 32)
    bad.ticket("S2E20", 7, ticket_hash="cd" * 32)
    bad.ticket("S2E20", 0)
    bad.ticket("nobody", 1)
    bad.student("S2E", 21, email="no address")
    bad.ticket("S2E21", 1)
    bad.student("S2E", 22, grade=None)
    bad.teacher("double", email="S2E20+x@example.jp")
    bad.teacher("taken", email="s2d03@example.jp")
    bad.ticket("taken", 1)
    bad.student("S2D", 3, email="other@example.jp")
    bad.ticket("S2D03", 1, ticket_hash="ef" * 32)
    bad.insert("mf24-user", userid="xtc", username="xtc", first_name="A", last_name="B", privilege="admin-xtc", email="x@example.jp")
    one_day = EVENT_TEXT.index("[[day]]\nnumber = 2"), EVENT_TEXT.index("# Kinds of ticket")
    file = stack.folder.conf / "oneday.toml"
    file.write_text((EVENT_TEXT[:one_day[0]] + EVENT_TEXT[one_day[1]:]).replace('slug      = "musicfes"', 'slug = "oneday"'),
                    encoding="utf-8")
    stack.mogirictl("event", "apply", file)
    expected = {
        "S2E20/1": "bad_code", "S2E20/2": "bad_name", "S2E20/3": "bad_name", "S2E20/4": "bad_use", "S2E20/5": "bad_use",
        "S2E20/8": "doubled_code", "S2E20/7": "doubled_number", "S2E20/0": "bad_number", "nobody/1": "no_user",
        "S2E21": "bad_address", "S2E21/1": "user_left_out", "S2E22": "no_class", "double": "doubled_address",
        "xtc": "no_applicant"}
    there = {"taken": "address_taken", "taken/1": "user_left_out", "S2D03": "other_address", "S2D03/1": "user_left_out"}
    told = run(stack, bad, "--dry-run", status=1)
    assert {row["row"]: row["reason"] for row in told["left_out"]} == {**expected, **there}
    assert all(row["remedy"] for row in told["left_out"])
    told = run(stack, bad, "--dry-run", event="oneday", status=1)
    # nobody is there yet, and there is no second day
    assert {row["row"]: row["reason"] for row in told["left_out"]} == {**expected, "S2E20/6": "no_such_day"}
    assert "123" not in json.dumps(told) and "@" not in json.dumps(told), "names, addresses or codes"


def test_what_is_no_such_database(stack, imported, old):
    def refused(*words, input=None):
        done = stack.mogirictl("import-flask", *words, check=False, input=input)
        return done.returncode, done.stderr

    assert refused("-", "--event", "nothing", input=old.url)[0] == 1
    assert "no table" in refused(stack.env["DATABASE_URL"], "--event", "musicfes")[1]
    assert "--student-form" in refused("-", "--event", "musicfes", "--student-form", "pupil", input=old.url)[1]
    status, text = refused("postgresql://nobody:hidden@127.0.0.1:1/x", "--event", "musicfes")
    assert status == 4 and "hidden" not in text
    old.sql('CREATE TABLE "test-ticket" (LIKE "mf24-ticket" INCLUDING ALL)')
    status, text = refused("-", "--event", "musicfes", input=old.url)
    assert status == 1 and '"mf24-ticket", "test-ticket"' in text and "--tickets-table" in text
    assert run(stack, old, "--tickets-table", "mf24-ticket", "--dry-run")["tickets"] == 0


def test_codes_and_names_stand_in_no_log(stack, imported, old):
    codes = [row[0] for row in old.sql('SELECT ticket_hash FROM "mf24-ticket"')]
    for path in stack.folder.log.glob("*.log"):
        text = path.read_text(encoding="utf-8", errors="replace").lower()
        assert not any(code in text for code in codes), path
        assert "山田" not in text and "s2e12@" not in text, path
