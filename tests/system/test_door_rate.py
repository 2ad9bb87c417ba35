"""Too many scans: a limit for each device, none for the address that a venue's scanners share, and one for who has no key."""

import re
import signal

from festival import nonces, tickets
from stack.build import SOURCE
from stack.client import Client
from stack.process import children
from stack.waiting import wait_until

BURST = 5


def limit(stack, device: tuple[str, int], keyless: tuple[str, int]) -> None:
    """Rate and burst of devices, and of addresses without a key; returns when all workers have them."""
    http, server = stack.folder.conf / "mogiri-http.conf", stack.folder.conf / "mogiri-server.conf"
    for zone, (rate, burst) in {"mogiri_device": device, "mogiri_door": keyless}.items():
        text, changes = re.subn(rf"(zone={zone}:\d+m +rate=)\S+;", rf"\g<1>{rate};", http.read_text(encoding="utf-8"))
        assert changes == 1
        http.write_text(text, encoding="utf-8")
        text, changes = re.subn(rf"(zone={zone} +burst=)\d+", rf"\g<1>{burst}", server.read_text(encoding="utf-8"))
        assert changes >= 1  # scans, and what was decided offline
        server.write_text(text, encoding="utf-8")
    master = stack.process("nginx")
    before = set(children(master.pid))
    assert master.signal(signal.SIGHUP)
    wait_until("fresh workers", lambda: (now := set(children(master.pid))) and len(now) == 2 and not now & before)


def statuses(client: Client, code: str, count: int) -> list[int]:
    return [client.scan(code, next(nonces)).status for _ in range(count)]


def test_each_device_has_a_limit_of_its_own(stack, client, first, second):
    """A rate at which nothing comes free while the test runs, however slow the machine."""
    limit(stack, ("1r/m", BURST), ("1r/m", BURST))
    ticket, = tickets(stack, client, 1)
    assert statuses(first, ticket.code, BURST + 3) == [200] * (BURST + 1) + [429] * 2
    refused = first.scan(ticket.code, next(nonces))
    assert (refused.status, refused.json["code"]) == (429, "too_many_requests") and int(refused.headers["Retry-After"]) >= 1
    assert refused.headers["Content-Type"] == "application/problem+json"
    # Another device behind the same address goes on, and so does everybody who is not at the door.
    assert statuses(second, ticket.code, BURST + 1) == [200] * (BURST + 1)
    assert client.get("/readyz").status == 200
    # Without a key the address counts; devices are no part of it.
    assert statuses(client, ticket.code, BURST + 3) == [401] * (BURST + 1) + [429] * 2
    with_key = Client(stack.env["BASE_URL"], stack.env["SUPERVISOR_KEY"])
    assert with_key.scan(ticket.code, next(nonces)).status == 200


def test_a_fast_scanner_never_meets_the_shipped_limit(stack, client, first):
    shipped = dict(re.findall(r"s\|@(DEVICE_RATE|DEVICE_BURST)@\|([^|]+)\|g", (SOURCE / "packaging/build-deb").read_text(encoding="utf-8")))
    assert int(shipped["DEVICE_RATE"].removesuffix("r/s")) >= 10  # a person reads two or three in a second
    limit(stack, (shipped["DEVICE_RATE"], int(shipped["DEVICE_BURST"])), ("1r/m", 1))
    ticket, = tickets(stack, client, 1)
    assert set(statuses(first, ticket.code, int(shipped["DEVICE_BURST"]))) == {200}
