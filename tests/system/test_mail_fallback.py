"""Two transports, the second for the time when the first takes none: no mail waits, none goes twice, and everything says so."""

import pytest

from festival import decided, everybody, new_key, student
from mail_servers import ScriptedServer
from mail_services import KEY_ID, REGION, SECRET, SILENCE, Ses
from outbox import Post
from stack.waiting import wait_until

people = everybody()


@pytest.fixture(scope="module")
def post(stack):
    return Post(stack)


@pytest.fixture(scope="module")
def ses(work_dir):
    service = Ses(work_dir / "ses")
    yield service
    service.stop()
    assert service.faults == []


@pytest.fixture(scope="module")
def smtp(work_dir):
    server = ScriptedServer(work_dir / "smtp")
    yield server
    server.stop()


@pytest.fixture
def both(post, ses, smtp):
    """SES first, a mail server as its fallback, in a daemon that has just begun."""
    post.settings("ses", fallback="smtp", endpoint=ses.url, region=REGION, access_key_id=KEY_ID, connect_timeout=2, answer_timeout=3,
                  secret_access_key_file=post.leave("ses.secret", SECRET),
                  others={"smtp": {"host": "127.0.0.1", "port": smtp.port, "security": "none", "final_timeout": 2}})
    post.restart_mogirid()
    return post


def apply(client) -> tuple[str, str]:
    fields = student(*next(people))
    answer = client.apply(fields, new_key())
    decided(client, answer)
    return answer.json["application"], fields["email"]


def log(stack) -> str:
    return (stack.folder.log / "mogirid.log").read_text(encoding="utf-8")


@pytest.mark.parametrize("stopped", [
    Ses.error(403, "UnrecognizedClientException", "no"),        # the login
    Ses.error(400, "LimitExceededException", "no"),             # the quota
])
def test_mails_go_by_the_fallback_until_the_first_is_back(both, ses, smtp, client, stack, stopped):
    with ses.answering("POST", stopped):
        applications = [apply(client) for _ in range(4)]
        for application, address in applications:
            both.wait_for(application, "sent", 1)
            assert both.transport(application) == "smtp"
            assert (len(smtp.mailbox.to(address)), len(ses.mailbox.to(address))) == (1, 0)
        wait_until("the alert", lambda: both.alerts() == ["transport"])
        assert "meanwhile mails go by smtp" in both.alert_text("transport")
        assert "the mail transport ses takes no mail" in log(stack)
        assert both.listed(applications[0][0])["transport"] == "smtp"
    recoveries = log(stack).count("the mail transport ses takes mail again")

    def again_by_ses():
        application, address = apply(client)
        both.wait_for(application, "sent", 1)
        assert len(smtp.mailbox.to(address)) + len(ses.mailbox.to(address)) == 1
        return both.transport(application) == "ses"

    wait_until("mails to go by SES again", again_by_ses, 60)
    wait_until("the alert to go", lambda: both.alerts() == [])
    assert log(stack).count("the mail transport ses takes mail again") == recoveries + 1


def test_a_mail_that_one_may_have_goes_by_the_other_only_as_unknown(both, ses, smtp, client):
    """A lost answer is no stop: the mail waits as unknown, and then goes once more by what takes mail."""
    with ses.answering("POST", SILENCE, 1):
        application, address = apply(client)
        both.wait_for(application, "unknown", 1)
    assert smtp.mailbox.to(address) == []
    with ses.answering("POST", Ses.error(403, "UnrecognizedClientException", "no")):
        both.hasten(application)
        both.wait_for(application, "sent", 2)
    assert both.transport(application) == "smtp" and both.row(application)[2] == 1
    assert len(smtp.mailbox.to(address)) == 1


def test_a_refusal_is_final_for_both(both, ses, smtp, client, stack):
    with ses.answering("POST", Ses.error(400, "MessageRejected", "no"), 1):
        application, address = apply(client)
        both.wait_for(application, "failed", 1)
    assert both.transport(application) == "ses" and smtp.mailbox.to(address) == []
    stack.sql("UPDATE alert SET cleared_at = now() WHERE cleared_at IS NULL")


def test_both_stopped_costs_nothing(both, ses, smtp, client):
    smtp.close()
    with ses.answering("POST", Ses.error(403, "UnrecognizedClientException", "no")):
        application, address = apply(client)
        wait_until("both alerts", lambda: sorted(both.alerts()) == ["fallback", "transport"])
        wait_until("the mail to wait", lambda: both.row(application)[:3] == ("pending", 0, 0))
    smtp.listen()
    both.wait_for(application, "sent", 1)
    assert len(smtp.mailbox.to(address)) + len(ses.mailbox.to(address)) == 1


def test_settings_are_checked_for_both(post, both, ses, smtp, stack):
    good = {"endpoint": ses.url, "region": REGION, "access_key_id": KEY_ID, "secret_access_key_file": post.leave("ses.secret", SECRET)}
    for fallback, table, says in (("ses", {}, 'mail.fallback = "ses": must be another transport than mail.transport'),
                                  ("pigeon", {}, 'mail.fallback = "pigeon": '),
                                  ("smtp", {"host": ""}, '[mail.smtp]: host = ""')):
        post.settings("ses", fallback=fallback, others={} if fallback == "ses" else {fallback: table}, **good)
        told = stack.mogirictl("doctor", check=False)
        assert told.returncode != 0 and says in told.stdout + told.stderr, (fallback, told)
    post.settings("ses", fallback="smtp", others={"smtp": {"host": "127.0.0.1", "port": smtp.port, "security": "none"}}, **good)
    found = {finding["says"].split(":")[0]: finding["verdict"] for finding in post.findings()}
    assert found == {"ses": "good", "fallback smtp": "good"}
