"""Applications that wait: for the organisers' approval, for places, for their address to be confirmed."""

import json
import re
import subprocess
import threading
from collections import Counter
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest

from festival import everybody, new_key, nonces, student, teacher
from html_form import HtmlForm
from race import CLIENTS, race
from special_event import SpecialEvent
from stack.client import Client
from stack.waiting import wait_until
from ticket_codes import TicketCodes

two = ("山田 花子", "山田 次郎")
WAITING_LIST = 0x6D6F0004  # daemon/ledger/locks.hpp


def told(stack, *words):
    return json.loads(stack.mogirictl("application", *words, "--json").stdout)


class Applicants:
    """Those of one event."""

    def __init__(self, stack, client, mailbox, event: SpecialEvent):
        self.stack, self.client, self.mailbox, self.event = stack, client, mailbox, event

    def send(self, fields: dict, key: str | None = None):
        return self.client.post_json(f"{self.event.base}/api/v1/apply", fields, Idempotency_Key=key or new_key())

    def apply(self, fields: dict, state: str) -> str:
        """The id of an application that comes into that state."""
        answer = self.send(fields)
        assert answer.status in (201, 202), answer.text
        self.comes_to(answer.json["application"], state)
        return answer.json["application"]

    def status(self, application: str) -> dict:
        return self.client.get(f"{self.event.base}/api/v1/applications/{application}").json

    def comes_to(self, application: str, state: str, code: str | None = None) -> None:
        wait_until(f"the state {state}", lambda: (self.status(application)["state"], self.status(application).get("code")) == (state, code))

    def page(self, application: str, **more) -> str:
        return self.client.get(f"{self.event.base}/apply/result/{application}", Accept="text/html", **more).text

    def mail(self, address: str, text: str):
        return wait_until(f"the mail “{text}”", lambda: next(
            (mail for mail in self.mails(address) if text in mail.message["Subject"]), None))

    def mails(self, address: str) -> list:
        return [mail for mail in self.mailbox.to(address) if f"{self.event.base}/apply/result/" in mail.text]

    def changes(self, application: str) -> list:
        return [(change["change"], change["reason"]) for change in told(self.stack, "show", application)["changes"]]

    def count(self, query: str) -> int:
        return int(self.stack.sql(query.replace("EVENT", f"(SELECT number FROM event WHERE slug = '{self.event.slug}')"))[0][0])


@pytest.fixture
def applicants(stack, client, mailbox, request):
    def make(**keys) -> Applicants:
        slug = request.node.name.removeprefix("test_").replace("_", "-")[:60]
        return Applicants(stack, client, mailbox, SpecialEvent(stack, slug, **keys))
    return make


def link_in(mail) -> str:
    """The path of the page that confirms the address."""
    return urlsplit(re.search(r"https?://\S+/confirm/[A-Z2-7]{26}", mail.text)[0]).path


# --- approval ---


def test_approve_and_reject(stack, applicants):
    some = applicants(student="approval = true", students=4)
    answer = some.send(student("S2E", 1, two))
    assert answer.status == 202 and answer.json.get("state", "awaiting_approval") == "awaiting_approval"
    yes = answer.json["application"]
    some.comes_to(yes, "awaiting_approval")
    assert some.status(yes) == {"application": yes, "state": "awaiting_approval", "tickets": 0}
    assert "承認をお待ちください" in some.page(yes, Accept_Language="ja") and "awaits approval" in some.page(yes, Accept_Language="en")
    assert "承認待ち" in some.mail("s2e01@example.jp", "承認待ち").message["Subject"]
    no = some.apply(student("S2E", 2, two), "awaiting_approval")

    # they hold their places, and count for the limit
    assert some.send(student("S2E", 3)).json["code"] == "sold_out"
    assert some.send(student("S2E", 1)).json["code"] == "limit_reached"
    assert some.send(student("S2E", 2, email="other@example.jp")).json["code"] == "address_taken"
    assert {row["application"] for row in told(stack, "list", "--event", some.event.slug, "--state", "awaiting_approval")} == {yes, no}

    assert json.loads(stack.mogirictl("status", "--json").stdout)["ledger"]["awaiting_approval"] == 2

    done = told(stack, "approve", yes, "--reason", "known")
    assert [(row["application"], row["state"], row["published"]) for row in done] == [(yes, "issued", True)]
    some.comes_to(yes, "issued")
    assert some.status(yes)["tickets"] == 2
    assert len(wait_until("the tickets' mail", lambda: [mail for mail in some.mails("s2e01@example.jp") if mail.images])[0].images) == 2
    assert some.changes(yes) == [("approved", "known")]
    assert some.count(f"SELECT count(*) FROM audit WHERE subject = 'application {yes}' AND actor LIKE 'mogirictl:%' "
                      "AND after ->> 'state' = 'issued'") == 1
    assert told(stack, "approve", yes)[0]["state"] == "issued" and len(some.changes(yes)) == 1

    told(stack, "reject", no, "--reason", "unknown")
    some.comes_to(no, "refused", "rejected")
    assert "承認されませんでした" in some.mail("s2e02@example.jp", "結果").text
    assert "not approved" in some.page(no, Accept_Language="en")
    assert some.changes(no) == [("rejected", "unknown")]
    refused = stack.mogirictl("application", "approve", no, check=False)
    assert refused.returncode == 1 and "does not await approval" in refused.stderr
    # what it held is free again, its name and its address too
    some.apply(student("S2E", 2, email="other@example.jp"), "awaiting_approval")


