"""What brings a process to the places of calls: an applicant who wants the mail once more."""

from http.client import HTTPException

from festival import new_key
from stack.client import Client


def call_again(stack) -> None:
    """Of an application that has not had its mails of this hour; nothing when there is none."""
    some = stack.sql("SELECT id FROM application WHERE event = 1 AND state = 'issued' AND (SELECT count(*) FROM mail_outbox "
                     "WHERE application = application.id) < 3 ORDER BY random() LIMIT 1")
    client = Client(stack.env["BASE_URL"])
    try:
        for [application] in some:
            client.post_json(f"/api/v1/applications/{application}/resend", {}, Idempotency_Key=new_key())
    except (OSError, HTTPException):
        pass  # the worker died of it
    finally:
        client.close()
