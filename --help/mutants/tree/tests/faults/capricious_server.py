"""A mail server that fails in a share of all deliveries, in one of six ways by dice, and remembers what it did with whose mail."""

import email
import random
import threading
from collections import Counter, defaultdict
from pathlib import Path

from mail_servers import DROP, SILENCE, ScriptedServer

FAULTS = {"greeting": ("CONNECT", "421 4.3.2 busy"), "recipient": ("RCPT", "550 5.1.1 nobody here"),
          "before data": ("DATA", DROP), "after dot": ("END", "451 4.3.0 later"),
          "lost": ("END", DROP), "hung": ("END", SILENCE)}
LOST = ("lost", "hung")


class CapriciousServer(ScriptedServer):
    def __init__(self, folder: Path, dice: random.Random, share: float):
        self._dice, self._share = dice, share
        self._here = threading.local()  # a connection is a thread
        self._greetings_due = 0
        self.injected: Counter = Counter()
        self.story: dict[str, list[str]] = defaultdict(list)  # by recipient: "accepted" or a fault
        self.kept: Counter = Counter()                         # by recipient: mails that stay, its answer lost or not
        self.message_ids: dict[str, set[str]] = defaultdict(set)
        super().__init__(folder)

    def _answer_to(self, moment: str, recipient: str) -> str:
        if moment == "CONNECT":
            self._here.fault = self._draw(self._take_greeting())
        elif moment == "MAIL" and self._here.fault is None:
            self._here.fault = self._draw()
        fault = self._here.fault
        if fault and FAULTS[fault][0] == moment:
            with self._lock:
                self.injected[fault] += 1
                if recipient:
                    self.story[recipient].append(fault)
            self._here.fault = None
            return FAULTS[fault][1]
        if moment == "END":
            with self._lock:
                self.story[recipient].append("accepted")
            self._here.fault = None
        return self.USUAL.get(moment, "250 ok")

    def _draw(self, greeting: bool = False) -> str:
        """What happens to a delivery; "" for nothing. A greeting that fails needs a connection that is new."""
        if greeting:
            return "greeting"
        with self._lock:
            fault = self._dice.choice(list(FAULTS)) if self._dice.random() < self._share else ""
            if fault == "greeting":
                self._greetings_due += 1
                return ""
            return fault

    def _take_greeting(self) -> bool:
        with self._lock:
            due = self._greetings_due > 0
            self._greetings_due -= due
            return due

    def _is_tired(self) -> bool:
        return self._greetings_due > 0

    def _keep(self, message: bytes) -> None:
        headers = email.message_from_bytes(message.split(b"\r\n\r\n")[0])
        recipient, fault = headers["To"].strip(), self._here.fault
        with self._lock:
            self.message_ids[recipient].add(headers["Message-ID"])
            # where the answer is lost nobody knows whether the mail has stayed
            self.kept[recipient] += fault == "" or fault in LOST and self._dice.random() < 0.5
