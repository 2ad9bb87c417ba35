"""Scanners: made with a code for one use, claimed once by whoever is first, seen, moved and revoked at once; keys of programs."""

import json
import re
import struct
import subprocess
import zlib
from concurrent.futures import ThreadPoolExecutor

import pytest
import redis

from festival import new_key, nonces, tickets
from stack.client import Client
from stack.waiting import wait_until

KEY = re.compile(r"[A-Z2-7]{32}")


@pytest.fixture(scope="module")
def scanned(stack):
    """A ticket for every scan of this file."""
    client = Client(stack.env["BASE_URL"])
    made = iter(tickets(stack, client, 40))
    client.close()
    return made


def make(admin, name: str, gate: str = "main", profile: str = "scanner"):
    answer = admin.ask("POST", "/api/v1/devices", {"name": name, "gate": gate, "profile": profile})
    assert answer.status == 201, answer.text
    return answer.json


def code_of(admin, device: dict) -> dict:
    answer = admin.ask("GET", f"/api/v1/devices/{device['device']}/code")
    assert answer.status == 200, answer.text
    return answer.json


def claim(client: Client, code):
    return client.post_json("/api/v1/devices/claim", {"code": code})


def claimed(stack, admin, name: str, **more) -> tuple[dict, Client]:
    device = make(admin, name, **more)
    client = Client(stack.env["BASE_URL"])
    key = claim(client, code_of(admin, device)["code"]).json["key"]
    client.close()
    return device, scanner(stack, key)


def scanner(stack, key: str) -> Client:
    """A connection whose worker has heard of the key: each does within moments."""
    client = Client(stack.env["BASE_URL"], key)
    wait_until("the worker to know the key", lambda: client.scan("A" * 34, next(nonces)).status == 200)
    return client


def read_qr(picture: bytes) -> str:
    done = subprocess.run(["zbarimg", "--quiet", "--raw", "--nodbus", "-Sdisable", "-Sqrcode.enable", "png:-"], input=picture, capture_output=True)
    return done.stdout.decode().strip()


def png(rows: list[list[bool]], scale: int = 4) -> bytes:
    """Grey: true is white."""
    lines = b"".join((b"\0" + b"".join((b"\xff" if light else b"\0") * scale for light in row)) * scale for row in rows)

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", len(rows[0]) * scale, len(rows) * scale, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b"")


def test_a_scanner_claims_its_key_once(stack, admin, client, scanned):
    device = make(admin, "claimed", "east", "supervisor")
    assert device["claimed"] is False and device["claim_ends_at"]
    shown = code_of(admin, device)
    assert shown["url"] == f"{stack.env['BASE_URL']}/scan#claim={shown['code']}"
    told = claim(client, shown["code"].lower()[:8] + "-" + shown["code"][8:])
    assert told.status == 200 and KEY.fullmatch(told.json["key"]), told.text
    assert {**told.json, "key": ""} == {"device": device["device"], "name": "claimed", "event": "musicfes", "gate": "east",
                                        "profile": "supervisor", "key": ""}
    one = scanner(stack, told.json["key"])
    assert one.scan(next(scanned).code, next(nonces)).json["outcome"] == "admitted"
    again = claim(client, shown["code"])
    assert (again.status, again.json["code"]) == (404, "no_claim")
    assert admin.ask("GET", f"/api/v1/devices/{device['device']}/code").json["code"] == "no_claim"
    seen = wait_until("when it was last seen", lambda: admin.ask("GET", f"/api/v1/devices/{device['device']}").json["last_seen_at"])
    assert one.scan(next(scanned).code, next(nonces)).json["outcome"] == "admitted"
    wait_until("both scans in the ledger", lambda: stack.sql(f"SELECT count(*) FROM scan WHERE outcome = 1 AND device = {device['device']}") == [["2"]])
    assert admin.ask("GET", f"/api/v1/devices/{device['device']}").json["last_seen_at"] == seen, "written once a minute"


def test_nothing_that_is_kept_opens_anything(stack, admin, client):
    device = make(admin, "secret")
    code = code_of(admin, device)["code"]
    key = claim(client, code).json["key"]
    program = admin.ask("POST", "/api/v1/keys", {"name": "secret", "role": "staff", "scopes": ["ticket:read"]}).json["secret"]
    dump = subprocess.run(["pg_dump", "--data-only", stack.env["DATABASE_URL"]], capture_output=True, text=True, check=True).stdout
    memory = redis.Redis(unix_socket_path=stack.env["REDIS_SOCKET"])
    kept = b"".join(name + memory.dump(name) for name in memory.keys() if memory.exists(name))
    for secret in (code, key, program):
        assert secret not in dump and secret not in "".join(p.read_text(errors="replace") for p in stack.folder.log.glob("*.log"))
    assert key.encode() not in kept and program.encode() not in kept


