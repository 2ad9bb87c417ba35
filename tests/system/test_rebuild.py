"""Redis loses everything: the door closes, mogirid builds it again from PostgreSQL, and nobody inside is let in twice."""

import re
import signal
from collections.abc import Callable

from festival import decided, new_key, nonces, student, tickets
from redis_functions import function_library
from stack.client import Client
from stack.waiting import wait_until


def drained(stack) -> bool:
    return stack.redis("XLEN", "{1}:scans") == 0


def test_from_an_empty_redis(stack, client, first, second):
    inside, unused = tickets(stack, client, 2)
    key, person = new_key(), student("S2D", 3)
    application = decided(client, client.apply(person, key))["application"]
    assert first.scan(inside.code, next(nonces)).json["outcome"] == "admitted"
    wait_until("the drain", lambda: drained(stack))

    stack.redis("FLUSHALL")
    # Until the rebuild is done the door says so; it never admits on the strength of an empty cache.
    seen = []

    def refused_again():
        answer = second.scan(inside.code, next(nonces))
        seen.append(answer)
        return answer.status == 200

    wait_until("the door to open", refused_again)
    assert all(answer.status == 503 and answer.json["reason"] == "degraded" and answer.json["signature"] == "valid"
               for answer in seen[:-1])
    assert seen[-1].json["reason"] == "already_inside"
    assert second.scan(unused.code, next(nonces)).json["outcome"] == "admitted"
    wait_until("the form", lambda: client.get("/apply/student", Accept="text/html").status == 200)
    again = client.apply(person, key)
    assert decided(client, again)["application"] == application, "the same key is the same application still"
    assert stack.sql(f"SELECT count(*) FROM application WHERE email = '{person['email']}'") == [["1"]]


def test_an_event_stays_known_while_another_one_is_rebuilt_before_it(stack, client, first):
    """The list of events is there again then, and its settings are not."""
    ticket = tickets(stack, client, 1)[0]
    mogirid = stack.process("mogirid")
    mogirid.signal(signal.SIGSTOP)
    try:
        events = stack.redis("GET", "events")
        stack.redis("FLUSHALL")
        stack.redis("SET", "events", events)
        stack.redis("PUBLISH", "settings", "1")
        for _ in range(20):  # the news is asked for and told while these are answered
            answer = Client(stack.env["BASE_URL"], stack.env["DEVICE_KEY"]).scan(ticket.code, next(nonces))
            assert (answer.status, answer.json["code"]) == (503, "degraded")
    finally:
        mogirid.signal(signal.SIGCONT)
    wait_until("the door to open", lambda: first.scan(ticket.code, next(nonces)).status == 200)


def connections(stack) -> int:
    return (stack.folder.log / "nginx-error.log").read_text(errors="replace").count("mogiri: connected to Redis")


def go_back(stack, ticket) -> Callable[[], None]:
    """Remembers what Redis holds of the ticket now; called, it puts that in the place of what came after and kills Redis."""
    key = f"{{1}}:t:{ticket.serial}"
    stack.redis("COPY", key, "{1}:kept", "REPLACE")
    stack.redis("COPY", "{1}:ready", "{1}:kept-ready", "REPLACE")

    def back() -> None:
        stack.redis("EVAL", "for i = 1, 4, 2 do redis.call('COPY', KEYS[i], KEYS[i + 1], 'REPLACE') end "
                    "return redis.call('XTRIM', KEYS[5], 'MAXLEN', 0)",
                    "5", "{1}:kept", key, "{1}:kept-ready", "{1}:ready", "{1}:scans")
        redis = stack.process("redis")
        redis.signal(signal.SIGKILL)  # so that it gets another run_id and everybody compares batch numbers
        wait_until("Redis again", lambda: stack.process("redis") not in (None, redis) and stack.redis("PING"))

    return back


def test_redis_that_came_back_older(stack, client, first, second):
    """A scan that the ledger has is not forgotten, however soon after the drain Redis loses it."""
    ticket = tickets(stack, client, 1)[0]
    back = go_back(stack, ticket)
    assert first.scan(ticket.code, next(nonces)).json["outcome"] == "admitted"
    wait_until("the drain", lambda: drained(stack), pause=0.001)
    back()
    answer = wait_until("the door to open", lambda: (now := second.scan(ticket.code, next(nonces))).status == 200 and now)
    assert answer.json["reason"] == "already_inside"


