"""What scanners decided while they were offline, sent later: each line judged on its own, conflicts told, nothing done twice."""

import json
import socket
import subprocess
import threading
import time
from datetime import datetime, timedelta, timezone
from urllib.parse import urlsplit

import pytest

from festival import nonces, tickets, variant
from openapi import DOCUMENT, faults
from stack.client import Client
from stack.waiting import wait_until

PATH = "/e/offline/api/v1/checkin"
SCHEMA = DOCUMENT["components"]["schemas"]["OfflineVerdict"]


@pytest.fixture(scope="module")
def event(stack) -> int:
    variant(stack, "offline")
    return int(stack.sql("SELECT number FROM event WHERE slug = 'offline'")[0][0])


@pytest.fixture(scope="module")
def devices(stack, event) -> list[Client]:
    made = [Client(stack.env["BASE_URL"], stack.add_device("offline", name, gate)) for name, gate in (("Main 1", "main"), ("East 1", "east"))]
    wait_until("the form", lambda: made[0].get("/e/offline/apply/teacher", Accept="text/html").status == 200)
    return made


@pytest.fixture(scope="module")
def box(stack, devices):
    return iter(tickets(stack, Client(stack.env["BASE_URL"]), 60, "/e/offline/api/v1/apply"))


@pytest.fixture
def ticket(box):
    return next(box)


def at(minutes_ago: float = 10) -> str:
    return (datetime.now(timezone.utc) - timedelta(minutes=minutes_ago)).isoformat(timespec="milliseconds")


def line(ticket, direction="entry", **more) -> dict:
    decided = {"entry": "admitted", "exit": "exited"}[direction]
    return {"code": ticket.code, "direction": direction, "nonce": next(nonces), "at": at(), "decided": decided, **more}


def posted(device, lines, **headers):
    body = lines if isinstance(lines, bytes) else "\n".join(one if isinstance(one, str) else json.dumps(one) for one in lines).encode()
    sent = {"Content-Type": "application/x-ndjson", **{name.replace("_", "-"): text for name, text in headers.items()}}
    return device.request("POST", f"{PATH}/batch", body, sent)


def judged(device, lines, **headers) -> list[dict]:
    answer = posted(device, lines, **headers)
    assert answer.status == 200, (answer.status, answer.text)
    assert answer.headers["Content-Type"] == "application/x-ndjson"
    told = [json.loads(text) for text in answer.text.splitlines()]
    for one in told:
        assert faults(one, SCHEMA) == [], one
    return told


def short(told: list[dict]) -> list[str]:
    return [one.get("reason") or one.get("code") or one["outcome"] for one in told]


def scan(device, ticket, direction="entry"):
    return device.post_json(PATH, {"code": ticket.code, "direction": direction, "nonce": next(nonces)}).json


def drained(stack, event) -> None:
    wait_until("the drain", lambda: stack.redis("XLEN", f"{{{event}}}:scans") == 0)


def test_in_order_and_each_on_its_own(stack, event, devices, ticket, box):
    other, third = next(box), next(box)
    forged = {**line(ticket), "code": ticket.code[:20] + ("B" if ticket.code[20] == "A" else "A") + ticket.code[21:]}
    lines = [line(ticket), line(ticket, "exit"), "{", line(other), forged, {**line(third), "code": "x"}, line(ticket), "[]", "\udcff",
             {**line(third), "gate": "none"}, {**line(third), "at": "yesterday"}, {**line(third), "more": 1}, line(third, gate="east")]
    body = b"\n".join(b"\xff" if one == "\udcff" else (one if isinstance(one, str) else json.dumps(one)).encode() for one in lines) + b"\n\n"
    told = judged(devices[0], body)
    assert short(told) == ["admitted", "exited", "broken_json", "admitted", "unknown", "bad_code", "admitted", "broken_json", "broken_encoding",
                           "invalid", "invalid", "invalid", "admitted"]
    assert [one["line"] for one in told] == list(range(1, len(lines) + 1))
    assert [one["errors"][0]["field"] for one in told if one.get("code") == "invalid"] == ["gate", "at", "more"]
    drained(stack, event)
    rows = stack.sql(f"SELECT outcome, gate, flags & 160, extract(epoch FROM at - device_at) BETWEEN 590 AND 700 FROM scan "
                     f"WHERE serial IN ({ticket.serial}, {third.serial}) ORDER BY epoch, stream_ms, stream_seq, place")
    assert rows == [["1", "1", "160", "t"], ["2", "1", "160", "t"], ["1", "1", "160", "t"], ["1", "2", "160", "t"]]