def test_of_64_who_race_for_a_code_one_has_the_key(stack, admin, scanned):
    code = code_of(admin, make(admin, "raced"))["code"]
    clients = [Client(stack.env["BASE_URL"]) for _ in range(64)]
    with ThreadPoolExecutor(64) as pool:
        answers = list(pool.map(lambda one: claim(one, code), clients))
    for one in clients:
        one.close()
    assert sorted(answer.status for answer in answers) == [200] + [404] * 63, [answer.text for answer in answers][:3]
    key = next(answer.json["key"] for answer in answers if answer.status == 200)
    assert scanner(stack, key).scan(next(scanned).code, next(nonces)).json["outcome"] == "admitted"


def test_codes_end(stack, admin, client, scanned):
    device = make(admin, "late")
    first = code_of(admin, device)["code"]
    assert admin.ask("POST", f"/api/v1/devices/{device['device']}/code").status == 201
    second = code_of(admin, device)["code"]
    assert first != second and claim(client, first).status == 404, "the newer code takes the older one's place"
    stack.sql(f"UPDATE device_claim SET ends_at = now() - interval '1 second' WHERE device = {device['device']}")
    assert claim(client, second).status == 404
    assert admin.ask("GET", f"/api/v1/devices/{device['device']}/code").status == 404
    assert admin.ask("POST", f"/api/v1/devices/{device['device']}/code").status == 201
    one = scanner(stack, claim(client, code_of(admin, device)["code"]).json["key"])
    assert one.scan(next(scanned).code, next(nonces)).status == 200
    assert admin.ask("POST", f"/api/v1/devices/{device['device']}/code").status == 201
    assert one.scan(next(scanned).code, next(nonces)).status == 200, "good until the code is used"
    other = scanner(stack, claim(client, code_of(admin, device)["code"]).json["key"])
    assert one.scan(next(scanned).code, next(nonces)).status == 401 and other.scan(next(scanned).code, next(nonces)).status == 200


@pytest.mark.parametrize("code", [None, 5, True, [], {}, "", "x", "A" * 16, "A" * 5000, "'; DROP TABLE device; --", "<b>", "a\r\nb", "\u202e", "𠮷" * 16, "\0"])
def test_codes_that_are_none(client, code):
    answer = claim(client, code)
    assert (answer.status, answer.json["code"]) in {(400, "broken_json"), (404, "no_claim"), (422, "invalid")}, answer.text
    assert answer.status != 422 or answer.json["errors"][0]["field"] == "code"


def test_the_code_is_shown_as_a_picture(stack, admin):
    device = make(admin, "shown")
    url = code_of(admin, device)["url"]
    picture = admin.ask("GET", f"/api/v1/devices/{device['device']}/code.png", Accept="image/png")
    assert picture.headers["Content-Type"] == "image/png" and read_qr(picture.body) == url
    drawn = admin.ask("GET", f"/api/v1/devices/{device['device']}/code.svg", Accept="image/*")
    assert drawn.headers["Content-Type"] == "image/svg+xml"
    size = int(re.search(r'viewBox="0 0 (\d+)', drawn.text)[1])
    dark = {(int(x), int(y)) for x, y in re.findall(r"M(\d+) (\d+)h1v1h-1z", drawn.text)}
    assert read_qr(png([[(x, y) not in dark for x in range(size)] for y in range(size)])) == url


def test_the_command_shows_it_on_the_terminal(stack, client, scanned):
    told = stack.mogirictl("device", "add", "on a terminal", "--event", "musicfes", "--gate", "main", "--profile", "scanner").stdout
    blocks = [line for line in told.splitlines() if line and set(line) <= set(" ▀▄█")]
    light = [[character in on for character in line] for line in blocks for on in ("▀█", "▄█")]
    url = read_qr(png(light))
    assert url and url in told
    scan = scanner(stack, claim(client, url.split("#claim=")[1]).json["key"]).scan(next(scanned).code, next(nonces))
    assert scan.status == 200 and scan.json["outcome"] == "admitted", scan.text
    as_json = json.loads(stack.mogirictl("device", "add", "as JSON", "--event", "musicfes", "--gate", "main", "--profile", "scanner", "--json").stdout)
    assert as_json["url"].endswith(as_json["code"])
    assert stack.mogirictl("device", "code", as_json["device"], "--event", "musicfes", "--json").returncode == 0
    assert claim(client, as_json["code"]).status == 404
    for words in (("rename", as_json["device"], "another name"), ("move", as_json["device"], "east"), ("revoke", as_json["device"])):
        stack.mogirictl("device", *words, "--event", "musicfes")
    for words, why in ((("rename", as_json["device"], "x"), "no device"), (("rename", 1, "on a terminal"), "already"), (("move", 1, "west"), "it has: main"),
                       (("rename", 1, " "), "cannot be printed"), (("code", 999), "no device")):
        wrong = stack.mogirictl("device", *words, "--event", "musicfes", check=False)
        assert wrong.returncode != 0 and why in wrong.stderr, wrong.stderr