def test_approved_tickets_open_the_door(stack, applicants):
    some = applicants(student="approval = true")
    application = some.apply(student("S2E", 1), "awaiting_approval")
    told(stack, "approve", application)
    [[event, serial]] = stack.sql(f"SELECT event, serial FROM ticket WHERE application = '{application}'")
    code = TicketCodes((stack.folder.conf / "master.keys").read_text()).issue(int(event), int(serial))
    door = Client(stack.env["BASE_URL"], stack.add_device(some.event.slug, "Main", "main"))
    answer = door.post_json(f"{some.event.base}/api/v1/checkin", {"code": code, "direction": "entry", "nonce": next(nonces)})
    assert answer.json["outcome"] == "admitted"


# --- the waiting list ---


def test_whoever_is_first_moves_up(stack, applicants):
    some = applicants(student="waiting_list = true", students=3)
    issued = some.apply(student("S2E", 1, two), "issued")
    big = some.apply(student("S2E", 2, two), "waiting")
    assert "キャンセル待ち" in some.page(big, Accept_Language="ja") and "waiting list" in some.page(big, Accept_Language="en")
    small = some.apply(student("S2E", 3), "issued")  # one place was left, and nobody before it would have fitted
    last = some.apply(student("S2E", 4), "waiting")
    assert some.mail("s2e02@example.jp", "キャンセル待ち")
    assert {row["application"] for row in told(stack, "list", "--event", some.event.slug, "--state", "waiting")} == {big, last}
    assert some.send(student("S2E", 2)).json["code"] == "limit_reached"

    answer = some.client.post_json(f"{some.event.base}/api/v1/applications/{issued}/tickets/1/return", {}, Idempotency_Key=new_key())
    assert answer.status == 200
    some.comes_to(last, "issued")  # the bigger one does not fit: it keeps its place
    assert some.status(big)["state"] == "waiting"
    assert len(some.mail("s2e04@example.jp", "入場券").images) == 1
    told(stack, "cancel", small, "--reason", "moved away")
    assert some.status(big)["state"] == "waiting"
    stack.mogirictl("ticket", "revoke", stack.sql(f"SELECT reference FROM ticket WHERE application = '{last}'")[0][0], "--reason", "x")
    some.comes_to(big, "issued")
    assert some.changes(big) == [("moved_up", "there was room")]
    assert len(some.mail("s2e02@example.jp", "入場券").images) == 2


def test_more_places_and_places_of_rejected_ones(stack, applicants):
    some = applicants(student="approval = true\nwaiting_list = true", students=1)
    held = some.apply(student("S2E", 1), "awaiting_approval")
    first, second, third = (some.apply(student("S2E", number), "waiting") for number in (2, 3, 4))
    told(stack, "reject", held, first)  # the one who waits, too
    some.comes_to(second, "awaiting_approval")
    some.event.change(students=2)
    some.comes_to(third, "awaiting_approval")
    told(stack, "approve", second, third)
    assert some.status(third)["state"] == "issued"
    assert some.send(student("S2E", 9, ("一", "二"))).json["application"]
    some.event.change(students=1)
    never = some.send(student("S2E", 10, two))
    assert never.status == 409 and never.json["code"] == "sold_out"  # more than there ever can be


