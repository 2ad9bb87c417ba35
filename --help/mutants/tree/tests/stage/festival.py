"""People of the sample event: who applies with what, and the tickets that they get."""

import itertools
import re
import secrets
import tomllib
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from stack.client import Client
from stack.stack import Stack
from stack.waiting import wait_until

from ticket_codes import TicketCodes

EVENT_TEXT = (Path(__file__).resolve().parents[2] / "config/events/musicfes.toml").read_text(encoding="utf-8")
EVENT = tomllib.loads(EVENT_TEXT)
SIZES = next(form for form in EVENT["form"] if form["id"] == "student")["roster"]["sizes"]


def student(group: str, number: int, guests: tuple[str, ...] = ("山田 花子",), email: str | None = None) -> dict[str, str]:
    """`group` is grade and class: "S2E"."""
    return {"form": "student", "last_name": "Yamada", "first_name": "Taro",
            "email": email or f"{group.lower()}{number:02}@example.jp", "school_grades": group[:2], "classes": group[2:],
            "student_number": str(number), **_guests(guests)}


def teacher(name: str, guests: tuple[str, ...] = ("山田 花子",)) -> dict[str, str]:
    return {"form": "teacher", "last_name": "Suzuki", "first_name": "Ichiro", "email": f"{name}@example.jp",
            **_guests(guests)}


def everybody():
    """All students, class by class, as (group, number)."""
    return ((group, number) for group, size in SIZES.items() for number in range(1, size + 1))


def _guests(names: tuple[str, ...]) -> dict[str, str]:
    return {"ticket_quantity": str(len(names)), **{f"guestName{i}": name for i, name in enumerate(names, 1)}}


def new_key() -> str:
    return secrets.token_hex(16)


nonces = (f"n-{i}" for i in itertools.count())


@dataclass
class Ticket:
    code: str
    serial: int
    name: str
    reference: str


def decided(client: Client, answer):
    """What became of an application that was answered 201 or 202: its status."""
    assert answer.status in (201, 202), (answer.status, answer.text)
    path = urlsplit(answer.json["status_url"]).path

    def state():
        now = client.get(path)
        return now.status == 200 and now.json["state"] != "pending" and now.json

    return wait_until("the decision", state)


_names = itertools.count(1)


def tickets(stack: Stack, client: Client, count: int, path: str = "/api/v1/apply") -> list[Ticket]:
    """New tickets of teachers. Their codes are made here from the key file, by code that shares nothing with ours."""
    codes = TicketCodes((stack.folder.conf / "master.keys").read_text())
    made: list[Ticket] = []
    while len(made) < count:
        guests = tuple(f"客{i} 太郎" for i in range(1, min(10, count - len(made)) + 1))
        answer = client.post_json(path, teacher(f"teacher{next(_names)}", guests), Idempotency_Key=new_key())
        status = decided(client, answer)
        assert status["state"] == "issued", status
        rows = stack.sql("SELECT event, serial, guest_name, reference FROM ticket "
                         f"WHERE application = '{status['application']}' ORDER BY position")
        made += [Ticket(codes.issue(int(number), int(serial)), int(serial), name, reference)
                 for number, serial, name, reference in rows]
    return made


def variant(stack: Stack, slug: str, allowance: int = 1, gate_kinds: str = "[]", forced_day: int = 1,
            year: str = "2027", **settings: str) -> None:
    """The sample event under another slug with other settings: `reentry="false"`. All tickets get the allowance,
    the east gate its kinds, the days the year."""
    text = EVENT_TEXT
    for name, value in {"slug": f'"{slug}"', "forced_day": str(forced_day), **settings}.items():
        text, changes = re.subn(rf"(?m)^({name}\s*=) .*$", rf"\g<1> {value}", text, count=1)
        assert changes == 1, name
    text = text.replace("2027-", f"{year}-").replace("allowance = 1", f"allowance = {allowance}")
    head, east = text.split('id     = "east"')
    file = stack.folder.conf / f"{slug}.toml"
    file.write_text(head + 'id     = "east"' + east.replace("kinds  = []", f"kinds  = {gate_kinds}", 1), encoding="utf-8")
    file.chmod(0o644)
    stack.mogirictl("event", "apply", file)
