"""The words of FCALL for scans in one batch, and tickets' records, as WIRE.md has them."""

import itertools
import struct
from typing import NamedTuple

ALL_KINDS = 2**32 - 1


class DoorScan(NamedTuple):
    serial: int
    nonce: bytes  # its digest, 8 bytes
    gate: int = 1
    device: int = 1
    direction: bytes = b"E"
    deadline: int = 2**47
    kinds: int = ALL_KINDS
    more: bytes = b""


def checkin_call(scans: list[DoorScan], run_id, settings, batch=0, day=1, window=0, reentry=1, double_read=0, capacity=0,
                 kinds=ALL_KINDS, later_kinds=0, event=1) -> list:
    """Function, number of keys, keys, arguments. Scans stay in their order, so those of one group have to stand together."""
    prefix = f"{{{event}}}:"
    keys = [prefix + "ready", prefix + "scans", f"{prefix}totals:{day}", f"{prefix}live:{day}", *(f"{prefix}t:{scan.serial}" for scan in scans)]
    groups = b""
    for (gate, direction, of_gate), some in itertools.groupby(scans, lambda scan: (scan.gate, scan.direction, scan.kinds)):
        some = list(some)
        groups += struct.pack(">H1sBI", gate, direction, len(some), of_gate) + min(scan.deadline for scan in some).to_bytes(6, "big")
    columns = [groups, b"".join(scan.serial.to_bytes(5, "big") for scan in scans),
               b"".join(struct.pack(">HI", scan.gate, scan.device) + scan.nonce for scan in scans),
               b"".join(scan.deadline.to_bytes(6, "big") for scan in scans)]
    more = [scan.more for scan in scans] if any(scan.more for scan in scans) else []
    rules = f"{settings} {day} {window} {reentry} {double_read} {capacity} {kinds} {later_kinds}"
    return ["mogiri_checkin", len(keys), *keys, run_id, batch, rules, *columns, *more]


def ticket_record(name: str = "山田 花子", kind=0, allowance=1, version=1, status=b"V", use=b"", reference=b"ABCDEFGH") -> bytes:
    return bytes([130]) + version.to_bytes(6, "big") + reference + name.encode() + struct.pack(">1sBBB", status, kind, allowance, 131) + use


def outcomes(reply: list) -> list[int]:
    """Of the scans: a first entry is answered by the ticket's record as it was."""
    return [1 if text[0] == 130 else text[0] for text in reply[2:]]


def rows_of(fields: dict) -> list[bytes]:
    """The logged scans of an entry, 32 bytes each."""
    columns, rows = fields.get(b"f", b""), fields.get(b"s", b"")
    head, size = columns[:12], len(columns) // 19
    serials, places = columns[12:12 + 5 * size], columns[12 + 5 * size:]
    return [serials[5 * i:5 * i + 5] + places[14 * i:14 * i + 14] + b"E" + head for i in range(size)] + \
        [rows[at:at + 32] for at in range(0, len(rows), 32)]
