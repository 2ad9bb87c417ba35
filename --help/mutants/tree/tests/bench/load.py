"""Requests with arrival times fixed in advance, sent by open_loop, and what came of them."""

import json
import random
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

CONNECTIONS = 1000
PATIENCE_MS = 20_000


def arrivals(rate: float, seconds: float, seed: int) -> list[float]:
    """Seconds after the start, as from many independent people: exponential gaps."""
    dice = random.Random(seed)
    times, now = [], 0.0
    while (now := now + dice.expovariate(rate)) < seconds:
        times.append(now)
    return times


def post(url: str, path: str, value: dict, **headers: str) -> bytes:
    body = json.dumps(value, ensure_ascii=False).encode()
    lines = [f"POST {path} HTTP/1.1", f"Host: {urlsplit(url).netloc}", "Content-Type: application/json",
             "Accept: application/json", f"Content-Length: {len(body)}",
             *(f"{name.replace('_', '-')}: {text}" for name, text in headers.items())]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@dataclass
class Answers:
    offered: float                 # a second
    statuses: dict[int, int] = field(default_factory=dict)  # 0: no answer within the patience
    milliseconds: list[float] = field(default_factory=list)  # of every answer from its fixed time, sorted
    seconds: float = 0.0           # from the first fixed time to the last answer

    @property
    def count(self) -> int:
        return len(self.milliseconds)

    @property
    def per_second(self) -> float:
        return self.count / self.seconds if self.seconds else 0.0

    def percentile(self, share: float) -> float:
        if not self.milliseconds:
            return float("inf")
        return self.milliseconds[min(self.count - 1, int(self.count * share))]

    def all_are(self, *statuses: int) -> bool:
        return set(self.statuses) <= set(statuses)


class Load:
    def __init__(self, program: Path, url: str, times: list[float], requests: list[bytes], connections: int = CONNECTIONS):
        self._times, self._offered = times, len(times) / times[-1]
        self._text = b"".join(b"%d %d\n%s" % (time * 1e6, len(request), request) for time, request in zip(times, requests))
        self._argv = [program, str(urlsplit(url).port), str(connections), str(PATIENCE_MS)]
        self._sender: subprocess.Popen | None = None

    def start(self) -> "Load":
        self._sender = subprocess.Popen(self._argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._sender.stdin.write(self._text)
        self._sender.stdin.close()
        return self

    def end(self) -> Answers:
        told = self._sender.stdout.read().decode()
        if self._sender.wait() != 0:
            raise RuntimeError("open_loop failed")
        answers = Answers(self._offered)
        last = 0.0
        for line in told.splitlines():
            status, microseconds, at = map(int, line.split())
            answers.statuses[status] = answers.statuses.get(status, 0) + 1
            if status:
                answers.milliseconds.append(microseconds / 1000)
                last = max(last, at / 1e6)
        answers.milliseconds.sort()
        answers.seconds = max(last - self._times[0], 1e-6)
        return answers
