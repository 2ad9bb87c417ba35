"""The clients of the fault tests: applicants who repeat until they are answered, gates that race for each ticket."""

import itertools
import random
import threading
import time
from contextlib import contextmanager

from festival import teacher
from history import History, Scan, Submission
from stack.client import Client
from stack.stack import Stack
from ticket_codes import TicketCodes

APPLICANTS = 16
AHEAD = 100  # tickets that may be issued and not yet scanned before applicants wait
REFUSALS = (409, 422)


def ticket_codes(stack: Stack) -> TicketCodes:
    return TicketCodes((stack.folder.conf / "master.keys").read_text())


def codes_of(stack: Stack) -> list[tuple[int, str]]:
    """Serial and code of every ticket in the ledger."""
    codes = ticket_codes(stack)
    return [(int(row[0]), codes.issue(1, int(row[0]))) for row in stack.sql("SELECT serial FROM ticket WHERE event = 1 ORDER BY 1")]


class Crowd:
    """Threads that work until they are done or told to leave. Everybody's dice come from the one seed."""

    def __init__(self, stack: Stack, history: History, seed: int):
        self.stack, self.history = stack, history
        self._seed = seed
        self._url = stack.env["BASE_URL"]
        self._threads: list[threading.Thread] = []
        self._leave = threading.Event()
        self._issued: list[int] = []
        self._gates = 0
        self._turn = threading.Condition()
        self._asking = 0
        self._held = False

    def begin(self, name: str, work) -> None:
        """`work(dice)` in a thread of its own."""
        def run():
            try:
                work(random.Random(f"{self._seed} {name}"))
            except Exception as error:  # noqa: BLE001: a client that breaks is a finding
                self.history.wrong.append(f"{name}: {type(error).__name__}: {error}")

        thread = threading.Thread(target=run, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def applying(self, name: str = "applicant") -> bool:
        return any(thread.is_alive() for thread in self._threads if thread.name.startswith(name))

    def leaving(self) -> bool:
        return self._leave.is_set()

    def end(self, seconds: float) -> None:
        """Applicants and gates finish; call it once the servers are whole again."""
        deadline = time.monotonic() + seconds
        for applicants in (True, False):
            for thread in self._threads:
                if thread.name.startswith("applicant") == applicants:
                    thread.join(max(0.1, deadline - time.monotonic()))
            if applicants:
                time.sleep(1)  # for the gates to hear of the last tickets
            self._leave.set()
        late = [thread.name for thread in self._threads if thread.is_alive()]
        assert not late, f"still at work after {seconds:g} s: {late}; {self.history.summary()}"

    def stop(self) -> None:
        """Everybody finishes only what they have in hand."""
        self._leave.set()

    @contextmanager
    def held(self):
        """Inside the block nobody asks anything, and whoever had asked before has got an answer or none."""
        with self._turn:
            self._held = True
            self._turn.wait_for(lambda: self._asking == 0)
        try:
            yield
        finally:
            with self._turn:
                self._held = False
                self._turn.notify_all()

    @contextmanager
    def _asks(self):
        with self._turn:
            self._turn.wait_for(lambda: not self._held)
            self._asking += 1
        try:
            yield
        finally:
            with self._turn:
                self._asking -= 1
                self._turn.notify_all()

    # --- applicants ---

    def applicants(self, tickets: int, clients: int = APPLICANTS, name: str = "applicant", most: int = 10,
                   rest: float = 0) -> None:
        """Together they apply for about so many tickets, `most` at most each; `rest` seconds between two applications."""
        for number in range(clients):
            self.begin(f"{name}{number}", lambda dice, number=number: self._apply(
                dice, f"{name}{number}", tickets // clients, most, rest))

    def _apply(self, dice: random.Random, name: str, tickets: int, most: int, rest: float) -> None:
        client = Client(self._url, timeout=15)
        wanted = 0
        while wanted < tickets and not self.leaving():
            self._wait_for_gates()
            time.sleep(rest)
            quantity = dice.randint(1, most)
            wanted += quantity
            guests = tuple(f"客{i} 太郎" for i in range(1, quantity + 1))
            self.submit(client, dice, self.history.submission(
                f"{dice.getrandbits(128):032x}", teacher(f"{name}.{wanted}", guests)))

    def _wait_for_gates(self) -> None:
        """So that applicants and gates are at work all the time, with whatever is broken meanwhile."""
        while self._gates and not self.leaving() and len(self._issued) - len(self.history.scans) / self._gates > AHEAD:
            time.sleep(0.05)

    def submit(self, client: Client, dice: random.Random, submission: Submission) -> None:
        """Until it is answered; who is not sure sends once more afterwards."""
        answered = False
        while not answered:
            answered = self._send(client, submission)
            if not answered:
                time.sleep(0.02 + 0.05 * dice.random())
        if dice.random() < 0.2:
            self._send(client, submission)

    def _send(self, client: Client, submission: Submission) -> bool:
        try:
            with self._asks():
                answer = client.apply(submission.fields, submission.key)
        except OSError as error:
            return self._unanswered(submission, type(error).__name__)
        except Exception as error:  # noqa: BLE001: half an answer
            return self._unanswered(submission, type(error).__name__)
        submission.statuses[answer.status] += 1
        if answer.status in (201, 202):
            submission.ids.add(answer.json["application"])
            return True
        if answer.status in REFUSALS:
            submission.refusals.add(answer.json["code"])
            return True
        if answer.status == 503 and answer.headers["Retry-After"]:
            self.history.trouble("apply 503 " + answer.json["code"])
            return False
        self.history.wrong.append(f"apply {submission.key}: {answer.status} {answer.text}")
        return True

    def _unanswered(self, submission: Submission, why: str) -> bool:
        submission.statuses["lost"] += 1
        self.history.trouble("apply " + why)
        return False

    # --- gates ---

    def gates(self, keys: list[str], exits: bool = True) -> None:
        """Each gate scans every ticket as soon as it is issued, until told to leave and all that was issued is scanned."""
        self._gates = len(keys)
        self.begin("issue", lambda dice: self._follow())
        for number, key in enumerate(keys):
            self.begin(f"gate{number}", lambda dice, number=number, key=key: self._watch(dice, number, key, exits))

    def _follow(self) -> None:
        """Tickets that the door must know: committed and, as the ledger knows, published. Serials may come a little out of order."""
        known: set[int] = set()
        for look in itertools.count():
            if self.leaving():
                return
            try:
                # While mogirid is killed again and again a publication may wait for long: now and then all are looked at.
                floor = max(known, default=0) - 3000 if look % 20 else 0
                fresh = {int(row[0]) for row in self.stack.sql(
                    f"SELECT serial FROM ticket t WHERE event = 1 AND serial > {floor} AND NOT EXISTS "
                    "(SELECT FROM cache_outbox o WHERE o.event = 1 AND (o.serial = t.serial OR t.serial = ANY (o.serials)))")}
            except (RuntimeError, KeyError, FileNotFoundError):  # PostgreSQL is away, or env is being written
                fresh = set()
            self._issued.extend(sorted(fresh - known))
            known |= fresh
            time.sleep(0.1)

    def _watch(self, dice: random.Random, number: int, key: str, exits: bool) -> None:
        client = Client(self._url, key, timeout=5)
        codes = ticket_codes(self.stack)
        issued, seen = self._issued, 0
        while seen < len(issued) or not self.leaving():
            if seen == len(issued):
                time.sleep(0.05)
                continue
            serial = issued[seen]
            seen += 1
            code = codes.issue(1, serial)
            scan = self.scan(client, dice, serial, code, f"g{number}.{serial}", "entry")
            if exits and scan.outcome == "admitted" and dice.random() < 0.1:
                self.scan(client, dice, serial, code, f"g{number}.{serial}.out", "exit")

    def scan(self, client: Client, dice: random.Random, serial: int, code: str, nonce: str, direction: str) -> Scan:
        """The same nonce again until it is decided."""
        scan = self.history.scan(serial, nonce, direction)
        while not self.read(client, scan, code):
            time.sleep(0.02 + 0.05 * dice.random())
        if dice.random() < 0.1:
            self.read(client, scan, code)
        return scan

    def read(self, client: Client, scan: Scan, code: str) -> bool:
        """Once. Whether it was decided."""
        try:
            with self._asks():
                answer = client.scan(code, scan.nonce, scan.direction)
        except Exception as error:  # noqa: BLE001: a connection that a kill cut
            self.history.trouble("scan " + type(error).__name__)
            return False
        if answer.status == 200:
            told = answer.json
            scan.decisions.add((told["outcome"], told.get("reason")))
            if scan.outcome is None:
                scan.answered, scan.outcome, scan.reason = time.monotonic(), told["outcome"], told.get("reason")
            return True
        if answer.status == 503:
            self.history.trouble("scan 503 " + answer.json.get("reason", answer.json.get("code", "")))
            return False
        self.history.wrong.append(f"scan {scan.nonce}: {answer.status} {answer.text}")
        return True
