"""Postfix's smtp-sink: a mail server that takes everything and keeps nothing. Postfix itself is neither installed nor started."""

import os
import subprocess
import time
from pathlib import Path
from socket import create_connection

from stack import ports

SYSTEMS = Path("/usr/sbin/smtp-sink")


class MailSink:
    def __init__(self, folder: Path):
        self.port, self._reservation = ports.take(None)
        program, environment = _find(folder)
        account = ["-u", "nobody"] if os.geteuid() == 0 else []
        self._process = subprocess.Popen([program, *account, f"127.0.0.1:{self.port}", "512"], env=environment,
                                         stdout=subprocess.DEVNULL)
        for _ in range(100):
            try:
                create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError("smtp-sink does not answer")

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait()
        self._reservation.close()


def _find(folder: Path) -> tuple[Path, dict[str, str]]:
    """The system's, or out of Debian's package, unpacked into a folder."""
    if SYSTEMS.exists():
        return SYSTEMS, dict(os.environ)
    unpacked = folder / "postfix"
    if not unpacked.exists():
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(["apt-get", "download", "-q", "postfix"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        package, = folder.glob("postfix_*.deb")
        subprocess.run(["dpkg-deb", "-x", package, unpacked], check=True)
        for path in (folder, unpacked):
            path.chmod(0o755)
    return unpacked / "usr/sbin/smtp-sink", {**os.environ, "LD_LIBRARY_PATH": str(unpacked / "usr/lib/postfix")}
