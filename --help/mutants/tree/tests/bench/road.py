"""Our side of the benchmark: a stack with the shipped configuration, distinct applicants, and what the ledger holds of them."""

import itertools
import re
import secrets

from festival import EVENT_TEXT
from stack.stack import Stack
from stack.waiting import wait_until
from ticket_codes import TicketCodes

import processor_time
from load import Load, arrivals, post

CLASS_SIZE = 99_999  # of each of the sample event's classes: enough for distinct applicants
GROUPS = re.findall(r"(?m)^  ([JS]\d[A-G]) = ", EVENT_TEXT)


def applicants():
    """Students of the sample event, each wanting two tickets and each another one."""
    for number in range(1, CLASS_SIZE):
        for group in GROUPS:
            yield {"form": "student", "last_name": "Yamada", "first_name": "Taro", "email": f"{group.lower()}.{number}@example.jp",
                   "school_grades": group[:2], "classes": group[2:], "student_number": str(number),
                   "ticket_quantity": "2", "guestName1": "山田 花子", "guestName2": "佐藤 健太郎"}


class Road:
    def __init__(self, stack: Stack, program):
        self.stack, self._program = stack, program
        self._applicants = applicants()
        self._seeds = itertools.count(1)
        self._nonces = itertools.count(1)
        self._codes: list[str] = []
        self.url = stack.env["BASE_URL"]
        self._widen_event()

    def _widen_event(self) -> None:
        text = re.sub(r"(?m)^(  [JS]\d[A-G]) = \d+", rf"\1 = {CLASS_SIZE}", EVENT_TEXT)
        head, number = text.split('name    = "student_number"', 1)
        text = head + 'name    = "student_number"' + number.replace("max     = 50", f"max     = {CLASS_SIZE}", 1)
        file = self.stack.folder.conf / "bench.toml"
        file.write_text(text, encoding="utf-8")
        file.chmod(0o644)
        self.stack.mogirictl("event", "apply", "--default", "--force-day", "1", "--form-seconds", "0", file)

    # --- loads ---

    def applications(self, rate: float, seconds: float) -> Load:
        times = arrivals(rate, seconds, next(self._seeds))
        requests = [post(self.url, "/api/v1/apply", next(self._applicants), Idempotency_Key=secrets.token_hex(16))
                    for _ in times]
        return Load(self._program, self.url, times, requests)

    def scans(self, rate: float, seconds: float) -> Load:
        """First entries at one gate, each with a ticket that was not scanned yet."""
        times = arrivals(rate, seconds, next(self._seeds))
        if len(self._codes) < len(times):
            self._codes = self._issued()
        requests = [post(self.url, "/api/v1/checkin",
                         {"code": self._codes.pop(), "direction": "entry", "nonce": f"bench-{next(self._nonces)}"},
                         Authorization=f"Bearer {self.stack.env['DEVICE_KEY']}") for _ in times]
        return Load(self._program, self.url, times, requests, connections=64)

    def _issued(self) -> list[str]:
        codes = TicketCodes((self.stack.folder.conf / "master.keys").read_text())
        rows = self.stack.sql("SELECT t.event, t.serial FROM ticket t LEFT JOIN ticket_day d USING (event, serial) "
                              "WHERE d.serial IS NULL AND t.status = 'valid' ORDER BY random() LIMIT 20000")
        return [codes.issue(int(event), int(serial)) for event, serial in rows]

    # --- what became of them ---

    def applied(self) -> int:
        return int(self.stack.sql("SELECT count(*) FROM application")[0][0])

    def wait_until_decided(self, count: int) -> None:
        wait_until(f"{count} decided applications", lambda: self.applied() >= count, 120, 0.1)
        wait_until("no job on the road", lambda: self.stack.redis("XLEN", "{1}:jobs") == 0, 60, 0.05)

    def committed_per_second(self, before: int) -> float:
        """From the first to the last transaction since there were `before` applications. decided_at is when a
        transaction began: the last one's applications are not counted, for its own time is not in that span."""
        rows = self.stack.sql(
            "WITH fresh AS (SELECT decided_at, count(*) AS n FROM application "
            f"  WHERE decided_at > (SELECT coalesce(max(decided_at), '-infinity') FROM (SELECT decided_at FROM application "
            f"                      ORDER BY decided_at LIMIT {before}) AS old) AND state = 'issued' GROUP BY decided_at) "
            "SELECT coalesce(sum(n) FILTER (WHERE decided_at < (SELECT max(decided_at) FROM fresh)), 0), "
            "       extract(epoch FROM max(decided_at) - min(decided_at)) FROM fresh")
        count, seconds = rows[0]
        return float(count) / float(seconds) if float(seconds or 0) > 0 else 0.0

    def drop_mails(self) -> None:
        """The mails that were still owed when a burst was over: rendering them would disturb what is measured next."""
        self.stack.sql("UPDATE mail_outbox SET state = 'suppressed', ended_at = now(), next_at = NULL "
                       "WHERE state IN ('pending', 'retry', 'unknown')")
        wait_until("no mail job", lambda: self.stack.redis("XLEN", "{1}:mail") == 0, 120, 0.1)

    def mails_sent(self) -> int:
        return int(self.stack.sql("SELECT count(*) FROM mail_outbox WHERE state = 'sent'")[0][0])

    def processor_time(self) -> dict[str, float]:
        """Milliseconds so far, by server."""
        pids = {name: self.stack.process(name).pid for name in ("nginx", "redis", "mogirid", "postgres")}
        times = {name: processor_time.of_tree(pid) for name, pid in pids.items()}
        times["mail threads"] = processor_time.of_threads(pids["mogirid"], "mail")
        times["mogirid"] -= times["mail threads"]
        return times
