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

