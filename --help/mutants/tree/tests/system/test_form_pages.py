"""People apply in a browser: form, confirmation, send, result, without JavaScript and with nothing personal in an address."""

import re
import threading
from urllib.parse import urlsplit

import pytest

from festival import student, variant
from html_form import HtmlForm
from stack.client import Client
from stack.waiting import wait_until


def filled(page: HtmlForm, fields: dict[str, str]) -> dict[str, str]:
    values = {name: value for name, value in fields.items() if name != "form"}
    assert set(values) <= page.names, "fields that the page does not have"
    return {**page.fields, **values, "email_confirm": fields["email"]}


def confirmation(client: Client, fields: dict[str, str], path: str = "/apply/student") -> HtmlForm:
    form = HtmlForm(client.get(path, Accept="text/html").text)
    answer = client.post_form(form.action or path, filled(form, fields))
    assert answer.status == 200, answer.text
    return HtmlForm(answer.text)


@pytest.mark.parametrize("path", ["/apply/student", "/apply/teacher"])
@pytest.mark.parametrize("language", ["ja", "en"])
def test_form_page(client, path, language):
    answer = client.get(path, Accept="text/html", Accept_Language=language)
    assert answer.status == 200
    assert answer.headers["Content-Type"].lower().replace(" ", "") == "text/html;charset=utf-8"
    assert f'<html lang="{language}"' in answer.text
    assert ("来場者" in answer.text) == (language == "ja")
    form = HtmlForm(answer.text)
    assert form.method == "post"
    assert {"token", "last_name", "first_name", "email", "email_confirm", "ticket_quantity", "guestName1"} <= form.names
    assert "no-store" in answer.headers["Cache-Control"]
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


def test_form_confirmation_send_result(stack, client, mailbox):
    fields = student("S2A", 1, ("山田 花子", "<b>佐藤</b> & \"健太郎\""))
    confirm = confirmation(client, fields)
    assert confirm.method == "post"
    for name, value in fields.items():
        assert confirm.fields.get(name) == value, name
    assert "山田" not in confirm.action and "@" not in confirm.action and "?" not in confirm.action

    sent = client.post_form(confirm.action, confirm.fields)
    assert sent.status == 303, sent.text
    result = urlsplit(sent.headers["Location"])
    assert re.fullmatch(r"/apply/result/[A-Z2-7]{26}", result.path) and not result.query
    page = wait_until("the result page to say 2 tickets",
                      lambda: (now := client.get(result.path, Accept="text/html")).status == 200
                      and result.path[-26:] in now.text and now)
    assert "<b>佐藤" not in page.text
    mail = wait_until("the mail", lambda: mailbox.to(fields["email"]))[0]
    assert [image.file_name for image in mail.images]


def test_confirmation_stores_nothing(stack, client):
    before = stack.sql("SELECT count(*) FROM application"), stack.redis("XINFO", "STREAM", "{1}:jobs")
    confirmation(client, student("S2A", 2))
    assert before == (stack.sql("SELECT count(*) FROM application"), stack.redis("XINFO", "STREAM", "{1}:jobs"))


def test_double_click_applies_once(stack):
    fields = student("S2A", 3)
    client = Client(stack.env["BASE_URL"])
    confirm = confirmation(client, fields)
    answers = []

    def click():
        own = Client(stack.env["BASE_URL"])
        answers.append(own.post_form(confirm.action, confirm.fields))
        own.close()

    clicks = [threading.Thread(target=click) for _ in range(2)]
    for one in clicks:
        one.start()
    for one in clicks:
        one.join()
    answers.append(client.post_form(confirm.action, confirm.fields))  # and once more, later
    assert {answer.status for answer in answers} == {303}
    assert len({answer.headers["Location"] for answer in answers}) == 1
    wait_until("the decision", lambda: stack.sql(f"SELECT count(*) FROM application WHERE email = '{fields['email']}'") != [["0"]])
    assert stack.sql(f"SELECT count(*), sum(tickets) FROM application WHERE email = '{fields['email']}'") == [["1", "1"]]


