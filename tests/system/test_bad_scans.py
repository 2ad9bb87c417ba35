"""The door under malformed requests over HTTP/1.1 and HTTP/2: none gets a 5xx, an alert, a worker's end or an admission.

Thousands, in a few seconds: codes of every length from 0 to 5,000 and all the rest below; how many is printed.
"""

import json
import random
import socket
import string
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest

from festival import tickets, variant
from http2 import DATA, END_HEADERS, END_STREAM, HEADERS, PREFACE, SETTINGS, Answers, frame, header_block
from stack.client import Client
from stack.waiting import wait_until
from traces import workers

PATH = "/api/v1/checkin"
AT_ONCE = 50
BASE32 = string.ascii_uppercase + "234567"
JUNK = [1, 0, -1, 1.5, 1e308, True, False, None, [], {}, ["entry"], {"code": "x"}, "", "x" * 70, "\u0000", "山田", "\ud800", [[]] * 9]


def good(code: str) -> dict:
    return {"code": code, "direction": "entry", "nonce": "bad-scan"}


def codes_of_every_length(dice: random.Random) -> list[bytes]:
    return [json.dumps(good("".join(dice.choices(BASE32, k=length)))).encode() for length in range(5001)]


def bent_codes(real: list[str], dice: random.Random) -> list[bytes]:
    bodies = []
    for code in real:
        head, tail = json.dumps(good(code)).encode().split(code.encode())
        for place in range(len(code)):
            for bit in range(8):
                bent = bytearray(code.encode())
                bent[place] ^= 1 << bit
                bodies.append(head + bytes(bent) + tail)
            other = dice.choice("0189-_ il.é") if place % 2 else dice.choice(string.punctuation)
            bodies.append(json.dumps(good(code[:place] + other + code[place + 1:])).encode())
        bodies += [json.dumps(good(text)).encode() for text in (code.lower(), code + "\n", " " + code, code + code, code[::-1],
                                                                code[:-1], code + "A", code.replace(code[5], "", 1))]
    return bodies


def wrong_json(real: str, dice: random.Random) -> list[bytes]:
    bodies = [json.dumps(junk).encode() for junk in JUNK]
    for name in ("code", "direction", "nonce", "gate", "unknown", ""):
        bodies += [json.dumps({**good(real), name: junk}).encode() for junk in JUNK
                   if not (name == "nonce" and junk == "x")]
    bodies += [json.dumps({key: value for key, value in good(real).items() if key != name}).encode()
               for name in ("code", "direction", "nonce")]
    whole = json.dumps(good(real))
    # The same member twice, the real code first and last.
    bodies += [whole.replace('"nonce"', f'"{name}": {value}, "nonce"', 1).encode()
               for name in ("code", "direction") for value in ('"x"', "null", f'"{real}"', '"entry"')]
    bodies += [whole.replace('{"code"', '{"code": "x", "code"', 1).encode(), whole.replace("}", ', "nonce": "two"}').encode()]
    bodies += [(opening * depth).encode() for opening in ("[", '{"a":', '{"code":[') for depth in range(1, 2200, 53)]
    bodies += [(f'{{"code":{"[" * depth}"{real}"{"]" * depth},"direction":"entry","nonce":"n"}}').encode()
               for depth in range(1, 2200, 53)]
    for cut in range(1, len(whole)):
        bodies.append(whole[:cut].encode())  # JSON that ends too soon
    for _ in range(200):
        noise = bytearray(whole.encode())
        noise[dice.randrange(len(noise))] = dice.choice(b'{}[]",:\\\0\xff\x80')
        noise[dice.randrange(1, 10)] = dice.choice(b"\0\xc0")  # in the first member's name: never the scan itself
        bodies.append(bytes(noise))
    return bodies + [b"", b"null", b"\xef\xbb\xbf" + whole.encode(), whole.encode("utf-16"), b"code=" + real.encode(),
                     whole.replace('"', "'").encode(), whole.encode() + b"x", whole.encode() * 2, b" " * 60_000, b"x" * 70_000]


