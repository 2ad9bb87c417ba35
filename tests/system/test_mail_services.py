"""The transports `ses` and `waypoint`: to services on loopback that check the signature, throttle, refuse, drop and hang."""

import base64
import json

import pytest

import mail_services
from festival import decided, everybody, new_key, student
from mail_services import DROP, KEY_ID, PASSWORD, REGION, SECRET, SILENCE, TOKEN, USER, Ses, Waypoint
from outbox import Post
from stack.waiting import wait_until

GUESTS = ("山田 花子", "髙橋 健太郎")
SECRETS = (SECRET, TOKEN, PASSWORD)
people = everybody()


def apply(client, guests=GUESTS[:1], **more) -> tuple[str, str]:
    fields = student(*next(people), guests, **more)
    answer = client.apply(fields, new_key())
    decided(client, answer)
    return answer.json["application"], fields["email"]


@pytest.fixture(scope="module")
def post(stack):
    return Post(stack)


@pytest.fixture(scope="module")
def ses(post, work_dir):
    service = Ses(work_dir / "ses", TOKEN)
    service.settings = {"endpoint": service.url, "region": REGION, "access_key_id": KEY_ID, "connect_timeout": 2, "answer_timeout": 3,
                        "secret_access_key_file": post.leave("ses.secret", SECRET + "\n"),
                        "session_token_file": post.leave("ses.token", TOKEN + "\n")}
    yield service
    service.stop()
    assert service.faults == []


@pytest.fixture(scope="module")
def waypoint(post, work_dir):
    service = Waypoint(work_dir / "waypoint")
    service.settings = {"endpoint": service.url, "user": USER, "connect_timeout": 2, "answer_timeout": 3,
                        "password_file": post.leave("waypoint.password", PASSWORD + "\n")}
    yield service
    service.stop()
    assert service.faults == []


@pytest.fixture(scope="module")
def by_ses(ses, post):
    post.settings("ses", **ses.settings)
    post.restart_mogirid()
    return ses


@pytest.fixture(scope="module")
def by_waypoint(waypoint, post):
    post.settings("waypoint", **waypoint.settings)
    post.restart_mogirid()
    return waypoint


def test_the_independent_signer_is_right():
    """AWS's own example: get-vanilla-query-order-key-case of its test suite."""
    headers = {"host": "example.amazonaws.com", "x-amz-date": "20150830T123600Z"}
    assert mail_services.signature("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "GET", "/?Param2=value2&Param1=value1", headers, b"",
                                   "host;x-amz-date", "20150830T123600Z", "20150830/us-east-1/service/aws4_request") == \
        "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"


def test_ses_gets_the_mail_as_it_is(by_ses, post, client):
    application, address = apply(client, GUESTS)
    post.wait_for(application, "sent", 1)
    mail, = by_ses.mailbox.to(address)
    assert [image.file_name for image in mail.images] == [f"{guest}.png" for guest in GUESTS]
    assert all(len(image.codes) == 1 for image in mail.images)
    asked = by_ses.requests[-1]
    assert asked["FromEmailAddress"] == "tickets@example.jp" and asked["Destination"]["ToAddresses"] == [address]
    assert asked["EmailTags"][0]["Name"] == "mogiri"
    assert post.provider_id(application).startswith("0106-")


def test_ses_keeps_its_connection(by_ses, post, client):
    before = by_ses.connections
    for application in [apply(client)[0] for _ in range(6)]:
        post.wait_for(application, "sent", 1)
    assert by_ses.connections - before <= 4, "one for each of four workers"


