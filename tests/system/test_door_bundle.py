"""The offline bundle, opened by code of another language written from its document: decides offline, names only by their codes, changes equal the whole."""

import pytest

from festival import nonces, tickets, variant
from offline_scanner import OfflineScanner, names_in, tickets_in, unseal
from stack.client import Client
from stack.waiting import wait_until

PATH = "/api/v1/door/bundle"


def fetch(device, path: str = PATH, **headers: str) -> bytes:
    # On a busy machine the first may come too late; what was made for it is there for the next.
    answer = wait_until("an answer", lambda: (now := device.get(path, **headers)).status not in (503, 504) and now)
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/vnd.mogiri.bundle"), answer.body[:300]
    assert answer.headers["ETag"] == f'"{(tickets_in if answer.body[:4] == b"MGB1" else names_in)(answer.body)[0]["version"]}"'
    return answer.body


def forget_whole(stack) -> None:
    """The next one is made anew, and not as it was a moment ago."""
    stack.redis("DEL", "{1}:big:bundle", "{1}:big:names")


@pytest.fixture(autouse=True)
def fresh(stack):
    forget_whole(stack)


def scanner(device) -> OfflineScanner:
    return OfflineScanner(fetch(device), fetch(device, PATH + "/names"))


def drained(stack) -> None:
    wait_until("the drain", lambda: stack.redis("XLEN", "{1}:scans") == 0)


def test_it_decides_as_the_door_does(stack, client, first, second):
    inside, left, unused, revoked = tickets(stack, client, 4)
    variant(stack, "elsewhere")
    stranger, = tickets(stack, client, 1, "/e/elsewhere/api/v1/apply")
    for ticket, direction in ((inside, "entry"), (left, "entry"), (left, "exit")):
        assert first.scan(ticket.code, next(nonces), direction).status == 200
    stack.mogirictl("ticket", "revoke", str(revoked.serial), "--reason", "a test")
    drained(stack)
    offline = scanner(first)
    assert offline.tickets[left.serial].use == {1: (0, 1)}
    assert [offline.entry(ticket.code, 1, "main") for ticket in (inside, left, unused, revoked, stranger)] == \
        ["already_inside", "admitted", "admitted", "revoked", "unknown"]
    for ticket in (inside, left, unused, revoked):
        online = second.scan(ticket.code, next(nonces)).json
        assert offline.entry(ticket.code, 1, "east") == online.get("reason", online["outcome"])
    forged = unused.code[:20] + ("B" if unused.code[20] == "A" else "A") + unused.code[21:]
    assert offline.entry(forged, 1, "main") == "unknown"
    assert {gate["id"] for gate in offline.head["gates"]} == {"main", "east"}
    assert [day["number"] for day in offline.head["days"]] == sorted(day["number"] for day in offline.head["days"])


def test_names_open_by_their_codes_alone(stack, client, first):
    one, two = tickets(stack, client, 2)
    bundle, names = fetch(first), fetch(first, PATH + "/names")
    offline = OfflineScanner(bundle, names)
    assert offline.name(one.code) == one.name and offline.name(two.code) == two.name
    sealed = offline.names[one.serial]
    assert unseal(offline.salt, one.code, sealed) == one.name
    bent = one.code[:-1] + ("I" if one.code[-1] == "A" else "A")
    assert [unseal(salt, code, sealed) for salt, code in ((offline.salt, two.code), (offline.salt, bent), (bytes(16), one.code))] == [None] * 3
    for data in (bundle, names):
        for secret in (one.name.encode(), one.code.encode(), one.reference.encode(), stack.env["DEVICE_KEY"].encode()):
            assert secret not in data
    assert len({len(name) for name in offline.names.values()}) == 1, "a name's length tells nothing"


