"""The disk is full under Redis's AOF, under PostgreSQL, under nginx's bodies: clear answers, nobody hangs, all goes on after.

Each stands on a small tmpfs that is filled while everybody is at work, and emptied again.
Where a machine does not let us mount, the test says NOT SHOWN and why, and ends well (mounts.py).
"""

import json
import socket
import subprocess
import time
from urllib.parse import urlsplit

import pytest

from festival import teacher
from mounts import SmallDisk, own_namespace
from stack.client import Client
from stack.stack import EVENT, Stack
from stack.waiting import wait_until
from ticket_codes import TicketCodes

MEGABYTES = {"redis": 16, "postgresql": 240, "body": 1}


@pytest.fixture(scope="session")
def disks(work_dir) -> dict[str, SmallDisk]:
    own_namespace()
    made = {}
    try:
        for name, size in MEGABYTES.items():
            made[name] = SmallDisk(work_dir / "disks" / name, size)
        yield made
    finally:
        for disk in made.values():
            disk.unmount()


@pytest.fixture(scope="session")
def new_stack(build_dir, work_dir, disks) -> Stack:
    stack = Stack(work_dir / "stack", build_dir)
    folder = stack.folder
    folder.make()
    folder.remember()
    folder.nginx.mkdir(mode=0o700)
    for disk, place in (("redis", folder.redis), ("postgresql", folder.postgresql), ("body", folder.nginx / "body")):
        (disks[disk].place / "files").mkdir()
        place.symlink_to(disks[disk].place / "files")
    (folder.nginx / "body").chmod(0o777)  # the others are given to their servers by the stack
    return stack


def apply_in_crumbs(stack, submission) -> tuple[int, dict]:
    """One byte a chunk: such a body is larger on its way than nginx keeps in memory. Status and answer."""
    url = urlsplit(stack.env["BASE_URL"])
    body = json.dumps(submission.fields).encode() + b" " * 12_000
    head = ("POST /api/v1/apply HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nConnection: close\r\n"
            f"Accept: application/json\r\nIdempotency-Key: {submission.key}\r\nTransfer-Encoding: chunked\r\n\r\n")
    with socket.create_connection((url.hostname, url.port), timeout=10) as connection:
        connection.sendall(head.encode() + b"".join(b"1\r\n%c\r\n" % byte for byte in body) + b"0\r\n\r\n")
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    head, _, text = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(text)


class Inspector:
    """Asks while a disk is full, with a device that takes no part in the race."""

    def __init__(self, stack, crowd, history, dice):
        self._stack, self._crowd, self._history, self._dice = stack, crowd, history, dice
        self._codes = TicketCodes((stack.folder.conf / "master.keys").read_text())
        self._client = Client(stack.env["BASE_URL"], stack.add_device(EVENT, "Inspector", "main"), timeout=5)
        self._submission = None

    def ask(self, disk: str) -> None:
        {"redis": self._redis, "postgresql": self._postgresql, "body": self._body}[disk]()

    def ask_again(self) -> None:
        """What was refused is taken now."""
        if self._submission is None:
            return
        status, answer = apply_in_crumbs(self._stack, self._submission)
        assert status in (201, 202), answer
        self._submission.ids.add(answer["application"])
        self._submission.statuses[status] += 1
        self._submission = None

    def _redis(self) -> None:
        """The door says at once that it is closed, while Redis comes and goes."""
        wait_until("a closed door", lambda: not self._scan(), 10)
        wait_until("mogirid to say so", lambda: "redis" in self._status().lower())

    def _postgresql(self) -> None:
        """The door needs no ledger, and mogirid says what it lacks."""
        if self._dice.random() < 0.5:
            self._switch_wal()
        wait_until("an open door", self._scan, 5)
        wait_until("mogirid to say so", lambda: "No space left on device" in self._status() or
                   "connection to server" in self._status())

    def _body(self) -> None:
        """An error in our words for whose body needs a file."""
        self._submission = self._history.submission(f"{self._dice.getrandbits(128):032x}",
                                                    teacher(f"crumbs{self._dice.getrandbits(32)}"))
        status, answer = apply_in_crumbs(self._stack, self._submission)
        assert status in (500, 503) and answer["status"] == status and answer["code"], (status, answer)

    def _scan(self) -> bool:
        """Whether a used ticket was decided; never slowly."""
        used = self._dice.choice([scan.serial for scan in self._history.scans if scan.outcome == "admitted"])
        scan = self._history.scan(used, f"again.{self._dice.getrandbits(64)}", "entry")
        decided = self._crowd.read(self._client, scan, self._codes.issue(1, used))
        assert time.monotonic() - scan.sent < 2, "the door kept a scanner waiting"
        return decided

    def _status(self) -> str:
        return self._stack.notified("mogirid")[1]

    def _switch_wal(self) -> None:
        """PostgreSQL needs a new file for its log now, and panics without space for it."""
        env = self._stack.env
        url = urlsplit(env["DATABASE_URL"])
        subprocess.run(["psql", "-qAtX", "-c", "SELECT pg_switch_wal()"], capture_output=True, env={
            "PATH": "/usr/bin:/bin", "PGHOST": url.hostname, "PGPORT": str(url.port), "PGDATABASE": url.path.lstrip("/"),
            "PGUSER": "postgres", "PGPASSWORD": self._stack.folder.remember()["secrets"]["postgresql_owner"]})


def test_full_disk(stack, disks, amounts, dice, crowd, history, gate_keys, every_promise_holds):
    full = [name for name in MEGABYTES for _ in range(amounts.full_disks)]
    dice.shuffle(full)
    inspector = Inspector(stack, crowd, history, dice)
    crowd.applicants(10**6, clients=8, most=4, rest=0.3)
    crowd.gates(gate_keys)
    for name in full:
        at_work(crowd, history)
        disks[name].fill()
        time.sleep(dice.uniform(1, 2))
        disks[name].fill()  # what the server has freed meanwhile
        inspector.ask(name)
        told = stack.notified("mogirid")[1]
        disks[name].empty()
        began = time.monotonic()
        inspector.ask_again()
        at_work(crowd, history)
        wait_until("mogirid to be content", lambda: stack.notified("mogirid")[1].startswith("1 of 1 events ready"))
        print(f"{name} was full: at work again after {time.monotonic() - began:.1f} s; mogirid had said: {told}")
    crowd.stop()
    crowd.end(120)
    every_promise_holds()
    assert not [trouble for trouble in history.troubles if "imeout" in trouble], "somebody hung"


def at_work(crowd, history) -> None:
    """Applications come through, and tickets are scanned."""
    applied, scanned = len(history.submissions), len(history.scans)
    wait_until("the crowd to be at work", lambda: history.wrong or (
        len(history.submissions) > applied + 16 and len(history.scans) > scanned + 60), 60)
    assert not history.wrong, history.wrong
