"""The API of staff and programs: looked up, changed, noted; nobody sees or does what is not his."""

import json
import urllib.parse

import pytest

from festival import decided, new_key, student, teacher
from people import Member
from special_event import SpecialEvent
from stack.client import Client
from stack.waiting import wait_until

PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def applied(stack):
    """Three applications of two tickets, with names to look for."""
    client = Client(stack.env["BASE_URL"])
    names = [("ヤマダ ハナコ", "hanako"), ("すずき たろう", "taro"), ("O'Brien <b>", "obrien")]
    ids = [decided(client, client.apply(teacher(f"api-{word}", (name, "佐藤")), new_key()))["application"] for name, word in names]
    client.close()
    return ids


def items(answer):
    assert answer.status == 200, answer.text
    return answer.json["items"]


def query(**wishes) -> str:
    return "?" + urllib.parse.urlencode(wishes)


def test_lists_are_filtered_sorted_and_paged(admin, applied):
    found = items(admin.ask("GET", "/api/v1/applications"))
    assert [one["application"] for one in found[:3]] == applied[::-1], "the newest first"
    assert items(admin.ask("GET", "/api/v1/applications" + query(sort="submitted_at")))[-1]["application"] == applied[2]
    assert items(admin.ask("GET", "/api/v1/applications" + query(state="refused"))) == []
    seen, after = [], {}
    while True:
        page = admin.ask("GET", "/api/v1/tickets" + query(limit=2, **after))
        seen += [one["ticket"] for one in items(page)]
        assert len(page.json["items"]) <= 2
        if "next" not in page.json:
            break
        after = {"after": page.json["next"]}
    assert seen == sorted(set(seen)) and len(seen) >= 6
    one = seen[0]
    assert [ticket["ticket"] for ticket in items(admin.ask("GET", "/api/v1/tickets" + query(ticket=one)))] == [one]
    looked = admin.ask("GET", f"/api/v1/tickets/{one}")
    assert looked.json["ticket"] == one and looked.headers["ETag"].startswith(f'"{looked.json["version"]}.')


@pytest.mark.parametrize("text", ["やまだ", "ﾔﾏﾀﾞ", "ヤマダ", "ＨＡＮＡＫＯ", "hanako"])
def test_searches_fold_width_and_kana(admin, applied, text):
    assert [one["application"] for one in items(admin.ask("GET", "/api/v1/applications" + query(q=text)))] == [applied[0]]


@pytest.mark.parametrize("wish", [{"limit": "0"}, {"limit": "x"}, {"limit": "201"}, {"after": "x"}, {"after": "GEZDG"}, {"sort": "password"},
                                  {"sort": "1; DROP TABLE account"}, {"since": "yesterday or so"}, {"nothing": "1"},
                                  {"state": "' OR 1=1 --"}, {"q": "%"}, {"q": "' OR ''='"}, {"q": "\u202e𠮷<script>"}])
def test_wishes_that_are_none(admin, applied, wish):
    answer = admin.ask("GET", "/api/v1/applications" + query(**wish))
    if {"state", "q"} & set(wish):
        assert items(answer) == []
    else:
        assert answer.status == 422 and answer.json["errors"][0]["field"] in wish, answer.text


def test_applications_are_looked_at_and_cancelled(stack, admin, applied, first):
    id = applied[2]
    record = admin.ask("GET", f"/api/v1/applications/{id}/record").json
    assert record["guests"][0] == "O'Brien <b>" and [one["status"] for one in record["of_tickets"]] == ["valid"] * 2
    path, key = f"/api/v1/applications/{id}/cancel", new_key()
    assert admin.ask("POST", path, {"reason": ""}).status == 422
    done = admin.ask("POST", path, {"reason": "asked by phone"}, Idempotency_Key=key)
    assert done.status == 200 and done.json["state"] == "cancelled", done.text
    assert admin.ask("POST", path, {"reason": "asked by phone"}, Idempotency_Key=key).text == done.text
    assert admin.ask("POST", path, {"reason": "another"}, Idempotency_Key=key).json["code"] == "key_reused"
    assert done.json["changes"][0]["reason"] == "asked by phone"
    assert admin.ask("POST", "/api/v1/applications/" + "A" * 26 + "/cancel", {"reason": "x"}).status == 404
    for verdict in ("approve", "reject"):
        answer = admin.ask("POST", f"/api/v1/applications/{id}/{verdict}", {"reason": "x"})
        assert (answer.status, answer.json["code"]) == (409, "not_awaited")
    noted = items(admin.ask("GET", "/api/v1/audit" + query(subject=f"application {id}")))
    assert noted[0]["verb"] == "application.cancel" and noted[0]["actor"].startswith("account:") and noted[0]["origin"] == "127.0.0.1"
    assert noted[0]["before"]["state"] == "issued" and noted[0]["after"]["state"] == "cancelled"


