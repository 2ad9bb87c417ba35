"""The process above the servers of one folder: keeps them alive as systemd would, keeps DIR/env true, ends them cleanly.

Usage: python3 -m stack.supervisor DIR [--while-stdin]
With --while-stdin it ends everything when its standard input ends, so that nothing outlives whoever started it.
SIGTERM ends everything; SIGHUP reads run/facts.json again.
"""

import ctypes
import json
import os
import selectors
import shlex
import signal
import socket
import sys
import time

from .folder import Folder, read_json, write_atomically
from .process import Process, children
from .service import Service, Specification, kill_all, note

PR_SET_CHILD_SUBREAPER = 36


class Supervisor:
    def __init__(self, folder: Folder, while_stdin: bool):
        self._folder = folder
        self._services = [Service(Specification(**entry)) for entry in read_json(folder.services_file)["services"]]
        self._stopping = False
        self._selector = selectors.DefaultSelector()
        # What a dead server leaves behind becomes our child (nginx's workers, PostgreSQL's backends) and is ended.
        if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "prctl(PR_SET_CHILD_SUBREAPER)")
        self._wake = self._signals()
        self._notify = self._notify_socket()
        if while_stdin:
            self._selector.register(0, selectors.EVENT_READ, self._input_ended)

    def run(self) -> None:
        self._publish()
        while not self._stopping:
            for service in self._services:
                if service.process is None and service.start_at <= time.monotonic():
                    service.start()
                    self._publish()
                elif service.overdue():
                    note(f"{service.name} said nothing for {service.specification.watchdog_seconds:g} s: ended")
                    service.process.signal(signal.SIGABRT)
                    service.last_word = time.monotonic()
            self._turn(self._pause())
        self._end_all()

    def _end_all(self) -> None:
        for service in reversed(self._services):
            if service.process is None:
                continue
            service.process.signal(service.specification.stop_signal)
            deadline = time.monotonic() + service.specification.stop_seconds
            while service.process is not None and time.monotonic() < deadline:
                self._turn(deadline - time.monotonic())
            if service.process is not None:
                note(f"{service.name} did not end in {service.specification.stop_seconds:g} s: killed")
                service.process.signal(signal.SIGKILL)
                while service.process is not None:
                    self._turn(1.0)
        self._folder.processes_file.unlink(missing_ok=True)
        self._folder.env.unlink(missing_ok=True)
        note("everything ended")

    def _turn(self, seconds: float) -> None:
        for key, _ in self._selector.select(max(0.0, seconds)):
            key.data()
        self._reap()

    def _pause(self) -> float:
        """Until a server is due, or for as long as watchdogs may be left alone."""
        due = [service.start_at - time.monotonic() for service in self._services if service.process is None]
        return min(due + [1.0])

    def _reap(self) -> None:
        changed = False
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                break
            if pid == 0:
                break
            for service in self._services:
                if service.process is not None and service.process.pid == pid:
                    service.ended(os.waitstatus_to_exitcode(status))
                    changed = True
        if changed:
            self._kill_orphans()
            self._publish()

    def _kill_orphans(self) -> None:
        ours = {service.process.pid for service in self._services if service.process is not None}
        orphans = []
        for pid in children(os.getpid()):
            if pid not in ours:
                try:
                    orphans.append(Process.of(pid))
                except ProcessLookupError:
                    pass
        kill_all(orphans)

    def _publish(self) -> None:
        """run/processes.json for those who end or watch us, DIR/env for everybody."""
        me = Process.of(os.getpid())
        services = {}
        lines = dict(read_json(self._folder.facts_file) or {})
        for service in self._services:
            if service.process is not None:
                services[service.name] = {"pid": service.process.pid, "start": service.process.start,
                                          "ready": service.ready, "status": service.status}
                lines[f"{service.name.upper()}_PID"] = str(service.process.pid)
        state = {"supervisor": {"pid": me.pid, "start": me.start}, "services": services}
        write_atomically(self._folder.processes_file, json.dumps(state) + "\n")
        text = "".join(f"{name}={shlex.quote(value)}\n" for name, value in lines.items())
        write_atomically(self._folder.env, text)

    def _signals(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        theirs.setblocking(False)
        for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, lambda *_: None)
        signal.set_wakeup_fd(theirs.fileno(), warn_on_full_buffer=False)
        self._signal_writer = theirs
        self._selector.register(ours, selectors.EVENT_READ, self._signalled)
        return ours

    def _signalled(self) -> None:
        for number in self._wake.recv(4096):
            if number in (signal.SIGTERM, signal.SIGINT):
                self._stopping = True
            elif number == signal.SIGHUP:
                self._publish()

    def _notify_socket(self) -> socket.socket:
        self._folder.notify_socket.unlink(missing_ok=True)
        notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        notify.setblocking(False)
        notify.bind(str(self._folder.notify_socket))
        os.chmod(self._folder.notify_socket, 0o666)  # in a folder that only its account enters
        self._selector.register(notify, selectors.EVENT_READ, self._notified)
        return notify

    def _notified(self) -> None:
        words = self._notify.recv(65536).decode("utf-8", "replace").splitlines()
        for service in self._services:
            if service.specification.watchdog_seconds and service.process is not None:
                service.last_word = time.monotonic()
                service.ready = service.ready or "READY=1" in words
                for word in words:
                    if word.startswith("STATUS="):
                        service.status = word.removeprefix("STATUS=")
                if words != ["WATCHDOG=1"]:
                    self._publish()

    def _input_ended(self) -> None:
        if not os.read(0, 4096):
            self._selector.unregister(0)
            self._stopping = True


if __name__ == "__main__":
    os.umask(0o077)
    Supervisor(Folder(sys.argv[1]), "--while-stdin" in sys.argv[2:]).run()
