"""The demo's tour: one application from the form to the door, each step with the answer that really came."""

import secrets
import tomllib

from .client import Answer, Client
from .mailbox import Mailbox
from .stack import Stack
from .terminal import Terminal
from .waiting import wait_until

GUESTS = ("山田 花子", "佐藤 健太郎")


class StepFailed(AssertionError):
    """A step's answer was not what mogiri promises."""


class Tour:
    def __init__(self, stack: Stack, terminal: Terminal):
        self._env = stack.env
        self._folder = stack.folder
        self._terminal = terminal
        self._first = Client(self._env["BASE_URL"], self._env["DEVICE_KEY"])
        self._second = Client(self._env["BASE_URL"], self._env["DEVICE_KEY_2"])
        self._steps = 0

    def walk(self) -> None:
        address = self._apply()
        code = self._read_mail(address)
        self._at_the_door(code)
        self._terminal.title("Every step held.")

    def _apply(self) -> str:
        self._step("A student applies for two guests")
        # A folder keeps what happened in it, and a student has two tickets in all: each tour is another student's.
        students = self._students()
        for _ in range(20):
            tours = self._folder.remember().get("tours", 0)
            self._folder.remember(tours=tours + 1)
            group, number = students[tours % len(students)]
            fields = {"form": "student", "last_name": "Yamada", "first_name": "Taro",
                      "email": f"{group.lower()}{number:02}@example.jp", "school_grades": group[:2], "classes": group[2:],
                      "student_number": str(number), "ticket_quantity": "2",
                      "guestName1": GUESTS[0], "guestName2": GUESTS[1]}
            client = Client(self._env["BASE_URL"])
            answer = client.apply(fields, secrets.token_hex(16))
            self._show("POST /api/v1/apply", fields, answer)
            if answer.status != 409:
                break
        if answer.status == 202:
            status_url = answer.json["status_url"]
            self._terminal.fact("taken; the decision is asked for at its status address")
            answer = wait_until("the decision", lambda: (now := client.get(_path(status_url))).json["state"] != "pending" and now)
            self._show(f"GET {_path(status_url)}", None, answer)
        self._hold(answer.status in (200, 201) and answer.json.get("tickets") == 2, "two tickets issued")
        return fields["email"]

    def _students(self) -> list[tuple[str, int]]:
        """Everybody in the sample event's roster: ("S2E", 12)."""
        event = tomllib.loads((self._folder.conf / "musicfes.toml").read_text(encoding="utf-8"))
        sizes = next(form for form in event["form"] if form["id"] == "student")["roster"]["sizes"]
        return [(group, number) for group in reversed(sorted(sizes)) for number in range(1, sizes[group] + 1)]

    def _read_mail(self, address: str) -> str:
        self._step("The tickets come by mail")
        mailbox = Mailbox(self._env["MAIL_SPOOL"])
        mail = wait_until(f"a mail to {address}", lambda: mailbox.to(address))[0]
        self._terminal.fact(f"{mail.path}")
        for name in ("From", "To", "Subject"):
            self._terminal.fact(f"{name}: {mail.message[name]}")
        for image in mail.images:
            self._terminal.fact(f"attached: {image.file_name}, {len(image.png) // 1024} KB")
        self._hold(len(mail.images) == 2 and all(guest in image.file_name for guest, image in zip(GUESTS, mail.images)),
                   "one picture for each guest, named after the guest")

        self._step("zbar reads the QR codes in the pictures")
        for image in mail.images:
            self._terminal.fact(f"{image.file_name}: {' '.join(image.codes) or 'nothing'}")
        self._hold(all(len(image.codes) == 1 and len(image.codes[0]) == 34 for image in mail.images),
                   "one code of 34 characters in each")
        return mail.images[0].codes[0]

    def _at_the_door(self, code: str) -> None:
        self._scan("The first guest's code at the main gate", self._first, code, "entry", ("admitted", None))
        self._scan("The same code at a second device", self._second, code, "entry", ("refused", "already_inside"))
        self._scan("The guest goes out", self._second, code, "exit", ("exited", None))
        self._scan("And comes in again", self._first, code, "entry", ("admitted", None))
        place = 20
        forged = code[:place] + ("B" if code[place] == "A" else "A") + code[place + 1:]
        self._scan("A forged code: one character is another", self._first, forged, "entry", ("refused", "unknown"))

    def _scan(self, title: str, device: Client, code: str, direction: str, expected: tuple) -> None:
        self._step(title)
        sent = {"code": code, "direction": direction, "nonce": secrets.token_hex(8)}
        answer = device.post_json("/api/v1/checkin", sent, Accept_Language="en")
        self._show("POST /api/v1/checkin", sent, answer)
        seen = (answer.json.get("outcome"), answer.json.get("reason"))
        self._hold(answer.status == 200 and seen == expected, expected[0] + (f": {expected[1]}" if expected[1] else ""))

    def _step(self, text: str) -> None:
        self._steps += 1
        self._terminal.step(self._steps, text)

    def _show(self, line: str, value, answer: Answer) -> None:
        self._terminal.sent(line, value)
        try:
            self._terminal.answer(answer.status, answer.json)
        except ValueError:
            self._terminal.answer(answer.status, answer.body[:300].decode("utf-8", "replace"))

    def _hold(self, held: bool, text: str) -> None:
        if not held:
            self._terminal.failed(f"expected: {text}")
            raise StepFailed(text)
        self._terminal.held(text)


def _path(url: str) -> str:
    """Addresses may come whole or as a path."""
    return "/" + url.split("/", 3)[3] if url.startswith("http") else url
