"""Mail servers on loopback for the transport `smtp`: Debian's aiosmtpd with TLS and login, and one that answers as its test says."""

import re
import socket
import ssl
import subprocess
import threading
import weakref
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from stack import ports
from stack.mailbox import Mailbox

USER, PASSWORD = "mogiri@example.jp", "open sesame"
DROP, SILENCE = "drop", "silence"


class Authority:
    """A certificate authority of our own, and a certificate of localhost by it; made by openssl."""

    def __init__(self, folder: Path):
        folder.mkdir(exist_ok=True)
        self.certificates, self._key, self._certificate = folder / "ca.pem", folder / "server.key", folder / "server.pem"
        extension = folder / "server.ext"
        extension.write_text("subjectAltName = DNS:localhost\n")
        new_key = ["-newkey", "rsa:2048", "-nodes", "-sha256"]
        _openssl("req", "-x509", *new_key, "-days", "2", "-subj", "/CN=mogiri test authority",
                 "-keyout", folder / "ca.key", "-out", self.certificates)
        _openssl("req", *new_key, "-subj", "/CN=localhost", "-keyout", self._key, "-out", folder / "server.csr")
        _openssl("x509", "-req", "-sha256", "-days", "2", "-in", folder / "server.csr", "-CA", self.certificates,
                 "-CAkey", folder / "ca.key", "-CAcreateserial", "-extfile", extension, "-out", self._certificate)

    def server_side(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._certificate, self._key)
        return context


def _openssl(*words) -> None:
    subprocess.run(["openssl", *map(str, words)], check=True, stdin=subprocess.DEVNULL, capture_output=True)


@dataclass
class Received:
    sender: str
    recipients: list[str]
    encrypted: bool
    peer: tuple


class RealServer:
    """aiosmtpd: mails only from who has logged in, and logins only over TLS. It keeps what it gets in a folder."""

    def __init__(self, authority: Authority, folder: Path, tls_from_the_start: bool):
        folder.mkdir(exist_ok=True)
        self._folder = folder
        self.mailbox = Mailbox(folder)
        self.received: list[Received] = []
        self.port, self._reservation = ports.take(None)
        tls = {"ssl_context": authority.server_side()} if tls_from_the_start else \
            {"tls_context": authority.server_side(), "require_starttls": True}
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port, authenticator=self._authenticate,
                                      auth_required=True, auth_require_tls=not tls_from_the_start, ready_timeout=30, **tls)
        self._controller.start()

    def stop(self) -> None:
        self._controller.stop()
        self._reservation.close()

    async def handle_DATA(self, server, session, envelope) -> str:  # noqa: N802: aiosmtpd's name
        (self._folder / f"{len(self.received):04}.eml").write_bytes(envelope.original_content)
        self.received.append(Received(envelope.mail_from, envelope.rcpt_tos, session.ssl is not None or
                                      server.transport.get_extra_info("ssl_object") is not None, session.peer))
        return "250 2.0.0 kept"

    @staticmethod
    def _authenticate(server, session, envelope, mechanism, data) -> AuthResult:
        known = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=known, handled=False)


class ScriptedServer:
    """With login; in the clear unless it is given an authority. The moments that have answers: CONNECT, EHLO, STAR (TLS), AUTH, MAIL,
    RCPT, DATA, END (after the message)."""

    USUAL = {"CONNECT": "220 here", "EHLO": "250-here\r\n250 AUTH PLAIN", "AUTH": "235 known", "DATA": "354 go on",
             "END": "250 2.0.0 kept", "QUIT": "221 bye", "STAR": "220 go on"}

    def __init__(self, folder: Path, authority: Authority | None = None):
        folder.mkdir(exist_ok=True)
        self._folder = folder
        self._tls = authority.server_side() if authority else None
        if authority:
            self.USUAL = {**self.USUAL, "EHLO": "250-here\r\n250-STARTTLS\r\n250 AUTH PLAIN"}
        self.mailbox = Mailbox(folder)
        self._lock = threading.Lock()
        self._answers: dict[tuple[str, str], str] = {}
        self._open: weakref.WeakSet[socket.socket] = weakref.WeakSet()
        self._listener: socket.socket | None = None
        self._got = 0
        self.connections = 0
        self.port, self._reservation = ports.take(None)
        self.listen()

    def listen(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def hang_up(self) -> None:
        """Closes the connections that are there."""
        with self._lock:
            for connection in self._open:
                with suppress(OSError):  # it is over, or goes on under TLS
                    connection.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Nobody can reach it until it listens again."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.hang_up()

    def stop(self) -> None:
        self.close()
        self._reservation.close()

    @contextmanager
    def answering(self, moment: str, answer: str, to: str = ""):
        """Until the end of the block; to everybody, or only where the mail is for one address (from RCPT on)."""
        self._answers[moment, to] = answer
        try:
            yield
        finally:
            del self._answers[moment, to]

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with self._lock:
                self._open.add(connection)
                self.connections += 1
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        try:
            with connection, connection.makefile("rb") as lines:
                self._converse(connection, lines)
        except OSError:
            pass
        finally:
            with self._lock:
                self._open.discard(connection)

    def _converse(self, connection: socket.socket, lines) -> None:
        recipient, said = "", []

        def answer(moment: str) -> bool:
            """False when the connection is to be closed."""
            text = self._answer_to(moment, recipient)
            said.append(text)
            if text == SILENCE:
                lines.readline()
            if text in (DROP, SILENCE):
                return False
            connection.sendall(text.encode() + b"\r\n")
            return True

        going_on = answer("CONNECT")
        while going_on and (line := lines.readline().decode()):
            moment = line[:4].upper().strip()
            if moment == "RCPT":
                recipient = re.search("<(.*)>", line)[1]
            going_on = answer(moment) and moment != "QUIT"
            if said[-1].startswith("220") and moment == "STAR":
                connection = self._tls.wrap_socket(connection, server_side=True)
                with self._lock:
                    self._open.add(connection)
                lines = connection.makefile("rb")
            if moment == "DATA" and going_on:
                message = self._message(lines)
                if message is None:
                    return
                self._keep(message)
                going_on = answer("END") and not self._is_tired()

    def _answer_to(self, moment: str, recipient: str) -> str:
        return self._answers.get((moment, recipient)) or self._answers.get((moment, "")) or self.USUAL.get(moment, "250 ok")

    def _is_tired(self) -> bool:
        """Whether it ends the connection after a message."""
        return False

    @staticmethod
    def _message(lines) -> bytes | None:
        message = []
        while (line := lines.readline()) != b".\r\n":
            if not line:
                return None
            message.append(line[1:] if line.startswith(b".") else line)
        return b"".join(message)

    def _keep(self, message: bytes) -> None:
        with self._lock:
            self._got += 1
            (self._folder / f"{self._got:04}.eml").write_bytes(message)
