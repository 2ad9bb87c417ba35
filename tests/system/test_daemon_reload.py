"""SIGHUP reloads mogirid's configuration: a good one rules from the next mail on, a broken one is refused, and no work is lost."""

import re
import signal
import socket
import subprocess
import threading
import time
from collections import Counter

import pytest

from festival import decided, everybody, new_key, nonces, student, tickets
from mail_servers import ScriptedServer
from stack.client import Client
from stack.process import Process
from stack.waiting import wait_until

RELOADS = 20
people, people_lock = everybody(), threading.Lock()


def next_student() -> dict[str, str]:
    with people_lock:
        return student(*next(people))


class Daemon:
    """mogirid's configuration file and log, and the process, which must stay the same."""

    def __init__(self, stack):
        self._stack = stack
        self.file = stack.folder.conf / "mogirid.toml"
        self.shipped = self.file.read_text(encoding="utf-8")
        self.process = stack.process("mogirid")

    def log(self) -> str:
        return (self._stack.folder.log / "mogirid.log").read_text(encoding="utf-8")

    def status(self) -> str:
        return self._stack.notified("mogirid")[1]

    def write(self, *changes: tuple[str, str], more: str = "") -> None:
        text = self.shipped
        for pattern, new in changes:
            text, count = re.subn(f"(?m)^{pattern}", new, text)
            assert count == 1, pattern
        self.file.write_text(text + more, encoding="utf-8")

    def hang_up(self, answer: str, seconds: float = 30) -> float:
        """SIGHUP; how long it was until the log had `answer`."""
        seen = self.log().count(answer)
        begun = time.monotonic()
        assert self.process.signal(signal.SIGHUP)
        wait_until(f"\"{answer}\" in the log", lambda: self.log().count(answer) > seen, seconds, pause=0.005)
        return time.monotonic() - begun

    def reload(self) -> float:
        return self.hang_up("rules from now on")


@pytest.fixture
def daemon(stack):
    daemon = Daemon(stack)
    yield daemon
    daemon.write()
    daemon.reload()
    assert stack.process("mogirid") == daemon.process, "a reload is no restart"


def mail_of(stack, client, mailbox):
    fields = next_student()
    decided(client, client.apply(fields, new_key()))
    return wait_until("the mail", lambda: mailbox.to(fields["email"]))[0]


def test_a_good_change_rules_the_next_mail(stack, client, mailbox, daemon):
    assert mail_of(stack, client, mailbox).message["From"].addresses[0].addr_spec == "tickets@example.jp"
    daemon.write(('from = ".*"', 'from = "desk@example.jp"'), ('level = "info"', 'level = "error"'))
    daemon.process.signal(signal.SIGHUP)

    def new_sender():
        return mail_of(stack, client, mailbox).message["From"].addresses[0].addr_spec == "desk@example.jp"

    wait_until("a mail from the new sender", new_sender)
    assert daemon.log().count("rules from now on") == 0, "of the level error nothing less is logged"
    daemon.write()
    daemon.reload()
    assert mail_of(stack, client, mailbox).message["From"].addresses[0].addr_spec == "tickets@example.jp"


# what is changed in the file, and what is said of it, after its line
BROKEN = {
    "syntax": ([(r"\[redis\]", "[redis")], r"\[redis", ""),
    "value": ([("batch = 128", "batch = 0")], "batch = 0", r"road\.batch = 0: must be a whole number from 1 to 1024"),
    "unknown": ([("workers = 4", "worker = 2")], "worker = 2", r"mail\.worker = 2: unknown key; remove it, or use one of: .*workers"),
    "level": ([('level = "info"', 'level = "loud"')], 'level = "loud"', r'log\.level = "loud": must be debug, info, warn or error'),
    "address": ([('from = ".*"', 'from = "nobody"')], 'from = "nobody"', r'mail\.from = "nobody": must be an address'),
    "transport": ([('transport = "spool"', 'transport = "pigeon"')], 'transport = "pigeon"', r'mail\.transport = "pigeon": .*mail\.plugins'),
    "plugin": ([('directory = ".*/mail"', 'directory = "mail"')], 'directory = "mail"', r'\[mail\.spool\]: directory = "mail": must be the absolute'),
    "templates": ([('directory = ".*/templates"', 'directory = "/nowhere"')], 'directory = "/nowhere"', r'templates\.directory = "/nowhere": .*cannot be read'),
    "keys": ([('file = ".*/master.keys"', 'file = "/nowhere"')], 'file = "/nowhere"', r'keys\.file = "/nowhere": .*mogirictl keys create'),
    "password": ([('password_file = ".*"', 'password_file = "/nowhere"')], 'password_file = "/nowhere"', r'redis\.password_file = "/nowhere": cannot be read'),
    "ledger": ([(r'url = "postgresql:.*"', 'url = "host=127.0.0.1 port=1"')], 'url = "host=127.0.0.1 port=1"', r"database\.url: "),
}


