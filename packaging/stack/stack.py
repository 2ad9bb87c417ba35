"""A whole mogiri in one folder, from the front: made, started, asked, ended."""

import json
import os
import shlex
import signal
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

from . import ports, postgresql, services
from .account import Account
from .build import SOURCE, Build
from .folder import Folder, read_json, write_atomically
from .process import Process, session_members
from .service import kill_all
from .waiting import Waited, wait_until

PACKAGE = Path(__file__).resolve().parents[1]
EVENT = "musicfes"
DEVICES = {"DEVICE_KEY": ("Main gate 1", "main", "scanner"), "DEVICE_KEY_2": ("East gate 1", "east", "scanner"),
           "SUPERVISOR_KEY": ("Supervisor", "main", "supervisor")}


class Stack:
    def __init__(self, folder: str | os.PathLike, build: str | os.PathLike | Build | None = None,
                 environment: dict[str, dict[str, str]] | None = None):
        """`environment` holds variables for single servers, by the server's name, beside those that each has."""
        self.folder = Folder(folder)
        self._given_build = build
        self._environment = environment or {}
        self._life_line: subprocess.Popen | None = None

    # --- its life ---

    def start(self, progress=lambda text: None, keep_running: bool = False) -> None:
        """Returns when the event is open for applications and scans. Without keep_running it ends with this process."""
        build = self._given_build if isinstance(self._given_build, Build) else Build(self._given_build)
        self.folder.make()
        lock = self.folder.lock()
        reservations = []
        try:
            self.end_leftovers()
            account = Account([self.folder.path, SOURCE / "templates", build.module, build.mogirid])
            self.folder.make_parts(account)
            memory = read_json(self.folder.memory_file) or {}
            memory.setdefault("secrets", services.new_secrets())
            taken, kept = {}, memory.get("ports", {})
            for name in ("nginx", "http2", "postgresql"):
                taken[name], reservation = ports.take(kept.get(name))
                reservations.append(reservation)
            memory = self.folder.remember(secrets=memory["secrets"], ports=taken)
            self._account, self._build = account, build
            services.write_configuration(self.folder, build, account, memory)
            if not (self.folder.conf / "master.keys").exists():
                self.mogirictl("keys", "create", self.folder.conf / "master.keys")
            progress("making the PostgreSQL cluster" if not (self.folder.postgresql / "cluster-made").exists()
                     else "starting PostgreSQL, Redis, mogirid and nginx")
            postgresql.make_cluster(self.folder.postgresql / "data", account, memory["secrets"]["postgresql_owner"],
                                    memory["secrets"]["postgresql"])
            specifications = services.specifications(self.folder, build, account, memory)
            for one in specifications:
                one.environment |= self._environment.get(one.name, {})
            write_atomically(self.folder.services_file,
                             json.dumps({"services": [asdict(one) for one in specifications]}))
            self._write_facts(memory)
            self._start_supervisor([lock, *(mark.fileno() for mark in reservations)], keep_running)
        finally:
            for reservation in reservations:
                reservation.close()
            self.folder.unlock()  # the supervisor has inherited all of these
        try:
            wait_until("mogirid to say READY=1", lambda: self._state()["services"]["mogirid"]["ready"], 60)
            progress("making the sample event")
            self._make_event(memory)
            wait_until("nginx to be ready for the event", self._is_ready, 60)
        except BaseException:
            self.stop()
            raise

    def stop(self, seconds: float = 120) -> bool:
        """Ends everything that runs in the folder, by its own process ids. False when nothing ran."""
        state = self._state()
        ran = False
        if state is not None:
            supervisor = self.supervisor()
            ran = supervisor.signal(signal.SIGTERM)
            if ran and not supervisor.wait_end(seconds):
                raise Waited(f"the supervisor, pid {supervisor.pid}, did not end within {seconds:g} s")
        if self._life_line is not None:
            if self._life_line.stdin:
                self._life_line.stdin.close()
            self._life_line.wait(seconds)
            self._life_line = None
            ran = True
        return self.end_leftovers() or ran

    def end_leftovers(self) -> bool:
        """What a supervisor that was killed left behind. True when there was anything."""
        state = self._state()
        if state is None:
            return False
        left = [process for entry in state["services"].values()
                for process in session_members(Process(entry["pid"], entry["start"]))]
        kill_all(left)
        self.folder.processes_file.unlink(missing_ok=True)
        self.folder.env.unlink(missing_ok=True)
        return bool(left)

    # --- what is asked of it ---

    @property
    def env(self) -> dict[str, str]:
        """The lines of DIR/env as they stand now."""
        words = shlex.split(self.folder.env.read_text(encoding="utf-8"))
        return dict(word.split("=", 1) for word in words)

    def process(self, service: str) -> Process | None:
        entry = (self._state() or {"services": {}})["services"].get(service)
        return Process(entry["pid"], entry["start"]) if entry else None

    def supervisor(self) -> Process:
        entry = self._state()["supervisor"]
        return Process(entry["pid"], entry["start"])

    def notified(self, service: str) -> tuple[bool, str]:
        """READY and STATUS, as the service told by sd_notify."""
        entry = (self._state() or {"services": {}})["services"].get(service, {})
        return entry.get("ready", False), entry.get("status", "")

    def mogirictl(self, *words, input: str | None = None, check: bool = True) -> subprocess.CompletedProcess:
        argv = [self._build.mogirictl, "--config", self.folder.conf / "mogirid.toml", *(str(word) for word in words)]
        done = subprocess.run(self._account.command(argv), input=input, text=True, capture_output=True, cwd="/",
                              env={**services.clean_environment(self.folder), **self._build.sanitizer_environment()},
                              stdin=subprocess.DEVNULL if input is None else None)
        if check and done.returncode != 0:
            raise RuntimeError(f"mogirictl {' '.join(str(word) for word in words)}: status {done.returncode}\n"
                               f"{done.stdout}{done.stderr}")
        return done

    def command(self, argv: list) -> list[str]:
        """What starts a program as the account that the servers run as."""
        return self._account.command(argv)

    def add_device(self, event: str, name: str, gate: str, profile: str = "scanner") -> str:
        """Its key."""
        told = self.mogirictl("device", "add", name, "--event", event, "--gate", gate, "--profile", profile, "--key", "--json")
        return json.loads(told.stdout)["key"]

    def sql(self, query: str) -> list[list[str]]:
        """Rows as text, by psql."""
        url = urlsplit(self.env["DATABASE_URL"])
        server = {"PGHOST": url.hostname, "PGPORT": str(url.port), "PGUSER": url.username, "PGPASSWORD": url.password,
                  "PGDATABASE": url.path.lstrip("/"), "PGCONNECT_TIMEOUT": "10"}
        done = subprocess.run(["psql", "-qAtX", "-F", "\x1f", "-v", "ON_ERROR_STOP=1"], input=query, text=True,
                              capture_output=True, env={**services.clean_environment(self.folder), **server})
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
        return [line.split("\x1f") for line in done.stdout.splitlines()]

    def redis(self, *words: str):
        """The reply of Redis, asked as its default user."""
        done = subprocess.run(["redis-cli", "-s", self.folder.redis_socket, "--json", *words], capture_output=True, text=True)
        if done.returncode != 0 or done.stderr:
            raise RuntimeError(done.stdout + done.stderr)
        return json.loads(done.stdout)

    def logs(self, lines: int = 60) -> str:
        """The end of every log, for who must find out why something failed."""
        parts = []
        for path in sorted(self.folder.log.glob("*.log")):
            text = path.read_text(encoding="utf-8", errors="replace").splitlines()
            shown = min(len(text), lines // 4 if "access" in path.name else lines)
            if shown:
                parts.append(f"--- {path} (last {shown} of {len(text)} lines)\n" + "\n".join(text[-shown:]))
        return "\n".join(parts)

    # --- inside ---

    def _state(self) -> dict | None:
        return read_json(self.folder.processes_file)

    def _start_supervisor(self, inherited: list[int], keep_running: bool) -> None:
        argv = [sys.executable, "-B", "-m", "stack.supervisor", str(self.folder.path)]
        with open(self.folder.log / "supervisor.log", "ab") as log:
            self._life_line = subprocess.Popen(
                argv + ([] if keep_running else ["--while-stdin"]), stdin=subprocess.DEVNULL if keep_running else subprocess.PIPE,
                stdout=log, stderr=log, cwd="/", pass_fds=inherited, start_new_session=True,
                env={**services.clean_environment(self.folder), "PYTHONPATH": str(PACKAGE)})

    def _write_facts(self, memory: dict) -> None:
        url = services.base_url(memory)
        keys = memory.get("device_keys", {})
        facts = {"BASE_URL": url, "HTTP2_URL": services.http2_url(memory), "EVENT": EVENT, **{name: keys.get(name, "") for name in DEVICES},
                 "ADMIN_USER": "admin", "ADMIN_EMAIL": "admin@example.jp", "ADMIN_PASSWORD": memory["secrets"]["admin"],
                 "REDIS_SOCKET": str(self.folder.redis_socket), "DATABASE_URL": services.database_url(memory),
                 "MAIL_SPOOL": str(self.folder.mail), "METRICS_URL": url + "/metrics"}
        write_atomically(self.folder.facts_file, json.dumps(facts))

    def _make_event(self, memory: dict) -> None:
        """The sample event, its devices and an administrator; what is there already stays."""
        # The first day is forced: the sample event's door is open at any hour. Tests are quicker than people.
        self.mogirictl("event", "apply", "--default", "--force-day", "1", "--form-seconds", "0", self.folder.conf / "musicfes.toml")
        if "device_keys" not in memory:
            keys = {name: self.add_device(EVENT, *device) for name, device in DEVICES.items()}
            self.mogirictl("user", "add", "--name", "admin", "--email", "admin@example.jp", "--role", "admin",
                           "--password-file", self.folder.conf / "admin.password")
            memory = self.folder.remember(device_keys=keys)
        self._write_facts(memory)
        self.supervisor().signal(signal.SIGHUP)
        wait_until("the device keys in env", lambda: self.env["DEVICE_KEY"] == memory["device_keys"]["DEVICE_KEY"])

    def _is_ready(self) -> bool:
        with urlopen(self.env["BASE_URL"] + "/readyz", timeout=5) as answer:
            return answer.status == 200
