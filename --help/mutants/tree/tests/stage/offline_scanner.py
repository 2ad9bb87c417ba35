"""A scanner without a network, written from WIRE.md alone: opens the bundle, decides by it, unseals a name with its ticket's code."""

import hashlib
import json
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


@dataclass
class Held:
    kind: int
    revoked: bool
    digest: bytes
    use: dict[int, tuple[int, int]] = field(default_factory=dict)  # day: inside, admissions that count


def open_file(data: bytes, magic: bytes) -> tuple[dict, bytes]:
    assert data[:4] == magic
    size = int.from_bytes(data[4:8], "big")
    return json.loads(data[8:8 + size]), data[8 + size:]


def tickets_in(data: bytes) -> tuple[dict, dict[int, Held]]:
    head, rest = open_file(data, b"MGB1")
    tickets, last = {}, 0
    while rest:
        serial, kind, flags, digest, days = int.from_bytes(rest[:5], "big"), rest[5], rest[6], rest[7:15], rest[15]
        assert serial > last
        use = {rest[at]: (rest[at + 1], int.from_bytes(rest[at + 2:at + 4], "big")) for at in range(16, 16 + 4 * days, 4)}
        tickets[serial], last, rest = Held(kind, bool(flags & 1), digest, use), serial, rest[16 + 4 * days:]
    assert len(tickets) == head["tickets"]
    return head, tickets


def names_in(data: bytes) -> tuple[dict, dict[int, bytes]]:
    head, rest = open_file(data, b"MGN1")
    names = {}
    while rest:
        serial, size = int.from_bytes(rest[:5], "big"), int.from_bytes(rest[5:7], "big")
        names[serial], rest = rest[7:7 + size], rest[7 + size:]
    assert len(names) == head["tickets"]
    return head, names


def digest_of(salt: bytes, code: str) -> bytes:
    return hashlib.sha256(salt + code.encode()).digest()[:8]


def unseal(salt: bytes, code: str, sealed: bytes) -> str | None:
    key = HKDF(hashes.SHA256(), 32, salt, b"mogiri name").derive(code.encode())
    try:
        return AESGCM(key).decrypt(sealed[:12], sealed[12:], None).rstrip(b"\0").decode()
    except InvalidTag:
        return None


class OfflineScanner:
    """Holds a bundle and its names, takes changes, and says what it would do."""

    def __init__(self, bundle: bytes, names: bytes):
        self.head, self.tickets = tickets_in(bundle)
        self.names_head, self.names = names_in(names)
        assert "since" not in self.head and "since" not in self.names_head
        self.salt = bytes.fromhex(self.head["salt"])
        self._index()

    def _index(self) -> None:
        self.serials = {ticket.digest: serial for serial, ticket in self.tickets.items()}
        assert len(self.serials) == len(self.tickets)

    def take(self, changes: bytes) -> int:
        """How many tickets they told."""
        head, tickets = tickets_in(changes)
        assert head["since"] == self.head["version"]
        self.head, self.tickets = head, {**self.tickets, **tickets}
        self._index()
        return len(tickets)

    def entry(self, code: str, day: int, gate: str) -> str:
        """"admitted", or why not, as far as rules of use go."""
        serial = self.serials.get(digest_of(self.salt, code))
        if serial is None:
            return "unknown"
        ticket = self.tickets[serial]
        kind = self.head["kinds"][ticket.kind]
        if ticket.revoked:
            return "revoked"
        if day not in kind["days"]:
            return "over"
        if ticket.kind not in next(one for one in self.head["gates"] if one["id"] == gate)["kinds"]:
            return "wrong_gate"
        inside, used = ticket.use.get(day, (0, 0))
        if inside >= kind["allowance"]:
            return "already_inside"
        if not self.head["reentry"] and used >= kind["allowance"]:
            return "allowance_used"
        return "admitted"

    def name(self, code: str) -> str | None:
        serial = self.serials.get(digest_of(self.salt, code))
        return None if serial is None else unseal(self.salt, code, self.names[serial])
