"""What every client was told, as it was told: what the checker holds against the servers afterwards."""

import threading
import time
from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Submission:
    """One application under one key, however often it was sent."""

    key: str
    fields: dict
    ids: set[str] = field(default_factory=set)          # application ids that were answered
    statuses: Counter = field(default_factory=Counter)  # of all answers; "lost" for none
    refusals: set[str] = field(default_factory=set)     # codes of 409 and 422


@dataclass
class Scan:
    """One reading of a code under one nonce, however often it was sent."""

    serial: int
    nonce: str
    direction: str
    sent: float                    # seconds, when it was first sent
    answered: float | None = None  # when its first decision came
    outcome: str | None = None
    reason: str | None = None
    decisions: set[tuple] = field(default_factory=set)  # outcome and reason, of all answers


class History:
    def __init__(self):
        self.submissions: list[Submission] = []
        self.scans: list[Scan] = []
        self.wrong: list[str] = []  # answers that no client should ever get
        self.troubles: Counter = Counter()
        self._lock = threading.Lock()

    def submission(self, key: str, fields: dict) -> Submission:
        return self._add(self.submissions, Submission(key, fields))

    def scan(self, serial: int, nonce: str, direction: str) -> Scan:
        return self._add(self.scans, Scan(serial, nonce, direction, time.monotonic()))

    def trouble(self, what: str) -> None:
        with self._lock:
            self.troubles[what] += 1

    def _add(self, to: list, one):
        with self._lock:
            to.append(one)
        return one

    def summary(self) -> str:
        answered = sum(bool(one.ids) for one in self.submissions)
        outcomes = Counter(scan.outcome or "none" for scan in self.scans)
        return (f"{len(self.submissions)} applications, {answered} answered 201 or 202; {len(self.scans)} scans: "
                f"{dict(outcomes)}; not answered at once: {dict(self.troubles)}")
