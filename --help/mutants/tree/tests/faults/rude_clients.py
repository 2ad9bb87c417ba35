"""Clients that leave at any moment: requests of every kind, whole or in part, closed or reset, answered or not."""

import json
import random
import socket
import struct
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from festival import teacher
from history import History
from html_form import HtmlForm
from http2 import DATA, END_HEADERS, END_STREAM, GOAWAY, HEADERS, PREFACE, RST_STREAM, SETTINGS, frame, header_block
from stack.client import Client
from stack.stack import Stack

ESTABLISHED, CLOSE_WAIT = "01", "08"  # as /proc/net/tcp has them


@dataclass(frozen=True)
class Wish:
    """A request, however it is sent."""

    kind: str
    method: str
    path: str
    headers: dict[str, str]
    body: bytes = b""

    def plain(self) -> bytes:
        lines = [f"{self.method} {self.path} HTTP/1.1", "Host: rude"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        if self.method == "POST":
            lines.append(f"Content-Length: {len(self.body)}")
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + self.body

    def chunked(self) -> bytes:
        lines = [f"{self.method} {self.path} HTTP/1.1", "Host: rude", "Transfer-Encoding: chunked"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        half = len(self.body) // 2
        chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (self.body[:half], self.body[half:]) if part)
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + chunks + b"0\r\n\r\n"

    def frames(self, stream: int = 1) -> bytes:
        """HTTP/2, every header a literal that no table knows (RFC 7541, 6.2.2)."""
        pairs = [(":method", self.method), (":scheme", "http"), (":path", self.path), (":authority", "rude")]
        pairs += [(name.lower(), value) for name, value in self.headers.items()]
        sent = frame(HEADERS, END_HEADERS | (0 if self.body else END_STREAM), stream, header_block(pairs))
        if self.body:
            half = len(self.body) // 2
            sent += frame(DATA, 0, stream, self.body[:half]) + frame(DATA, END_STREAM, stream, self.body[half:])
        return sent


class Wishes:
    """The requests that rude clients make. What may be done in spite of their leaving is in the history."""

    def __init__(self, stack: Stack, history: History, dice: random.Random, key: str, codes: list[tuple[int, str]]):
        self._history, self._codes, self._numbers = history, codes, 0
        self._device = {"Authorization": f"Bearer {key}"}
        self._applications = [self._json(dice, number) for number in range(60)]
        client = Client(stack.env["BASE_URL"])
        self._applications += [self._form(client, dice, number) for number in range(20)]
        self._ids = [row[0] for row in stack.sql("SELECT id FROM application LIMIT 20")]

    def draw(self, dice: random.Random) -> Wish:
        kind = dice.random()
        if kind < 0.35:
            return dice.choice(self._applications)
        if kind < 0.65:
            return self._scan(dice)
        path = dice.choice(["/apply/student", "/apply/teacher", "/pages/mogiri.css", "/readyz", "/metrics", "/nowhere",
                            f"/api/v1/applications/{dice.choice(self._ids)}", f"/apply/result/{dice.choice(self._ids)}"])
        return Wish("page", "GET", path, {"Accept": "text/html"})

    def _scan(self, dice: random.Random) -> Wish:
        serial, code = dice.choice(self._codes)
        nonce = f"rude.{dice.getrandbits(64):x}"
        self._history.scan(serial, nonce, "entry")  # an exit that nobody heard of would look like two people inside
        return Wish("scan", "POST", "/api/v1/checkin", {**self._device, "Content-Type": "application/json"},
                    json.dumps({"code": code, "direction": "entry", "nonce": nonce}).encode())

    def _json(self, dice: random.Random, number: int) -> Wish:
        submission = self._history.submission(f"{dice.getrandbits(128):032x}", teacher(f"rude{number}"))
        return Wish("application", "POST", "/api/v1/apply",
                    {"Content-Type": "application/json", "Idempotency-Key": submission.key},
                    json.dumps(submission.fields, ensure_ascii=False).encode())

    def _form(self, client: Client, dice: random.Random, number: int) -> Wish:
        fields = teacher(f"ruder{number}")
        path = "/apply/teacher"
        page = HtmlForm(client.get(path, Accept="text/html").text)
        answer = client.post_form(path, {**page.fields, **fields, "email_confirm": fields["email"]})
        confirmation = HtmlForm(answer.text)
        assert confirmation.action, answer.text
        self._history.submission(f"form{number}", fields)
        return Wish("form", "POST", confirmation.action,
                    {"Content-Type": "application/x-www-form-urlencoded", "Accept": "text/html"},
                    urlencode(confirmation.fields).encode())


class RudeClient:
    """`http2` is a port that speaks nothing else; without one all speak HTTP/1.1."""

    def __init__(self, stack: Stack, http2: int | None):
        self._plain = urlsplit(stack.env["BASE_URL"]).port
        self._http2 = http2
        self.left: Counter = Counter()

    def leave(self, wish: Wish, dice: random.Random) -> None:
        version2 = self._http2 is not None and dice.random() < 0.25
        if version2:
            sent = PREFACE + frame(SETTINGS, 0, 0) + wish.frames()
            if dice.random() < 0.3:
                sent += frame(RST_STREAM, 0, 1, struct.pack(">I", 8))
            elif dice.random() < 0.2:
                sent += wish.frames(3) + frame(GOAWAY, 0, 0, bytes(8))
        else:
            sent = wish.chunked() if wish.body and dice.random() < 0.2 else wish.plain()
        whole = dice.random() < 0.6
        if not whole:
            sent = sent[:dice.randrange(len(sent))]
        with socket.socket() as connection:
            connection.settimeout(5)
            try:
                connection.connect(("127.0.0.1", self._http2 if version2 else self._plain))
                cut = dice.randrange(len(sent) + 1)
                connection.sendall(sent[:cut])
                if dice.random() < 0.3:
                    time.sleep(0.01 * dice.random())
                connection.sendall(sent[cut:])
                time.sleep(dice.choice([0, 0, 0.0005, 0.002, 0.01, 0.05]) * dice.random())
                if dice.random() < 0.3:
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                elif dice.random() < 0.2:
                    connection.shutdown(socket.SHUT_WR)
                    time.sleep(0.01 * dice.random())
                how = "left"
            except OSError as error:
                how = type(error).__name__
        self.left[f"{'h2 ' if version2 else ''}{wish.kind} {'whole' if whole else 'part'} {how}"] += 1


def connections(*of: int) -> int:
    """That nginx holds on these ports."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]]
    return sum(int(row[1].split(":")[1], 16) in of and row[3] in (ESTABLISHED, CLOSE_WAIT) for row in rows)
