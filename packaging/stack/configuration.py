"""The shipped configuration files with a stack's own values in the places of @NAME@."""

import re
from pathlib import Path

_PLACE = re.compile(r"@([A-Z][A-Z0-9_]*)@")


def fill(text: str, values: dict[str, str], source: str) -> str:
    unknown = sorted({name for name in _PLACE.findall(text) if name not in values})
    if unknown:
        raise KeyError(f"{source} has places that the stack has no value for: {', '.join(unknown)}")
    return _PLACE.sub(lambda place: values[place[1]], text)


def fill_file(source: Path, target: Path, values: dict[str, str]) -> None:
    target.write_text(fill(source.read_text(encoding="utf-8"), values, str(source)), encoding="utf-8")


def force_first_day(event_file: str) -> str:
    """The sample event with day 1 forced, so that its door is open at any hour."""
    text, changes = re.subn(r"(?m)^(forced_day\s*=\s*)\d+", r"\g<1>1", event_file)
    if changes != 1:
        raise ValueError("The sample event has no line `forced_day = N`.")
    return text
