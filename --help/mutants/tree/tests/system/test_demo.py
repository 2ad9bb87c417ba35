"""packaging/demo as a newcomer uses it."""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import threading
from pathlib import Path

import pytest

from conftest import SOURCE
from stack.client import Client
from stack.folder import LONGEST_SOCKET_PATH
from stack.process import Process, children
from stack.waiting import wait_until

NAMES = {"BASE_URL", "EVENT", "DEVICE_KEY", "DEVICE_KEY_2", "SUPERVISOR_KEY", "ADMIN_USER", "ADMIN_EMAIL", "ADMIN_PASSWORD",
         "REDIS_SOCKET", "DATABASE_URL", "MAIL_SPOOL", "METRICS_URL", "NGINX_PID", "MOGIRID_PID", "REDIS_PID", "POSTGRES_PID"}
SERVERS = ("NGINX_PID", "MOGIRID_PID", "REDIS_PID", "POSTGRES_PID")


@pytest.fixture
def demo(build_dir):
    """Runs packaging/demo; what it leaves running is ended with the test."""
    used = []

    def run(*words, folder: Path | None = None, **how):
        if folder is not None:
            used.append(folder)
            words = (*words, "--dir", folder)
        argv = [SOURCE / "packaging/demo", "--no-install", "--no-build", "--build-dir", build_dir, *words]
        return subprocess.run([str(word) for word in argv], text=True, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=180, **how)

    yield run
    for folder in set(used):
        run("--stop", folder=folder)


def read_env(folder: Path) -> dict[str, str]:
    """As a shell reads it."""
    told = subprocess.run(["sh", "-c", 'set -a; . "$1"; env -0', "sh", folder / "env"], capture_output=True, check=True, env={})
    return dict(line.split("=", 1) for line in told.stdout.decode().split("\0") if "=" in line)


def offspring_of(server: Process) -> list[Process]:
    found = []
    for pid in children(server.pid):
        with contextlib.suppress(ProcessLookupError):  # a backend may just have ended
            found.append(Process.of(pid))
    return found


def sources() -> set[Path]:
    return {path for part in ("packaging", "config", "templates", "daemon", "module") for path in (SOURCE / part).rglob("*")}


def test_tour_and_exit(demo, work_dir):
    before = sources()
    told = demo("--exit", folder=work_dir / "exit")
    assert told.returncode == 0, told.stdout
    assert "\x1b" not in told.stdout, "colours without a terminal"
    steps = re.findall(r"(?m)^(\d)\. ", told.stdout)
    assert steps == list("12345678")
    for words in ('201 {"application"', '"outcome": "admitted"', '"reason": "already_inside"', '"outcome": "exited"',
                  '"reason": "unknown"', "山田 花子", "Every step held."):
        assert words in told.stdout, words
    assert not (work_dir / "exit/env").exists()
    # a second start in the same folder keeps what is there and is quick
    again = demo("--exit", folder=work_dir / "exit")
    assert again.returncode == 0, again.stdout
    assert sources() <= before, "something was written outside of the demo's folder"


@pytest.mark.parametrize("mode", [0o700, 0o755])
def test_keep_running_and_stop(demo, work_dir, mode):
    folder = work_dir / f"keep-{mode:o}"
    folder.mkdir(mode=mode)
    told = demo("--keep-running", folder=folder)  # with pipes: it returns only when nobody holds them
    assert told.returncode == 0, told.stdout
    env = read_env(folder)
    assert NAMES <= set(env)
    servers = {name: Process.of(int(env[name])) for name in SERVERS}
    for process in servers.values():
        for number in (0, 1, 2):
            target = os.readlink(f"/proc/{process.pid}/fd/{number}")
            assert target == "/dev/null" or target.startswith(str(folder)), target
        assert os.getsid(process.pid) != os.getsid(0)
    for name in ("REDIS_PID", "POSTGRES_PID"):
        assert os.stat(f"/proc/{env[name]}").st_uid != 0
    device = Client(env["BASE_URL"], env["DEVICE_KEY"])
    assert device.scan("A" * 34, "n").json["reason"] == "bad_code"
    assert device.get("/metrics").status == 200
    assert subprocess.run(["redis-cli", "-s", env["REDIS_SOCKET"], "PING"], capture_output=True, text=True).stdout == "PONG\n"
    assert subprocess.run(["psql", "-At", env["DATABASE_URL"], "-c", "SHOW fsync"], capture_output=True, text=True).stdout == "on\n"

    again = demo("--keep-running", folder=folder)
    assert again.returncode == 1 and "already" in again.stdout
    told = demo("--stop", folder=folder)
    assert told.returncode == 0
    assert not any(process.alive() for process in servers.values())
    assert not (folder / "env").exists()
    assert "Nothing runs" in demo("--stop", folder=folder).stdout


