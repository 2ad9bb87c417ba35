"""The Redis function library of the source tree, as mogirid loads it: its files joined in the order of their names."""

from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "daemon/contract/functions"


def function_library() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.lua")))