@pytest.mark.parametrize("status, kind, state, attempts", [
    (400, "MessageRejected", "failed", 1),
    (500, "InternalFailure", "retry", 1),
    (504, "", "unknown", 1),
    (413, "", "failed", 1),
])
def test_ses_refuses_a_mail(by_ses, post, client, stack, status, kind, state, attempts):
    with by_ses.answering("POST", Ses.error(status, kind, "no <somebody@example.jp>"), 1):
        application, address = apply(client)
        code, text = post.wait_for(application, state, attempts)
    assert code == str(status) and "somebody" not in text
    stack.sql("UPDATE alert SET cleared_at = now() WHERE cleared_at IS NULL")
    if state != "failed":
        post.hasten(application)
        post.wait_for(application, "sent", attempts + 1)
        assert len(by_ses.mailbox.to(address)) == 1


def test_throttling_costs_no_attempt(by_ses, post, client):
    asked = len(by_ses.requests)
    with by_ses.answering("POST", Ses.error(429, "TooManyRequestsException", "Rate exceeded"), 3):
        application, address = apply(client)
        post.wait_for(application, "sent", 1)
    assert len(by_ses.requests) >= asked + 4 and len(by_ses.mailbox.to(address)) == 1
    assert post.alerts() == []


@pytest.mark.parametrize("answer", [DROP, SILENCE])
def test_a_lost_answer_of_ses_is_sent_once_more(by_ses, post, client, answer):
    with by_ses.answering("POST", answer, 1):
        application, address = apply(client)
        assert "the server may have it" in post.wait_for(application, "unknown", 1)[1]
    post.hasten(application)
    post.wait_for(application, "sent", 2)
    assert len([asked for asked in by_ses.requests if asked["Destination"]["ToAddresses"] == [address]]) == 2


@pytest.mark.parametrize("kind, status", [("AccountSuspendedException", 400), ("ExpiredTokenException", 403)])
def test_a_stopped_account_stops_the_transport_not_the_mail(by_ses, post, client, kind, status):
    with by_ses.answering("POST", Ses.error(status, kind, "no")):
        application, address = apply(client)
        wait_until("the alert", lambda: post.alerts() == ["transport"])
        wait_until("the mail to wait", lambda: post.row(application)[:3] == ("pending", 0, 0))
    post.restart_mogirid()  # rather than wait for its pause to end
    post.wait_for(application, "sent", 1)
    assert len(by_ses.mailbox.to(address)) == 1
    wait_until("the alert to go", lambda: post.alerts() == [])


def test_doctor_tries_ses(ses, post):
    try:
        post.settings("ses", **ses.settings)
        found = post.doctor()
        assert found["verdict"] == "good" and "50000 mails sent in 24 hours, 200 a second" in found["says"], found
        wrong = post.leave("wrong.secret", "wrong\n")
        for change, says in (({"secret_access_key_file": wrong}, "InvalidSignatureException"),
                             ({"access_key_id": "AKIDOTHER"}, "correct access_key_id"),
                             ({"session_token_file": wrong}, "ExpiredTokenException"),
                             ({"region": "us-east-1"}, "InvalidSignatureException"),
                             ({"endpoint": "http://127.0.0.1:1"}, "is endpoint right"),
                             ({"endpoint": "http://mail.example.jp"}, "allow_plain"),
                             ({"secret_access_key_file": "/nowhere"}, "secret_access_key_file = "),
                             ({"secret_access_key_file": "a-credential"}, "LoadCredential="),
                             ({"pace": 3}, "pace is not a key of mail.ses")):
            post.settings("ses", **{**ses.settings, **change})
            found = post.doctor()
            assert found["verdict"] == "wrong" and says in found["says"], (change, found)
            assert not any(secret in json.dumps(found) for secret in SECRETS)
    finally:
        post.settings("ses", **ses.settings)