@contextmanager
def list_held(stack, number: int):
    """Nobody moves up meanwhile: the lock that this is done under is taken."""
    with subprocess.Popen(["psql", "-qAtX", stack.env["DATABASE_URL"]], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as psql:
        psql.stdin.write(f"SELECT 'held' FROM pg_advisory_lock({WAITING_LIST}, {number});\n")
        psql.stdin.flush()
        assert psql.stdout.readline() == "held\n"
        yield
        psql.stdin.close()


def test_nobody_overtakes_those_who_wait(stack, applicants):
    """Also in the moment between a place that comes free and the list that moves up: new ones go behind it."""
    some = applicants(student="waiting_list = true", students=1)
    holder = some.apply(student("S2E", 1), "issued")
    waiting = some.apply(student("S2E", 2), "waiting")
    with list_held(stack, some.count("SELECT EVENT")):
        told(stack, "cancel", holder, "--reason", "x")
        late = some.apply(student("S2E", 3), "waiting")
    some.comes_to(waiting, "issued")
    assert some.status(late)["state"] == "waiting"


# --- the address ---


def test_the_address_is_confirmed_first(stack, applicants):
    some = applicants(student="confirm_address = true")
    application = some.apply(student("S2E", 1, two), "unconfirmed")
    assert some.count("SELECT count(*) FROM ticket WHERE event = EVENT") == 0
    assert "メールアドレスをご確認ください" in some.page(application, Accept_Language="ja")
    mail = some.mail("s2e01@example.jp", "ご確認ください")
    assert "24時間以内" in mail.text and not mail.images
    path = link_in(mail)
    assert path.startswith(f"{some.event.base}/apply/result/{application}/confirm/")

    # mail scanners follow links: that changes nothing
    for _ in range(2):
        shown = some.client.get(path, Accept="text/html", Accept_Language="en")
        assert shown.status == 200 and shown.headers["Cache-Control"] == "no-store"
    assert some.client.request("HEAD", path).status == 200
    assert some.status(application)["state"] == "unconfirmed"
    form = HtmlForm(shown.text)
    assert (form.action, form.method, form.fields, form.scripts) == (path, "post", {}, 0)
    assert "確認する" in some.client.get(path, Accept="text/html", Accept_Language="ja").text

    answer = some.client.post_form(form.action, form.fields)
    assert answer.status == 303 and answer.headers["Location"].endswith(f"/{application}?note=confirmed")
    after = some.client.get(answer.headers["Location"], Accept="text/html", Accept_Language="en").text
    assert "Your address is confirmed" in after and after.count("<img") == 2  # at once, whatever Redis knows yet
    some.comes_to(application, "issued")
    assert len(some.mail("s2e01@example.jp", "入場券").images) == 2
    assert some.client.post_form(form.action, {}).status == 303  # pressed twice
    assert some.count("SELECT count(*) FROM ticket WHERE event = EVENT") == 2
    assert some.changes(application) == [("confirmed", "by the link in its mail")]


def test_a_link_is_good_for_its_application_alone(stack, applicants):
    some = applicants(student="confirm_address = true")
    one, other = (some.apply(student("S2E", number), "unconfirmed") for number in (1, 2))
    token = link_in(some.mail("s2e01@example.jp", "ご確認")).rsplit("/", 1)[1]
    for wrong in (f"{other}/confirm/{token}", f"{one}/confirm/{'A' * 26}", f"{one}/confirm/{one}", f"{one}/confirm/x", f"{one[:-1]}/confirm/{token}"):
        for method in ("GET", "POST"):
            assert some.client.request(method, f"{some.event.base}/apply/result/{wrong}").status == 404, wrong
    assert some.client.post_form(f"/apply/result/{one}/confirm/{token}", {}).status == 404  # of another event
    assert {some.status(application)["state"] for application in (one, other)} == {"unconfirmed"}


def test_unconfirmed_ones_block_nobody(stack, applicants):
    some = applicants(student="confirm_address = true", students=2)
    forged = some.apply(student("S2E", 1, two, "stranger@example.jp"), "unconfirmed")
    mine = some.apply(student("S2E", 1, two), "unconfirmed")
    again = some.apply(student("S2E", 1, two), "unconfirmed")
    other = some.apply(student("S2E", 2, two), "unconfirmed")

    def confirm(application: str, address: str) -> None:
        links = wait_until("the mail", lambda: [link_in(mail) for mail in some.mails(address) if "ご確認" in mail.message["Subject"]
                                                and application in mail.text])
        assert some.client.post_form(links[0], {}).status == 303

    confirm(mine, "s2e01@example.jp")
    some.comes_to(mine, "issued")
    confirm(again, "s2e01@example.jp")
    some.comes_to(again, "refused", "limit_reached")
    confirm(forged, "stranger@example.jp")
    some.comes_to(forged, "refused", "address_taken")
    confirm(other, "s2e02@example.jp")
    some.comes_to(other, "refused", "sold_out")
    assert some.send(student("S2F", 49)).json["code"] == "unknown_student"  # which depends on nobody else: at once
    page = some.page(other, Accept_Language="en")
    assert "Sold out" in page


def test_confirmed_ones_are_approved_or_wait(stack, applicants):
    some = applicants(student="confirm_address = true\napproval = true\nwaiting_list = true", students=1)
    states = []
    for number in (1, 2):
        application = some.apply(student("S2E", number), "unconfirmed")
        some.client.post_form(link_in(some.mail(f"s2e0{number}@example.jp", "ご確認")), {})
        states.append(wait_until("the decision", lambda: some.status(application)["state"] != "unconfirmed" and some.status(application)["state"]))
    assert states == ["awaiting_approval", "waiting"]


def test_unconfirmed_ones_lapse(stack, applicants):
    some = applicants(student="confirm_address = true\nconfirm_hours = 3")
    fields, key = student("S2E", 1), new_key()
    application = some.send(fields, key).json["application"]
    some.comes_to(application, "unconfirmed")
    mail = some.mail("s2e01@example.jp", "ご確認")
    assert "3時間以内" in mail.text
    stack.sql(f"UPDATE application SET confirm_by = now() WHERE id = '{application}'")
    some.comes_to(application, "refused", "lapsed")
    answer = some.client.post_form(link_in(mail), {})
    assert answer.status == 303 and "note=lapsed" in answer.headers["Location"]
    shown = some.client.get(answer.headers["Location"], Accept="text/html", Accept_Language="en").text
    assert "time to confirm is over" in shown
    assert (some.send(fields, key).status, some.send(fields, key).json["code"]) == (409, "lapsed")
    assert some.count("SELECT count(*) FROM ticket WHERE event = EVENT") == 0


def test_the_link_is_sent_again(stack, applicants):
    some = applicants(student="confirm_address = true")
    application = some.apply(student("S2E", 1), "unconfirmed")
    form = HtmlForm(some.page(application, Accept_Language="en"))
    assert form.action.endswith(f"/{application}/resend")
    answer = some.client.post_form(form.action, form.fields)
    assert "note=resent" in answer.headers["Location"]
    assert 'role="status"' in some.client.get(answer.headers["Location"], Accept="text/html").text
    wait_until("the second mail", lambda: len(some.mails("s2e01@example.jp")) >= 2)
    for _ in range(2):
        assert some.client.post_json(f"{some.event.base}/api/v1/applications/{application}/resend", {}, Idempotency_Key=new_key()).status == 200
    answer = some.client.post_json(f"{some.event.base}/api/v1/applications/{application}/resend", {}, Idempotency_Key=new_key())
    assert (answer.status, answer.json["code"]) == (429, "too_often")


def test_64_links_pressed_at_once(stack, applicants):
    """Of one applicant's many applications as many are issued as the limit allows, and each once, however often its
    link is pressed at the same moment."""
    some = applicants(student="confirm_address = true")
    ids = [some.apply(student("S2E", 1), "unconfirmed") for _ in range(8)]
    links = wait_until("eight mails", lambda: (found := sorted(
        {link_in(mail) for mail in some.mails("s2e01@example.jp") if any(one in mail.text for one in ids)})) and len(found) == 8 and found)
    start, statuses = threading.Barrier(CLIENTS), Counter()

    def press(link: str) -> None:
        client = Client(stack.env["BASE_URL"])
        start.wait()
        statuses[client.post_form(link, {}).status] += 1

    clients = [threading.Thread(target=press, args=(links[number % 8],)) for number in range(CLIENTS)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    assert statuses == {303: CLIENTS}
    assert Counter(state for [state] in stack.sql(
        f"SELECT coalesce(code, 'issued') FROM application WHERE id IN ({','.join(repr(one) for one in ids)})")) == {"issued": 2, "limit_reached": 6}
    assert some.count("SELECT count(*) FROM ticket WHERE event = EVENT") == 2


def test_cancel_takes_back_what_is_held(stack, applicants):
    some = applicants(student="waiting_list = true", teacher="confirm_address = true", students=1)
    issued = some.apply(student("S2E", 1), "issued")
    waiting = some.apply(student("S2E", 2), "waiting")
    unconfirmed = some.apply(teacher("unsure"), "unconfirmed")
    link = link_in(some.mail("unsure@example.jp", "ご確認"))
    told(stack, "cancel", waiting, unconfirmed, "--reason", "test")
    assert {some.status(application)["state"] for application in (waiting, unconfirmed)} == {"cancelled"}
    some.client.post_form(link, {})
    told(stack, "cancel", issued, "--reason", "test")
    assert some.status(unconfirmed)["state"] == "cancelled"
    assert some.apply(student("S2E", 2, email="anew@example.jp"), "issued")


def test_held_ones_outlive_redis(stack, applicants):
    some = applicants(student="approval = true")
    application = some.apply(student("S2E", 1), "awaiting_approval")
    number = some.count("SELECT EVENT")
    stack.redis("DEL", f"{{{number}}}:a:{application}")
    assert some.status(application) == {"application": application, "state": "awaiting_approval", "tickets": 0}
    assert some.client.get(f"{some.event.base}/api/v1/applications/{'A' * 26}").status == 404


# --- many of them: their mails keep nobody else waiting here ---


def taken(client, answer) -> int | str:
    return answer.status if answer.status < 400 else answer.json["code"]


def test_64_clients_and_returns_between(stack, applicants):
    """However they race: never more valid tickets than there are, in the end none is left over while somebody waits,
    and all are served in their order, but for those who did not fit."""
    capacity = 40
    some = applicants(student="waiting_list = true", students=capacity)
    people = everybody()
    returns = Counter()

    def give_back():
        rows = stack.sql("SELECT application, position FROM ticket JOIN event ON number = event "
                         f"WHERE slug = '{some.event.slug}' AND status = 'valid' ORDER BY random() LIMIT 3")
        assert some.count("SELECT count(*) FROM ticket WHERE event = EVENT AND status = 'valid'") <= capacity
        for application, position in rows:
            answer = some.client.post_json(f"{some.event.base}/api/v1/applications/{application}/tickets/{position}/return", {},
                                           Idempotency_Key=new_key())
            returns[answer.status] += 1

    answers = race(stack, f"{some.event.base}/api/v1/apply", [student(*next(people), two[:1 + n % 2]) for n in range(300)], taken,
                   give_back)
    assert set(answers) <= {201, 202}
    assert returns[200] > 0
    wait_until("all to be decided", lambda: some.count("SELECT count(*) FROM application WHERE event = EVENT") == 300)

    def settled() -> bool:
        free = capacity - some.count("SELECT count(*) FROM ticket WHERE event = EVENT AND status = 'valid'")
        assert free >= 0
        return free == 0 or free == 1 and some.count(
            "SELECT count(*) FROM application WHERE event = EVENT AND state = 'waiting' AND tickets = 1") == 0
    wait_until("every place to be taken", settled)
    assert some.count("SELECT sold FROM kind_sales WHERE event = EVENT AND kind = 'family'") <= capacity
    # of those who ask for one ticket, nobody who still waits came before one who has moved up
    assert some.count("SELECT count(*) FROM application later JOIN application_change ON application = later.id AND kind = 'moved_up' "
                      "JOIN application waits ON waits.event = later.event AND waits.state = 'waiting' AND waits.tickets = 1 "
                      "WHERE later.event = EVENT AND waits.decided_at < later.submitted_at") == 0


def test_many_are_judged_together(stack, applicants):
    some = applicants(teacher="approval = true")
    ids = [some.apply(teacher(f"many{number}"), "awaiting_approval") for number in range(51)]
    wrong = stack.mogirictl("application", "approve", *ids, "NOSUCH", check=False)
    assert wrong.returncode == 1 and some.status(ids[0])["state"] == "awaiting_approval"
    done = stack.mogirictl("application", "approve", *ids)
    assert "50 of 51" in done.stderr and done.stdout.count("approved") == 51
    assert some.count("SELECT count(*) FROM ticket WHERE event = EVENT") == 51
    assert {some.status(application)["state"] for application in ids} == {"issued"}