@pytest.mark.parametrize("broken", BROKEN)
def test_a_broken_one_is_refused_with_its_line(stack, client, mailbox, daemon, broken):
    changes, wrong, remedy = BROKEN[broken]
    daemon.write(('from = ".*"', 'from = "never@example.jp"') if broken != "address" else ("workers = 4", "workers = 1"), *changes)
    line = next(number for number, text in enumerate(daemon.file.read_text().splitlines(), 1) if re.match(wrong, text.strip()))
    daemon.hang_up("the configuration is refused")
    told = f"{re.escape(str(daemon.file))}:{line}: {remedy}"
    assert re.search(f"the configuration is refused, the former one rules on: {told}", daemon.log()), daemon.log()[-2000:]
    wait_until("the status", lambda: re.search(f"refused, the former one rules: {told}", daemon.status()))
    assert mail_of(stack, client, mailbox).message["From"].addresses[0].addr_spec == "tickets@example.jp"
    daemon.write()
    daemon.reload()
    wait_until("the status", lambda: "refused" not in daemon.status())


def test_systemd_is_told(stack, daemon, work_dir):
    """RELOADING=1 with the clock's time, then READY=1, by a second mogirid with a socket of its own."""
    file = stack.folder.conf / "second.toml"
    file.write_text(daemon.shipped.replace('consumer = ""', 'consumer = "second"'))
    file.chmod(0o644)
    path = stack.folder.run / "second.notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told, open(work_dir / "second.log", "wb") as log:
        told.bind(str(path))
        path.chmod(0o666)
        told.settimeout(30)

        def until(word: str) -> list[str]:
            said = []
            while word not in (said[-1:] or [""])[0].split("\n"):
                said.append(told.recv(65536).decode())
            return said

        process = subprocess.Popen(stack._account.command([stack._build.mogirid, "--config", file]), stderr=log, cwd="/",
                                   env={"PATH": "/usr/bin", "NOTIFY_SOCKET": str(path), **stack._build.sanitizer_environment()})
        try:
            until("READY=1")
            before = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
            process.send_signal(signal.SIGHUP)
            said = until("READY=1")
            reloading = next(text for text in said if text.startswith("RELOADING=1\n"))
            moment = int(re.fullmatch(r"RELOADING=1\nMONOTONIC_USEC=(\d+)", reloading)[1])
            assert before <= moment <= time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
            # SIGTERM while a reload is under way ends it as ever
            process.send_signal(signal.SIGHUP)
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0
        finally:
            process.kill()
            process.wait()


class SlowServer(ScriptedServer):
    """Says nothing to a mail that it has until it may."""

    def __init__(self, folder):
        self.may_answer = threading.Event()
        super().__init__(folder)

    def _keep(self, message: bytes) -> None:
        super()._keep(message)
        self.may_answer.wait(60)


def test_a_mail_under_way_is_finished(stack, client, daemon, work_dir):
    server = SlowServer(work_dir / "slow")
    try:
        daemon.write(('transport = "spool"', 'transport = "smtp"'), ("workers = 4", "workers = 1"),
                     more=f'\n[mail.smtp]\nhost = "127.0.0.1"\nport = {server.port}\nsecurity = "none"\n')
        daemon.reload()
        slow, quick = next_student(), next_student()
        decided(client, client.apply(slow, new_key()))
        wait_until("the mail to be under way", lambda: server.mailbox.to(slow["email"]))
        daemon.write()  # back to the spool
        assert daemon.reload() < 5, "nobody waits for the mail server"
        daemon.reload()
        decided(client, client.apply(quick, new_key()))

        def state(fields):
            return stack.sql(f"SELECT state, attempts, unknowns FROM mail_outbox WHERE recipient = '{fields['email']}'")

        wait_until("the next mail, by the spool", lambda: state(quick) == [["sent", "1", "0"]])
        assert state(slow) == [["sending", "1", "0"]]
        server.may_answer.set()
        wait_until("the end of the one under way", lambda: state(slow) == [["sent", "1", "0"]])
        assert len(server.mailbox.all()) == 1
    finally:
        server.may_answer.set()
        server.stop()


