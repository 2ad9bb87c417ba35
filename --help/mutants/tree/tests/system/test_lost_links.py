"""The page that sends an address the links to its applications again, and says the same to one that has not applied."""

import re

import pytest

from festival import decided, everybody, new_key, student, teacher, variant
from html_form import HtmlForm
from other_daemon import stopped
from stack.waiting import wait_until

guests = ("山田 花子",)
names = (f"loser{n}" for n in range(1, 1000))
people = everybody()


def asked(client, address: str, base: str = "", **changed):
    text = client.get(f"{base}/apply/find?lang=en", Accept="text/html").text
    form = HtmlForm(text)
    assert (form.method, form.scripts) == ("post", 0)
    return client.post_form(form.action, {**form.fields, "email": address, **changed})


def links(stack, address: str) -> int:
    return int(stack.sql(f"SELECT count(*) FROM mail_outbox WHERE kind = 'links' AND recipient = '{address}'")[0][0])


def calls_are_done(stack, event: int = 1) -> None:
    wait_until("the calls", lambda: stack.redis("XLEN", f"{{{event}}}:calls") == 0)


def test_one_mail_lists_all_applications(stack, client, mailbox):
    group, number = next(people)
    fields = student(group, number)
    ids = [decided(client, client.apply(fields, new_key()))["application"] for _ in range(2)]
    refused = client.apply(fields, new_key())
    assert refused.json["code"] == "limit_reached"
    # in another spelling; the mail goes to the address that applied
    answer = asked(client, fields["email"].upper().replace("@", "+Lost@"))
    assert (answer.status, answer.headers["Location"]) == (303, "/apply/find?lang=en&sent=1")
    shown = client.get(answer.headers["Location"], Accept="text/html").text
    assert "Please look at your mail" in shown and fields["email"] not in shown
    [mail] = wait_until("the mail", lambda: [one for one in mailbox.to(fields["email"]) if "Somebody asked" in one.text
                                             or "お申し込み内容のページ" in str(one.message["Subject"])])
    assert set(re.findall(r"/apply/result/([A-Z2-7]{26})", mail.text)) == set(ids)
    assert mail.message["Reply-To"].addresses[0].addr_spec == "festival@example.jp" and not mail.images


def test_the_same_is_said_to_an_address_that_has_not_applied(stack, client):
    fields = teacher(next(names))
    decided(client, client.apply(fields, new_key()))
    known, unknown = asked(client, fields["email"]), asked(client, "nobody@example.jp")
    told = [(answer.status, answer.text, {name: value for name, value in answer.headers.items() if name != "Date"})
            for answer in (known, unknown)]
    assert told[0] == told[1]
    calls_are_done(stack)
    assert (links(stack, fields["email"]), links(stack, "nobody@example.jp")) == (1, 0)


def test_the_answer_does_not_wait_for_the_daemon(stack, client):
    """So that its time tells nothing either."""
    fields = teacher(next(names))
    decided(client, client.apply(fields, new_key()))
    with stopped(stack.process("mogirid")):
        assert asked(client, fields["email"]).status == asked(client, "nobody@example.jp").status == 303
        assert links(stack, fields["email"]) == 0
    calls_are_done(stack)
    assert links(stack, fields["email"]) == 1


def test_one_mail_in_ten_minutes(stack, client):
    fields = teacher(next(names))
    decided(client, client.apply(fields, new_key()))
    for _ in range(3):
        assert asked(client, fields["email"]).status == 303
    calls_are_done(stack)
    assert links(stack, fields["email"]) == 1
    stack.sql(f"UPDATE mail_outbox SET created_at = created_at - interval '11 minutes' WHERE recipient = '{fields['email']}'")
    asked(client, fields["email"])
    calls_are_done(stack)
    assert links(stack, fields["email"]) == 2


def test_who_types_anothers_class_and_number_is_told_nothing(stack, client):
    """An application that was refused for its address is in nobody's mail."""
    group, number = next(people)
    owner = student(group, number)
    mine = decided(client, client.apply(owner, new_key()))["application"]
    thief = student(group, number, email="thief@example.jp")
    assert client.apply(thief, new_key()).json["code"] == "address_taken"
    asked(client, "thief@example.jp")
    calls_are_done(stack)
    assert links(stack, "thief@example.jp") == 0 and mine


@pytest.mark.parametrize("changed, status, says", [
    ({"email": ""}, 422, "not an e-mail address"), ({"email": "a@b"}, 422, "not an e-mail address"),
    ({"email": "<script>"}, 422, "&lt;script&gt;"), ({"email": "a@example.jp\r\nBcc: b@example.jp"}, 422, "not an e-mail address"),
    ({"token": "A" * 44}, 400, "expired"), ({"token": ""}, 400, "expired"), ({"website": "x"}, 400, "once more"),
])
def test_refusals_keep_what_was_typed(client, changed, status, says):
    answer = asked(client, **{"address": "kept@example.jp", **({"address": changed["email"]} if "email" in changed else {})},
                   **{name: value for name, value in changed.items() if name != "email"})
    assert answer.status == status and says in answer.text, answer.text
    if "email" not in changed:
        assert HtmlForm(answer.text).fields["email"] == "kept@example.jp"


def test_robots_are_quicker_than_people(stack, client):
    variant(stack, "hurry", form_seconds="60")
    wait_until("the event", lambda: client.get("/e/hurry/apply/find", Accept="text/html").status == 200)
    answer = asked(client, "a@example.jp", "/e/hurry")
    assert answer.status == 400 and "once more" in answer.text


def test_other_events_are_not_told_of(stack, client):
    variant(stack, "other", form_seconds="0")
    fields = teacher(next(names))
    decided(client, client.apply(fields, new_key()))
    wait_until("the event", lambda: client.get("/e/other/apply/find", Accept="text/html").status == 200)
    answer = asked(client, fields["email"], "/e/other")
    assert answer.headers["Location"] == "/e/other/apply/find?lang=en&sent=1"
    number = stack.sql("SELECT number FROM event WHERE slug = 'other'")[0][0]
    calls_are_done(stack, int(number))
    assert links(stack, fields["email"]) == 0


def test_the_languages_and_links(client):
    text = client.get("/apply/student?lang=en", Accept="text/html").text
    assert 'href="/apply/find?lang=en"' in text and 'href="/apply/find"' in client.get("/", Accept="text/html").text
    assert "お申し込みを探す" in client.get("/apply/find?lang=ja", Accept="text/html").text
    assert "メールをご確認ください" in client.get("/apply/find?lang=ja&sent=1", Accept="text/html").text
    assert client.post_json("/apply/find", {}).status == 415


def test_busy_is_said_and_keeps_what_was_typed(stack, client):
    form = HtmlForm(client.get("/apply/find?lang=en", Accept="text/html").text)
    with stopped(stack.process("redis")):
        answer = client.post_form(form.action, {**form.fields, "email": "kept@example.jp"})
    assert answer.status == 503 and answer.headers["Retry-After"] and "kept@example.jp" in answer.text
    wait_until("nginx and Redis", lambda: client.get("/readyz").status == 200)