def test_the_first_committed_admission_wins(stack, event, devices, ticket):
    """Whatever the devices' times are: nobody is un-admitted, and both gates and times are told."""
    admitted = scan(devices[1], ticket)
    assert admitted["outcome"] == "admitted"
    sent = line(ticket)
    [told] = judged(devices[0], [sent])
    assert (told["outcome"], told["reason"]) == ("refused", "already_inside")
    conflict = told["conflict"]
    assert (conflict["gate"], conflict["other_gate"], conflict["other_device"], conflict["other_time"]) == ("main", "east", "East 1", admitted["time"])
    assert datetime.fromisoformat(conflict["at"].replace("Z", "+00:00")) == datetime.fromisoformat(sent["at"])
    [refused] = judged(devices[0], [{**line(ticket), "decided": "refused"}])
    assert refused["reason"] == "already_inside" and "conflict" not in refused
    drained(stack, event)
    assert stack.sql(f"SELECT reason, gate, other_gate FROM scan_conflict WHERE serial = {ticket.serial}") == [["passed_offline", "1", "2"]]
    assert stack.sql("SELECT count(*) FROM alert WHERE kind = 'scan_conflict'") == [["1"]]
    assert scan(devices[0], ticket, "exit")["outcome"] == "exited"


def test_a_batch_that_is_sent_again(stack, event, devices, ticket, box):
    """Also when it holds more scans of a ticket than the ticket's record remembers, and when Redis was lost meanwhile."""
    other = next(box)
    lines = [line(ticket, direction) for direction in ("entry", "exit") * 6] + [line(ticket, "exit"), line(other)]
    nonce = next(nonces)
    lines += [{**line(ticket), "nonce": nonce}, {**line(other), "nonce": nonce}]  # one nonce, two tickets
    first = judged(devices[0], lines)
    assert short(first) == ["admitted", "exited"] * 6 + ["not_inside", "admitted", "admitted", "already_inside"]
    totals = stack.redis("GET", f"{{{event}}}:totals:1")

    def again() -> None:
        second = judged(devices[0], lines)
        assert all(one.pop("repeat") is True for one in second)
        assert [{name: one[name] for name in ("line", "outcome", "time", "nonce")} for one in second] == [
            {name: one[name] for name in ("line", "outcome", "time", "nonce")} for one in first]
        assert short(second) == short(first)

    again()
    drained(stack, event)
    count = stack.sql("SELECT count(*) FROM scan")
    stack.redis("FLUSHALL")
    wait_until("an open door", lambda: posted(devices[0], lines[:1]).status == 200)
    again()
    drained(stack, event)
    assert (stack.sql("SELECT count(*) FROM scan"), stack.redis("GET", f"{{{event}}}:totals:1")) == (count, totals)


def test_scans_of_two_days(stack):
    """Judged by the day and the hours of the scan, not of the batch."""
    now = datetime.now(timezone.utc)
    zone = round(12 - now.hour - now.minute / 60)  # where it is noon
    today = (now + timedelta(hours=zone)).date()
    variant(stack, "two-days", forced_day=0)
    file = stack.folder.conf / "two-days.toml"
    file.write_text(file.read_text().replace("2027-06-12", str(today - timedelta(days=1))).replace("2027-06-13", str(today))
                    .replace('"Asia/Tokyo"', f'"Etc/GMT{-zone:+d}"'))
    stack.mogirictl("event", "apply", file)
    device = Client(stack.env["BASE_URL"], stack.add_device("two-days", "M", "main"))
    wait_until("the form", lambda: device.get("/e/two-days/apply/teacher", Accept="text/html").status == 200)
    ticket = tickets(stack, Client(stack.env["BASE_URL"]), 1, "/e/two-days/api/v1/apply")[0]
    lines = [{**line(ticket), "at": at(minutes)} for minutes in (24 * 60, 16 * 60, 1, 48 * 60)]
    answer = device.request("POST", "/e/two-days/api/v1/checkin/batch", "\n".join(map(json.dumps, lines)), {"Content-Type": "application/x-ndjson"})
    told = [json.loads(text) for text in answer.text.splitlines()]
    assert [(one.get("reason") or one["outcome"], one["day"]) for one in told] == [("admitted", 1), ("over", 1), ("admitted", 2), ("not_yet", 1)]


@pytest.mark.parametrize("minutes_ago, clock, skewed", [
    (10, None, False), (-1, None, False), (-3, None, True), (10, 0, False), (10, 110, False), (10, 150, True), (10, -150, True), (10, 86400, True)])
