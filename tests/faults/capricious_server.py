"""A mail server that fails in a share of all deliveries, in one of nine ways by dice, and remembers what it did with whose mail."""

import email
import random
import threading
import time
from collections import Counter, defaultdict
from pathlib import Path

from mail_servers import DROP, SILENCE, Authority, ScriptedServer

FAULTS = {"greeting": ("CONNECT", "421 4.3.2 busy"), "recipient": ("RCPT", "550 5.1.1 nobody here"),
          "before data": ("DATA", DROP), "after dot": ("END", "451 4.3.0 later"),
          "lost": ("END", DROP), "hung": ("END", SILENCE), "slow": ("DATA", "354 go on"), "tls": ("STAR", "454 4.7.0 no TLS now"),
          "login": ("AUTH", "535 5.7.8 not you")}
LOST = ("lost", "hung")
BY_CONNECTION = ("greeting", "tls", "login")  # these need one that is new
STOPPING = ("tls", "login")                   # all mail, for a while


class CapriciousServer(ScriptedServer):
    def __init__(self, folder: Path, dice: random.Random, share: float, authority: Authority, stops: int):
        """`stops`: of each kind, at most."""
        self._dice, self._share, self._stops = dice, share, {fault: stops for fault in STOPPING}
        self._deck: list[str] = []
        self._here = threading.local()  # a connection is a thread
        self._due: list[str] = []       # for the next new connections
        self.injected: Counter = Counter()
        self.story: dict[str, list[str]] = defaultdict(list)  # by recipient: "accepted" or a fault
        self.kept: Counter = Counter()                         # by recipient: mails that stay, its answer lost or not
        self.message_ids: dict[str, set[str]] = defaultdict(set)
        super().__init__(folder, authority)

    def _answer_to(self, moment: str, recipient: str) -> str:
        if moment == "CONNECT":
            with self._lock:
                self._here.fault = self._due.pop(0) if self._due else None
        elif moment == "MAIL" and self._here.fault is None:
            self._here.fault = self._draw()
        fault = self._here.fault
        if fault and FAULTS[fault][0] == moment:
            with self._lock:
                self.injected[fault] += 1
                if recipient and fault != "slow":
                    self.story[recipient].append(fault)
            if fault == "slow":
                time.sleep(1)
            self._here.fault = "" if fault == "slow" else None
            return FAULTS[fault][1]
        if moment == "END":
            with self._lock:
                self.story[recipient].append("accepted")
            self._here.fault = None
        return self.USUAL.get(moment, "250 ok")

    def _draw(self) -> str:
        """What happens to a delivery; "" for nothing."""
        with self._lock:
            if self._dice.random() >= self._share:
                return ""
            if not self._deck:  # so that each has its turn
                self._deck = self._dice.sample(list(FAULTS), len(FAULTS))
            fault = self._deck.pop()
            if fault not in BY_CONNECTION:
                return fault
            if fault not in STOPPING or self._stops[fault] > 0:
                self._due.append(fault)
            if fault in STOPPING:
                self._stops[fault] -= 1
            return ""

    def _is_tired(self) -> bool:
        return bool(self._due)

    def _keep(self, message: bytes) -> None:
        headers = email.message_from_bytes(message.split(b"\r\n\r\n")[0])
        recipient, fault = headers["To"].strip(), self._here.fault
        with self._lock:
            self.message_ids[recipient].add(headers["Message-ID"])
            # where the answer is lost nobody knows whether the mail has stayed
            self.kept[recipient] += fault == "" or fault in LOST and self._dice.random() < 0.5