def wrong_headers(real: str, key: str) -> list[bytes]:
    """Whole requests of HTTP/1.1."""
    body = json.dumps(good(real)).encode()
    fine = {"Host": "h", "Authorization": f"Bearer {key}", "Content-Type": "application/json", "Content-Length": str(len(body))}

    def request(pairs, method="POST", path=PATH, version="HTTP/1.1") -> bytes:
        lines = [f"{method} {path} {version}", *(f"{name}: {value}" for name, value in pairs), "Connection: close"]
        return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body

    bad = [request([(name, value) for name, value in fine.items() if name != left]) for left in ("Host", "Authorization")]
    for value in ("", "Bearer", "Bearer ", "Basic eDp5", f"Token {key}", f"Bearer  {key}x", f"Bearer {key}, Bearer {key}", "Bearer " + "A" * 4000,
                  f"Bearer {key[:-1]}", f"Bearer {key.swapcase()}", f"Bearer {key}\x7f", "Bearer \xff\xfe"):
        bad.append(request({**fine, "Authorization": value}.items()))
    bad += [request([*fine.items(), (name, value)]) for name, value in
            [("Authorization", "Bearer x"), ("Content-Length", "3"), ("Content-Length", str(len(body))), ("Host", "other"),
             ("Transfer-Encoding", "chunked"), ("Transfer-Encoding", "gzip"), ("Bad Name", "x"), ("Bad\0Name", "x")]]
    bad += [request({**fine, "Content-Length": value}.items()) for value in ("-1", "x", "", "1e3", "99999999999999999999", "70000")]
    bad += [request({**fine, "Content-Type": value}.items()) for value in
            ("text/plain", "application/xml", "application/x-www-form-urlencoded", "json", "application/json, text/plain", "a/b" * 900)]
    bad += [request(fine.items(), method=method) for method in ("GET", "PUT", "DELETE", "PATCH", "HEAD", "TRACE", "CONNECT", "post", "BREW")]
    bad += [request(fine.items(), path=path) for path in (PATH + "/", PATH + "x", "/e/nosuch" + PATH, "/e//" + PATH, PATH + "/../checkin/", "/%00",
                                                          PATH + "%2f", "*", "//", "/e/" + "a" * 8000 + PATH)]
    bad += [request(fine.items(), version=version) for version in ("HTTP/0.9", "HTTP/3.0", "HTTP/1.1x", "")]
    return bad


class Door:
    def __init__(self, stack):
        self.key, self.sent = stack.env["DEVICE_KEY"], 0
        self.plain, self.http2 = (urlsplit(stack.env[name]) for name in ("BASE_URL", "HTTP2_URL"))
        self._headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}

    def connect(self, url) -> socket.socket:
        return socket.create_connection((url.hostname, url.port), timeout=30)

    def whole(self, body: bytes) -> bytes:
        lines = [f"POST {PATH} HTTP/1.1", "Host: h", *(f"{name}: {value}" for name, value in self._headers.items()),
                 f"Content-Length: {len(body)}"]
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + body

    def frames(self, body: bytes, stream: int) -> bytes:
        pairs = [(":method", "POST"), (":scheme", "http"), (":path", PATH), (":authority", "h"),
                 *((name.lower(), value) for name, value in self._headers.items())]
        sent = frame(HEADERS, END_HEADERS | (0 if body else END_STREAM), stream, header_block(pairs))
        parts = [body[at:at + 16_384] for at in range(0, len(body), 16_384)]
        for number, part in enumerate(parts, 1):
            sent += frame(DATA, END_STREAM if number == len(parts) else 0, stream, part)
        return sent

    def over_plain(self, bodies: list[bytes]) -> list[tuple[int, bytes]]:
        """One after the other on a kept connection; a new one where nginx closes it."""
        answers, connection = [], None
        for body in bodies:
            if connection is None:
                connection = self.connect(self.plain)
                file = connection.makefile("rb")
            connection.sendall(self.whole(body))
            status, headers = int(file.readline().split()[1]), {}
            while line := file.readline().strip():
                name, value = line.split(b":", 1)
                headers[name.lower()] = value.strip()
            answers.append((status, file.read(int(headers[b"content-length"]))))
            if headers.get(b"connection", b"").lower() == b"close":
                file.close()
                connection.close()
                connection = None
        self.sent += len(bodies)
        return answers

    def over_http2(self, bodies: list[bytes]) -> list[tuple[int, bytes]]:
        """Many at once, each on a stream of its own."""
        told = []
        for first in range(0, len(bodies), AT_ONCE):
            some = {2 * i + 1: body for i, body in enumerate(bodies[first:first + AT_ONCE])}
            with self.connect(self.http2) as connection:
                connection.sendall(PREFACE + frame(SETTINGS, 0, 0))
                answers = Answers()
                # A stream's window is 65,535 bytes at first: what is larger must be told no by its head alone.
                for stream, body in some.items():
                    connection.sendall(self.frames(body[:60_000], stream))
                while len(answers.ended) < len(some) and (data := connection.recv(65_536)):
                    answers.take(data)
            assert set(answers.ended) == set(some), "every stream has its end"
            told += [(answers.status[stream], answers.body.get(stream, b"")) for stream in some]
        self.sent += len(bodies)
        return told


