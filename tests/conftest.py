"""What every test of the whole system shares: a stack of its own, its logs when something fails, and the end that every log must have."""

import re
import shutil
import sys
import tempfile
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(SOURCE / "packaging"), str(SOURCE / "tests/stage")]

from people import Member  # noqa: E402
from stack.build import Build  # noqa: E402
from stack.client import Client  # noqa: E402
from stack.folder import Folder, FolderError  # noqa: E402
from stack.mailbox import Mailbox  # noqa: E402
from stack.stack import Stack  # noqa: E402

# What nginx says of a worker that a test killed itself.
OF_A_KILL = re.compile(r'worker process \d+ exited on signal 9|shared memory zone "mogiri" was locked by')
FINDING = re.compile(r"Sanitizer|runtime error:|\[alert\]|\[emerg\]")


def pytest_addoption(parser):
    parser.addoption("--build-dir", default=str(SOURCE / "build"), help="where mogiri was built")


@pytest.fixture(scope="session")
def build_dir(request) -> Path:
    return Path(request.config.getoption("--build-dir")).resolve()


@pytest.fixture(scope="session")
def work_dir(request, build_dir):
    """An empty folder of this file's own, short enough for sockets; it stays when a test fails."""
    file = Path(request.config.args[0].split("::")[0]).resolve()
    name = file.stem.removeprefix("test_")
    path = build_dir / "tests" / file.parent.name / name
    shutil.rmtree(path, ignore_errors=True)
    try:
        Folder(path / "stack").make()
    except FolderError:
        path = Path(tempfile.mkdtemp(prefix=f"mogiri-{name}-"))
    path.mkdir(parents=True, exist_ok=True)
    yield path
    if request.session.testsfailed == 0:
        shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="session")
def server_environment() -> dict[str, dict[str, str]]:
    """Variables for single servers, by the server's name; a file that needs some has a fixture of this name."""
    return {}


@pytest.fixture(scope="session")
def build(build_dir) -> Build:
    """What the stack runs; a file that wants another one has a fixture of this name."""
    return Build(build_dir)


@pytest.fixture(scope="session")
def new_stack(build, work_dir, server_environment) -> Stack:
    """Not started yet."""
    return Stack(work_dir / "stack", build, server_environment)


@pytest.fixture(scope="session")
def stack(request, new_stack):
    stack = request.config.stack = new_stack
    stack.start()
    yield stack
    stack.stop()
    check_logs(stack)


def check_logs(stack: Stack) -> None:
    """Of what every run must be free: nginx's alerts, at its exit too, and findings of sanitizers."""
    findings = []
    for path in stack.folder.log.glob("*.log"):
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        found = [number for number, line in enumerate(lines) if FINDING.search(line) and not OF_A_KILL.search(line)]
        # what follows the first one: a sanitizer's calls
        findings += [f"{path.name}: {line}" for number in found[:1] for line in lines[number:number + 60]]
        findings += [f"{path.name}: {lines[number]}" for number in found[1:30]]
    assert not findings, "\n".join(findings)


@pytest.fixture
def client(stack):
    client = Client(stack.env["BASE_URL"])
    yield client
    client.close()


@pytest.fixture
def first(stack):
    """The scanner at the main gate."""
    client = Client(stack.env["BASE_URL"], stack.env["DEVICE_KEY"])
    yield client
    client.close()


@pytest.fixture
def second(stack):
    """The scanner at the east gate."""
    client = Client(stack.env["BASE_URL"], stack.env["DEVICE_KEY_2"])
    yield client
    client.close()


@pytest.fixture(scope="session")
def mailbox(stack) -> Mailbox:
    return Mailbox(stack.env["MAIL_SPOOL"])


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    report = (yield).get_result()
    stack = getattr(item.config, "stack", None)
    if report.failed and stack is not None:
        report.sections.append(("the stack's logs", stack.logs()))


def pytest_sessionfinish(session):
    """A test that was skipped did not run: that is a failure, but where a machine cannot show it (tests/faults/mounts.py)."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter is not None else []
    if any("NOT SHOWN: " not in str(report.longrepr) for report in skipped):
        session.exitstatus = 1


@pytest.fixture(scope="session")
def admin(stack):
    """Logged in, with every right."""
    member = Member(stack.env["BASE_URL"])
    assert member.log_in("admin", stack.env["ADMIN_PASSWORD"]).status == 200
    yield member
    member.close()
