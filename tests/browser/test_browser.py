"""The browser tests of this folder (*.test.mjs) against a stack: Playwright drives Debian's Chromium."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from festival import decided, student, tickets, variant
from special_event import SpecialEvent
from stack.client import Client

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
    """`held` holds applications, `full` has a waiting list, `posted` is for mails; `gone` has no tickets left, `soon` opens later, `shut` is closed."""
    SpecialEvent(stack, "held", student="confirm_address = true", teacher="approval = true")
    SpecialEvent(stack, "full", student="waiting_list = true", students=1)
    variant(stack, "gone", form_seconds="0")
    gone = stack.folder.conf / "gone.toml"
    gone.write_text(gone.read_text(encoding="utf-8").replace("capacity  = 0", "capacity = 1", 1), encoding="utf-8")
    stack.mogirictl("event", "apply", gone)
    client = Client(stack.env["BASE_URL"])
    assert decided(client, client.post_json("/e/gone/api/v1/apply", student("S2B", 1), Idempotency_Key="gone"))["state"] == "issued"
    variant(stack, "soon")
    soon = stack.folder.conf / "soon.toml"
    soon.write_text(soon.read_text(encoding="utf-8").replace('[[form]]\n', '[[form]]\nopens = "2099-01-01 09:00"\n', 1),
                    encoding="utf-8")
    stack.mogirictl("event", "apply", soon)
    variant(stack, "shut", state='"closed"')
    variant(stack, "posted", form_seconds="0")


@pytest.fixture(scope="session")
def organisers(stack) -> dict[str, str]:
    """What the organisers' pages are tested with."""
    client, password = Client(stack.env["BASE_URL"]), "correct horse battery"
    stack.mogirictl("user", "add", "supervisor", "--email", "supervisor@example.jp", "--role", "supervisor", "--password-file", "-",
                    input=password + "\n")
    stack.mogirictl("user", "add", "looker", "--email", "looker@example.jp", "--role", "staff", "--password-file", "-",
                    input=password + "\n")
    return {"ADMIN_PAGES": str(HERE.parents[1] / "templates/pages/admin"), "ADMIN_PASSWORD": stack.env["ADMIN_PASSWORD"],
            "DEVICE_KEY": stack.env["DEVICE_KEY"], "STAFF_PASSWORD": password, "SUPERVISOR_PASSWORD": password, "TICKET_CODE": tickets(stack, client, 1)[0].code}


@pytest.mark.parametrize("subject", [file.name for file in sorted(HERE.glob("*.test.mjs"))])
def test_in_chromium(stack, build_dir, laboratory, events, organisers, subject):
    pictures = build_dir / "tests/browser/pictures"
    pictures.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(["node", "--test", subject], cwd=laboratory, text=True, capture_output=True, timeout=400,
                          env={**os.environ, "BASE_URL": stack.env["BASE_URL"], "PICTURES": str(pictures), **organisers,
                               "MAIL_SPOOL": stack.env["MAIL_SPOOL"],
                               "LOCALES": str(HERE.parents[1] / "templates/locales")})
    assert done.returncode == 0, done.stdout + done.stderr
