"""kill -9 of worker, mogirid, Redis and PostgreSQL at random moments, with applicants and three racing gates at work."""

import re
import time

import pytest

from breakage import SERVERS, kill
from festival import EVENT_TEXT
from stack.waiting import wait_until

OVERSOLD_BY = 1.05  # more is applied for than there is, so that the quota is reached


@pytest.fixture
def event_with_a_quota(stack, amounts):
    text = re.sub(r"(layout\s+= \"recital\"\ncapacity\s+=) 0", rf"\g<1> {amounts.kill_tickets}", EVENT_TEXT)
    assert text != EVENT_TEXT
    file = stack.folder.conf / "quota.toml"
    file.write_text(text, encoding="utf-8")
    file.chmod(0o644)
    stack.mogirictl("event", "apply", "--default", "--force-day", "1", file)


def test_kills(stack, amounts, dice, crowd, history, gate_keys, event_with_a_quota, every_promise_holds):
    kills = [server for server in SERVERS for _ in range(amounts.kills)]
    dice.shuffle(kills)
    crowd.applicants(int(amounts.kill_tickets * OVERSOLD_BY))
    crowd.gates(gate_keys)
    began = time.monotonic()
    for number, server in enumerate(kills, 1):
        amid = 3 * amounts.kill_tickets * number // (len(kills) + 1)
        wait_until(f"{amid} scans", lambda amid=amid: len(history.scans) >= amid or history.wrong, 300)
        time.sleep(dice.uniform(0, 0.3))
        kill(stack, server, dice)
        assert not history.wrong, history.wrong
    print(f"{len(kills)} kills in {time.monotonic() - began:.0f} s")
    crowd.end(600)
    every_promise_holds()
    sold, refused = (int(part) for part in stack.sql(
        "SELECT sum(tickets), count(*) FILTER (WHERE code = 'sold_out') FROM application")[0])
    assert sold > amounts.kill_tickets - 10 and refused > 0
