"""The module in nginx's one and only process (master_process off), under valgrind and under ASan that also looks for leaks.

Not in CI; part of the full run:
    apt-get install valgrind
    python3 -B -m pytest -s tests/faults/test_single_process.py --build-dir build --single-process valgrind   # or asan
"""

import threading
import time

import pytest

from crowd import codes_of
from rude_clients import RudeClient, Wishes, connections
from sanitized import SanitizedBuild
from stack.build import SANITIZERS, Build
from stack.waiting import wait_until

RUDE = {"valgrind": 1_000, "asan": 5_000}  # requests that are left
# Where nginx itself holds memory until its end.
NGINX_KEEPS = ("ngx_set_environment", "ngx_regex_compile", "ngx_regex_malloc", "ngx_init_setproctitle")
SUPPRESSIONS = {"asan": "".join(f"leak:{function}\n" for function in NGINX_KEEPS),
                "valgrind": "".join(f"{{\n{function}\nMemcheck:Leak\n...\nfun:{function}\n}}\n" for function in NGINX_KEEPS)}
VALGRIND = ["/usr/bin/valgrind", "--tool=memcheck", "--leak-check=full", "--show-leak-kinds=definite",
            "--errors-for-leak-kinds=definite", "--num-callers=30", "--log-file={log}", "--suppressions={suppressions}"]


@pytest.fixture(scope="session")
def tool(request) -> str:
    return request.config.getoption("--single-process")


@pytest.fixture(scope="session")
def report(work_dir):
    """Where valgrind writes; open to the account that the servers run as."""
    file = work_dir / "valgrind.log"
    file.touch()
    file.chmod(0o666)
    return file


@pytest.fixture(scope="session")
def suppressions(work_dir, tool):
    file = work_dir / "suppressions"
    file.write_text(SUPPRESSIONS[tool], encoding="utf-8")
    file.chmod(0o644)
    return file


@pytest.fixture(scope="session")
def build(build_dir, work_dir, tool, report, suppressions) -> Build:
    build = SanitizedBuild(build_dir) if tool == "asan" else Build(build_dir)
    nginx = str(build.nginx or "/usr/sbin/nginx")
    before = [] if tool == "asan" else [word.format(log=report, suppressions=suppressions) for word in VALGRIND]
    build.nginx = work_dir / "single-nginx"
    build.nginx.write_text(f"#!/bin/sh\nexec {' '.join([*before, nginx])} \"$@\" -g 'master_process off;'\n", encoding="utf-8")
    build.nginx.chmod(0o755)
    return build


@pytest.fixture(scope="session")
def server_environment(tool, suppressions):
    if tool != "asan":
        return {}
    return {"nginx": {"ASAN_OPTIONS": SANITIZERS["ASAN_OPTIONS"].replace("detect_leaks=0", "detect_leaks=1"),
                      "LSAN_OPTIONS": f"suppressions={suppressions}:print_suppressions=0"}}


def test_single_process(stack, tool, report, dice, crowd, history, gate_keys, every_promise_holds):
    nginx = stack.process("nginx")
    crowd.applicants(200, clients=4, most=4)
    crowd.gates(gate_keys)
    wait_until("tickets", lambda: not crowd.applying(), 300)
    wishes, left = Wishes(stack, history, dice, gate_keys[0], codes_of(stack)), RudeClient(stack, None)
    lock = threading.Lock()

    def leave(own) -> None:
        for _ in range(RUDE[tool] // 4):
            with lock:
                wish = wishes.draw(own)
            left.leave(wish, own)

    for number in range(4):
        crowd.begin(f"rude{number}", leave)
    while crowd.applying("rude"):  # with Redis away for moments
        stack.redis("CLIENT", "KILL", "USER", "nginx")
        time.sleep(1)
    crowd.end(300)
    port = int(stack.env["BASE_URL"].rsplit(":", 1)[1])
    wait_until("nginx to hold no connection", lambda: connections(port) == 0, 60)
    every_promise_holds()
    assert stack.process("nginx") == nginx
    stack.stop()  # a leak is found at the end; the logs are looked through after this
    if tool == "valgrind":
        text = report.read_text(encoding="utf-8", errors="replace")
        print(text[text.rindex("HEAP SUMMARY"):])
        assert "ERROR SUMMARY: 0 errors" in text, text[:6000]
