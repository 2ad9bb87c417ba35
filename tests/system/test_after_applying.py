"""After applying: tickets looked at, corrected, returned and mailed again, by programs and on the page without JavaScript."""

import json
import re
import subprocess
import threading
from datetime import datetime, timezone

import pytest

from festival import decided, everybody, new_key, nonces, student, teacher
from html_form import HtmlForm
from other_daemon import in_commit, slow_commits
from stack.client import Client
from stack.mailbox import Image
from stack.waiting import wait_until
from ticket_codes import TicketCodes

PNG = b"\x89PNG\r\n\x1a\n"
guests = ("山田 花子", "佐藤 健太郎")
names = (f"holder{n}" for n in range(1, 1000))
people = everybody()


@pytest.fixture
def application(client) -> str:
    return decided(client, client.apply(teacher(next(names), guests), new_key()))["application"]


def code_of(stack, application: str, position: int = 1, status: str = "valid") -> str:
    [[serial]] = stack.sql(f"SELECT serial FROM ticket WHERE application = '{application}' AND position = {position} "
                           f"AND status = '{status}' ORDER BY serial DESC LIMIT 1")
    return TicketCodes((stack.folder.conf / "master.keys").read_text()).issue(1, int(serial))


def verdict(device, code: str) -> tuple:
    answer = device.scan(code, next(nonces))
    return answer.json["outcome"], answer.json.get("reason")


def change(client, application: str, what: str, value=None, key: str | None = None, **headers):
    return client.post_json(f"/api/v1/applications/{application}/tickets/{what}", value or {},
                            Idempotency_Key=key or new_key(), **headers)


def page(client, application: str, query: str = "?lang=en"):
    answer = client.get(f"/apply/result/{application}{query}", Accept="text/html")
    assert answer.status == 200, answer.text
    return answer.text


def form_of(text: str, action: str) -> HtmlForm:
    """The page's form with that end of its action."""
    [found] = [form for form in map(HtmlForm, re.findall(r"<form.*?</form>", text, re.S)) if form.action.split("?")[0].endswith(action)]
    assert found.method == "post" and found.fields["token"]
    return found


def mails(stack, application: str) -> int:
    return int(stack.sql(f"SELECT count(*) FROM mail_outbox WHERE application = '{application}'")[0][0])


def test_a_renamed_tickets_old_code_dies_at_once(stack, client, first, application):
    old, key = code_of(stack, application), new_key()
    answer = change(client, application, "1/rename", {"name": "　山田 桜 "}, key)
    assert answer.status == 200, answer.text
    assert verdict(first, old) == ("refused", "revoked")
    new = code_of(stack, application)
    assert new != old
    admitted = first.scan(new, next(nonces)).json
    assert (admitted["outcome"], admitted["ticket"]["name"]) == ("admitted", "山田 桜")
    assert admitted["ticket"]["reference"] == answer.json["reference"]
    assert change(client, application, "1/rename", {"name": "　山田 桜 "}, key).text == answer.text
    assert stack.sql(f"SELECT count(*) FROM ticket WHERE application = '{application}'") == [["3"]]
    assert mails(stack, application) == 2
    assert verdict(first, code_of(stack, application, 2)) == ("admitted", None)


def test_nobody_is_let_in_while_a_name_is_corrected(stack, client, first, application):
    """An entry between the look at the ticket's use and its tombstone would let two people in with one ticket."""
    old, answers = code_of(stack, application), []
    with slow_commits(stack, "ticket"):
        asking = Client(stack.env["BASE_URL"])
        correction = threading.Thread(target=lambda: answers.append(change(asking, application, "1/rename", {"name": "山田 桜"})))
        correction.start()
        wait_until("the correction's COMMIT", lambda: in_commit(stack), pause=0.001)
        assert verdict(first, old) == ("refused", "revoked")
        correction.join()
    assert answers[0].status == 200, answers[0].text
    assert verdict(first, old) == ("refused", "revoked")
    assert verdict(first, code_of(stack, application)) == ("admitted", None)


def test_a_correction_that_is_refused_leaves_the_ticket_good(stack, client, first, application):
    assert change(client, application, "1/rename", {"name": "あ" * 500}).status == 422
    wait_until("the ticket at the door", lambda: verdict(first, code_of(stack, application)) == ("admitted", None))


def test_the_new_mail_has_the_new_ticket(stack, client, mailbox):
    fields = teacher(next(names), guests)
    application = decided(client, client.apply(fields, new_key()))["application"]
    change(client, application, "2/rename", {"name": "佐藤 次郎"})
    mail = wait_until("the second mail", lambda: (got := [one for one in mailbox.all() if one.to == fields["email"]]) and len(got) == 2 and got)
    texts = [one.text for one in mail]
    assert any("佐藤 次郎" in text and "佐藤 健太郎" not in text for text in texts), texts
    assert all(f"/apply/result/{application}" in text for text in texts)