def test_applications_are_approved_and_rejected(stack, admin):
    event = SpecialEvent(stack, "api-approval", student="approval = true", students=4)
    client = Client(stack.env["BASE_URL"])
    ids = [client.post_json(f"{event.base}/api/v1/apply", student("S2E", n), Idempotency_Key=new_key()).json["application"] for n in (1, 2)]
    for id in ids:
        wait_until("an application that awaits approval",
                   lambda: client.get(f"{event.base}/api/v1/applications/{id}").json["state"] == "awaiting_approval")
    listed = items(admin.ask("GET", f"{event.base}/api/v1/applications" + query(state="awaiting_approval")))
    assert {one["application"] for one in listed} == set(ids)
    for path in (f"/api/v1/applications/{ids[0]}/record", f"/e/musicfes/api/v1/applications/{ids[0]}/record"):
        assert admin.ask("GET", path).status == 404, "another event's"
    assert admin.ask("POST", f"/api/v1/applications/{ids[0]}/approve", {"reason": "x"}).status == 404
    yes = admin.ask("POST", f"{event.base}/api/v1/applications/{ids[0]}/approve", {"reason": "known"})
    assert yes.status == 200 and yes.json["state"] == "issued" and len(yes.json["of_tickets"]) == 1, yes.text
    no = admin.ask("POST", f"{event.base}/api/v1/applications/{ids[1]}/reject", {"reason": "unknown"})
    assert no.status == 200 and no.json["state"] == "refused" and no.json["code"] == "rejected", no.text
    client.close()


def test_tickets_are_revoked_and_reissued(stack, admin, applied):
    [first, second] = [one["ticket"] for one in items(admin.ask("GET", "/api/v1/tickets" + query(application=applied[1])))]
    done = admin.ask("POST", f"/api/v1/tickets/{first}/revoke", {"reason": "lost"})
    assert done.status == 200 and done.json["status"] == "revoked", done.text
    assert stack.redis("GETRANGE", f"{{1}}:t:{first}", "-4", "-4") == "R", "the door knew before the answer"
    assert admin.ask("POST", f"/api/v1/tickets/{first}/revoke", {"reason": "again"}).json["code"] == "not_valid"
    renewed = admin.ask("POST", f"/api/v1/tickets/{second}/reissue", {"reason": "copied"})
    assert renewed.status == 201 and renewed.json["status"] == "valid" and renewed.json["ticket"] != second
    assert admin.ask("POST", f"/api/v1/tickets/{second}/reissue", {"reason": "again"}).status == 409
    for wrong in ("0", "-1", "999999999", "99999999999999999999", "x", "1;2"):
        assert admin.ask("POST", f"/api/v1/tickets/{wrong}/revoke", {"reason": "x"}).status == 404, wrong


