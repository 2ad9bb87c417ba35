"""What the demo prints: plain text when nobody watches, some colour in a terminal."""

import json
import os
import sys
import textwrap


class Terminal:
    def __init__(self):
        self._colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"

    def title(self, text: str) -> None:
        print("\n" + self._paint("1", text), flush=True)

    def progress(self, text: str) -> None:
        print(self._paint("2", f"  … {text}"), flush=True)

    def step(self, number: int, text: str) -> None:
        print("\n" + self._paint("1;36", f"{number}. {text}"), flush=True)

    def sent(self, line: str, value=None) -> None:
        print(self._paint("2", self._folded("   → ", line + ("" if value is None else " " + _compact(value)))), flush=True)

    def answer(self, status: int, value) -> None:
        print(self._folded("   ← ", f"{status} {_compact(value)}"), flush=True)

    def fact(self, text: str) -> None:
        print(self._folded("     ", text), flush=True)

    def held(self, text: str) -> None:
        print(self._paint("32", f"   ✔ {text}"), flush=True)

    def failed(self, text: str) -> None:
        print(self._paint("1;31", f"   ✘ {text}"), flush=True)

    def pairs(self, pairs: list[tuple[str, str]]) -> None:
        width = max(len(name) for name, _ in pairs)
        for name, value in pairs:
            print(f"  {name:<{width}}  {value}", flush=True)

    @staticmethod
    def _folded(mark: str, text: str) -> str:
        return textwrap.fill(text, 110, initial_indent=mark, subsequent_indent=" " * len(mark),
                             break_long_words=False, break_on_hyphens=False)

    def _paint(self, style: str, text: str) -> str:
        return f"\033[{style}m{text}\033[0m" if self._colour else text


def _compact(value) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