def test_nothing_changes_after_the_first_entry(stack, client, first, application):
    assert verdict(first, code_of(stack, application)) == ("admitted", None)
    for what, value in (("1/rename", {"name": "別人"}), ("1/return", {})):
        answer = change(client, application, what, value)
        assert (answer.status, answer.json["code"]) == (409, "used"), answer.text
    assert stack.sql(f"SELECT DISTINCT status FROM ticket WHERE application = '{application}'") == [["valid"]]


def test_a_returned_ticket_frees_the_limit(stack, client, first):
    someone = next(people)
    application = decided(client, client.apply(student(*someone, guests), new_key()))["application"]
    assert client.apply(student(*someone), new_key()).json["code"] == "limit_reached"
    code, key = code_of(stack, application, 2), new_key()
    answer = change(client, application, "2/return", key=key)
    assert (answer.status, answer.json) == (200, {"application": application, "ticket": 2, "state": "returned"})
    assert verdict(first, code) == ("refused", "revoked")
    assert change(client, application, "2/return", key=key).text == answer.text
    again = change(client, application, "2/return")
    assert (again.status, again.json["code"]) == (409, "not_valid")
    assert client.apply(student(*someone), new_key()).status == 201
    assert client.apply(student(*someone), new_key()).json["code"] == "limit_reached"


@pytest.mark.parametrize("what, value, status, fault", [
    ("1/rename", {"name": ""}, 422, "missing"), ("1/rename", {"name": " 　"}, 422, "missing"),
    ("1/rename", {"name": "あ" * 500}, 422, "too_long"), ("1/rename", {"name": "a\nb"}, 422, "control_character"),
    ("1/rename", {"name": "a‮b"}, 422, "control_character"), ("1/rename", {"name": 5}, 422, "not_a_string"),
    ("1/rename", {}, 422, "missing"), ("1/rename", {"name": "a", "other": "b"}, 422, "unknown_field"),
    ("1/rename", ["a"], 400, None), ("3/rename", {"name": "a"}, 404, None), ("0/rename", {"name": "a"}, 404, None),
    ("x/return", {}, 404, None), ("99999999999999999999/return", {}, 404, None), ("-1/return", {}, 404, None),
])
def test_bad_changes(stack, client, application, what, value, status, fault):
    answer = change(client, application, what, value)
    assert answer.status == status, answer.text
    if fault:
        assert [error["code"] for error in answer.json["errors"]] == [fault]
    assert stack.sql(f"SELECT count(*) FROM ticket WHERE application = '{application}' AND status = 'valid'") == [["2"]]


def test_names_are_corrected_ten_times_an_hour(client, application):
    for n in range(10):
        assert change(client, application, "1/rename", {"name": f"客 {n}"}).status == 200
    answer = change(client, application, "2/rename", {"name": "客 11"})
    assert (answer.status, answer.json["code"]) == (429, "too_often") and int(answer.headers["Retry-After"]) > 3000


def test_the_page_without_javascript(stack, client, first, application):
    text = page(client, application)
    assert HtmlForm(text).scripts == 0
    assert all(guest in text for guest in guests)
    pictures = re.findall(r'<img src="([^"]+)" alt="[^"]+"', text)
    assert len(pictures) == 2

    form = form_of(text, "/ticket/1/rename")
    assert form.fields["name"] == guests[0]
    old = code_of(stack, application)
    form.fields["name"] = '<b>"山田 桜"</b>'
    answer = client.post_form(form.action, form.fields)
    assert answer.status == 303
    assert client.post_form(form.action, form.fields).status == 303  # pressed twice
    after = page(client, application, "?" + answer.headers["Location"].split("?")[1])
    assert "&lt;b&gt;" in after and "<b>" not in after and 'role="status"' in after
    assert verdict(first, old) == ("refused", "revoked")
    assert stack.sql(f"SELECT count(*) FROM ticket WHERE application = '{application}'") == [["3"]]

    [ask] = [link for link in HtmlForm(after).links if "/ticket/2/return" in link]
    asked = client.get(ask, Accept="text/html").text
    code = code_of(stack, application, 2)
    assert "undone" in asked and verdict(first, code) == ("admitted", None)
    form = form_of(asked, "/ticket/2/return")
    refused = client.post_form(form.action, form.fields)
    assert "note=used" in refused.headers["Location"]
    shown = page(client, application)
    assert "/ticket/2/return" not in shown or wait_until("the entry in the ledger", lambda: "/ticket/2/return" not in page(client, application))

    form = form_of(shown, "/ticket/1/rename")
    [ask] = [link for link in HtmlForm(shown).links if "/ticket/1/return" in link]
    form = form_of(client.get(ask, Accept="text/html").text, "/ticket/1/return")
    assert "note=returned" in client.post_form(form.action, form.fields).headers["Location"]
    assert "You have returned this ticket" in page(client, application)


