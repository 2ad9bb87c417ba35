"""Events by the API: made of a file, replaced, copied, their day forced, their use and counts begun anew; live figures."""

import json

import pytest

from festival import EVENT_TEXT, decided, new_key, nonces, student, tickets
from stack.client import Client
from stack.waiting import wait_until


def definition(admin, slug: str = "musicfes") -> dict:
    return admin.ask("GET", f"/e/{slug}/api/v1/events/{slug}").json["definition"]


def test_an_event_is_made_of_json_and_of_toml(stack, admin, client):
    wish, key = {**definition(admin), "slug": "of-json"}, new_key()
    made = admin.ask("POST", "/api/v1/events", wish, Idempotency_Key=key)
    assert made.status == 201 and made.json["event"] == "of-json" and made.headers["ETag"], made.text
    assert admin.ask("POST", "/api/v1/events", wish, Idempotency_Key=key).text == made.text
    wait_until("the worker to know it", lambda: client.get("/e/of-json/apply/student", Accept="text/html").status == 200)
    assert {**definition(admin, "of-json"), "slug": "musicfes"} == definition(admin)
    again = admin.ask("POST", "/api/v1/events", wish)
    assert (again.status, again.json["errors"][0]) == (422, {**again.json["errors"][0], "field": "slug", "code": "taken"})
    text = EVENT_TEXT.replace('slug = "musicfes"', 'slug = "of-toml"').replace('slug       = "musicfes"', 'slug = "of-toml"')
    text = "\n".join('slug = "of-toml"' if line.startswith("slug") else line for line in text.splitlines())
    made = admin.ask("POST", "/api/v1/events", text.encode(), Content_Type="application/toml")
    assert made.status == 201 and made.json["event"] == "of-toml", made.text
    for body, kind in ((b"a=1", "text/plain"), (b"<a/>", "application/xml")):
        assert admin.ask("POST", "/api/v1/events", body, Content_Type=kind).status == 415
    assert admin.ask("POST", "/api/v1/users", b"a = 1", Content_Type="application/toml").status == 415


@pytest.mark.parametrize("change, key", [
    ({"slug": "Wrong_Slug"}, "slug"), ({"name": {"ja": "x"}}, "name.en"), ({"state": "started"}, "state"), ({"day": []}, "day"),
    ({"forced_day": 9}, "forced_day"), ({"unknown": 1}, "unknown"), ({"venue_capacity": -1}, "venue_capacity"), ({"contact": 5}, "contact"),
    ({"gate": [{"number": 1, "id": "a b", "name": {"ja": "x", "en": "x"}}]}, "gate[0].id")])
def test_a_wrong_definition_is_refused_by_its_key(admin, change, key):
    for method, path in (("POST", "/api/v1/events"), ("PUT", "/api/v1/events/musicfes")):
        wrong = admin.ask(method, path, {**definition(admin), "slug": "wrong" if method == "POST" else "musicfes", **change}, If_Match="*")
        assert wrong.status == 422 and [error["field"] for error in wrong.json["errors"]] == [key] and wrong.json["errors"][0]["message"], wrong.text


def test_deep_keys_and_broken_toml(admin):
    wish = {**definition(admin), "slug": "deep"}
    wish["form"][0]["field"][2]["type"] = "colour"
    assert admin.ask("POST", "/api/v1/events", wish).json["errors"][0]["field"] == "form[0].field[2].type"
    wish = {**definition(admin), "slug": "deep"}
    wish["kind"][0]["layout"] = "nothing"
    assert admin.ask("POST", "/api/v1/events", wish).json["errors"][0]["field"] == "kind[0].layout"
    for text in (b"slug = ", b"slug = 'x", b"\xff\xfe", b"a = 1979-05-27T07:32:00Z", b"[" * 3000):
        answer = admin.ask("POST", "/api/v1/events", text, Content_Type="application/toml")
        assert answer.status in (400, 422), answer.text
    late = admin.ask("POST", "/api/v1/events", b'slug = "a"\nname = 5', Content_Type="application/toml")
    assert late.json["errors"][0]["field"] == "name" and "line:2" in late.json["errors"][0]["message"], late.text


def test_an_event_is_replaced_once_it_was_seen(stack, admin):
    path = "/e/of-json/api/v1/events/of-json"
    etag, wish = admin.ask("GET", path).headers["ETag"], definition(admin, "of-json")
    wish["contact"] = "other@example.jp"
    assert admin.ask("PUT", path, wish).status == 428
    done = admin.ask("PUT", path, wish, If_Match=etag)
    assert done.status == 200 and done.json["definition"]["contact"] == "other@example.jp", done.text
    late = admin.ask("PUT", path, {**wish, "contact": "third@example.jp"}, If_Match=etag)
    assert (late.status, late.json["code"]) == (412, "changed_meanwhile") and definition(admin, "of-json")["contact"] == "other@example.jp"
    assert admin.ask("PUT", path, {**wish, "slug": "other"}, If_Match="*").json["errors"][0]["field"] == "slug"
    assert admin.ask("PUT", "/api/v1/events/of-json", wish, If_Match="*").status == 404, "not the event of the address"
    assert admin.ask("PUT", "/api/v1/events/nothing", wish, If_Match="*").status == 404
    # An admin of this event alone changes it, and not which event addresses without one mean.
    number = int(stack.sql("SELECT number FROM event WHERE slug = 'of-json'")[0][0])
    made = admin.ask("POST", "/api/v1/keys", {"name": "of one event", "role": "admin", "scopes": ["event:read", "event:write"], "event": number})
    key = Client(stack.env["BASE_URL"], made.json["secret"])
    put = [key.request("PUT", path + query, json.dumps(wish), {"Content-Type": "application/json", "Idempotency-Key": new_key(), "If-Match": "*"})
           for query in ("", "?default=true")]
    assert [answer.status for answer in put] == [200, 403] and put[1].json["code"] == "forbidden", put[1].text
    assert stack.sql("SELECT slug FROM event WHERE is_default") == [["musicfes"]]
    assert admin.ask("PUT", "/api/v1/events/musicfes?default=true", definition(admin), If_Match="*").status == 200


