"""The transport `smtp`: to a real server with TLS and login, and to one that refuses, drops and hangs at every step."""

import json
import re

import pytest

from festival import decided, everybody, new_key, student
from mail_servers import DROP, PASSWORD, SILENCE, USER, Authority, RealServer, ScriptedServer
from outbox import Post
from stack.waiting import wait_until

GUESTS = ("山田 花子", "髙橋 健太郎")
# Of aiosmtpd, which takes TLS from the first byte for none.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")

people = everybody()


@pytest.fixture(scope="module")
def post(stack):
    post = Post(stack)
    login = {"host": "localhost", "user": USER, "password_file": post.leave("smtp.password", PASSWORD + "\n")}
    general = post.settings
    post.settings = lambda **given: general("smtp", **{**login, **given})
    return post


@pytest.fixture(scope="module")
def authority(work_dir):
    return Authority(work_dir / "authority")


@pytest.fixture(scope="module", params=["starttls", "tls"])
def real(request, post, authority, work_dir):
    """The daemon sends through a real server; gives the server, its mailbox and the daemon's settings."""
    server = RealServer(authority, work_dir / request.param, request.param == "tls")
    server.settings = {"port": server.port, "security": request.param,
                       "ca_file": post.leave("ca.pem", authority.certificates.read_text())}
    post.settings(**server.settings)
    post.restart_mogirid()
    yield server
    server.stop()


def apply(client, guests=("山田 花子",)) -> tuple[str, str]:
    """The next student does: the application and the address."""
    fields = student(*next(people), guests)
    answer = client.apply(fields, new_key())
    decided(client, answer)
    return answer.json["application"], fields["email"]


def test_ticket_arrives_once_over_tls_with_login(real, post, client):
    application, address = apply(client, GUESTS)
    code, text = post.wait_for(application, "sent", 1)
    assert (code, text) == ("250", "2.0.0 kept")
    mail, = real.mailbox.to(address)
    assert [image.file_name for image in mail.images] == [f"{guest}.png" for guest in GUESTS]
    assert all(len(image.codes) == 1 for image in mail.images)
    received = next(one for one in real.received if one.recipients == [address])
    assert received.sender == "tickets@example.jp" and received.encrypted


def test_connection_is_kept(real, post, client):
    applications = [apply(client)[0] for _ in range(8)]
    for application in applications:
        post.wait_for(application, "sent", 1)
    assert len({received.peer for received in real.received}) <= 4, "more than one connection for each of four workers"


def test_doctor_tries_it_and_names_the_remedy(real, post):
    found = post.doctor()
    assert found["verdict"] == "good", found
    assert "over TLS with a good certificate, and takes the login" in found["says"]
    before = len(real.received)
    try:
        for change, says in (
                ({"ca_file": None}, "ca_file may name the authority"),
                ({"host": "127.0.0.1"}, "host must be a name in its certificate"),
                ({"security": {"tls": "starttls", "starttls": "tls"}[real.settings["security"]], "connect_timeout": 2},
                 "security"),
                ({"user": "somebody"}, "correct user or the password"),
                ({"port": 1}, "is it running")):
            post.settings(**{**real.settings, **change})
            found = post.doctor()
            assert found["verdict"] == "wrong" and says in found["says"], (change, found)
            assert PASSWORD not in json.dumps(found)
    finally:
        post.settings(**real.settings)
    assert len(real.received) == before


def test_refused_login_or_certificate_stops_the_transport_not_the_mail(real, post, client, stack):
    for change, says in (({"user": "somebody"}, "535"), ({"ca_file": None}, "certificate")):
        post.settings(**{**real.settings, **change})
        post.restart_mogirid()
        application, address = apply(client)
        wait_until("the alert", lambda: post.alerts() == ["transport"])
        wait_until("the mail to wait", lambda: post.row(application)[:3] == ("pending", 0, 0) and
                   says in post.row(application)[4])
        assert real.mailbox.to(address) == []
        post.settings(**real.settings)
        post.restart_mogirid()
        post.wait_for(application, "sent", 1)
        assert len(real.mailbox.to(address)) == 1
        wait_until("the alert to go", lambda: post.alerts() == [])
    for path in stack.folder.log.glob("*.log"):
        assert PASSWORD not in path.read_text(encoding="utf-8", errors="replace"), path


@pytest.fixture(scope="module")
def scripted(post, work_dir):
    server = ScriptedServer(work_dir / "scripted")
    post.settings(port=server.port, security="none", final_timeout=2)
    post.restart_mogirid()
    yield server
    server.stop()


def owed(client) -> tuple[float, float]:
    """Mails that are owed, and the seconds since when the oldest is, as nginx tells."""
    text = client.get("/metrics").text
    return tuple(float(re.search(rf'(?m)^{name}{{event="1"}} (\S+)$', text)[1])
                 for name in ("mogiri_mails_waiting", "mogiri_mails_oldest_seconds"))