def test_users_are_made_changed_and_ended(stack, admin, mailbox):
    made = admin.ask("POST", "/api/v1/users", {"name": "kato", "email": "kato@people.example",
                                               "roles": [{"role": "staff"}, {"role": "admin", "event": 1}]})
    assert made.status == 201 and made.json["roles"] == [{"role": "staff"}, {"role": "admin", "event": 1}], made.text
    assert not made.json["has_password"] and not made.json["disabled"]
    number, path = made.json["user"], f"/api/v1/users/{made.json['user']}"
    for name, email in (("kato", "other@people.example"), ("other", "KATO@people.example")):
        answer = admin.ask("POST", "/api/v1/users", {"name": name, "email": email, "roles": []})
        assert answer.status == 422 and answer.json["errors"][0]["code"] == "taken", answer.text
    etag = admin.ask("GET", path).headers["ETag"]
    assert admin.ask("PATCH", path, {"language": "en"}).json["code"] == "missing_if_match"
    changed = admin.ask("PATCH", path, {"language": "en"}, If_Match=etag)
    assert changed.status == 200 and changed.json["language"] == "en" and changed.headers["ETag"] != etag
    late = admin.ask("PATCH", path, {"language": "ja"}, If_Match=etag)
    assert (late.status, late.json["code"]) == (412, "changed_meanwhile")
    assert admin.ask("GET", path).json["language"] == "en", "nothing is overwritten"
    assert admin.ask("PATCH", f"/api/v1/users/{number + 1000}", {"language": "ja"}, If_Match="*").status == 404
    own = admin.ask("GET", "/api/v1/me").json["user"]
    assert admin.ask("PATCH", f"/api/v1/users/{own}", {"disabled": True}, If_Match="*").json["code"] == "own_account"

    # By the invitation's link, once.
    mail = wait_until("the invitation", lambda: next((mail for mail in mailbox.all() if mail.to == "kato@people.example"), None), 30)
    token = link_in(mail)
    forged = token[:20] + ("B" if token[20] == "A" else "A") + token[21:]
    visitor = Member(stack.env["BASE_URL"])
    assert visitor.ask("POST", "/api/v1/password/set", {"token": token, "new_password": "short"}).status == 422
    assert visitor.ask("POST", "/api/v1/password/set", {"token": forged, "new_password": PASSWORD}).status == 404
    assert visitor.ask("POST", "/api/v1/password/set", {"token": token, "new_password": PASSWORD}).status == 200
    again = visitor.ask("POST", "/api/v1/password/set", {"token": token, "new_password": "another password"})
    assert (again.status, again.json["code"]) == (404, "link_ended")
    assert visitor.log_in("kato", PASSWORD).status == 200
    assert visitor.ask("GET", "/api/v1/tickets").status == 200
    assert visitor.ask("GET", "/api/v1/users").status == 403

    ended = admin.ask("PATCH", path, {"disabled": True}, If_Match="*")
    assert ended.json["disabled"] and visitor.ask("GET", "/api/v1/me").status == 401
    visitor.cookie = None
    assert visitor.log_in("kato", PASSWORD).status == 401
    visitor.close()


def test_an_invitation_to_a_wrong_address_ends_when_it_is_corrected(stack, admin, mailbox):
    made = admin.ask("POST", "/api/v1/users", {"name": "mistyped", "email": "stranger@people.example", "roles": [{"role": "staff"}]})
    path = f"/api/v1/users/{made.json['user']}"
    mail = wait_until("the invitation", lambda: next((mail for mail in mailbox.all() if mail.to == "stranger@people.example"), None), 30)
    assert admin.ask("PATCH", path, {"email": "right@people.example"}, If_Match="*").status == 200
    stranger = Member(stack.env["BASE_URL"])
    late = stranger.ask("POST", "/api/v1/password/set", {"token": link_in(mail), "new_password": PASSWORD})
    assert (late.status, late.json["code"]) == (404, "link_ended")
    stranger.close()
    assert admin.ask("POST", f"{path}/invite").status == 200
    assert admin.ask("PATCH", path, {"email": "RIGHT@people.example", "language": "en"}, If_Match="*").status == 200
    mail = wait_until("another", lambda: next((mail for mail in mailbox.all() if mail.to == "right@people.example"), None), 30)
    right = Member(stack.env["BASE_URL"])
    assert right.ask("POST", "/api/v1/password/set", {"token": link_in(mail), "new_password": PASSWORD}).status == 200
    right.close()


def link_in(mail) -> str:
    return next(line for line in mail.text.splitlines() if "/password#" in line).split("#")[1].strip()


def test_a_forgotten_password(stack, mailbox):
    stack.mogirictl("user", "add", "forgetful", "--email", "forgetful@people.example", "--role", "staff", "--password-file", "-",
                    input=PASSWORD + "\n")
    visitor = Member(stack.env["BASE_URL"])
    answers = [visitor.ask("POST", "/api/v1/password/forget", {"login": login}) for login in ("forgetful", "nobody", "forgetful@people.example")]
    assert {(answer.status, answer.text) for answer in answers} == {(202, "{}")}
    found = wait_until("two mails", lambda: len(mails := [mail for mail in mailbox.all() if mail.to.startswith("forgetful@")]) == 2 and mails, 30)
    tokens = [link_in(mail) for mail in found]
    assert len(set(tokens)) == 2
    stack.sql("UPDATE account_link SET expires_at = now() - interval '1 second' WHERE number = (SELECT max(number) FROM account_link)")
    results = [visitor.ask("POST", "/api/v1/password/set", {"token": token, "new_password": "quite another one"}).status for token in tokens]
    assert sorted(results) == [200, 404], "one had ended, the other is used"
    assert visitor.log_in("forgetful", "quite another one").status == 200
    visitor.close()
    for path in stack.folder.log.glob("*.log"):
        assert all(token not in path.read_text(errors="replace") for token in tokens)


