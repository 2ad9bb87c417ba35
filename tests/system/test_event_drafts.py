"""Before an event or a roster is saved: what would change, the applicants' pages and a ticket of the draft, a file's report."""

import json
import re

import pytest

from festival import EVENT_TEXT, decided, new_key, student, tickets
from people import Member
from stack.waiting import wait_until

HEADER = "id,name,address,class\n"
HOSTILE = ["<script>alert(1)</script>", "\u05e9\u05dc\u05d5\u05dd", "\U00020bb7\U0001f3ab", "x" * 5000]


@pytest.fixture(scope="module")
def admin(stack):
    member = Member(stack.env["BASE_URL"])
    assert member.log_in("admin", stack.env["ADMIN_PASSWORD"]).status == 200
    member.own["Accept"] = "*/*"
    at_once = member.ask

    def ask(method, path, body=None, **headers):
        """Drawing and a long import may take a slow machine more than their time: the same key asks for the same once."""
        headers = {"Idempotency_Key": new_key(), **headers}
        return wait_until("an answer in time", lambda: (lambda answer: None if answer.status in (503, 504) else answer)(
            at_once(method, path, body, **headers)), 120)

    member.ask = ask
    yield member
    member.close()


@pytest.fixture(scope="module")
def listed(stack) -> str:
    """The sample event with a list in place of the class sizes."""
    before = EVENT_TEXT.index("  [form.roster]\n")
    text = EVENT_TEXT[:before] + "  [form.roster]\n  list = true\n\n" + EVENT_TEXT[EVENT_TEXT.index("[[form]]", before):]
    file = stack.folder.conf / "listed.toml"
    file.write_text(text.replace('slug      = "musicfes"', 'slug = "listed"'), encoding="utf-8")
    file.chmod(0o644)
    stack.mogirictl("event", "apply", file)
    return "/e/listed/api/v1/forms/student/roster"


def definition(admin) -> dict:
    return admin.ask("GET", "/api/v1/events/musicfes").json["definition"]


def test_what_saving_would_change_is_told_and_not_done(stack, admin, client):
    there = definition(admin)
    assert admin.ask("POST", "/api/v1/events/musicfes/check", there).json == {"changes": [], "count": 0}
    told = admin.ask("POST", "/api/v1/events/musicfes/check", {**there, "contact": "other@example.jp"}).json
    assert told["count"] == 1 and "contact" in told["changes"][0] and "other@example.jp" in told["changes"][0]
    assert definition(admin) == there and stack.sql("SELECT count(*) FROM audit WHERE verb = 'event.check'") == [["0"]]
    wrong = admin.ask("POST", "/api/v1/events/musicfes/check", {**there, "day": []})
    assert wrong.status == 422 and wrong.json["errors"][0]["field"] == "day"
    toml = admin.ask("POST", "/api/v1/events/musicfes/check", EVENT_TEXT.replace("venue_capacity = 0", "venue_capacity = x").encode(),
                     Content_Type="application/toml")
    assert toml.status == 422 and re.search(r"line:\d+", toml.json["errors"][0]["message"]), toml.text
    tickets(stack, client, 1)
    for kind in there["kind"]:
        kind["id"] += "-renamed"
    for form in there["form"]:
        form["kind"] += "-renamed"
    refused = admin.ask("POST", "/api/v1/events/musicfes/check", there)
    assert (refused.status, refused.json["code"]) == (409, "not_possible") and "has tickets" in refused.json["detail"]
    assert admin.ask("POST", "/api/v1/events/nothing/check", there).status == 404


@pytest.mark.parametrize("text", HOSTILE)
def test_a_draft_is_shown_and_not_published(admin, client, text):
    there = definition(admin)
    there["name"] = {"ja": text, "en": text}
    there["form"][0]["intro"] = {"ja": text, "en": text}
    there["form"][0]["field"][0]["label"] = {"ja": text, "en": text}
    for query in ("", "?form=student", "?form=student&lang=en"):
        answer = admin.ask("POST", f"/api/v1/events/musicfes/page{query}", there)
        assert answer.status == 200 and answer.headers["Content-Type"] == "application/json", answer.text
        page = answer.json["page"]
        assert text.replace("<", "&lt;").replace(">", "&gt;") in page and "<script>alert" not in page
    assert text not in client.get("/apply/student", Accept="text/html").text
    picture = admin.ask("POST", "/api/v1/events/musicfes/sample?kind=family", there)
    assert picture.status == 200 and picture.body.startswith(b"\x89PNG"), picture.text


