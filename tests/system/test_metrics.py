"""/metrics as Prometheus reads it: strictly parsed, true over all workers, reloads and kills; /readyz by the queues' ages; the access log."""

import re
import signal
import threading
from http.client import HTTPException

import pytest
from prometheus_client.parser import text_string_to_metric_families

from festival import nonces, tickets
from reloading import kill_workers, reload_nginx
from stack.client import Client
from stack.waiting import wait_until


def families(stack) -> dict:
    answer = Client(stack.env["BASE_URL"]).get("/metrics")
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4"
    return {family.name: family for family in text_string_to_metric_families(answer.text)}


def counters(stack) -> dict:
    """All samples that must never go down, by name and labels."""
    return {(sample.name, tuple(sorted(sample.labels.items()))): sample.value
            for family in families(stack).values() if family.type in ("counter", "histogram") for sample in family.samples}


def scans(stack, **labels: str) -> float:
    return sum(sample.value for sample in families(stack)["mogiri_scans"].samples
               if all(sample.labels[name] == value for name, value in labels.items()))


def test_the_text_is_strictly_right(stack, first):
    first.scan("A" * 34, next(nonces))
    text = first.get("/metrics").text
    assert text.endswith("\n") and "\n\n" not in text
    told, samples = set(), set()
    for family in families(stack).values():
        assert family.documentation.endswith(".") and family.type in ("counter", "gauge", "histogram"), family
        assert family.name not in told and re.fullmatch(r"mogiri_[a-z_]+", family.name)
        told.add(family.name)
        for sample in family.samples:
            key = (sample.name, tuple(sorted(sample.labels.items())))
            assert key not in samples and sample.value >= 0, key
            samples.add(key)
    # Every counter says so by its name, and every family has both of its lines, in front of its samples.
    kinds = dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.M))
    assert set(kinds) == set(re.findall(r"^# HELP (\S+) \S", text, re.M)) and len(kinds) == len(told)
    assert all(name.endswith("_total") == (kind == "counter") for name, kind in kinds.items())
    buckets = [sample for sample in families(stack)["mogiri_redis_round_trip_seconds"].samples if sample.name.endswith("_bucket")]
    assert [float(one.labels["le"]) for one in buckets] == sorted(float(one.labels["le"]) for one in buckets)
    assert [one.value for one in buckets] == sorted(one.value for one in buckets)


def test_scans_by_outcome_reason_and_gate(stack, client, first, second):
    one, two = tickets(stack, client, 2)
    before = {gate: scans(stack, event="1", gate=gate, outcome="admitted") for gate in ("main", "east")}
    refused = scans(stack, event="1", gate="east", outcome="refused", reason="already_inside")
    shapeless = scans(stack, event="1", gate="main", outcome="refused", reason="bad_code")
    first.scan(one.code, next(nonces))
    second.scan(one.code, next(nonces))
    first.post_json("/api/v1/checkin", {"code": two.code, "direction": "entry", "nonce": next(nonces), "gate": "east"})
    first.scan("A" * 33, next(nonces))
    assert scans(stack, event="1", gate="main", outcome="admitted") == before["main"] + 1
    assert scans(stack, event="1", gate="east", outcome="admitted") == before["east"] + 1
    assert scans(stack, event="1", gate="east", outcome="refused", reason="already_inside") == refused + 1
    assert scans(stack, event="1", gate="main", outcome="refused", reason="bad_code") == shapeless + 1
    first.post_json("/api/v1/checkin", {"code": two.code, "direction": "entry", "nonce": "x", "gate": "roof"})
    first.post_json("/api/v1/checkin", {"code": two.code, "direction": "entry", "nonce": "x", "gate": "x" * 60})
    assert {sample.labels["gate"] for sample in families(stack)["mogiri_scans"].samples} == {"main", "east"}


