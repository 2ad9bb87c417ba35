"""Instructions in user space of a check-in, in a worker of nginx and in Redis, by callgrind: the same on a busy machine as on a free one."""

import hashlib
import json
import re
import socket
import subprocess
import time
from pathlib import Path

import redis
from checkin_call import DoorScan, checkin_call, outcomes, ticket_record
from redis_functions import function_library
from stack import ports
from stack.waiting import wait_until

from callgrind import Callgrind
from load import Load, post
from door_place import EVENT, DoorPlace

WARM = 200  # requests that are not counted
RECORD = ticket_record()


def of_redis(folder: Path, users: str = "", batch: int = 32, scans: int = 3200) -> float:
    """A check-in's share of a batch, first entries with fsync always."""
    path = folder / "redis"
    path.mkdir(parents=True, mode=0o700)
    server = Callgrind(folder / "redis-callgrind", [
        "redis-server", "--port", "0", "--unixsocket", "redis.sock", "--dir", path, "--save", "", "--appendonly", "yes",
        "--appendfsync", "always",
        "--hz", "1"], cwd=path)  # what Redis does ten times a second is done far too often under callgrind
    try:
        client = redis.Redis(unix_socket_path=str(path / "redis.sock"), socket_timeout=60)

        def there():
            try:
                return client.ping()
            except redis.exceptions.ConnectionError:
                return False

        wait_until("Redis under callgrind", there, 30, 0.05)
        client.function_load(function_library())
        client.acl_setuser("nginx", enabled=True, nopass=True, keys=["{*}:*", "events"], commands=[
            "-@all", "+ping", "+info", "+fcall", "+time", "+get", "+mget", "+exists", "+set", "+mset", "+xadd", "+xlen", "+xrange"])
        run_id = client.info("server")["run_id"]
        client.fcall("mogiri_publish_settings", 3, "{1}:ready", "{1}:settings", "events", 1, json.dumps({"version": 1}), "[]",
                     "settings", 1, run_id)
        client.fcall("mogiri_arm", 2, "{1}:ready", "{1}:settings", run_id, 1)
        client.mset({f"{{1}}:t:{serial}": RECORD for serial in range(2 * scans)})
        nginx = redis.Redis(unix_socket_path=str(path / "redis.sock"), socket_timeout=60, username="nginx", password="any")
        _scan(nginx, run_id, range(scans), batch)  # the first ones grow tables and buffers
        server.count()
        _scan(nginx, run_id, range(scans, 2 * scans), batch)
        return server.count() / scans
    finally:
        server.end()


def _scan(client, run_id: str, serials: range, batch: int) -> None:
    pipe, deadline = client.pipeline(transaction=False), int(time.time() * 1000) + 60_000
    for first in range(serials.start, serials.stop, batch):
        some = range(first, min(first + batch, serials.stop))
        pipe.fcall(*checkin_call([DoorScan(serial, hashlib.sha256(b"%d" % serial).digest()[:8], 1, 2, deadline=deadline) for serial in some],
                                 run_id, 1, double_read=2000))
    found = {outcome for answer in pipe.execute() for outcome in outcomes(answer)}
    if found != {1}:
        raise RuntimeError(f"not every scan was admitted: {found}")


def of_nginx(place: DoorPlace, program: Path, codes: list[str], folder: Path, connections: int) -> tuple[float, float]:
    """A check-in, and `return 200` to the same request, in a single process of the stack's nginx. Many connections at once make
    batches, and on a busy machine nginx under callgrind is then too slow for a scan's deadline."""
    requests = len(codes) - WARM
    port, mark = ports.take(None)
    http2, mark2 = ports.take(None)
    files = place.stack.folder
    text = (files.conf / "nginx.conf").read_text()
    text = re.sub(r"(?m)^worker_processes 2;", "worker_processes 1;\nmaster_process off;", text)
    text = re.sub(r"listen 127\.0\.0\.1:\d+ backlog", f"listen 127.0.0.1:{port} backlog", text)
    text = re.sub(r"listen 127\.0\.0\.1:\d+ http2", f"listen 127.0.0.1:{http2} http2", text).replace("nginx.pid", "counted.pid")
    conf = files.conf / "counted.conf"
    conf.write_text(text)
    server = Callgrind(folder / "nginx-callgrind", ["nginx", "-c", conf, "-p", files.nginx, "-e", folder / "nginx-error.log"])
    url, key = f"http://127.0.0.1:{port}", place.stack.env["DEVICE_KEY"]

    def load(path: str, some: list[str]) -> None:
        sent = [post(url, path, {"code": code, "direction": "entry", "nonce": code}, Authorization=f"Bearer {key}") for code in some]
        answers = Load(program, url, [1e-6 * (i + 1) for i in range(len(sent))], sent, connections).start().end()
        if answers.statuses != {200: len(some)}:
            raise RuntimeError(f"{path} answered {answers.statuses}\n{(folder / 'nginx-error.log').read_text()[-2000:]}")

    def listens():
        with socket.socket() as client:
            return client.connect_ex(("127.0.0.1", port)) == 0

    try:
        wait_until("nginx under callgrind", listens, 60, 0.1)
        wait_until("its first answer", lambda: load("/api/v1/checkin", codes[:1]) or True, 60, 0.2)
        before, counted = place.entered(), []
        load("/api/v1/checkin", codes[1:WARM])
        server.count()
        load("/api/v1/checkin", codes[WARM:])
        counted.append(server.count() / requests)
        if place.entered() - before != WARM + requests - 1:
            raise RuntimeError(f"{place.entered() - before} of {WARM + requests - 1} were admitted")
        load("/bench/return", codes[:WARM])
        server.count()
        load("/bench/return", codes[WARM:])
        counted.append(server.count() / requests)
        return counted[0], counted[1]
    finally:
        server.end()
        mark.close(), mark2.close()