def test_a_clock_that_is_off(stack, event, devices, ticket, minutes_ago, clock, skewed):
    headers = {} if clock is None else {"Device_Time": (datetime.now(timezone.utc) + timedelta(seconds=clock)).isoformat()}
    sent = {**line(ticket), "at": at(minutes_ago)}
    [told] = judged(devices[0], [sent], **headers)
    assert told["outcome"] == "admitted" and told.get("skewed", False) is skewed
    drained(stack, event)
    assert stack.sql(f"SELECT flags & 64, to_char(device_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS') FROM scan WHERE serial = {ticket.serial}") == [
        ["64" if skewed else "0", sent["at"].removesuffix("+00:00")]]


def test_limits(stack, devices, ticket):
    assert posted(devices[0], b"").json["code"] == posted(devices[0], b"\n \r\n").json["code"] == "broken_json"
    many = posted(devices[0], ["{}"] * 501)
    assert (many.status, many.json["code"]) == (413, "too_many_lines")
    assert len(judged(devices[0], ["{}"] * 500)) == 500
    large = posted(devices[0], b"x" * (256 * 1024 + 1))
    assert (large.status, large.json["code"]) == (413, "body_too_large")
    assert len(judged(devices[0], b"x" * (256 * 1024))) == 1
    assert posted(devices[0], ["{}"], Content_Type="application/json").status == 415
    assert posted(devices[0], ["{}"], Device_Time="now").status == 400
    assert posted(Client(stack.env["BASE_URL"]), ["{}"]).status == 401


def test_five_hundred_lines(stack, event, devices, box):
    some = [next(box) for _ in range(5)]
    lines = [line(some[n % 5], "entry" if n // 5 % 2 == 0 else "exit") for n in range(500)]
    told = judged(devices[0], lines)
    assert short(told) == [{"entry": "admitted", "exit": "exited"}[one["direction"]] for one in lines]
    assert short(judged(devices[0], lines)) == short(told)
    drained(stack, event)
    for ticket in some:
        assert stack.sql(f"SELECT count(*), max(cycle) FROM scan WHERE serial = {ticket.serial}") == [["100", "50"]]


def test_two_batches_at_once_admit_once(stack, event, devices, ticket):
    told = []
    threads = [threading.Thread(target=lambda device=device: told.extend(judged(device, [line(ticket)]))) for device in devices]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(short(told)) == ["admitted", "already_inside"]
    assert {one["conflict"]["other_gate"] for one in told if "conflict" in one} <= {"main", "east"}


def test_http2(stack, devices, ticket):
    file = stack.folder.path / "batch.ndjson"
    file.write_text("\n".join(json.dumps(line(ticket, direction)) for direction in ("entry", "exit") * 50))
    done = subprocess.run(["curl", "-sS", "--http2-prior-knowledge", "--max-time", "20", "--data-binary", f"@{file}", "-H", "Content-Type: application/x-ndjson",
                           "-H", f"Authorization: Bearer {devices[0].key}", "-w", "%{http_code} %{http_version}", stack.env["HTTP2_URL"] + f"{PATH}/batch"],
                          capture_output=True, text=True)
    *answers, end = done.stdout.splitlines()
    assert end == "200 2" and [json.loads(one)["outcome"] for one in answers] == ["admitted", "exited"] * 50, done.stdout[:500]


def test_a_slow_body(stack, devices, ticket):
    url = urlsplit(stack.env["BASE_URL"])
    body = json.dumps(line(ticket)).encode()
    with socket.create_connection((url.hostname, url.port)) as connection:
        connection.sendall(f"POST {PATH}/batch HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: application/x-ndjson\r\n"
                           f"Authorization: Bearer {devices[0].key}\r\nContent-Length: {len(body)}\r\n\r\n".encode())
        for at_byte in range(0, len(body), 40):
            connection.sendall(body[at_byte:at_byte + 40])
            time.sleep(0.01)  # so that nginx reads it in pieces
        answer = b""
        while part := connection.recv(65536):
            answer += part
    assert answer.startswith(b"HTTP/1.1 200") and b'"outcome":"admitted"' in answer


def test_without_redis(stack, devices, ticket):
    sent = line(ticket)
    with_forged = [{**line(ticket), "code": "x"}, sent]
    stack.redis("SET", "{%s}:ready" % stack.sql("SELECT number FROM event WHERE slug = 'offline'")[0][0], "closed 1")
    answer = posted(devices[0], with_forged)
    if answer.status == 200:  # the wrong code is refused even then
        told = [json.loads(text) for text in answer.text.splitlines()]
        assert short(told)[0] == "bad_code" and short(told)[1] in ("degraded", "admitted")
    wait_until("an open door", lambda: (now := posted(devices[0], [sent])).status == 200 and short([json.loads(now.text)]) == ["admitted"])