def test_counters_never_go_down(stack, client):
    """Under scans by both workers, while nginx reloads twice and its workers are killed."""
    ticket, = tickets(stack, client, 1)
    before, answered, done = scans(stack), [], threading.Event()

    def scan_on(key):
        while not done.is_set():
            try:
                device = Client(stack.env["BASE_URL"], key)
                answered.append(device.scan(ticket.code, next(nonces)).status == 200)
                device.close()
            except (OSError, HTTPException):
                pass  # its worker was killed

    threads = [threading.Thread(target=scan_on, args=(stack.env[key],)) for key in ("DEVICE_KEY", "DEVICE_KEY_2") * 2]
    for thread in threads:
        thread.start()
    try:
        seen = counters(stack)
        for refresh in (reload_nginx, reload_nginx, kill_workers):
            enough = len(answered) + 50
            wait_until("more scans", lambda: len(answered) > enough)
            refresh(stack)
            now = wait_until("the figures", lambda: counters(stack))
            assert not {key: (value, now.get(key)) for key, value in seen.items() if now.get(key, -1) < value}
            seen = now
    finally:
        done.set()
        for thread in threads:
            thread.join()
    # None is lost but what was counted and not yet answered when its worker was killed.
    assert sum(answered) <= scans(stack) - before <= sum(answered) + 4 * 4


def test_reconnects_ready_and_in_flight(stack):
    def value(name):
        return families(stack)[name].samples[0].value

    before = value("mogiri_redis_reconnects")
    assert value("mogiri_ready") == 1 and value("mogiri_redis_connected") == 2 == value("mogiri_workers")
    stack.redis("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
    wait_until("both links again", lambda: value("mogiri_redis_reconnects") == before + 2 and value("mogiri_ready") == 1)
    assert value("mogiri_redis_in_flight") <= 4


@pytest.fixture
def impatient(stack):
    """An nginx whose /readyz lets scans wait for a second and applications for an hour."""
    file = stack.folder.conf / "mogiri-server.conf"
    shipped = file.read_text(encoding="utf-8")
    text = shipped.replace("location = /readyz {", "location = /readyz {\n    mogiri_oldest scans 1s;\n    mogiri_oldest applications 1h;")
    assert text != shipped
    file.write_text(text, encoding="utf-8")
    reload_nginx(stack)
    yield
    file.write_text(shipped, encoding="utf-8")
    reload_nginx(stack)


def test_readyz_is_red_when_a_queue_is_too_old(stack, client, first, impatient):
    ticket, = tickets(stack, client, 1)
    assert client.get("/readyz").status == 200
    mogirid = stack.process("mogirid")
    mogirid.signal(signal.SIGSTOP)
    try:
        first.scan(ticket.code, next(nonces))
        red = wait_until("red", lambda: (answer := client.get("/readyz")).status == 503 and answer)
        assert red.json["code"] == "not_ready" and int(red.headers["Retry-After"]) >= 1
        assert re.fullmatch(r"in the queue of scans the oldest has waited for \d+ s, and may for 1", red.json["detail"])
        assert client.get("/healthz").status == 200
        ages = {sample.labels["event"]: sample.value for sample in families(stack)["mogiri_scan_lag_seconds"].samples}
        assert ages["1"] > 1
    finally:
        mogirid.signal(signal.SIGCONT)
    wait_until("green", lambda: client.get("/readyz").status == 200)


def test_the_access_log_tells_the_outcome_and_no_code(stack, client, first):
    one, = tickets(stack, client, 1)
    log = stack.folder.log / "nginx-access.log"
    at = log.stat().st_size
    for nonce in ("in-the-log-1", "in-the-log-2"):
        first.scan(one.code, nonce)
    first.scan(one.code[:20] + ("B" if one.code[20] == "A" else "A") + one.code[21:], "in-the-log-3")

    def lines():
        with open(log, encoding="utf-8") as file:
            file.seek(at)
            return [line for line in file if " checkin " in line]

    told = [re.search(r"redis=(\S+) outcome=(\S+) reason=(\S+) ", line)
            for line in wait_until("three lines", lambda: len(lines()) == 3 and lines())]
    assert [line.group(2, 3) for line in told] == [("admitted", "-"), ("admitted", "-"), ("refused", "unknown")]
    assert all(re.fullmatch(r"\d+\.\d{3}", line[1]) for line in told[:2]) and told[2][1] == "-"
    for path in stack.folder.log.glob("nginx*.log"):
        text = path.read_text(encoding="utf-8", errors="replace")
        assert one.code not in text and "in-the-log" not in text and stack.env["DEVICE_KEY"] not in text
