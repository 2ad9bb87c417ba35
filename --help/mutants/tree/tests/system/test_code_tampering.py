"""Two guests' codes, each altered in every way that one character allows: none admits, and the door says why."""

import pytest

from festival import nonces, tickets
from ticket_codes import ALPHABET


@pytest.fixture(scope="module")
def codes(stack):
    from stack.client import Client
    return [ticket.code for ticket in tickets(stack, Client(stack.env["BASE_URL"]), 2)]


def refusal(device, code: str) -> str:
    answer = device.scan(code, next(nonces))
    assert answer.status == 200, answer.text
    assert answer.json["outcome"] == "refused", code
    return answer.json["reason"]


@pytest.mark.parametrize("which", [0, 1])
def test_every_single_changed_character(first, codes, which):
    """34 places, 31 other characters in each: 1,054 forgeries of a code."""
    code = codes[which]
    assert len(code) == 34
    for place in range(34):
        for character in ALPHABET:
            if character != code[place]:
                reason = refusal(first, code[:place] + character + code[place + 1:])
                assert reason in ("bad_code", "unknown"), (place, character)


@pytest.mark.parametrize("which", [0, 1])
def test_spare_bits_of_the_last_character(first, codes, which):
    """The last character carries 3 bits; with the 2 spare ones set it would spell the same 21 bytes."""
    code = codes[which]
    last = ALPHABET.index(code[33])
    assert last % 4 == 0
    for spare in (1, 2, 3):
        assert refusal(first, code[:33] + ALPHABET[last + spare]) == "bad_code"


def test_other_lengths(first, codes):
    code = codes[0]
    for length in [*range(1, 34)]:
        assert refusal(first, code[:length]) == "bad_code"
    for more in ("A", code[0], "A" * 6, code):
        assert refusal(first, code + more) == "bad_code"
        assert refusal(first, more + code) == "bad_code"


def test_other_spellings(first, codes):
    code = codes[0]
    for spelling in (code.lower(), code[:-1] + code[-1].lower() if code[-1].isalpha() else code[0].lower() + code[1:],
                     code + "======", code + "=", " " + code, code + " ", code + "\n", code[:17] + "-" + code[17:],
                     code[:17] + " " + code[17:], code.replace(code[5], "0", 1), "".join(chr(ord(c) + 0xfee0) for c in code)):
        assert refusal(first, spelling) == "bad_code", spelling


def test_after_all_that_the_codes_are_unused(stack, first, codes):
    for code in codes:
        answer = first.scan(code, next(nonces))
        assert answer.json["outcome"] == "admitted" and "repeat" not in answer.json
