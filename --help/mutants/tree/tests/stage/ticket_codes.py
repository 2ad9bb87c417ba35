"""Ticket codes made a second time, from WIRE.md and Python's standard library alone."""

import base64
import hashlib
import hmac

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


class TicketCodes:
    def __init__(self, key_file: str):
        lines = [line.split("#")[0].split() for line in key_file.splitlines()]
        self._keys = {int(words[0]): bytes.fromhex(words[1]) for words in lines if words}
        self.signing_key = list(self._keys)[-1]

    def issue(self, event: int, serial: int, key_id: int | None = None) -> str:
        key_id = self.signing_key if key_id is None else key_id
        claims = bytes([1 << 4 | key_id]) + event.to_bytes(3, "big") + serial.to_bytes(5, "big")
        seal = hmac.digest(_hkdf(self._keys[key_id], f"mogiri ticket {event}"), claims, "sha256")[:12]
        return base64.b32encode(claims + seal).decode().rstrip("=")


def _hkdf(master: bytes, info: str) -> bytes:
    """RFC 5869 with an empty salt, 32 bytes."""
    extracted = hmac.digest(bytes(hashlib.sha256().digest_size), master, "sha256")
    return hmac.digest(extracted, info.encode() + b"\x01", "sha256")
