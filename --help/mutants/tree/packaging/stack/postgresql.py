"""A private PostgreSQL cluster: made once in the stack's folder, reached over 127.0.0.1 with a password."""

import os
import subprocess
from pathlib import Path

from .account import Account

ROLE = DATABASE = "mogiri"


def newest_binaries() -> Path:
    """Where Debian keeps the servers' programs: /usr/lib/postgresql/<version>/bin."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: float(path.parts[-3]))
    if not found:
        raise RuntimeError("No PostgreSQL server in /usr/lib/postgresql: packaging/dependencies/install run")
    return found[-1].parent


def make_cluster(data: Path, account: Account, superuser_password: str, password: str) -> None:
    """Does nothing when it is there. A half-made one (no marker) is made anew."""
    marker = data.parent / "cluster-made"
    if marker.exists():
        return
    if data.exists():
        subprocess.run(account.command(["/bin/rm", "-rf", str(data)]), check=True)
    # fsync stays on: initdb syncs what it made, and the server every commit.
    _run(account, [newest_binaries() / "initdb", "-D", data, "-U", "postgres", "--auth=scram-sha-256", "--data-checksums",
                   "--encoding=UTF8", "--locale=C.UTF-8", "--pwfile=/dev/stdin"], superuser_password + "\n")
    quoted = password.replace("'", "''")
    _run(account, [newest_binaries() / "postgres", "--single", "-D", data, "-c", "log_min_messages=warning", "postgres"],
         f"CREATE ROLE {ROLE} LOGIN PASSWORD '{quoted}'\nCREATE DATABASE {DATABASE} OWNER {ROLE}\n")
    marker.touch()


def server(data: Path, account: Account, port: int) -> list[str]:
    settings = {"listen_addresses": "127.0.0.1", "port": port, "unix_socket_directories": "", "max_connections": 100,
                "shared_buffers": "64MB", "fsync": "on", "synchronous_commit": "on", "full_page_writes": "on",
                "log_line_prefix": "%m [%p] ", "log_checkpoints": "off"}
    argv = [newest_binaries() / "postgres", "-D", data]
    for name, value in settings.items():
        argv += ["-c", f"{name}={value}"]
    return account.command(argv)


def _run(account: Account, argv: list, text: str) -> None:
    done = subprocess.run(account.command(argv), input=text, text=True, capture_output=True, cwd="/",
                          env={"PATH": os.defpath, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"})
    if done.returncode != 0 or "ERROR" in done.stderr:
        raise RuntimeError(f"{Path(argv[0]).name} failed with status {done.returncode}:\n{done.stdout}{done.stderr}")