def test_what_tickets_forbid_says_why(stack, admin, client):
    tickets(stack, client, 1)
    wish = definition(admin)
    for one in (*wish["kind"], *wish["form"]):
        name = "id" if one in wish["kind"] else "kind"
        one[name] += "-renamed"
    wish["gate"] = [{**gate, "kinds": []} for gate in wish["gate"]]
    answer = admin.ask("PUT", "/api/v1/events/musicfes", wish, If_Match="*")
    assert (answer.status, answer.json.get("code")) == (409, "not_possible") and "has tickets" in answer.json["detail"], answer.text


def test_a_copy_and_a_forced_day(stack, admin):
    made = admin.ask("POST", "/api/v1/events/musicfes/copy", {"slug": "copied"})
    assert made.status == 201 and made.json["state"] == "draft", made.text
    for slug, code in (("copied", "taken"), ("A B", "invalid_format"), ("", "missing"), ("x" * 64, "too_long"), (5, "not_a_string")):
        wrong = admin.ask("POST", "/api/v1/events/musicfes/copy", {"slug": slug})
        assert wrong.status == 422 and wrong.json["errors"][0]["code"] == code, wrong.text
    path = "/e/copied/api/v1/events/copied"
    wait_until("the worker to know it", lambda: admin.ask("GET", path).status == 200)
    for day, status in ((2, 200), (0, 200), (9, 422), (-1, 422), ("1", 422), (None, 422)):
        answer = admin.ask("POST", path + "/day", {"day": day}, If_Match="*")
        assert answer.status == status, answer.text
    assert admin.ask("POST", path + "/day", {"day": 1}, If_Match='"1"').status == 412
    stack.mogirictl("event", "force-day", "copied", 2)
    assert definition(admin, "copied")["forced_day"] == 2


def test_uses_begin_anew_and_the_live_figures_follow(stack, admin, client, first):
    some = tickets(stack, client, 3)
    for one in some:
        assert first.scan(one.code, next(nonces)).json["outcome"] == "admitted"
    assert first.scan(some[0].code, next(nonces), "exit").json["outcome"] == "exited"
    live = admin.ask("GET", "/api/v1/analytics").json["live"]
    assert live[0] == {"day": 1, "inside": 2, "entered": 3, "left": 1} and len(live) == 2
    for wish, field in (({"confirm": "musicfes"}, "reason"), ({"confirm": "other", "reason": "x"}, "confirm"), ({"reason": "x"}, "confirm")):
        wrong = admin.ask("POST", "/api/v1/events/musicfes/reset-use", wish)
        assert wrong.status == 422 and wrong.json["errors"][0]["field"] == field, wrong.text
    done = wait_until("the scans to be in the ledger", lambda: (lambda answer: answer.status == 200 and answer)(
        admin.ask("POST", "/api/v1/events/musicfes/reset-use", {"confirm": "musicfes", "reason": "rehearsal"})))
    assert done.json == {"tickets": 3}
    wait_until("the door to know", lambda: admin.ask("GET", "/api/v1/analytics").json["live"][0]["inside"] == 0)
    assert [first.scan(one.code, next(nonces)).json["outcome"] for one in some] == ["admitted"] * 3
    assert admin.ask("GET", "/api/v1/audit?verb=event.reset_use&q=rehearsal").json["items"]
    wrong = stack.mogirictl("event", "reset-use", "musicfes", "--confirm", "music", "--reason", "x", check=False)
    assert wrong.returncode == 2 and "--confirm" in wrong.stderr


def test_counts_begin_anew(stack, admin, client):
    def apply():
        return decided(client, client.apply(student("S2E", 12, ("山田", "佐藤")), new_key()))

    def refused():
        answer = client.apply(student("S2E", 12, ("山田",)), new_key())
        return answer.json["code"] if answer.status == 409 else decided(client, answer).get("code")

    apply()
    assert refused() == "limit_reached"
    done = admin.ask("POST", "/api/v1/events/musicfes/reset-counts", {"confirm": "musicfes", "reason": "second round"})
    assert done.status == 200 and done.json["applications"] >= 1, done.text
    assert apply()["state"] == "issued"
    assert refused() == "limit_reached"
    told = stack.mogirictl("event", "reset-counts", "musicfes", "--confirm", "musicfes", "--reason", "third", "--json").stdout
    assert json.loads(told)["applications"] >= 1 and apply()["state"] == "issued"
