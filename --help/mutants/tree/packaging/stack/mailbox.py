"""The mails that the transport `spool` wrote, opened as a mail program would, and the QR codes in their images."""

import email
import email.policy
import subprocess
from dataclasses import dataclass
from email.message import EmailMessage
from functools import cached_property
from pathlib import Path


@dataclass
class Image:
    file_name: str
    png: bytes

    @cached_property
    def codes(self) -> list[str]:
        """What zbar, which knows nothing of us, reads in the picture."""
        read = subprocess.run(["zbarimg", "--quiet", "--raw", "--nodbus", "-Sdisable", "-Sqrcode.enable", "png:-"],
                              input=self.png, capture_output=True)
        if read.returncode not in (0, 4):  # 4: nothing found
            raise RuntimeError(f"zbarimg: status {read.returncode}: {read.stderr.decode()}")
        return read.stdout.decode().split()


class Mail:
    def __init__(self, path: Path):
        self.path = path
        self.message: EmailMessage = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)

    @property
    def to(self) -> str:
        return self.message["To"].addresses[0].addr_spec

    @property
    def text(self) -> str:
        return self.message.get_body(("plain",)).get_content()

    @cached_property
    def images(self) -> list[Image]:
        return [Image(part.get_filename() or "", part.get_content()) for part in self.message.walk()
                if part.get_content_type() == "image/png"]


class Mailbox:
    def __init__(self, spool: str | Path):
        self._spool = Path(spool)
        self._read: dict[Path, Mail] = {}

    def all(self) -> list[Mail]:
        for path in sorted(self._spool.rglob("*.eml")):
            if path not in self._read:
                self._read[path] = Mail(path)
        return list(self._read.values())

    def to(self, address: str) -> list[Mail]:
        return [mail for mail in self.all() if mail.to == address]