def test_keys_of_programs(stack, applied):
    def key(*words):
        return json.loads(stack.mogirictl("apikey", "add", *words, "--json").stdout)["secret"]

    reader = Client(stack.env["BASE_URL"], key("reader", "--role", "staff", "--scope", "ticket:read"))
    assert reader.get("/api/v1/tickets").status == 200
    assert reader.get("/api/v1/tickets").status == 200, "from Redis"
    for path in ("/api/v1/applications", "/api/v1/users", "/api/v1/audit", "/api/v1/me"):
        assert reader.get(path).json["code"] == "forbidden", path
    assert reader.post_json("/api/v1/tickets/1/revoke", {"reason": "x"}, Idempotency_Key=new_key()).status == 403
    writer = Client(stack.env["BASE_URL"], key("writer", "--role", "admin", "--scope", "ticket:write", "--event", "musicfes"))
    assert writer.post_json("/api/v1/tickets/999999/revoke", {"reason": "x"}, Idempotency_Key=new_key()).status == 404
    assert writer.get("/api/v1/tickets").status == 403
    for forged in ("mk_" + "A" * 32, "x", reader.key + "A", reader.key.lower()):
        assert Client(stack.env["BASE_URL"], forged).get("/api/v1/tickets").json["code"] == "bad_key", forged
    stack.mogirictl("apikey", "revoke", "reader")
    assert reader.get("/api/v1/tickets").json["code"] == "bad_key"
    old = Client(stack.env["BASE_URL"], key("old", "--role", "staff", "--scope", "ticket:read", "--days", "1"))
    stack.sql("UPDATE api_key SET expires_at = now() - interval '1 second' WHERE name = 'old'")
    assert old.get("/api/v1/tickets").json["code"] == "bad_key"
    assert all(secret not in stack.mogirictl("apikey", "list", "--json").stdout for secret in (reader.key, "key_hash"))
    wrong = stack.mogirictl("apikey", "add", "wrong", "--role", "staff", "--scope", "everything", check=False)
    assert wrong.returncode == 3 and "scopes" in wrong.stderr


def test_mogirictl_lists_what_the_api_lists(stack, admin, applied):
    told = json.loads(stack.mogirictl("user", "list", "--json", "--where", "name=admin").stdout)
    assert told == admin.ask("GET", "/api/v1/users" + query(name="admin")).json
    assert "name=admin" in stack.mogirictl("user", "show", told["items"][0]["user"]).stdout
    assert stack.mogirictl("mail", "list", "--where", "state=sent", "--json").stdout
    assert stack.mogirictl("user", "list", "--where", "password_hash=x", check=False).returncode == 2


def test_mogirictl_changes_what_the_api_changes(stack):
    stack.mogirictl("user", "add", "ogawa", "--email", "ogawa@people.example", "--role", "admin", "--password-file", "-", input=PASSWORD + "\n")
    member = Member(stack.env["BASE_URL"])
    assert member.log_in("ogawa", PASSWORD).status == 200 and member.ask("GET", "/api/v1/users").status == 200
    stack.mogirictl("user", "change", "ogawa", "--role", "staff@musicfes", "--language", "en")
    assert member.ask("GET", "/api/v1/me").status == 401, "whoever gets other roles logs in again"
    member.cookie = None
    roles = member.log_in("ogawa", PASSWORD).json["roles"]
    assert [(one["role"], one["event"], one["slug"]) for one in roles] == [("staff", 1, "musicfes")]
    assert member.ask("GET", "/api/v1/tickets").status == 200 and member.ask("GET", "/api/v1/users").status == 403
    stack.mogirictl("user", "change", "ogawa", "--disable")
    assert member.ask("GET", "/api/v1/me").status == 401
    assert stack.mogirictl("user", "invite", "ogawa", "--event", "musicfes", check=False).returncode == 1
    stack.mogirictl("user", "change", "ogawa@people.example", "--enable", "--email", "ogawa2@people.example")
    stack.mogirictl("user", "invite", "ogawa", "--event", "musicfes")
    assert stack.sql("SELECT kind FROM mail_outbox WHERE recipient = 'ogawa2@people.example'") == [["reset"]]
    assert stack.mogirictl("user", "change", "ogawa", "--role", "king", check=False).returncode == 3
    noted = json.loads(stack.mogirictl("audit", "list", "--where", "verb=mogirictl", "--search", "ogawa2", "--json").stdout)["items"]
    assert any(one["after"].get("email") == "ogawa2@people.example" and one["actor"].startswith("mogirictl:") for one in noted)
    member.close()