def test_changes_equal_the_whole(stack, client, first):
    some = tickets(stack, client, 6)
    supervisor = Client(stack.env["BASE_URL"], stack.add_device("musicfes", "Who puts right", "main", "supervisor"))
    offline = scanner(first)
    for change in range(5):
        if change == 0:
            first.scan(some[0].code, next(nonces))
            first.scan(some[1].code, next(nonces))
            first.scan(some[1].code, next(nonces), "exit")
        elif change == 1:
            stack.mogirictl("ticket", "revoke", str(some[2].serial), "--reason", "a test")
        elif change == 2:
            some += tickets(stack, client, 3)
        elif change == 3:
            wrong = {"code": some[0].code, "nonce": next(nonces), "reason": "the wrong person"}
            undone = wait_until("the supervisor", lambda: (now := supervisor.post_json("/api/v1/checkin/undo", wrong)).status == 200 and now)
            assert undone.json["outcome"] == "undone", undone.text
        else:
            stack.mogirictl("ticket", "reissue", str(some[3].serial), "--reason", "a test")
        drained(stack)
        told = offline.take(fetch(first, f"{PATH}?since={offline.head['version']}"))
        assert 1 <= told < len(offline.tickets), "changes, and not all there is"
        forget_whole(stack)
        whole = scanner(first)
        assert offline.tickets == whole.tickets
    assert offline.tickets[some[2].serial].revoked and offline.tickets[some[3].serial].revoked
    assert offline.tickets[some[0].serial].use == {1: (0, 0)}, "what was undone counts no more"


def test_nothing_new_is_304(stack, client, first):
    tickets(stack, client, 1)

    def unchanged(path: str):
        """Sent again with its ETag: a transaction that was under way at the first time may make it come once more."""
        etag = first.get(path).headers["ETag"]
        answer = first.get(path, If_None_Match=etag)
        return answer.status == 304 and not answer.body and answer.headers["ETag"] == etag

    for path in (PATH, PATH + "/names"):
        wait_until("nothing new", lambda: unchanged(path))

    def nothing_since():
        version = tickets_in(fetch(first))[0]["version"]
        return first.get(f"{PATH}?since={version}").status == 304

    wait_until("no changes", nothing_since)
    version = tickets_in(fetch(first))[0]["version"]
    stack.add_device("musicfes", f"Another {version}"[:40], "main")
    wait_until("the settings", lambda: tickets_in(fetch(first))[0]["version"].split(".")[1] != version.split(".")[1])
    assert tickets_in(fetch(first, f"{PATH}?since={version}"))[0]["version"] != version, "other settings are news"


@pytest.mark.parametrize("since", ["", "x", "1.2.3", "0.1.1.1", "a" * 3000, "%00", "18446744073709551616.1.1.1"])
def test_a_version_that_nobody_knows_gets_all(first, since):
    head, _ = tickets_in(fetch(first, f"{PATH}?since={since}"))
    assert "since" not in head


def test_scanners_alone_get_it(stack, client):
    for path in (PATH, PATH + "/names"):
        assert (client.get(path).status, client.get(path).json["code"]) == (401, "no_device_key")
        assert Client(stack.env["BASE_URL"], "A" * 32).get(path).json["code"] == "bad_device_key"
    head, held = tickets_in(fetch(Client(stack.env["BASE_URL"], stack.env["SUPERVISOR_KEY"])))
    assert head["event"] == {"number": 1, "slug": "musicfes"} and held
    forget_whole(stack)
    tests = stack.mogirictl("ticket", "test", "musicfes", "--json").stdout
    assert '"serial"' in tests
    assert len(tickets_in(fetch(Client(stack.env["BASE_URL"], stack.env["DEVICE_KEY"])))[1]) == len(held), "test tickets are no part of it"


def test_a_whole_that_was_just_made_is_made_once(stack, client, first, second):
    """Scanners that come together get one bundle, and its changes bring each up to date; who has just this one gets another."""
    tickets(stack, client, 1)
    one = fetch(first)
    fresh_ticket, = tickets(stack, client, 1)
    other = OfflineScanner(fetch(second), fetch(second, PATH + "/names"))
    assert fetch(second) == one and fresh_ticket.serial not in other.tickets
    other.take(fetch(second, f"{PATH}?since={other.head['version']}"))
    assert other.entry(fresh_ticket.code, 1, "main") == "admitted"
    again = fetch(first, If_None_Match=first.get(PATH).headers["ETag"])
    assert again != one and fresh_ticket.serial in tickets_in(again)[1]