def test_what_cannot_be_shown_says_why(admin):
    there = definition(admin)
    for path, field in (("page?form=nothing", "form"), ("sample?kind=nothing", "kind")):
        wrong = admin.ask("POST", f"/api/v1/events/musicfes/{path}", there)
        assert wrong.status == 422 and wrong.json["errors"][0]["field"] == field
    there["form"][0]["field"][2]["type"] = "colour"
    for path in ("page", "sample"):
        wrong = admin.ask("POST", f"/api/v1/events/musicfes/{path}", there)
        assert wrong.status == 422 and wrong.json["errors"][0]["field"] == "form[0].field[2].type", wrong.text
        assert admin.ask("POST", f"/api/v1/events/nothing/{path}", definition(admin)).status == 404
    assert {one["layout"] for one in admin.ask("GET", "/api/v1/layouts").json["items"]} >= {"musicfes", "recital"}


def test_a_list_of_events_tells_their_days_and_one_its_counts(admin):
    one = next(row for row in admin.ask("GET", "/api/v1/events").json["items"] if row["event"] == "musicfes")
    assert one["dates"] == sorted(day["date"] for day in definition(admin)["day"]) and "counts" not in one
    assert [row["event"] for row in admin.ask("GET", "/api/v1/events?q=Music").json["items"]][0] == "musicfes"
    assert admin.ask("GET", "/api/v1/events?q=nowhere").json["items"] == []
    assert admin.ask("GET", "/api/v1/events/musicfes").json["counts"].keys() == {"applications", "tickets", "devices"}


def test_a_roster_is_checked_imported_and_cleared(stack, admin, client, listed):
    wait_until("the worker to know it", lambda: admin.ask("GET", listed).status == 200)
    good = HEADER + 'S2E01,"山田, 太郎",,S2E\nS2E02,鈴木,Jiro@example.jp,S2E\n'
    told = admin.ask("POST", listed + "/check", {"csv": good}).json
    assert told == {"added": 2, "changed": 0, "unchanged": 0, "absent": 0, "left_out": 0, "bad": []}
    assert admin.ask("GET", listed).json["entries"] == 0
    key = new_key()
    assert admin.ask("POST", listed, {"csv": good}, Idempotency_Key=key).json["added"] == 2
    assert admin.ask("POST", listed, {"csv": good}, Idempotency_Key=key).json["added"] == 2, "the same key: the same answer"
    assert admin.ask("GET", listed).json["classes"] == [{"class": "S2E", "entries": 2}]
    wait_until("the form to know", lambda: decided(client, client.post_json(
        "/e/listed/api/v1/apply", student("S2E", 1), Idempotency_Key=new_key()))["state"] == "issued")
    bad = good + "S2E02,twice,,S2E\n,nameless,,S2E\nS2E03,bad,nowhere,S2E\n" + "".join(f"X{text},{text},,X\n" for text in HOSTILE)
    told = admin.ask("POST", listed + "/check", {"csv": bad}).json
    assert (told["added"], told["unchanged"], told["left_out"]) == (3, 2, 4), told
    assert [(row["line"], row["column"]) for row in told["bad"][:3]] == [(4, "id"), (5, "id"), (6, "address")]
    wrong = admin.ask("POST", listed, {"csv": bad})
    assert wrong.status == 422 and wrong.json["errors"][0]["field"] == "csv" and admin.ask("GET", listed).json["entries"] == 2
    done = admin.ask("POST", listed, {"csv": bad, "skip_bad": True})
    assert done.json["added"] == 3 and admin.ask("GET", listed).json["entries"] == 5
    assert admin.ask("POST", listed + "/check", {"csv": good}).json["absent"] == 3
    assert admin.ask("DELETE", listed).json == {"removed": 5}
    noted = stack.sql("SELECT verb, after FROM audit WHERE subject = 'roster student' AND actor = 'account:1' ORDER BY id")
    assert [(verb, json.loads(after)) for verb, after in noted] == [
        ("roster.import", {"added": 2, "changed": 0, "unchanged": 0}), ("roster.import", {"added": 3, "changed": 0, "unchanged": 2}),
        ("roster.clear", {"removed": 5})]


def test_a_long_roster_comes_in_one_piece(admin, listed):
    rows = HEADER + "".join(f"X{number:05},生徒 {number},x{number}@example.jp,X\n" for number in range(20_000))
    assert admin.ask("POST", listed + "/check", {"csv": rows}).json["added"] == 20_000
    assert admin.ask("POST", listed, {"csv": rows}).json["added"] == 20_000
    assert admin.ask("POST", listed, {"csv": "x" * 5_000_000}).status == 413
    assert admin.ask("DELETE", listed).json == {"removed": 20_000}


def test_what_is_no_roster(admin, listed):
    for csv in ("", "a,b\n", "id,name,address\n", "\0"):
        wrong = admin.ask("POST", listed + "/check", {"csv": csv})
        assert wrong.status in (400, 422) and (wrong.status == 400 or wrong.json["errors"][0]["field"] == "csv"), wrong.text
    for path in ("/api/v1/forms/student/roster", "/e/listed/api/v1/forms/teacher/roster", "/e/listed/api/v1/forms/nothing/roster"):
        assert admin.ask("GET", path).status == admin.ask("POST", path, {"csv": HEADER}).status == admin.ask("DELETE", path).status == 404