def test_a_revoked_device_is_refused_from_the_next_scan_on(stack, admin, scanned):
    for n in range(5):
        device, first = claimed(stack, admin, f"revoked {n}")
        others = [scanner(stack, first.key) for _ in range(6)]  # both workers have connections of it
        ticket = next(scanned)
        assert admin.ask("DELETE", f"/api/v1/devices/{device['device']}").json["revoked_at"]
        assert [one.scan(ticket.code, next(nonces)).status for one in others] == [401] * 6
    assert admin.ask("DELETE", f"/api/v1/devices/{device['device']}").status == 404
    assert admin.ask("PATCH", f"/api/v1/devices/{device['device']}", {"name": "x"}, If_Match="*").status == 404


def test_a_device_is_renamed_and_moved(stack, admin, scanned):
    device, one = claimed(stack, admin, "wanders")
    path = f"/api/v1/devices/{device['device']}"
    etag = admin.ask("GET", path).headers["ETag"]
    assert admin.ask("PATCH", path, {"name": "x"}).status == 428
    moved = admin.ask("PATCH", path, {"name": "wandered", "gate": "east"}, If_Match=etag)
    assert moved.status == 200 and moved.json["name"] == "wandered" and moved.json["gate"] == 2, moved.text
    late = admin.ask("PATCH", path, {"name": "overwritten"}, If_Match=etag)
    assert (late.status, late.json["code"]) == (412, "changed_meanwhile") and admin.ask("GET", path).json["name"] == "wandered"
    ticket = next(scanned)
    assert one.scan(ticket.code, next(nonces)).json["outcome"] == "admitted"
    first = one.scan(ticket.code, next(nonces), "entry")
    wait_until("the scan at the new gate", lambda: stack.sql(f"SELECT DISTINCT gate FROM scan WHERE device = {device['device']}") == [["2"]])
    assert first.json.get("double_read") or first.json["first"]["device"] == "wandered"
    for change, field in (({"gate": "west"}, "gate"), ({"name": ""}, "name"), ({"name": "raced"}, "name"), ({"name": 5}, "name"), ({"profile": "x"}, "profile")):
        wrong = admin.ask("PATCH", path, change, If_Match="*")
        assert wrong.status == 422 and wrong.json["errors"][0]["field"] == field, wrong.text


def test_keys_of_programs(stack, admin):
    wish, key = {"name": "by the API", "role": "staff", "scopes": ["ticket:read"], "event": 1, "days": 3}, new_key()
    made = admin.ask("POST", "/api/v1/keys", wish, Idempotency_Key=key)
    assert made.status == 201 and made.json["secret"].startswith("mk_"), made.text
    assert admin.ask("POST", "/api/v1/keys", wish, Idempotency_Key=key).json == made.json, "a repeat is told the same"
    program = Client(stack.env["BASE_URL"], made.json["secret"])
    assert program.get("/api/v1/tickets").status == 200 and program.get("/api/v1/scans").status == 403
    path = f"/api/v1/keys/{made.json['key']}"
    looked = admin.ask("GET", path)
    assert "secret" not in looked.json and looked.json["name"] == "by the API"
    renamed = admin.ask("PATCH", path, {"name": "renamed"}, If_Match=looked.headers["ETag"])
    assert renamed.json["name"] == "renamed" and admin.ask("PATCH", path, {"name": "x"}, If_Match=looked.headers["ETag"]).status == 412
    stack.mogirictl("apikey", "rename", "renamed", "by command")
    assert admin.ask("GET", path).json["name"] == "by command"
    for change, field in (({"scopes": []}, "scopes"), ({"scopes": ["ticket:burn"]}, "scopes"), ({"scopes": "x"}, "scopes"), ({"role": "student"}, "role"),
                          ({"event": 999}, "event"), ({"event": "1"}, "event"), ({"days": 0}, "days"), ({"name": "by command"}, "name"), ({"x": 1}, "x")):
        wrong = admin.ask("POST", "/api/v1/keys", {**wish, "name": "wrong", **change})
        assert wrong.status == 422 and wrong.json["errors"][0]["field"] == field, (change, wrong.text)
    assert admin.ask("DELETE", path).status == 200 and program.get("/api/v1/tickets").status == 401


def test_attempts_are_slowed(client):
    for _ in range(2000):
        if claim(client, "A" * 16).status == 429:
            return
    pytest.fail("2,000 attempts from one network were all answered")
