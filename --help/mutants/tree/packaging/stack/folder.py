"""The one folder that a stack lives in: what is where, whose it is, and that only one stack uses it at a time."""

import fcntl
import json
import os
from pathlib import Path

from .account import Account

# sockaddr_un.sun_path holds 108 bytes with the ending zero (unix(7)).
LONGEST_SOCKET_PATH = 107


class FolderError(RuntimeError):
    """The folder cannot be used; the message says why and what to do."""


class Folder:
    PARTS = ("conf", "log", "run", "postgresql", "redis", "nginx", "mail")

    def __init__(self, path: str | os.PathLike):
        self.path = Path(os.path.abspath(path))
        self.env = self.path / "env"
        self.memory_file = self.path / "stack.json"  # what is kept from one start to the next; also says the folder is ours
        self.conf, self.log, self.run, self.postgresql, self.redis, self.nginx, self.mail = (
            self.path / part for part in self.PARTS)
        self.redis_socket = self.run / "redis.sock"
        self.notify_socket = self.run / "notify.sock"
        self.services_file = self.run / "services.json"    # written by the front, read by the supervisor
        self.facts_file = self.run / "facts.json"          # the lines of env that do not change with a restart
        self.processes_file = self.run / "processes.json"  # written by the supervisor
        self._lock = None

    def make(self) -> None:
        """Makes what is missing; refuses a folder with other things in it."""
        longest = max(len(os.fsencode(self.redis_socket)), len(os.fsencode(self.notify_socket)))
        if longest > LONGEST_SOCKET_PATH:
            raise FolderError(f"{self.path} is too long a path: unix sockets in it may have {LONGEST_SOCKET_PATH} bytes, "
                              f"and here one has {longest}. Choose a folder with a shorter path (--dir DIR).")
        if any(character in str(self.path) for character in "\"'\\\n$;{}#"):
            raise FolderError(f"{self.path} has a character in its path that configuration files give a meaning to: "
                              f"choose another folder (--dir DIR).")
        if self.path.is_dir() and not self.memory_file.exists() and any(self.path.iterdir()):
            raise FolderError(f"{self.path} has other things in it: choose an empty or a new folder (--dir DIR).")
        self.path.mkdir(parents=True, exist_ok=True)

    def lock(self) -> int:
        """The lock's descriptor, for the supervisor to inherit; the folder is in use while anybody holds it open."""
        self._lock = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.unlock()
            raise FolderError(f"Something runs in {self.path} already: end it first (--stop), "
                              f"or choose another folder (--dir DIR).") from None
        return self._lock

    def unlock(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def make_parts(self, account: Account) -> None:
        for part in self.PARTS:
            (self.path / part).mkdir(mode=0o700, exist_ok=True)
            account.own(self.path / part)

    def remember(self, **news) -> dict:
        """What is kept from one start to the next, with the news in it."""
        memory = read_json(self.memory_file) or {}
        memory.update(news)
        write_atomically(self.memory_file, json.dumps(memory, indent=1) + "\n")
        return memory


def read_json(path: Path) -> dict | None:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None


def write_atomically(path: Path, text: str, mode: int = 0o600) -> None:
    """Whoever reads sees the old text or the new one, whole. The file belongs to the owner of its folder."""
    fresh = path.with_name(path.name + ".new")
    fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with open(fd, "w", encoding="utf-8") as file:
        file.write(text)
    if os.getuid() == 0:
        folder = path.parent.stat()
        os.chown(fresh, folder.st_uid, folder.st_gid)
    os.replace(fresh, path)