def test_rate_and_quota_are_kept_to(ses, post, client):
    """After a reading of the quota: mails come no faster than 90 % of the rate, and stop before the quota of 24 hours is passed."""
    ses.quota.update(MaxSendRate=2.0, Max24HourSend=ses.quota["SentLast24Hours"] + 6)
    post.settings("ses", **ses.settings)
    post.restart_mogirid()
    begin = len(ses.times)
    applications = [apply(client)[0] for _ in range(8)]
    wait_until("the alert", lambda: post.alerts() == ["transport"])
    wait_until("two to wait", lambda: sorted(post.row(one)[0] for one in applications) == ["pending"] * 2 + ["sent"] * 6)
    gaps = [after - before for before, after in zip(ses.times[begin:], ses.times[begin + 1:])]
    assert len(gaps) == 5 and sum(gaps) >= 1, "faster than the account may"
    assert all(post.row(one)[1] == 0 for one in applications if post.row(one)[0] == "pending"), "a quota costs no attempt"
    ses.quota.update(MaxSendRate=200.0, Max24HourSend=50000.0)
    post.restart_mogirid()
    for application in applications:
        post.wait_for(application, "sent", 1)
    wait_until("the alert to go", lambda: post.alerts() == [])


def test_waypoints_plain_form(by_waypoint, post, client):
    application, address = apply(client, GUESTS)
    post.wait_for(application, "sent", 1)
    asked, = (message for message in by_waypoint.messages if message["to"] == address)
    assert asked["from"].endswith("<tickets@example.jp>") and asked["replyTo"] == "festival@example.jp"
    assert "cid:" not in asked["bodyHtml"] and GUESTS[0] in asked["bodyHtml"]
    pictures = [one for one in asked["attachments"] if one["contentType"] == "image/png"]
    assert [one["name"] for one in pictures] == [f"{guest}.png" for guest in GUESTS]
    assert all(base64.b64decode(one["contentBlob"], validate=True).startswith(b"\x89PNG") for one in pictures)
    assert post.provider_id(application).startswith("em_")


@pytest.mark.parametrize("answer, state", [
    ((422, {}, {"error": {"message": "invalid 'to' <a@b.jp>"}}), "failed"),
    ((503, {}, {}), "retry"),
    (DROP, "unknown"),
])
def test_waypoint_refuses_or_is_lost(by_waypoint, post, client, stack, answer, state):
    with by_waypoint.answering("POST", answer, 1):
        application, address = apply(client)
        post.wait_for(application, state, 1)
    stack.sql("UPDATE alert SET cleared_at = now() WHERE cleared_at IS NULL")
    if state != "failed":
        post.hasten(application)
        post.wait_for(application, "sent", 2)
        assert len([message for message in by_waypoint.messages if message["to"] == address]) == 1


def test_waypoint_asks_for_patience(by_waypoint, post, client):
    with by_waypoint.answering("POST", (429, {"Retry-After": "1"}, {}), 2):
        application, _ = apply(client)
        post.wait_for(application, "sent", 1)
    assert post.alerts() == []


def test_waypoints_template_form_and_what_doctor_says(waypoint, post, client):
    for change, says in (({"user": "somebody"}, "correct user or the password"), ({"template": "a b"}, "template's id"),
                         ({"password_file": "/nowhere"}, "password_file")):
        post.settings("waypoint", **{**waypoint.settings, **change})
        found = post.doctor()
        assert found["verdict"] == "wrong" and says in found["says"], (change, found)
        assert not any(secret in json.dumps(found) for secret in SECRETS)
    post.settings("waypoint", **waypoint.settings, template="wptemplate_tickets")
    assert post.doctor()["verdict"] == "good"
    post.restart_mogirid()
    application, address = apply(client)
    post.wait_for(application, "sent", 1)
    asked, = (message for message in waypoint.messages if message["to"] == address)
    assert asked["templateId"] == "wptemplate_tickets" and "bodyHtml" not in asked
    assert asked["variables"].keys() == {"subject", "text", "html"} and GUESTS[0] in asked["variables"]["text"]


def test_logs_know_no_secret(stack, by_waypoint):
    for path in stack.folder.log.glob("*.log"):
        text = path.read_text(encoding="utf-8", errors="replace")
        assert not any(secret in text for secret in SECRETS), path
