"""HTTP/2 as bytes: frames to send, and the answers in what came back; as little of it as tests need (RFC 9113, RFC 7541)."""

import struct

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RST_STREAM, SETTINGS, GOAWAY, WINDOW_UPDATE = 0, 1, 3, 4, 7, 8
END_STREAM, END_HEADERS = 1, 4
# Statuses that nginx sends as one byte, an entry of the static table.
_INDEXED = {0x88: 200, 0x89: 204, 0x8a: 206, 0x8b: 304, 0x8c: 400, 0x8d: 404, 0x8e: 500}


def frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def header_block(pairs: list[tuple[str, str]]) -> bytes:
    """Every header a literal that no table knows (RFC 7541, 6.2.2)."""
    return b"".join(b"\0" + _literal(name) + _literal(value) for name, value in pairs)


def _literal(text: str) -> bytes:
    data = text.encode()
    if len(data) < 127:
        return bytes([len(data)]) + data
    return b"\x7f" + _continued(len(data) - 127) + data


def _continued(number: int) -> bytes:
    said = b""
    while number >= 128:
        said += bytes([number % 128 + 128])
        number //= 128
    return said + bytes([number])


class Answers:
    """Takes what a server sends; `status` and `body` by stream, `ended` the streams that are over, and how."""

    def __init__(self):
        self.status: dict[int, int] = {}
        self.body: dict[int, bytes] = {}
        self.ended: dict[int, str] = {}
        self._rest = b""

    def take(self, data: bytes) -> None:
        self._rest += data
        while len(self._rest) >= 9 and len(self._rest) >= 9 + (size := int.from_bytes(self._rest[:3], "big")):
            kind, flags, stream = struct.unpack(">BBI", self._rest[3:9])
            self._frame(kind, flags, stream, self._rest[9:9 + size])
            self._rest = self._rest[9 + size:]

    def _frame(self, kind: int, flags: int, stream: int, payload: bytes) -> None:
        if kind == HEADERS:
            self.status[stream] = self._status(payload)
        elif kind == DATA:
            self.body[stream] = self.body.get(stream, b"") + payload
        elif kind == RST_STREAM:
            self.ended[stream] = "reset"
        if kind in (HEADERS, DATA) and flags & END_STREAM:
            self.ended[stream] = "answered"

    @staticmethod
    def _status(block: bytes) -> int:
        while block[0] & 0xe0 == 0x20:  # the dynamic table's size
            block = block[1:]
        return _INDEXED[block[0]] if block[0] in _INDEXED else int(block[2:5])
