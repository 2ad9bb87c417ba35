"""A steady load of requests, each on a connection of its own, sent at their time whether or not the ones before were answered.

With a connection for each request nobody can confuse a dropped request with an idle connection that nginx may close.
The requests are sent by a process of their own (this file as a program), so that they keep their rate whatever the test does.
"""

import json
import random
import selectors
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

from history import History

PATIENCE = 30.0  # seconds; then a request counts as dropped
FORGED = 0       # the serial of a code that no ticket has


@dataclass
class Loaded:
    """What became of all requests."""

    seconds: float
    dropped: list[str]            # why, for each request without a whole answer
    statuses: dict[str, int]
    milliseconds: list[float]     # of every answer, sorted
    # serial, nonce, outcome, reason, when sent and answered; without 200 no outcome, as reason "degraded valid"
    scans: list[list]

    def summary(self) -> str:
        count = sum(self.statuses.values())
        p99 = self.milliseconds[len(self.milliseconds) * 99 // 100] if self.milliseconds else 0
        return (f"{count} requests in {self.seconds:.1f} s, {count / self.seconds:.0f} a second: {self.statuses}, "
                f"{len(self.dropped)} dropped; p99 {p99:.0f} ms, worst {max(self.milliseconds, default=0):.0f} ms")

    def tell(self, history: History) -> None:
        """The scans of tickets, for the checker."""
        for serial, nonce, outcome, reason, sent, answered in self.scans:
            if serial == FORGED:
                continue
            scan = history.scan(serial, nonce, "entry")
            scan.sent = sent
            if outcome is not None:
                scan.answered, scan.outcome, scan.reason = answered, outcome, reason
                scan.decisions.add((outcome, reason))


class Load:
    """From start() to end(). `paths` are pages to get; `codes` are (serial, code) of tickets to scan; a share of the
    requests is scans."""

    def __init__(self, url: str, key: str, rate: float, seed: int, paths: list[str], codes: list[tuple[int, str]],
                 share_of_scans: float, name: str = "load"):
        self._wish = {"url": url, "key": key, "rate": rate, "seed": seed, "paths": paths, "codes": codes,
                      "share_of_scans": share_of_scans, "name": name}
        self._sender: subprocess.Popen | None = None

    def start(self) -> None:
        self._sender = subprocess.Popen([sys.executable, "-B", __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._sender.stdin.write(json.dumps(self._wish) + "\n")
        self._sender.stdin.flush()

    def end(self) -> Loaded:
        """Waits for the answers to what was sent."""
        told, _ = self._sender.communicate()
        assert self._sender.returncode == 0
        return Loaded(**json.loads(told))


class Exchange:
    def __init__(self, address, request: bytes, scan: list | None):
        self.scan, self.sent, self.answer = scan, time.monotonic(), b""
        self.socket = socket.socket()
        self.socket.setblocking(False)
        self.socket.connect_ex(address)
        self.request = request


class Sender:
    def __init__(self, wish: dict):
        url = urlsplit(wish["url"])
        self._address = (url.hostname, url.port)
        self._wish, self._dice = wish, random.Random(wish["seed"])
        self._selector = selectors.DefaultSelector()
        self._open: set[Exchange] = set()
        self._numbers = 0
        self.told = Loaded(0, [], {}, [], [])

    def run(self) -> None:
        self._selector.register(sys.stdin, selectors.EVENT_READ)
        began = time.monotonic()
        sending = True
        while sending or self._open:
            now = time.monotonic()
            while sending and self._numbers < (now - began) * self._wish["rate"]:
                self._begin()
            for key, _ in self._selector.select(0.002 if sending else 0.1):
                if key.data is None:
                    sending = False
                    self._selector.unregister(sys.stdin)
                    self.told.seconds = time.monotonic() - began
                else:
                    self._turn(key.data)
            for late in [one for one in self._open if now - one.sent > PATIENCE]:
                self._end(late, "no answer")
        self.told.milliseconds.sort()

    def _begin(self) -> None:
        self._numbers += 1
        scan = None
        if self._dice.random() < self._wish["share_of_scans"]:
            serial, code = self._dice.choice(self._wish["codes"])
            nonce = f"{self._wish['name']}.{self._numbers}"
            scan = [serial, nonce, None, None, time.monotonic(), None]
            body = json.dumps({"code": code, "direction": "entry", "nonce": nonce})
            request = (f"POST /api/v1/checkin HTTP/1.1\r\nAuthorization: Bearer {self._wish['key']}\r\n"
                       f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n")
        else:
            body, request = "", f"GET {self._dice.choice(self._wish['paths'])} HTTP/1.1\r\nAccept: text/html\r\n"
        request += f"Host: load\r\nConnection: close\r\n\r\n{body}"
        exchange = Exchange(self._address, request.encode(), scan)
        self._open.add(exchange)
        self._selector.register(exchange.socket, selectors.EVENT_WRITE, exchange)

    def _turn(self, exchange: Exchange) -> None:
        try:
            if exchange.request:  # a few hundred bytes fit into an empty socket
                exchange.socket.send(exchange.request)
                exchange.request = b""
                self._selector.modify(exchange.socket, selectors.EVENT_READ, exchange)
                return
            part = exchange.socket.recv(65536)
        except OSError as error:
            self._end(exchange, type(error).__name__)
            return
        exchange.answer += part
        if not part:
            self._end(exchange, None)

    def _end(self, exchange: Exchange, why: str | None) -> None:
        self._selector.unregister(exchange.socket)
        exchange.socket.close()
        self._open.discard(exchange)
        now = time.monotonic()
        head, _, body = exchange.answer.partition(b"\r\n\r\n")
        status = head[9:12].decode()
        if why is None and not whole(head, body):
            why = f"half an answer: {exchange.answer[:60]!r}"
        if why is None:
            self.told.milliseconds.append((now - exchange.sent) * 1000)
            self.told.statuses[status] = self.told.statuses.get(status, 0) + 1
        else:
            self.told.dropped.append(why)
        if exchange.scan is not None:
            if why is None and status == "200":
                said = json.loads(body)
                # the device's own answer once more is no further admission
                exchange.scan[2:4] = ["double_read" if said.get("double_read") else said["outcome"], said.get("reason")]
            elif why is None:
                said = json.loads(body)
                exchange.scan[3] = f"{said.get('reason')} {said.get('signature')}"
            exchange.scan[5] = now
            self.told.scans.append(exchange.scan)


def whole(head: bytes, body: bytes) -> bool:
    lines = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
    if lines.get(b"transfer-encoding") == b"chunked":
        return body.endswith(b"0\r\n\r\n")
    return lines.get(b"content-length") == str(len(body)).encode()


if __name__ == "__main__":
    sender = Sender(json.loads(sys.stdin.readline()))
    sender.run()
    print(json.dumps(vars(sender.told)))