def test_back_from_the_confirmation_keeps_what_was_typed(client):
    fields = student("S2A", 4)
    confirm = confirmation(client, fields)
    page = HtmlForm(client.post_form("/apply/student", {**confirm.fields, "back": "1"}).text)
    for name in ("last_name", "email", "student_number", "guestName1"):
        assert page.fields[name] == fields[name]


def test_wrong_fields_are_shown_with_what_was_typed(client):
    fields = {**student("S2A", 5), "last_name": "山田", "email": "nobody"}
    form = HtmlForm(client.get("/apply/student", Accept="text/html").text)
    answer = client.post_form("/apply/student", filled(form, fields))
    assert answer.status == 422
    page = HtmlForm(answer.text)
    assert page.fields["first_name"] == "Taro" and page.fields["last_name"] == "山田"
    assert answer.text.count('aria-invalid="true"') >= 2
    assert page.fields["token"]


@pytest.mark.parametrize("change", [
    {"token": ""},
    {"token": "A" * 44},
    {"token": None},
])
def test_a_forged_or_missing_token_sends_nothing(stack, client, change):
    before = stack.sql("SELECT count(*) FROM application")
    confirm = confirmation(client, student("S2A", 6))
    fields = {name: value for name, value in {**confirm.fields, **change}.items() if value is not None}
    answer = client.post_form(confirm.action, fields)
    assert answer.status == 400
    answer = client.post_form(confirm.action, fields, Accept="application/json")
    assert (answer.status, answer.json["code"]) == (400, "invalid_token")
    assert stack.sql("SELECT count(*) FROM application") == before


def test_a_token_is_good_for_its_own_form_only(client):
    teacher = HtmlForm(client.get("/apply/teacher", Accept="text/html").text)
    confirm = confirmation(client, student("S2A", 7))
    assert client.post_form(confirm.action, {**confirm.fields, "token": teacher.fields["token"]}).status == 400


def test_refusals_are_pages_that_say_why(client):
    for _ in range(2):
        confirm = confirmation(client, student("S2A", 8))
        assert client.post_form(confirm.action, confirm.fields).status == 303
    confirm = confirmation(client, student("S2A", 8))
    sent = client.post_form(confirm.action, confirm.fields)
    page = sent if sent.status != 303 else wait_until(
        "the refusal", lambda: "festival@example.jp" in (now := client.get(urlsplit(sent.headers["Location"]).path,
                                                                           Accept="text/html")).text and now)
    assert "festival@example.jp" in page.text


def test_index_and_unknown_pages(client):
    index = client.get("/", Accept="text/html")
    assert index.status == 200 and "/apply/student" in index.text and "/apply/teacher" in index.text
    missing = client.get("/apply/nosuch", Accept="text/html")
    assert missing.status == 404 and missing.headers["Content-Type"].startswith("text/html")
    assert client.get("/apply/nosuch").headers["Content-Type"] == "application/problem+json"
    assert client.get("/apply/result/" + "A" * 26, Accept="text/html").status == 404


def test_a_robot_fills_what_nobody_sees(stack, client):
    confirm = confirmation(client, student("S2A", 20))
    answer = client.post_form(confirm.action, {**confirm.fields, "website": "https://buy.example"})
    assert answer.status == 400 and "山田 花子" in answer.text
    again = HtmlForm(answer.text)
    assert "website" not in again.fields or again.fields["website"] == ""
    assert client.post_form(again.action, again.fields).status == 303, "a person sends it once more"


def test_a_robot_is_quicker_than_people(stack, client):
    variant(stack, "patient", form_seconds="2")
    wait_until("the new event", lambda: client.get("/e/patient/apply/student", Accept="text/html").status == 200)
    confirm = confirmation(client, student("S2A", 21), "/e/patient/apply/student")
    answer = client.post_form(confirm.action, confirm.fields)
    assert answer.status == 400 and "山田 花子" in answer.text
    again = HtmlForm(answer.text)
    assert again.fields["token"] == confirm.fields["token"]
    wait_until("two seconds to pass", lambda: client.post_form(again.action, again.fields).status == 303, 5, pause=0.5)