def test_while_postgresql_is_away(stack, client, daemon):
    postgres: Process = stack.process("postgres")
    postgres.signal(signal.SIGSTOP)
    try:
        daemon.process.signal(signal.SIGHUP)
        time.sleep(0.5)
        daemon.process.signal(signal.SIGHUP)
    finally:
        postgres.signal(signal.SIGCONT)
    wait_until("the reload", lambda: "rules from now on" in daemon.log())
    postgres.signal(signal.SIGKILL)
    daemon.reload()
    wait_until("PostgreSQL to be there again", lambda: stack.sql("SELECT 1"))
    decided(client, client.apply(next_student(), new_key()))


def test_reloads_under_load_lose_and_double_nothing(stack, client, mailbox, daemon):
    admissible = tickets(stack, client, 300)
    before = {name: stack.sql(f"SELECT count(*) FROM {name}")[0][0] for name in ("application", "scan", "mail_outbox")}
    stop, lock, failures = threading.Event(), threading.Lock(), []
    answered: dict[str, dict] = {}
    admitted: list[int] = []
    waiting = list(admissible)

    def keep_on(step):
        own = Client(stack.env["BASE_URL"], stack.env["DEVICE_KEY"])
        try:
            while not stop.is_set():
                step(own)
        except Exception as error:  # noqa: BLE001
            failures.append(repr(error))

    def apply(own):
        time.sleep(0.02)  # or a quick machine runs out of students
        fields, answer = (some := next_student()), own.apply(some, new_key())
        assert answer.status in (201, 202), answer.text
        with lock:
            answered[answer.json["application"]] = fields

    def scan(own):
        time.sleep(0.02)
        with lock:
            ticket = waiting.pop() if waiting else None
        if ticket is not None:
            nonce = next(nonces)
            # A disk that stands still makes the door degraded; the scan is read again then.
            answer = wait_until("the door", lambda: (now := own.scan(ticket.code, nonce)).status != 503 and now, 60)
            assert answer.status == 200 and answer.json["outcome"] == "admitted", answer.text
            with lock:
                admitted.append(ticket.serial)

    threads = [threading.Thread(target=keep_on, args=(step,)) for step in (apply, apply, scan, scan)]
    for thread in threads:
        thread.start()
    durations = []
    try:
        for number in range(RELOADS):
            daemon.write(("workers = 4", f"workers = {1 + number % 3}"), ("batch = 128", f"batch = {1 + number}"))
            durations.append(daemon.reload())
            seen = len(answered)
            wait_until("more applications", lambda seen=seen: len(answered) > seen + 2 or failures)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    print(f"{RELOADS} reloads, {sorted(durations)[RELOADS // 2]:.3f} s in the middle, {max(durations):.3f} s at most; "
          f"{len(answered)} applications, {len(admitted)} admissions")
    assert failures == []
    wait_until("an empty road", lambda: stack.redis("XLEN", "{1}:jobs") == stack.redis("XLEN", "{1}:scans") == 0, 60)
    wait_until("all mails", lambda: stack.sql("SELECT count(*) FROM mail_outbox WHERE state <> 'sent'") == [["0"]], 240)
    total = {name: stack.sql(f"SELECT count(*) FROM {name}")[0][0] for name in before}
    assert int(total["application"]) - int(before["application"]) == len(answered)
    assert int(total["scan"]) - int(before["scan"]) == len(admitted)
    serials = ",".join(map(str, admitted))
    assert stack.sql(f"SELECT count(*), count(DISTINCT serial) FROM admission WHERE serial IN ({serials})") == \
        [[str(len(admitted))] * 2]
    sent = Counter(mail.to for mail in mailbox.all())
    assert all(sent[fields["email"]] == 1 for fields in answered.values())
    assert stack.sql("SELECT max(attempts), max(unknowns) FROM mail_outbox") == [["1", "0"]]
    assert stack.sql("SELECT count(*) FROM dead_letter") == [["0"]]
