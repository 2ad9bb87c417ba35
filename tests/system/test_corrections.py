"""Staff correct an application: by the form's rules, the door and the tickets follow, and nobody overwrites what another one changed."""

import pytest

from festival import decided, new_key, nonces, student, teacher
from stack.waiting import wait_until
from ticket_codes import TicketCodes


@pytest.fixture(scope="module")
def codes(stack):
    return TicketCodes((stack.folder.conf / "master.keys").read_text())


def applied(client, form: dict) -> str:
    return decided(client, client.apply(form, new_key()))["application"]


def record(admin, id: str) -> dict:
    return admin.ask("GET", f"/api/v1/applications/{id}/record").json


def correct(admin, id: str, change: dict, seen: int | str | None = None):
    version = record(admin, id)["version"] if seen is None else seen
    return admin.ask("PATCH", f"/api/v1/applications/{id}/record", {"reason": "misspelt", **change}, If_Match=f'"{version}"')


def mails(stack, id: str) -> list[list[str]]:
    return stack.sql(f"SELECT recipient FROM mail_outbox WHERE application = '{id}' AND kind = 'tickets' ORDER BY generation")


def test_what_was_typed_is_corrected_by_the_forms_rules(stack, admin, client):
    id = applied(client, student("S2A", 1))
    was = record(admin, id)
    changed = correct(admin, id, {"fields": {"last_name": "Ｙａｍａｍｏｔｏ"}})
    assert changed.status == 200, changed.text
    assert changed.json["fields"] == {**was["fields"], "last_name": "Yamamoto"} and changed.json["version"] > was["version"]
    assert [(one["change"], one["reason"]) for one in changed.json["changes"]] == [("edited", "misspelt")]
    assert len(mails(stack, id)) == 1, "nobody is written to for that"
    wrong = correct(admin, id, {"fields": {"last_name": "山田", "student_number": "99", "ticket_quantity": "2", "more": "x"}, "guests": ["x" * 61]})
    assert wrong.status == 422 and {one["field"] for one in wrong.json["errors"]} == {
        "last_name", "student_number", "ticket_quantity", "more", "guestName1"}, wrong.text
    assert correct(admin, id, {"guests": []}).json["errors"][0]["field"] == "guests"
    assert correct(admin, id, {"reason": ""}).status == 422
    assert record(admin, id)["version"] == changed.json["version"], "nothing of it was done"
    assert ["application.correct"] in stack.sql(f"SELECT verb FROM audit WHERE subject = 'application {id}'")


def test_the_second_of_two_is_told(admin, client):
    id = applied(client, student("S2A", 2))
    seen = record(admin, id)["version"]
    assert correct(admin, id, {"fields": {"first_name": "Jiro"}}, seen).status == 200
    late = correct(admin, id, {"fields": {"first_name": "Saburo"}}, seen)
    assert (late.status, late.json["code"]) == (412, "changed_meanwhile")
    assert record(admin, id)["fields"]["first_name"] == "Jiro"
    blind = admin.ask("PATCH", f"/api/v1/applications/{id}/record", {"reason": "x"})
    assert (blind.status, blind.json["code"]) == (428, "missing_if_match")
    seen = record(admin, id)["version"]
    serial = record(admin, id)["of_tickets"][0]["ticket"]
    assert admin.ask("POST", f"/api/v1/tickets/{serial}/rename", {"name": "別の人", "reason": "x"}).status == 201
    assert correct(admin, id, {"guests": ["花子"]}, seen).status == 412, "a ticket's change is one, too"


def test_tickets_and_the_door_follow_a_guests_name(stack, admin, client, first, second, codes, mailbox):
    id = applied(client, teacher("correct.guests", ("山田 花子", "佐藤 桜")))
    kept, old = record(admin, id)["of_tickets"]
    assert first.scan(codes.issue(1, old["ticket"]), next(nonces)).json["outcome"] == "admitted"
    done = correct(admin, id, {"guests": ["山田 花子", "佐藤 さくら"]})
    assert done.status == 200 and done.json["guests"] == ["山田 花子", "佐藤 さくら"], done.text
    tickets = {(one["position"], one["status"]): one for one in done.json["of_tickets"]}
    assert tickets[1, "valid"]["ticket"] == kept["ticket"] and tickets[2, "revoked"]["ticket"] == old["ticket"]
    assert tickets[2, "valid"]["guest"] == "佐藤 さくら"
    assert second.scan(codes.issue(1, old["ticket"]), next(nonces)).json["reason"] == "revoked"
    again = second.scan(codes.issue(1, tickets[2, "valid"]["ticket"]), next(nonces)).json
    assert (again["outcome"], again.get("reason")) == ("refused", "already_inside"), "its use goes along"
    wait_until("one mail with both", lambda: len(mailbox.to("correct.guests@example.jp")) == 2)
    assert len(mails(stack, id)) == 2


def test_a_new_address_is_that_of_all_their_applications(stack, admin, client, mailbox):
    one, two = (applied(client, teacher("correct.adress")) for _ in range(2))
    applied(client, teacher("correct.other"))
    wait_until("their mails", lambda: len(mailbox.to("correct.adress@example.jp")) == 2 and mailbox.to("correct.other@example.jp"))
    taken = correct(admin, one, {"fields": {"email": "correct.other@example.jp"}})
    assert (taken.status, taken.json["code"]) == (409, "address_taken"), taken.text
    assert correct(admin, one, {"fields": {"email": "x@elsewhere.example"}}).json["errors"][0]["field"] == "email"
    done = correct(admin, one, {"fields": {"email": "correct.address@example.jp"}})
    assert done.status == 200 and done.json["applicant"] == done.json["email"] == "correct.address@example.jp", done.text
    assert record(admin, two)["email"] == record(admin, two)["fields"]["email"] == "correct.address@example.jp"
    wait_until("the tickets at the new one", lambda: len(mailbox.to("correct.address@example.jp")) == 2)
    assert stack.sql("SELECT email, applicant FROM applicant WHERE applicant LIKE 'correct.ad%'") == [["correct.address@example.jp"] * 2]
    free = applied(client, teacher("correct.adress"))
    assert record(admin, free)["applicant"] == "correct.adress@example.jp", "the old one is free again"


def test_nobody_becomes_somebody_else_or_nobody(admin, client):
    one, _ = applied(client, student("S2A", 3)), applied(client, student("S2A", 4))
    assert correct(admin, one, {"fields": {"student_number": "4"}}).json["code"] == "applicant_taken"
    assert correct(admin, one, {"fields": {"student_number": "50"}}).json["code"] == "unknown_student"
    moved = correct(admin, one, {"fields": {"student_number": "5"}})
    assert moved.status == 200 and moved.json["applicant"] == "S2A05", moved.text
    limit = client.apply(student("S2A", 5, ("a", "b"), email="s2a03@example.jp"), new_key())
    assert limit.status == 409 and limit.json["code"] == "limit_reached", "their tickets count where they are now"
    assert admin.ask("POST", f"/api/v1/applications/{one}/cancel", {"reason": "x"}).status == 200
    assert correct(admin, one, {"fields": {"first_name": "Jiro"}}).json["code"] == "not_possible"
    assert correct(admin, "A" * 26, {"fields": {}}, 1).status == 404