def test_devices_mails_and_the_event(stack, admin, applied):
    key = stack.add_device("musicfes", "Spare", "main")
    [spare] = items(admin.ask("GET", "/api/v1/devices" + query(name="Spare")))
    assert "key_hash" not in spare and "key" not in spare
    scanner = Client(stack.env["BASE_URL"], key)
    assert scanner.scan("x" * 34, "n1").status == 200
    assert admin.ask("DELETE", f"/api/v1/devices/{spare['device']}").json["revoked_at"]
    wait_until("the key to be refused", lambda: scanner.scan("x" * 34, "n2").status == 401)
    assert admin.ask("DELETE", f"/api/v1/devices/{spare['device']}").status == 404
    stack.add_device("musicfes", "Another", "main")
    [other] = items(admin.ask("GET", "/api/v1/devices" + query(name="Another")))
    stack.mogirictl("device", "revoke", other["device"], "--event", "musicfes")
    assert admin.ask("GET", f"/api/v1/devices/{other['device']}").json["revoked_at"]

    [mail] = items(admin.ask("GET", "/api/v1/mails" + query(application=applied[0], kind="tickets")))
    again = admin.ask("POST", f"/api/v1/mails/{mail['mail']}/resend")
    assert again.status == 201 and again.json["generation"] == 2 and again.json["recipient"] == mail["recipient"]

    event = admin.ask("GET", "/api/v1/events/musicfes")
    assert event.json["definition"]["slug"] == "musicfes" and event.json["state"] == "open"
    assert admin.ask("POST", "/api/v1/events/musicfes/state", {"state": "shut"}, If_Match="*").status == 422
    assert admin.ask("POST", "/api/v1/events/musicfes/state", {"state": "closed"}, If_Match='"1"').status == 412
    closed = admin.ask("POST", "/api/v1/events/musicfes/state", {"state": "closed"}, If_Match=event.headers["ETag"])
    assert closed.status == 200 and closed.json["state"] == "closed"
    assert admin.ask("POST", "/api/v1/events/musicfes/state", {"state": "open"}, If_Match="*").status == 200
    forms = [one["form"] for one in items(admin.ask("GET", "/api/v1/forms"))]
    assert "student" in forms and admin.ask("GET", "/api/v1/forms/student").json["fields"]
    assert items(admin.ask("GET", "/api/v1/scans" + query(since="2020-01-01T00:00:00Z", limit=1))) is not None


def test_the_overview_is_what_the_ledger_holds(stack, admin, applied):
    stack.mogirictl("ticket", "test", "musicfes", "--kind", "guest", "--count", "1")
    stack.sql("INSERT INTO alert (kind, subject, text) VALUES ('mail', 'overview', 'refused'), ('mail', 'gone', 'over'), "
              "('mail', 'tickets of event 1', 'ours'), ('mail', 'tickets of event 2', 'another''s'), ('dead_letter', '2 1-1', 'another''s');"
              "UPDATE alert SET cleared_at = now() WHERE subject = 'gone'")
    told = admin.ask("GET", "/api/v1/overview").json
    for name, table, state in (("applications", "application", "state"), ("tickets", "ticket", "status")):
        counted = stack.sql(f"SELECT {state}, count(*) FROM {table} JOIN event ON number = event WHERE slug = 'musicfes' AND NOT test GROUP BY 1")
        assert told[name] == {one: int(count) for one, count in counted}
    assert [one["text"] for one in told["alerts"] if one["text"] in ("refused", "over", "ours", "another's")] == ["ours", "refused"]
    assert [one["gate"] for one in told["gates"]] == [1, 2]
    stack.sql("UPDATE alert SET cleared_at = now()")


def test_the_audit_log_is_only_written_to(stack):
    for statement in ("DELETE FROM audit", "UPDATE audit SET actor = 'nobody'", "TRUNCATE audit"):
        with pytest.raises(RuntimeError, match="only written to"):
            stack.sql(statement)
    assert int(stack.sql("SELECT count(*) FROM audit WHERE actor LIKE 'mogirictl:%'")[0][0]) > 0
    assert stack.sql("SELECT count(*) FROM audit WHERE before::text LIKE '%argon2%' OR after::text LIKE '%argon2%'") == [["0"]]
