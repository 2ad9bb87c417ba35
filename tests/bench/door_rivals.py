"""What the door is measured beside: the same decision in lua-nginx-module, the function alone, and the old way with PostgreSQL."""

import base64
import hashlib
import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

from stack import ports
from stack.folder import read_json
from stack.waiting import wait_until
from ticket_codes import TicketCodes, _hkdf

import processor_time
from door_place import EVENT, DoorPlace
from instructions import RECORD

HERE = Path(__file__).resolve().parent
OLD_WORKERS = 2


class Server:
    """One that listens on a free port until end()."""

    def __init__(self):
        self.port, self._mark = ports.take(None)
        self._process: subprocess.Popen | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def begin(self, argv: list, **popen) -> None:
        self._process = subprocess.Popen([str(word) for word in argv], stdout=sys.stderr, stderr=sys.stderr, **popen)
        wait_until(f"{argv[0]} to listen", self._listens, 60, 0.1)

    def _listens(self) -> bool:
        with socket.socket() as client:
            return client.connect_ex(("127.0.0.1", self.port)) == 0

    def processor_time(self) -> float:
        return processor_time.of_tree(self._process.pid)

    def end(self) -> None:
        if self._process:
            self._process.terminate()
            self._process.wait(30)
        self._mark.close()


def lua_door(place: DoorPlace, folder: Path) -> Server:
    server = Server()
    folder.mkdir(mode=0o777)
    folder.chmod(0o777)
    settings = json.loads(place.stack.redis("GET", f"{{{EVENT}}}:settings"))
    memory = read_json(place.stack.folder.memory_file)
    codes = TicketCodes((place.stack.folder.conf / "master.keys").read_text())
    device = next(one for one in settings["device"] if one["key"] == hashlib.sha256(place.stack.env["DEVICE_KEY"].encode()).hexdigest())
    gate = next(one for one in settings["gate"] if one["number"] == device["gate"])

    def text(value: bytes) -> str:
        return "'" + "".join(f"\\{byte:03}" for byte in value) + "'"

    lua = ", ".join([
        f"event = {EVENT}", f"redis = '{place.stack.folder.redis_socket}'", f"password = '{memory['secrets']['redis_nginx']}'",
        f"run_id = '{place.stack.redis('GET', f'{{{EVENT}}}:ready')[:40]}'", f"version = '{settings['version']}'",
        f"reentry = '{int(settings.get('reentry', True))}'", f"double_read = '{int(1000 * settings.get('double_read', 2))}'",
        f"kinds = '{2 ** len(settings['kind']) - 1}'",
        "kind_names = { " + ", ".join(f"'{kind['id']}'" for kind in settings["kind"]) + " }",
        f"seal_key = '{base64.b64encode(_hkdf(codes._keys[codes.signing_key], f'mogiri ticket {EVENT}')).decode()}'",
        f"devices = {{ [{text(hashlib.sha256(place.stack.env['DEVICE_KEY'].encode()).digest())}] = {{ place = "
        f"{text(device['gate'].to_bytes(2, 'big') + device['number'].to_bytes(4, 'big'))}, name = '{device['name']}', gate = '{gate['id']}' }} }}"])
    conf = (HERE / "lua_door.conf").read_text()
    for name, value in {"FOLDER": folder, "BENCH": HERE, "PORT": server.port, "SETTINGS": "{ " + lua + " }"}.items():
        conf = conf.replace(f"@{name}@", str(value))
    (folder / "nginx.conf").write_text(conf)
    (folder / "nginx.conf").chmod(0o644)
    server.begin(place.stack.command(["/usr/sbin/nginx", "-c", folder / "nginx.conf", "-p", folder, "-e", folder / "error.log"]), cwd="/")
    return server


def old_door(place: DoorPlace, count: int) -> Server:
    """As the old system does it, but with a connection that is kept and no ORM."""
    place.stack.sql("CREATE SCHEMA old_door; CREATE TABLE old_door.ticket (code text PRIMARY KEY, guest text NOT NULL, "
                    "entered boolean NOT NULL DEFAULT false, entered_at timestamptz)")
    codes = TicketCodes((place.stack.folder.conf / "master.keys").read_text())
    place.stack.sql("INSERT INTO old_door.ticket (code, guest) VALUES " +
                    ",".join(f"('{codes.issue(EVENT, serial)}', '山田')" for serial in range(1, count + 1)))
    server = Server()
    server.begin(place.stack.command(["/usr/bin/python3", "-B", "-m", "gunicorn", "--workers", OLD_WORKERS, "--backlog", "2048", "--bind",
                                      f"127.0.0.1:{server.port}", "--log-level", "warning", "old_door_app:app"]),
                 cwd="/", env={"PATH": os.defpath, "LANG": "C.UTF-8", "PYTHONPATH": str(HERE), "HOME": "/nonexistent",
                               "DATABASE_URL": place.stack.env["DATABASE_URL"]})
    return server


def function_alone(place: DoorPlace, round_: int, requests: int = 20_000) -> float:
    """Calls a second by redis-benchmark, one scan each, 64 connections; its tickets have names with twelve digits."""
    tickets, prefix = 5 * requests, f"{{{EVENT}}}:t:{round_}"
    lines = b"".join(b"*3\r\n$3\r\nSET\r\n$%d\r\n%s%012d\r\n$%d\r\n%s\r\n" %
                     (len(prefix) + 12, prefix.encode(), number, len(RECORD), RECORD) for number in range(tickets))
    socket_ = str(place.stack.folder.redis_socket)
    subprocess.run(["redis-cli", "-s", socket_, "--pipe"], input=lines, capture_output=True, check=True)
    mark, settings = place.stack.redis("GET", f"{{{EVENT}}}:ready"), json.loads(place.stack.redis("GET", f"{{{EVENT}}}:settings"))
    # Columns of printable bytes, for they go through a command line: one gate, any serial, far deadline, all kinds.
    group, serial, place, deadline = "\x01\x01E\x01" + "\x7f" * 4 + "\x7f" * 6, "\x01" * 5, "\x01" * 6 + "nonce-%02d" % (round_ % 100), "\x7f" * 6
    told = subprocess.run(
        ["redis-benchmark", "-s", socket_, "-c", "64", "-n", str(requests), "-r", str(tickets), "--csv", "FCALL", "mogiri_checkin", "5",
         f"{{{EVENT}}}:ready", f"{{{EVENT}}}:scans", f"{{{EVENT}}}:totals:9", f"{{{EVENT}}}:live:9", prefix + "__rand_int__", mark[:40], "0",
         f"{settings['version']} 9 0 1 0 0 255 0", group, serial, place, deadline], capture_output=True, text=True, check=True).stdout
    return float(re.findall(r'"([\d.]+)"', told.splitlines()[-1])[0])
