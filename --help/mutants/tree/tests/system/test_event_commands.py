"""Events by command: shown as a file again, copied, opened, closed, archived."""

import json

from festival import decided, new_key, nonces, student, tickets, variant
from stack.client import Client


def event(stack, *words) -> dict:
    return json.loads(stack.mogirictl("event", *words, "--json").stdout)


def test_what_is_shown_can_be_applied_again(stack):
    file = stack.folder.conf / "shown.toml"
    file.write_text(stack.mogirictl("event", "show", "musicfes").stdout, encoding="utf-8")
    file.chmod(0o644)
    assert event(stack, "apply", file)["changes"] == []
    assert file.read_text(encoding="utf-8") == stack.mogirictl("event", "show", "musicfes", "--toml").stdout
    shown = event(stack, "show", "musicfes")
    assert shown["slug"] == shown["definition"]["slug"] == "musicfes" and shown["default"] is True
    assert len(shown["definition"]["form"]) == 2


def test_a_copy_is_a_draft_and_again_changes_nothing(stack, client):
    copied = event(stack, "copy", "musicfes", "copied")
    assert copied["created"] is True
    assert event(stack, "show", "copied")["definition"] == {
        **event(stack, "show", "musicfes")["definition"], "slug": "copied", "state": "draft"}
    assert client.post_json("/e/copied/api/v1/apply", student("S2E", 1), Idempotency_Key=new_key()).json["code"] == "closed"
    again = event(stack, "copy", "musicfes", "copied")
    assert (again["created"], again["changes"], again["version"]) == (False, [], copied["version"])
    stack.mogirictl("event", "open", "copied")
    told = stack.mogirictl("event", "copy", "musicfes", "copied", check=False)
    assert told.returncode == 1 and "already" in told.stderr
    for words in (("copy", "musicfes", "A B"), ("copy", "nosuch", "other"), ("show", "nosuch"), ("open", "nosuch")):
        assert stack.mogirictl("event", *words, check=False).returncode == 1


def test_states(stack, client):
    variant(stack, "states")
    door = Client(stack.env["BASE_URL"], stack.add_device("states", "Main", "main"))
    applied = "/e/states/api/v1/apply"

    def apply(number: int):
        return client.post_json(applied, student("S2E", number), Idempotency_Key=new_key())

    inside, outside, late = tickets(stack, client, 3, applied)
    scan = lambda ticket, direction="entry": door.post_json(
        "/e/states/api/v1/checkin", {"code": ticket.code, "direction": direction, "nonce": next(nonces)}).json
    assert scan(inside)["outcome"] == "admitted"

    assert event(stack, "close", "states")["changes"] == ['state: "open" -> "closed"']
    assert event(stack, "close", "states")["changes"] == []
    assert (apply(1).status, apply(1).json["code"]) == (403, "closed")
    assert scan(outside)["outcome"] == "admitted"

    event(stack, "archive", "states")
    assert apply(2).json["code"] == "closed"
    assert scan(late)["reason"] == "over"
    assert scan(inside, "exit")["outcome"] == "exited"

    event(stack, "open", "states")
    assert decided(client, apply(3))["state"] == "issued"
    assert scan(late)["outcome"] == "admitted"
