#!/usr/bin/python3
"""Mails tickets as the system before did: each drawn in line, a connection for each mail: old_way_mail.py PORT BACKGROUND SECONDS"""

import json
import smtplib
import sys
import time
from email.message import EmailMessage

from old_way_ticket import NAMES, ticket


def send(port: int, background: str, number: int) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "tickets@example.jp", f"student{number}@example.jp", "音楽祭 入場券"
    mail.set_content("入場券をお送りします。\n")
    for guest in range(2):
        mail.add_attachment(ticket(background, 2 * number + guest), maintype="image", subtype="jpeg",
                            filename=f"{NAMES[guest]}.jpg")
    with smtplib.SMTP("127.0.0.1", port) as server:
        server.send_message(mail)


def main() -> None:
    port, background, seconds = int(sys.argv[1]), sys.argv[2], float(sys.argv[3])
    begun, sent = time.monotonic(), 0
    while sent == 0 or time.monotonic() - begun < seconds:
        send(port, background, sent)
        sent += 1
    print(json.dumps({"per_second": sent / (time.monotonic() - begun), "mails": sent}))


if __name__ == "__main__":
    main()
