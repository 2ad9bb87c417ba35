"""Test tickets: the door judges them as any other and says so, and no figure knows of them."""

import json

import pytest

from festival import nonces, tickets, variant
from stack.client import Client
from stack.waiting import wait_until


def figures(stack, event: str = "musicfes") -> tuple:
    """All that counts anything: analytics, the door's totals, what was sold, the ledger's rows, nginx's metrics."""
    number = stack.sql(f"SELECT number FROM event WHERE slug = '{event}'")[0][0]
    metrics = Client(stack.env["BASE_URL"]).get("/metrics").text
    return (stack.mogirictl("analytics", event, "--by", "kind", "--json").stdout, stack.redis("GET", f"{{{number}}}:totals:1"),
            stack.sql(f"SELECT kind, sold FROM kind_sales WHERE event = {number} ORDER BY kind"),
            stack.sql("SELECT (SELECT count(*) FROM scan), (SELECT count(*) FROM admission), (SELECT count(*) FROM mail_outbox)"),
            [line for line in metrics.splitlines() if line.startswith("mogiri_scans_total")])


def test_tickets(stack, event: str = "musicfes", *words) -> list[dict]:
    return json.loads(stack.mogirictl("ticket", "test", event, "--json", *words).stdout)


test_tickets.__test__ = False


def outcome(answer) -> tuple:
    assert answer.status == 200, answer.text
    return answer.json["outcome"], answer.json.get("reason"), answer.json.get("test")


@pytest.fixture(scope="module")
def counted(stack) -> tuple:
    """There is something to be counted, and it is in the ledger."""
    device = Client(stack.env["BASE_URL"], stack.env["DEVICE_KEY"])
    one, _ = tickets(stack, Client(stack.env["BASE_URL"]), 2)
    assert device.scan(one.code, next(nonces)).json["outcome"] == "admitted"
    wait_until("the drain", lambda: stack.sql("SELECT count(*) FROM admission") == [["1"]] and stack.redis("XLEN", "{1}:scans") == 0)
    wait_until("the mail", lambda: stack.sql("SELECT count(*) FROM mail_outbox WHERE state <> 'sent'") == [["0"]])
    return figures(stack)


def test_they_are_scanned_and_counted_nowhere(stack, counted, admin, first, second):
    made = test_tickets(stack, "musicfes", "--count", "3", "--kind", "guest")
    assert len(made) == 3 and all(ticket["published"] for ticket in made)
    code, other = made[0]["code"], made[1]["code"]
    admitted = first.scan(code, next(nonces), Accept_Language="en")
    assert outcome(admitted) == ("admitted", None, True)
    assert admitted.json["ticket"]["kind"] == "guest" and admitted.json["message"].startswith("Test ticket: ")
    assert outcome(second.scan(code, next(nonces))) == ("refused", "already_inside", True)
    assert outcome(second.scan(code, next(nonces), "exit")) == ("exited", None, True)
    assert first.get(f"/api/v1/entry/validate/{other}").json["code"] == 200
    # A new code is a test ticket's again, and mailed to nobody; nobody gets a real one in such an application.
    stack.mogirictl("ticket", "reissue", made[2]["reference"], "--reason", "a test")
    assert admin.ask("POST", "/api/v1/applicants/test/resend", {}).json["code"] == "no_tickets"
    application = stack.sql(f"SELECT application FROM ticket WHERE serial = {made[2]['serial']}")[0][0]
    refused = stack.mogirictl("ticket", "issue", application, "客", "--reason", "a test", check=False)
    assert refused.returncode == 1 and "test tickets" in refused.stderr
    # Nothing of it is in the ledger that could be given back.
    refused = stack.mogirictl("ticket", "restore", made[0]["reference"], "--reason", "a test", check=False)
    assert refused.returncode == 1 and "is a test ticket" in refused.stderr
    wait_until("the drain", lambda: stack.redis("XLEN", "{1}:scans") == 0)
    assert figures(stack) == counted
    # a real one beside it counts
    status = json.loads(stack.mogirictl("status", "--json").stdout)
    assert json.dumps(status).count('"tickets": 2') == 1


def test_a_rebuild_counts_none_of_them(stack, counted, first):
    code = test_tickets(stack)[0]["code"]
    assert outcome(first.scan(code, next(nonces)))[0] == "admitted"
    before = stack.redis("GET", "{1}:totals:1")
    stack.redis("FLUSHALL")
    wait_until("the door to open", lambda: first.scan(code, next(nonces)).status == 200)
    assert stack.redis("GET", "{1}:totals:1") == before


def test_a_full_house_lets_them_in_and_is_no_fuller(stack, counted):
    variant(stack, "tiny", venue_capacity="1")
    device = Client(stack.env["BASE_URL"], stack.add_device("tiny", "Gate", "main"))
    one, two = tickets(stack, Client(stack.env["BASE_URL"]), 2, "/e/tiny/api/v1/apply")
    test = test_tickets(stack, "tiny")[0]["code"]

    def scan(code):
        return outcome(device.post_json("/e/tiny/api/v1/checkin", {"code": code, "direction": "entry", "nonce": next(nonces)}))

    assert scan(test) == ("admitted", None, True)
    assert scan(one.code) == ("admitted", None, None)
    assert scan(two.code) == ("refused", "venue_full", None)
    assert scan(test_tickets(stack, "tiny")[0]["code"]) == ("admitted", None, True)


def test_they_are_removed_by_one_command(stack, counted, first):
    code = test_tickets(stack)[0]["code"]
    assert outcome(first.scan(code, next(nonces)))[0] == "admitted"
    assert json.loads(stack.mogirictl("ticket", "remove-test", "musicfes", "--json").stdout)["removed"] >= 1
    assert stack.sql("SELECT count(*) FROM ticket WHERE test AND event = 1") == [["0"]]
    noted = stack.sql("SELECT verb, before IS NULL, after IS NULL FROM audit WHERE subject LIKE 'ticket %' AND origin <> '' "
                      "AND actor LIKE 'mogirictl:%' ORDER BY id DESC LIMIT 1")
    assert noted == [["ticket.remove_test", "f", "t"]] and stack.sql("SELECT 1 FROM audit WHERE verb = 'ticket.test' LIMIT 1")
    assert stack.sql("SELECT count(*) FROM application WHERE test AND event = 1") == [["0"]]
    wait_until("no double read any more", lambda: outcome(first.scan(code, next(nonces)))[:2] == ("refused", "revoked"))
    assert json.loads(stack.mogirictl("ticket", "remove-test", "musicfes", "--json").stdout) == {"removed": 0}
    assert stack.mogirictl("ticket", "test", "musicfes", "--kind", "none", check=False).returncode == 1
