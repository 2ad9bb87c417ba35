"""A stack whose door knows as many tickets as asked for, and the figures that are taken from its servers."""

import os
import random
import re
import subprocess
import time
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from stack import services
from stack.folder import read_json
from stack.stack import Stack
from stack.waiting import wait_until
from ticket_codes import TicketCodes

import processor_time

EVENT = 1
KIND = "family"
# The same nginx, the same request, the same log and headers: only the decision is missing.
RETURN_200 = """
        location = /bench/return {
            default_type application/json;
            return 200 '%s';
        }
"""
# As long as what the door answers.
ANSWER = ('{"day":1,"first":{"device":"Main gate 1","gate":"main","time":"2026-11-22T12:00:00.000Z"},"inside":1,"left":0,'
          '"message":"Welcome.","outcome":"admitted","ticket":{"kind":"family","name":"guest 1000000","reference":"01000000"},'
          '"time":"2026-11-22T12:00:00.000Z"}')


class DoorPlace:
    def __init__(self, folder: Path, build):
        services.RATE = services.BURST = "1000000"
        services.RATE += "r/s"  # one device, one address: the limits are looked up and never met
        self.stack = Stack(folder, build)
        self.tickets = 0
        self._next_code = 0

    def start(self) -> None:
        self.stack.start()
        conf = self.stack.folder.conf / "nginx.conf"
        text = conf.read_text()
        conf.write_text(text.replace("        server_name _;\n", "        server_name _;\n" + RETURN_200 % ANSWER, 1))
        self.stack.process("nginx").signal(1)
        self.stack.redis("CONFIG", "SET", "maxmemory", "6gb")
        # A rewrite of the append-only file in the middle of a run would be a figure of its own.
        self.stack.redis("CONFIG", "SET", "auto-aof-rewrite-percentage", "0")

    # --- tickets ---

    def issue(self, count: int) -> None:
        """More tickets in the ledger, until there are that many. Triggers and keys are for rows that come one by one."""
        first, last = self.tickets + 1, count
        self._as_superuser(f"""
            SET session_replication_role = replica;
            INSERT INTO application (id, event, form, applicant, state, tickets, email, language, fields, guests, body_hash, submitted_at)
            VALUES (translate(lpad('{first}', 26, '0'), '0189', 'ABCD'), {EVENT}, 'student', 'b{first}', 'issued', {last - first + 1},
                    'b@example.jp', 'ja', '{{}}', '[]', md5('b'), now());
            INSERT INTO ticket (event, serial, application, position, kind, guest_name, reference, key_id)
            SELECT {EVENT}, n, translate(lpad('{first}', 26, '0'), '0189', 'ABCD'), n - {first} + 1, '{KIND}', '山田 ' || n,
                   lpad(n::text, 8, '0'), 1
            FROM generate_series({first}, {last}) AS n;
            ANALYZE ticket;""")
        self.tickets = count

    def rebuild(self) -> float:
        """Seconds from the closing of the door to its opening, as mogirid's log tells."""
        self.stack.redis("FLUSHALL")
        log = self.stack.folder.log / "mogirid.log"
        known = len(log.read_text())

        def times():
            text = log.read_text()[known:]
            ends = [re.search(rf"(?m)^(\S+) \S+ event {EVENT}: {words}", text) for words in ("rebuilding in Redis", "ready in epoch")]
            return ends if all(ends) else None

        began, ended = (datetime.fromisoformat(found[1]) for found in wait_until("the rebuild", times, 300, 0.05))
        wait_until("the door", self.stack._is_ready, 60)
        return max((ended - began).total_seconds(), 1e-3)

    def write_codes(self, path: Path) -> None:
        """A line for each ticket, in no order. Verified by nginx alone, so made by several processes here."""
        codes = TicketCodes((self.stack.folder.conf / "master.keys").read_text())
        serials = list(range(1, self.tickets + 1))
        random.Random(self.tickets).shuffle(serials)
        path.write_text("".join(codes.issue(EVENT, serial) + "\n" for serial in serials))
        self._next_code = 0

    def take_codes(self, count: int) -> int:
        """The place of the first of so many codes that nobody has used."""
        place, self._next_code = self._next_code, self._next_code + count
        return place

    def give_codes_back(self, count: int) -> None:
        self._next_code -= count

    # --- the servers ---

    def still(self) -> None:
        """The daemon's share (the drain, PostgreSQL) is not the door's: it stands still while the door is measured."""
        self.stack.supervisor().signal(19)
        self.stack.process("mogirid").signal(19)

    def go_on(self) -> None:
        for process in (self.stack.process("mogirid"), self.stack.supervisor()):
            process.signal(18)

    @contextmanager
    def standing_still(self):
        self.still()
        try:
            yield
        finally:
            self.go_on()

    def forget_scans(self) -> None:
        self.stack.redis("XTRIM", f"{{{EVENT}}}:scans", "MAXLEN", "0")

    def sync(self, how: str) -> None:
        self.stack.redis("CONFIG", "SET", "appendfsync", how)

    def entered(self) -> int:
        text = self.stack.redis("GET", f"{{{EVENT}}}:totals:1")
        return int(text.split()[0]) if text else 0

    def memory(self) -> int:
        told = subprocess.run(["redis-cli", "-s", self.stack.folder.redis_socket, "INFO", "memory"], capture_output=True, text=True).stdout
        return int(re.search(r"used_memory_dataset:(\d+)", told)[1]) + int(re.search(r"used_memory_overhead:(\d+)", told)[1])

    def processor_time(self) -> dict[str, float]:
        """Milliseconds so far."""
        return {name: processor_time.of_tree(self.stack.process(name).pid) for name in ("nginx", "redis")}

    def _as_superuser(self, script: str) -> None:
        memory = read_json(self.stack.folder.memory_file)
        done = subprocess.run(
            ["psql", "-qAtX", "-v", "ON_ERROR_STOP=1"], input=script, text=True, capture_output=True,
            env={"PATH": os.defpath, "PGHOST": "127.0.0.1", "PGPORT": str(memory["ports"]["postgresql"]), "PGUSER": "postgres",
                 "PGPASSWORD": memory["secrets"]["postgresql_owner"], "PGDATABASE": "mogiri"})
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
