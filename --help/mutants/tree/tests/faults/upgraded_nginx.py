"""An nginx of its own beside a stack's, on another port, whose binary is replaced as nginx's manual says: USR2, WINCH, QUIT.

The stack's own nginx cannot be: it runs in the foreground, and its supervisor starts again what ends.
"""

import re
import signal
import subprocess
from pathlib import Path
from urllib.request import urlopen

from stack import ports
from stack.process import Process, children
from stack.stack import Stack
from stack.waiting import wait_until


class UpgradedNginx:
    def __init__(self, stack: Stack):
        folder = stack.folder
        self._pid_file = folder.nginx / "upgraded.pid"
        self._configuration = folder.conf / "upgraded.conf"
        self._log = folder.log / "upgraded-error.log"
        self._command = stack.command(["/usr/sbin/nginx", "-c", self._configuration, "-p", folder.nginx, "-e", self._log])
        self._port, self._reservation = ports.take(None)
        text = (folder.conf / "nginx.conf").read_text(encoding="utf-8")
        for pattern, value in ((r"daemon off", "daemon on"), (r"pid +\"[^\"]+\"", f'pid "{self._pid_file}"'),
                               (r"error_log \"[^\"]+\"", f'error_log "{self._log}"'),
                               (r"listen 127.0.0.1:\d+ backlog", f"listen 127.0.0.1:{self._port} backlog"),
                               (r"listen [^;]+ http2;", "")):
            text, changes = re.subn(pattern, value, text)
            assert changes == 1, pattern
        self._configuration.write_text(text, encoding="utf-8")
        self._configuration.chmod(0o644)
        self.url = f"http://127.0.0.1:{self._port}"

    def __enter__(self):
        subprocess.run(self._command, check=True, env={"PATH": "/usr/sbin:/usr/bin"})
        wait_until("the second nginx to be ready", self._is_ready)
        return self

    def __exit__(self, *_):
        for path in (self._old_pid_file(), self._pid_file):
            if path.exists():
                master = _process(path)
                master.signal(signal.SIGQUIT)
                if not master.wait_end(30):
                    master.signal(signal.SIGKILL)
        self._reservation.close()

    def begin_upgrade(self) -> None:
        """Returns when new workers serve and the old ones were told to leave."""
        self._old = _process(self._pid_file)
        self._old.signal(signal.SIGUSR2)
        self._new = wait_until("a new master", lambda: self._old_pid_file().exists() and _process(self._pid_file))
        wait_until("its workers", lambda: len(children(self._new.pid)) == 2)
        wait_until("them to be ready", self._is_ready)
        self._old.signal(signal.SIGWINCH)

    def end_upgrade(self) -> None:
        """Returns when the old master has ended."""
        wait_until("the old workers to end", lambda: not set(children(self._old.pid)) - {self._new.pid}, 70)
        self._old.signal(signal.SIGQUIT)
        assert self._old.wait_end(30)

    def _is_ready(self) -> bool:
        with urlopen(self.url + "/readyz", timeout=5) as answer:
            return answer.status == 200

    def _old_pid_file(self) -> Path:
        return Path(f"{self._pid_file}.oldbin")


def _process(pid_file: Path) -> Process:
    return Process.of(int(pid_file.read_text()))
