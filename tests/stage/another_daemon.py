"""A second mogirid beside a stack's own: the same servers and files, its own name in the queues."""

import re
import subprocess
from contextlib import contextmanager

from stack.services import clean_environment
from stack.stack import Stack


@contextmanager
def another_daemon(stack: Stack, name: str, *changes: tuple[str, str], environment: dict[str, str] | None = None):
    """Its process, as started; it is ended with the block. `changes` are patterns of whole lines and what stands there instead."""
    text = (stack.folder.conf / "mogirid.toml").read_text(encoding="utf-8")
    for pattern, line in (("consumer = .*", f'consumer = "{name}"'), *changes):
        text, count = re.subn(f"(?m)^{pattern}$", lambda _, line=line: line, text)
        assert count == 1, pattern
    file = stack.folder.conf / f"{name}.toml"
    file.write_text(text, encoding="utf-8")
    file.chmod(0o644)
    with open(stack.folder.log / f"{name}.log", "ab") as log:
        process = subprocess.Popen(
            stack._account.command([stack._build.mogirid, "--config", file]), stdin=subprocess.DEVNULL, stdout=log,
            stderr=log, cwd="/", start_new_session=True,
            env={**clean_environment(stack.folder), **stack._build.sanitizer_environment(), **(environment or {})})
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(60)
        finally:
            process.kill()
            process.wait()
