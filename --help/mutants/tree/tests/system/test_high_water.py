"""Over the high-water mark an application is refused at once, with what was typed and when to try again, and goes through later."""

import re
import signal
import time
from urllib.parse import urlsplit

import pytest

from festival import decided, new_key, student
from html_form import HtmlForm
from stack.client import Client
from stack.process import children
from stack.waiting import wait_until

MARK = 2
SOON = 1.8  # seconds; who waited for the daemon would have waited for two


@pytest.fixture(scope="module")
def shallow(stack):
    """nginx takes no more than two applications at a time."""
    server = stack.folder.conf / "mogiri-server.conf"
    server.write_text(server.read_text().replace("mogiri;", f"mogiri; mogiri_high_water {MARK};"))
    nginx = stack.process("nginx")
    old = set(children(nginx.pid))
    nginx.signal(signal.SIGHUP)
    wait_until("nginx's new workers alone", lambda: not old & set(children(nginx.pid)))
    return stack


@pytest.fixture
def full(shallow):
    """The daemon is stopped, and two jobs wait for it."""
    daemon = shallow.process("mogirid")
    daemon.signal(signal.SIGSTOP)
    taken = []
    try:
        client = Client(shallow.env["BASE_URL"])
        for number in range(MARK):
            taken.append(client.apply(student("S1F", next(numbers)), new_key()))
        yield shallow
    finally:
        daemon.signal(signal.SIGCONT)
    assert [answer.status for answer in taken] == [202] * MARK
    for answer in taken:
        assert decided(client, answer)["state"] == "issued"


numbers = iter(range(1, 51))


def within(seconds: float, ask):
    began = time.monotonic()
    answer = ask()
    assert time.monotonic() - began < seconds, "not refused at once"
    return answer


def test_a_program_is_told_when_to_come_back(full, client):
    fields, key = student("S1F", next(numbers)), new_key()
    refused = within(SOON, lambda: client.apply(fields, key))
    assert refused.status == 503, refused.text
    assert int(refused.headers["Retry-After"]) > 0
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert refused.json["code"] == "busy"
    assert full.redis("XLEN", "{1}:jobs") == MARK
    full.process("mogirid").signal(signal.SIGCONT)
    wait_until("an empty road", lambda: full.redis("XLEN", "{1}:jobs") == 0)
    assert decided(client, client.apply(fields, key))["state"] == "issued"


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_person_keeps_what_was_typed(full, client, language):
    fields = student("S1F", next(numbers), ("山田 <b>花子</b>", "佐藤 \"健太郎\" & 次郎"))
    form = HtmlForm(client.get("/apply/student", Accept="text/html", Accept_Language=language).text)
    typed = {**form.fields, **{name: value for name, value in fields.items() if name != "form"}, "email_confirm": fields["email"]}
    confirm = HtmlForm(client.post_form(form.action, typed, Accept_Language=language).text)
    refused = within(SOON, lambda: client.post_form(confirm.action, confirm.fields, Accept_Language=language))
    assert refused.status == 503
    assert int(refused.headers["Retry-After"]) > 0
    assert f'<html lang="{language}"' in refused.text
    again = HtmlForm(refused.text)
    for name, value in fields.items():
        assert again.fields.get(name) == value, name
    full.process("mogirid").signal(signal.SIGCONT)
    wait_until("an empty road", lambda: full.redis("XLEN", "{1}:jobs") == 0)
    sent = client.post_form(again.action, again.fields)
    assert sent.status == 303, sent.text
    result = urlsplit(sent.headers["Location"]).path
    assert re.fullmatch(r"/apply/result/[A-Z2-7]{26}", result)
    state = wait_until("the decision", lambda: (now := client.get("/api/v1/applications/" + result[-26:]).json)["state"]
                       != "pending" and now)
    assert (state["state"], state["tickets"]) == ("issued", 2)