def test_resending_on_the_page(stack, client, application):
    for sent in (2, 3, 4):
        form = form_of(page(client, application), "/resend")
        assert "note=resent" in client.post_form(form.action, form.fields).headers["Location"]
        assert mails(stack, application) == sent
    form = form_of(page(client, application), "/resend")
    location = client.post_form(form.action, form.fields).headers["Location"]
    assert "note=too_often" in location and mails(stack, application) == 4
    assert 'role="alert"' in page(client, application, "?" + location.split("?")[1])


def test_forms_want_their_own_token(stack, client, application):
    other = decided(client, client.apply(teacher(next(names)), new_key()))["application"]
    form = form_of(page(client, other), "/resend")
    for token in (form.fields["token"], "", "A" * 44):
        answer = client.post_form(f"/apply/result/{application}/resend", {"token": token})
        assert answer.status == 303 and "note=invalid_token" in answer.headers["Location"]
    assert client.post_json(f"/apply/result/{application}/resend", {}).status == 415
    assert client.get(f"/apply/result/{application}/resend").status == 405
    assert mails(stack, application) == 1


def test_pictures(stack, client, application):
    [picture, _] = re.findall(r'<img src="([^"]+)"', page(client, application))
    answer = client.get(picture.replace("&amp;", "&"), Accept="image/png")
    assert answer.status == 200 and answer.body.startswith(PNG)
    assert (answer.headers["Content-Type"], answer.headers["Cache-Control"]) == ("image/png", "private, max-age=60")
    [key] = [name for name in stack.redis("KEYS", "{1}:big:*") if name.endswith("-en-1") or "-en-" in name][-1:]
    assert 0 < stack.redis("TTL", key) <= 60
    assert client.get(f"/apply/result/{application}/ticket/1.png").body.startswith(PNG)  # in Japanese
    for wrong in ("3.png", "0.png", "1", "1.jpg", "x.png"):
        assert client.get(f"/apply/result/{application}/ticket/{wrong}").status == 404, wrong
    change(client, application, "1/return")
    assert client.get(f"/apply/result/{application}/ticket/1.png").status == 404


def test_a_ticket_is_printed_from_a_pdf(stack, client, application):
    [paper, _] = [link for link in HtmlForm(page(client, application)).links if ".pdf" in link]
    answer = client.get(paper)
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/pdf")
    told = subprocess.run(["pdftotext", "-", "-"], input=answer.body, capture_output=True, check=True).stdout.decode()
    assert guests[0] in told
    image = subprocess.run(["pdftoppm", "-r", "100", "-png", "-singlefile", "-"], input=answer.body, capture_output=True, check=True).stdout
    assert Image("", image).codes == [code_of(stack, application)]
    assert client.get(f"/apply/result/{application}/ticket/3.pdf").status == 404


def test_the_days_are_for_a_calendar(stack, client, application):
    [link] = [link for link in HtmlForm(page(client, application)).links if "calendar.ics" in link]
    answer = client.get(link)
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    entries = answer.text.replace("\r\n ", "").split("BEGIN:VEVENT\r\n")[1:]
    days = json.loads(stack.mogirictl("event", "show", "musicfes", "--json").stdout)["definition"]["day"]
    assert len(entries) == len(days) == 2
    for entry, day in zip(entries, days):
        opens = datetime.fromisoformat(f"{day['date']}T{day['opens']}+09:00").astimezone(timezone.utc)
        assert f"DTSTART:{opens:%Y%m%dT%H%M%SZ}\r\n" in entry and f"/apply/result/{application}\r\n" in entry
    for n in (1, 2):
        change(client, application, f"{n}/return")
    assert client.get(link).status == 404 and "calendar.ics" not in page(client, application)


def test_the_page_outlives_the_answer_in_redis(stack, client, application):
    stack.redis("DEL", f"{{1}}:a:{application}")
    assert guests[0] in page(client, application)
    other = application[:-1] + ("A" if application[-1] != "A" else "E")
    assert client.get(f"/apply/result/{other}", Accept="text/html").status == 404


def test_the_languages(client, application):
    assert "お申し込みが完了しました" in page(client, application, "?lang=ja")
    assert "Your application is complete" in page(client, application, "?lang=en")