@pytest.mark.parametrize("name", SERVERS)
def test_what_dies_is_started_again(demo, kept, name):
    env = read_env(kept)
    victim = Process.of(int(env[name]))
    offspring = offspring_of(victim)
    assert victim.signal(signal.SIGKILL)
    wait_until(f"another {name} in env", lambda: read_env(kept)[name] != env[name], 3)
    now = read_env(kept)
    assert {key: value for key, value in now.items() if key in NAMES - {name}} == \
           {key: value for key, value in env.items() if key in NAMES - {name}}
    wait_until("its offspring to be gone", lambda: not any(process.alive() for process in offspring))
    device = Client(env["BASE_URL"], env["DEVICE_KEY"])
    wait_until("the door", lambda: device.scan("CE" + "A" * 32, "n").status == 200, 20)
    wait_until("the form", lambda: device.get("/apply/student", Accept="text/html").status == 200, 20)


@pytest.fixture(scope="module")
def kept(build_dir, work_dir):
    folder = work_dir / "kept"
    words = [SOURCE / "packaging/demo", "--no-install", "--no-build", "--build-dir", build_dir, "--dir", folder]
    subprocess.run([*words, "--keep-running"], check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, timeout=180)
    yield folder
    subprocess.run([*words, "--stop"], check=True, stdout=subprocess.DEVNULL)


def test_a_supervisor_that_is_killed_leaves_nothing_behind_for_ever(demo, work_dir):
    folder = work_dir / "orphaned"
    assert demo("--keep-running", folder=folder).returncode == 0
    env = read_env(folder)
    servers = [Process.of(int(env[name])) for name in SERVERS]
    offspring = [process for server in servers for process in offspring_of(server)]
    supervisor = int(Path(f"/proc/{env['NGINX_PID']}/stat").read_text().rsplit(")", 1)[1].split()[1])
    os.kill(supervisor, signal.SIGKILL)
    assert demo("--stop", folder=folder).returncode == 0
    wait_until("everything to be gone", lambda: not any(process.alive() for process in servers + offspring))


def test_two_at_once(demo, work_dir):
    told = []
    threads = [threading.Thread(target=lambda name=name: told.append(demo("--exit", folder=work_dir / name)))
               for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one.returncode for one in told] == [0, 0], "\n".join(one.stdout for one in told)


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_foreground_until_interrupted(build_dir, work_dir, ending):
    folder = work_dir / f"foreground-{ending.name}"
    demo = subprocess.Popen([SOURCE / "packaging/demo", "--no-install", "--no-build", "--build-dir", build_dir, "--dir", folder],
                            text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                            start_new_session=True)
    for line in demo.stdout:
        if "Serving" in line:
            break
    env = read_env(folder)
    demo.send_signal(ending)
    demo.wait(60)
    wait_until("the servers to be gone", lambda: not any(os.path.exists(f"/proc/{env[name]}") for name in SERVERS))
    wait_until("the supervisor to be gone", lambda: not (folder / "env").exists())
    demo.stdout.close()
    if ending != signal.SIGKILL:
        assert demo.returncode == 0
    shutil.rmtree(folder)


def test_folders_that_cannot_be_used(demo, work_dir):
    full = work_dir / "full"
    full.mkdir()
    (full / "thesis.txt").write_text("mine")
    told = demo("--exit", folder=full)
    assert told.returncode == 1 and "other things" in told.stdout
    assert [path.name for path in full.iterdir()] == ["thesis.txt"]
    long = work_dir / ("x" * LONGEST_SOCKET_PATH)
    told = demo("--exit", folder=long)
    assert told.returncode == 1 and "too long" in told.stdout and not long.exists()


def test_options(demo):
    told = demo("--help")
    assert told.returncode == 0
    for option in ("--exit", "--keep-running", "--dir", "--stop", "--no-install", "--no-build", "--build-dir"):
        assert option in told.stdout
    assert demo("--nosuch").returncode == 2
    assert demo("--exit", "--keep-running").returncode == 2