def test_a_door_that_knows_more_than_redis_and_the_ledger_opens_again(stack, client, first, second):
    """Redis loses a scan that was not drained: the window that is stated. The door must not stay closed for ever."""
    ticket, other = tickets(stack, client, 2)
    mogirid = stack.process("mogirid")
    back = go_back(stack, ticket)
    mogirid.signal(signal.SIGSTOP)
    try:
        assert first.scan(ticket.code, next(nonces)).json["outcome"] == "admitted"
        before = connections(stack)
        back()
        wait_until("both workers to have Redis again", lambda: connections(stack) == before + 2)
        for _ in range(8):  # whichever worker takes it
            door = Client(stack.env["BASE_URL"], stack.env["DEVICE_KEY_2"])
            assert door.scan(other.code, next(nonces)).status == 503, "open though Redis has lost time"
    finally:
        mogirid.signal(signal.SIGCONT)
    wait_until("the door to open", lambda: second.scan(other.code, next(nonces)).status == 200)


def test_a_restart_of_redis_alone_needs_no_rebuild(stack, client, first, second):
    ticket = tickets(stack, client, 1)[0]
    assert first.scan(ticket.code, next(nonces)).json["outcome"] == "admitted"
    epoch = stack.redis("GET", "{1}:ready").split()[1]
    redis = stack.process("redis")
    redis.signal(signal.SIGKILL)
    answer = wait_until("the door to open", lambda: (now := second.scan(ticket.code, next(nonces))).status == 200 and now)
    assert answer.json["reason"] == "already_inside"
    assert stack.redis("GET", "{1}:ready").split()[1] == epoch


def test_records_of_another_layout_are_rebuilt(stack, client, first, second):
    """A mogirid that finds the functions and records of a version with another layout."""
    ticket = tickets(stack, client, 1)[0]
    assert first.scan(ticket.code, next(nonces)).json["outcome"] == "admitted"
    wait_until("the drain", lambda: drained(stack))
    epoch, mogirid = stack.redis("GET", "{1}:ready").split()[1], stack.process("mogirid")
    stack.redis("FUNCTION", "LOAD", "REPLACE", re.sub(r"(?m)^(-- records: layout).*", r"\1 0", function_library()))
    stack.redis("SET", f"{{1}}:t:{ticket.serial}", "a record of long ago")
    mogirid.signal(signal.SIGKILL)
    wait_until("the rebuild", lambda: stack.redis("GET", "{1}:ready").split()[1:2] > [epoch])
    answer = wait_until("the door to open", lambda: (now := second.scan(ticket.code, next(nonces))).status == 200 and now)
    assert answer.json["reason"] == "already_inside"


def test_an_nginx_that_remembers_nothing_waits_for_mogirids_word(stack, client, first, second):
    """nginx and Redis restart, Redis with an older state, and mogirid cannot look."""
    ticket = tickets(stack, client, 1)[0]
    mogirid = stack.process("mogirid")
    back = go_back(stack, ticket)
    assert first.scan(ticket.code, next(nonces)).json["outcome"] == "admitted"
    wait_until("the drain", lambda: drained(stack))
    mogirid.signal(signal.SIGSTOP)
    try:
        before = connections(stack)
        back()
        wait_until("both workers to have Redis again", lambda: connections(stack) >= before + 2)
        nginx, before = stack.process("nginx"), connections(stack)
        nginx.signal(signal.SIGKILL)
        wait_until("nginx again", lambda: stack.process("nginx") not in (None, nginx) and connections(stack) == before + 2)
        for _ in range(8):  # whichever worker takes it
            door = Client(stack.env["BASE_URL"], stack.env["DEVICE_KEY_2"])
            assert door.scan(ticket.code, next(nonces)).status == 503, "open though nobody knows whether Redis lost time"
        assert Client(stack.env["BASE_URL"]).get("/readyz").status == 503
    finally:
        mogirid.signal(signal.SIGCONT)

    def answered():
        answer = Client(stack.env["BASE_URL"], stack.env["DEVICE_KEY_2"]).scan(ticket.code, next(nonces))
        return answer.status == 200 and answer

    assert wait_until("the door to open", answered).json["reason"] == "already_inside"


def test_degraded_door_still_refuses_forgeries(stack, client, first):
    ticket = tickets(stack, client, 1)[0]
    redis = stack.process("redis")
    redis.signal(signal.SIGSTOP)
    try:
        waiting = first.scan(ticket.code, next(nonces))
        assert waiting.status == 503
        assert (waiting.json["code"], waiting.json["reason"], waiting.json["signature"]) == ("degraded", "degraded", "valid")
        assert waiting.headers["Retry-After"]
        forged = ticket.code[:20] + ("B" if ticket.code[20] == "A" else "A") + ticket.code[21:]
        assert first.scan(forged, next(nonces)).json["reason"] == "unknown"
        assert client.get("/readyz").status == 503
        assert client.get("/healthz").status == 200
    finally:
        redis.signal(signal.SIGCONT)
    answer = wait_until("the door to open", lambda: (now := first.scan(ticket.code, next(nonces))).status == 200 and now)
    # what its client gave up on was not executed late
    assert answer.json["outcome"] == "admitted" and "double_read" not in answer.json