@pytest.fixture(scope="module")
def door(stack) -> Door:
    return Door(stack)


@pytest.fixture(scope="module")
def real(stack, door) -> list[str]:
    """Codes that would be let in, and at the end have not been."""
    from stack.client import Client
    client = Client(stack.env["BASE_URL"])
    some = tickets(stack, client, 3)
    before, log = workers(stack), stack.folder.log / "nginx-error.log"
    yield [ticket.code for ticket in some]
    assert workers(stack) == before, "a worker was restarted"
    assert "[alert]" not in log.read_text(errors="replace")
    wait_until("the drain", lambda: stack.redis("XLEN", "{1}:scans") == 0)
    assert stack.sql("SELECT count(*) FROM admission") == [["0"]] and stack.sql("SELECT count(*) FROM scan WHERE outcome IN (1, 2)") == [["0"]]
    use = "local text = redis.call('GET', KEYS[1]) local form = string.byte(text, -1) " \
        "return form == 131 and 0 or form == 133 and string.byte(text, -3) or 1"  # days of use
    assert [stack.redis("EVAL", use, "1", f"{{1}}:t:{ticket.serial}") for ticket in some] == [0, 0, 0]
    print(f"{door.sent} malformed requests, none admitted")
    assert door.sent >= 2000


def judge(answers: list[tuple[int, bytes]], bodies: list[bytes]) -> None:
    for (status, body), sent in zip(answers, bodies, strict=True):
        assert status == 200 or 400 <= status < 500, (status, body, sent[:200])
        if status == 200:
            assert json.loads(body)["outcome"] == "refused", (body, sent[:200])


def test_codes_of_every_length(door, real):
    bodies = codes_of_every_length(random.Random(1))
    judge(door.over_plain(bodies[::2]), bodies[::2])
    judge(door.over_http2(bodies[1::2]), bodies[1::2])


@pytest.mark.parametrize("protocol", ["over_plain", "over_http2"])
def test_bent_codes_and_those_of_other_events(stack, client, door, real, protocol):
    variant(stack, "elsewhere")
    bodies = bent_codes(real, random.Random(2))
    bodies += [json.dumps(good(ticket.code)).encode() for ticket in tickets(stack, client, 5, "/e/elsewhere/api/v1/apply")]
    judge(getattr(door, protocol)(bodies), bodies)


@pytest.mark.parametrize("protocol", ["over_plain", "over_http2"])
def test_wrong_json(door, real, protocol):
    bodies = wrong_json(real[0], random.Random(3))
    judge(getattr(door, protocol)(bodies), bodies)


def test_headers_that_are_wrong_absent_or_there_twice(door, real):
    for request in wrong_headers(real[0], door.key):
        with door.connect(door.plain) as connection:
            connection.sendall(request)
            answer = b""
            while part := connection.recv(65_536):
                answer += part
        door.sent += 1
        if not answer.startswith(b"HTTP/"):
            continue  # of a version without a status line
        status, body = int(answer.split()[1]), answer.partition(b"\r\n\r\n")[2]
        # nginx's own word for what HTTP has and it does not (RFC 9110, 15.6.2 and 15.6.6).
        unknown = b"Transfer-Encoding: gzip" in request or b"HTTP/3.0" in request
        assert 400 <= status < 500 or (unknown and status in (501, 505)), (request[:300], answer[:300])
        assert b"admitted" not in body


@pytest.mark.parametrize("end", ["closed", "reset"])
def test_aborted_at_every_byte(door, real, end):
    """A scan that would be let in, without its last bytes; a few with their bodies on the way all the while."""
    body = json.dumps(good(real[1])).encode()
    with ExitStack() as slow:
        for i in range(20):
            connection = slow.enter_context(door.connect(door.plain))
            connection.sendall(door.whole(body)[:-len(body) + i])
            door.sent += 1
        for url, request in ((door.plain, door.whole(body)), (door.http2, PREFACE + frame(SETTINGS, 0, 0) + door.frames(body, 1))):
            for cut in range(len(request)):
                connection = door.connect(url)
                connection.sendall(request[:cut])
                if end == "reset":
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                connection.close()
                door.sent += 1
    judge(door.over_plain([json.dumps(good("A" * 34)).encode()]), [b""])
