"""The browser tests of this folder (*.test.mjs) against a stack: Playwright drives Debian's Chromium."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from special_event import SpecialEvent

HERE = Path(__file__).resolve().parent


@pytest.fixture(scope="session")
def laboratory(build_dir) -> Path:
    """The tests beside the modules that package-lock.json names, out of the source tree."""
    folder = build_dir / "tests/browser/laboratory"
    folder.mkdir(parents=True, exist_ok=True)
    lock, fresh = folder / "package-lock.json", (HERE / "package-lock.json").read_bytes()
    for file in [*HERE.glob("*.mjs"), HERE / "package.json"]:
        shutil.copy(file, folder)
    if not lock.exists() or lock.read_bytes() != fresh or not (folder / "node_modules").exists():
        lock.write_bytes(fresh)
        done = subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"], cwd=folder, text=True,
                              capture_output=True, timeout=180)
        if done.returncode != 0:
            lock.unlink()
            pytest.fail(f"npm ci: {done.stdout}{done.stderr}")
    return folder


@pytest.fixture(scope="session")
def events(stack) -> None:
    """One whose applications are held, and one that is full with the first ticket."""
    SpecialEvent(stack, "held", student="confirm_address = true", teacher="approval = true")
    SpecialEvent(stack, "full", student="waiting_list = true", students=1)


@pytest.mark.parametrize("subject", [file.name for file in sorted(HERE.glob("*.test.mjs"))])
def test_in_chromium(stack, build_dir, laboratory, events, subject):
    pictures = build_dir / "tests/browser/pictures"
    pictures.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(["node", "--test", subject], cwd=laboratory, text=True, capture_output=True, timeout=400,
                          env={**os.environ, "BASE_URL": stack.env["BASE_URL"], "PICTURES": str(pictures),
                               "MAIL_SPOOL": stack.env["MAIL_SPOOL"]})
    assert done.returncode == 0, done.stdout + done.stderr
