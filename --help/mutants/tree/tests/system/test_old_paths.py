"""The door addresses of the system before, for scanners in use."""

import pytest

from festival import nonces, tickets
from stack.client import Client
from ticket_codes import TicketCodes


@pytest.fixture(scope="module")
def box(stack):
    return iter(tickets(stack, Client(stack.env["BASE_URL"]), 5))


def old(answer) -> tuple[str, int]:
    assert answer.status == 200
    assert set(answer.json) == {"result", "msg", "code"} and isinstance(answer.json["msg"], str)
    return answer.json["result"], answer.json["code"]


def test_entry_and_exit(first, second, box):
    code = next(box).code
    assert old(first.get(f"/api/v1/entry/validate/{code}")) == ("success", 200)
    assert old(second.get(f"/api/v1/entry/validate/{code}")) == ("error", 400)
    assert old(second.get(f"/api/v1/exit/validate/{code}")) == ("success", 200)
    assert old(second.get(f"/api/v1/exit/validate/{code}")) == ("error", 400)
    assert old(first.get(f"/api/v1/entry/validate/{code}")) == ("success", 200)
    assert old(first.get(f"/api/v1/entry/validate/{code}")) == ("error", 400), "a double read is no second green light"


def test_unknown_codes(stack, first, box):
    codes = TicketCodes((stack.folder.conf / "master.keys").read_text())
    code = next(box).code
    forged = code[:20] + ("B" if code[20] == "A" else "A") + code[21:]
    for unknown in (forged, codes.issue(1, 888_888_888)):
        assert old(first.get(f"/api/v1/entry/validate/{unknown}")) == ("error", 404)
    for misshapen in ("x", code.lower(), code + "A"):
        assert old(first.get(f"/api/v1/entry/validate/{misshapen}"))[0] == "error"


def test_it_is_the_same_door(first, second, box):
    code = next(box).code
    assert old(first.get(f"/api/v1/entry/validate/{code}")) == ("success", 200)
    assert second.scan(code, next(nonces)).json["reason"] == "already_inside"


def test_totals(first, second, box):
    def total(which: str) -> int:
        result, code = old(first.get(f"/api/v1/{which}/total_number"))
        assert code == 200
        return result

    entered, exited = total("entry"), total("exit")
    code = next(box).code
    first.scan(code, next(nonces))
    first.scan(code, next(nonces))  # a double read counts once
    assert (total("entry"), total("exit")) == (entered + 1, exited)
    second.scan(code, next(nonces), "exit")
    assert (total("entry"), total("exit")) == (entered + 1, exited + 1)


@pytest.mark.parametrize("path", ["entry/validate/" + "A" * 34, "exit/validate/" + "A" * 34, "entry/total_number",
                                  "exit/total_number"])
def test_they_want_a_device_key(client, path):
    answer = client.get("/api/v1/" + path)
    assert (answer.status, answer.json["code"]) == (401, "no_device_key")