def test_a_mail_that_waits_for_its_next_attempt_is_owed(scripted, post, client):
    wait_until("nothing to be owed", lambda: owed(client) == (0, 0))
    fields = student(*next(people))
    with scripted.answering("RCPT", "450 4.2.1 later", fields["email"]):
        application = client.apply(fields, new_key()).json["application"]
        post.wait_for(application, "retry", 1)
    age = wait_until("it to be owed", lambda: owed(client)[0] == 1 and owed(client)[1])
    wait_until("it to grow older", lambda: owed(client)[1] > age)
    post.hasten(application)
    post.wait_for(application, "sent", 2)
    wait_until("nothing to be owed", lambda: owed(client) == (0, 0))


@pytest.mark.parametrize("moment, answer, code", [
    ("CONNECT", "421 4.3.2 busy", "421"),
    ("RCPT", "450 4.2.1 later", "450"),
    ("RCPT", DROP, "250"),
    ("END", "451 4.3.0 later", "451"),
])
def test_passing_trouble_is_retried(scripted, post, client, moment, answer, code):
    scripted.hang_up()  # a new connection is greeted
    to_everybody = moment == "CONNECT"
    fields = student(*next(people))
    with scripted.answering(moment, answer, "" if to_everybody else fields["email"]):
        application = client.apply(fields, new_key()).json["application"]
        assert post.wait_for(application, "retry", 1)[0] == code
    post.hasten(application)
    post.wait_for(application, "sent", 2)
    mails = scripted.mailbox.to(fields["email"])
    assert len(mails) == (2 if moment == "END" else 1)  # what was refused after its dot was not taken, but is in the folder
    assert len({mail.message["Message-ID"] for mail in mails}) == 1
    assert post.alerts() == []


def test_refused_recipient_is_final(scripted, post, client, stack):
    fields = student(*next(people))
    with scripted.answering("RCPT", f"550 5.1.1 <{fields['email']}> is gone", fields["email"]):
        application = client.apply(fields, new_key()).json["application"]
        code, text = post.wait_for(application, "failed", 1)
    assert (code, text) == ("550", "the recipient was answered by 550 5.1.1 (address) is gone")
    alert, = wait_until("the alert", post.alerts)
    assert re.fullmatch(r"mail \d+", alert)
    stack.sql("UPDATE alert SET cleared_at = now() WHERE cleared_at IS NULL")
    other, address = apply(client)
    post.wait_for(other, "sent", 1)
    assert scripted.mailbox.to(fields["email"]) == [] and len(scripted.mailbox.to(address)) == 1


@pytest.mark.parametrize("answer", [DROP, SILENCE])
def test_lost_answer_is_sent_once_more(scripted, post, client, answer):
    fields = student(*next(people))
    with scripted.answering("END", answer, fields["email"]):
        application = client.apply(fields, new_key()).json["application"]
        code, text = post.wait_for(application, "unknown", 1)
        assert code == "354" and "the server may have it" in text
    post.hasten(application)
    post.wait_for(application, "sent", 2)
    assert post.row(application)[2] == 1
    mails = scripted.mailbox.to(fields["email"])
    assert len(mails) == 2
    assert len({mail.message["Message-ID"] for mail in mails}) == 1


def test_answer_lost_twice_is_left_to_people(scripted, post, client, stack):
    fields = student(*next(people))
    with scripted.answering("END", DROP, fields["email"]):
        application = client.apply(fields, new_key()).json["application"]
        post.wait_for(application, "unknown", 1)
        post.hasten(application)
        assert post.wait_for(application, "failed", 2)[0] == "354"
    wait_until("the alert", post.alerts)
    stack.sql("UPDATE alert SET cleared_at = now() WHERE cleared_at IS NULL")


@pytest.mark.parametrize("moment, answer", [("AUTH", "535 5.7.8 no"), ("MAIL", "550 5.7.1 not you"), ("CONNECT", None)])
def test_stopped_transport_goes_on_by_itself(scripted, post, client, moment, answer):
    """A login or sender refused, or no server at all: the mail waits without an attempt, and leaves when all is well."""
    if answer is None:
        scripted.close()
        application, address = apply(client)
        wait_until("the alert", lambda: post.alerts() == ["transport"])
        wait_until("the mail to wait", lambda: post.row(application)[:3] == ("pending", 0, 0))
        scripted.listen()
    else:
        scripted.hang_up()
        with scripted.answering(moment, answer):
            application, address = apply(client)
            wait_until("the alert", lambda: post.alerts() == ["transport"])
            wait_until("the mail to wait", lambda: post.row(application)[:4] == ("pending", 0, 0, answer[:3]))
    post.wait_for(application, "sent", 1)
    assert len(scripted.mailbox.to(address)) == 1
    wait_until("the alert to go", lambda: post.alerts() == [])


def test_at_the_end_every_mail_is_settled(scripted, stack):
    assert stack.sql("SELECT count(*) FROM mail_outbox WHERE state NOT IN ('sent', 'failed')") == [["0"]]
    assert stack.redis("XLEN", "{1}:mail") == 0
