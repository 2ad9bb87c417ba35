"""What the shipped Redis configuration lets each user do: nginx our functions and no more, the daemon its work, nobody else anything."""
import hashlib
import json
import pathlib
import subprocess
import threading
import time

import pytest
import redis

from checkin_call import DoorScan, checkin_call, outcomes, ticket_record
from redis_functions import function_library

SOURCE = pathlib.Path(__file__).resolve().parents[2]
PASSWORDS = {"nginx": "word of nginx", "mogirid": "word of the daemon"}


def fill(name, folder, **values):
    text = (SOURCE / "config/redis" / name).read_text()
    for placeholder, value in values.items():
        text = text.replace(f"@{placeholder}@", str(value))
    (folder / name).write_text(text)


class Server:
    """A Redis with the shipped configuration, as packaged: nobody logs in as the default user."""

    def __init__(self, folder):
        self.folder = folder
        self.socket = folder / "redis.sock"
        fill("mogiri-redis.conf", folder, REDIS_SOCKET=self.socket, REDIS_SOCKET_MODE="700", REDIS_DIR=folder,
             REDIS_USERS=folder / "mogiri-users.conf")
        fill("mogiri-users.conf", folder, REDIS_DEFAULT_USER="off",
             REDIS_DAEMON_PASSWORD_SHA256=hashlib.sha256(PASSWORDS["mogirid"].encode()).hexdigest(),
             REDIS_NGINX_PASSWORD_SHA256=hashlib.sha256(PASSWORDS["nginx"].encode()).hexdigest())
        self.start()

    def start(self):
        self.process = subprocess.Popen(["redis-server", str(self.folder / "mogiri-redis.conf")], stdout=subprocess.DEVNULL)
        until = time.monotonic() + 10
        while True:
            try:
                self.connect("mogirid").ping()
                break
            except (redis.exceptions.ConnectionError, redis.exceptions.BusyLoadingError):
                assert time.monotonic() < until, "redis-server did not start"
                threading.Event().wait(0.02)

    def kill(self):
        self.process.kill()
        self.process.wait(10)

    def connect(self, user=None):
        return redis.Redis(unix_socket_path=str(self.socket), username=user, password=PASSWORDS.get(user))


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("rights"))
    yield server
    server.kill()


@pytest.fixture(scope="module")
def connect(server):
    return server.connect


@pytest.fixture(scope="module")
def daemon(connect):
    """The daemon's user, having done what the daemon does before the door opens."""
    client = connect("mogirid")
    client.function_load(function_library(), replace=True)
    run_id = client.info("server")["run_id"]
    client.fcall("mogiri_publish_settings", 3, "{1}:ready", "{1}:settings", "events", 1, json.dumps({"version": 1}), "[]",
                 "settings", 1, run_id)
    client.fcall("mogiri_arm", 2, "{1}:ready", "{1}:settings", run_id, 1)
    client.run_id = run_id
    return client


@pytest.fixture
def nginx(connect, daemon):
    client = connect("nginx")
    client.run_id = daemon.run_id
    return client


def test_nobody_comes_in_without_a_name(connect):
    with pytest.raises(redis.exceptions.AuthenticationError):
        connect().ping()


def apply(nginx, key):
    return nginx.fcall("mogiri_apply", 3, "{1}:ready", "{1}:jobs", key, nginx.run_id, 0, 60, int(time.time() * 1000) + 5000,
                       "0" * 32, 10, "{}")


def test_nginx_applies(nginx, daemon):
    assert apply(nginx, "{1}:a:x")[2] == b"NEW"
    assert apply(nginx, "{1}:a:y")[2] == b"NEW"  # having looked at the oldest job
    daemon.xgroup_create("{1}:jobs", "road", "0")
    [[_, jobs]] = daemon.xreadgroup("road", "one", {"{1}:jobs": ">"})
    daemon.fcall("mogiri_answer", 2, "{1}:jobs", "{1}:a:x", "road", 60, jobs[0][0], "0" * 32, "{}", "answers:1", "x")
    assert nginx.fcall("mogiri_status", 1, "{1}:a:x") == b"0" * 32 + b"{}"


def test_nginx_calls(nginx, daemon):
    for call in "yz":
        reply = nginx.fcall("mogiri_call", 2, "{1}:c:" + call, "{1}:calls", int(time.time() * 1000) + 5000, "0" * 32, 10, 30, "{}")
        assert reply[0] == b"NEW"
    daemon.xgroup_create("{1}:calls", "calls", "0")
    [[_, calls]] = daemon.xreadgroup("calls", "one", {"{1}:calls": ">"})
    daemon.set("{1}:big:picture", b"\x89PNG", ex=60)
    daemon.fcall("mogiri_answer", 2, "{1}:calls", "{1}:c:y", "calls", 60, calls[0][0], "0" * 32, "{}", "answers:1", "y")
    daemon.fcall("mogiri_drop_call", 2, "{1}:c:z", "{1}:calls", "calls", calls[1][0], daemon.get("{1}:c:z"))
    assert nginx.fcall("mogiri_status", 1, "{1}:c:y") == b"0" * 32 + b"{}"
    assert nginx.fcall("mogiri_big_answer", 1, "{1}:big:picture") == b"\x89PNG"
    assert daemon.xlen("{1}:calls") == 0 and daemon.get("{1}:c:z") is None


def test_nginx_takes_chunks_and_makes_room(nginx, daemon):
    chunks, room = "{1}:x:y", "{1}:x:y:room"
    assert nginx.fcall("mogiri_call", 2, "{1}:c:export", "{1}:exports", int(time.time() * 1000) + 5000, "0" * 32, 10, 30, "{}")[0] == b"NEW"
    daemon.rpush(chunks, b"00000000Dline", b"00000001E")
    taken = [nginx.fcall("mogiri_take_chunk", 2, chunks, room, 60, "next") for _ in range(3)]
    assert taken == [b"00000000Dline", b"00000001E", None] and not daemon.exists(chunks)
    assert daemon.lrange(room, 0, -1) == [b"next", b"next"] and 0 < daemon.ttl(room) <= 60
    assert nginx.fcall("mogiri_take_chunk", 2, chunks, room, 60, "gone") is None
    assert daemon.lrange(room, -1, -1) == [b"gone"]


def test_nginx_scans(nginx, daemon):
    daemon.fcall("mogiri_publish", 2, "{1}:ready", "{1}:t:5", daemon.run_id, "merge", ticket_record("Hanako"))
    first = nginx.fcall(*checkin_call([DoorScan(5, b"12345678")], nginx.run_id, 1))
    second = nginx.fcall(*checkin_call([DoorScan(5, b"87654321"), DoorScan(6, b"12345678")], nginx.run_id, 1))
    assert [*outcomes(first), *outcomes(second)] == [1, 12, 10]  # of the unknown one having looked whether anything is there
    assert nginx.fcall("mogiri_totals", 1, "{1}:totals:1") == b"1 0 1"
    daemon.mset({"{1}:o:" + "0" * 32: 5})
    assert nginx.fcall("mogiri_old_code", 2, "{1}:ready", "{1}:o:" + "0" * 32, nginx.run_id, 0) == b"5"


def test_nginx_sees_how_long_the_queues_are(nginx, daemon):
    apply(nginx, "{1}:a:queued")
    entries, age_ms, mails, no_age = nginx.fcall("mogiri_queues", 2, "{1}:jobs", "{1}:outbox")
    assert entries == daemon.xlen("{1}:jobs") > 0 and age_ms < 60_000 and (mails, no_age) == (0, 0)
    daemon.set("{1}:outbox", f"3 {int(time.time() * 1000) - 7000}")
    mails, age_ms = nginx.fcall("mogiri_queues", 1, "{1}:outbox")
    assert mails == 3 and 7000 <= age_ms < 60_000


def test_nginx_keeps_sessions_alive(nginx, daemon):
    key, ends = "{people}:session:" + "a" * 64, int(time.time() * 1000) + 600_000
    daemon.set(key, f'5000000 {ends} {{"actor":"account:1"}}', px=1000)
    assert nginx.fcall("mogiri_session", 1, key) == b'{"actor":"account:1"}'
    assert 500_000 < daemon.pttl(key) <= 600_000
    daemon.set(key, f'0 0 {{"actor":"key:1"}}', px=60_000)
    assert nginx.fcall("mogiri_session", 1, key) == b'{"actor":"key:1"}' and daemon.pttl(key) <= 60_000
    daemon.set(key, f'5000 {ends - 700_000} {{}}')
    assert nginx.fcall("mogiri_session", 1, key) is None
    assert nginx.fcall("mogiri_session", 1, key + "b") is None


def test_nginx_reads_events_and_hears_of_changes(nginx):
    assert nginx.fcall("mogiri_events", 1, "events") == b"[]"
    assert json.loads(nginx.fcall("mogiri_settings", 1, "{1}:settings")) == {"version": 1}
    assert nginx.info("server")["run_id"] == nginx.run_id
    with nginx.pubsub() as ears:
        ears.subscribe("settings", "answers:1")
        assert ears.get_message(timeout=5)["type"] == "subscribe"


@pytest.mark.parametrize("command", [
    ("SET", "{1}:settings", "{}"), ("SET", "events", "[]"), ("DEL", "{1}:t:5"), ("XADD", "{1}:mail", "*", "a", "b"),
    ("SET", "{1}:big:x", "a picture"), ("XREADGROUP", "GROUP", "calls", "x", "STREAMS", "{1}:calls", ">"),
    ("FCALL", "mogiri_drop_call", "2", "{1}:c:x", "{1}:calls", "calls", "1-1", ""),
    ("RPUSH", "{1}:jobs", "x"), ("LPOP", "{1}:mail"), ("EXPIRE", "{1}:t:5", "1"), ("DEL", "{1}:x:y"), ("LPUSH", "{1}:x:y", "x"),
    ("SET", "{people}:session:x", "0 0 {}"), ("DEL", "{people}:session:x"), ("GET", "elsewhere:session"), ("PEXPIRE", "{1}:t:5", "1"),
    ("HGETALL", "{people}:sessions:1"), ("INCR", "{people}:tries:x"), ("XREADGROUP", "GROUP", "logins", "x", "STREAMS", "{1}:logins", ">"),
    ("XDEL", "{1}:jobs", "1-1"), ("XDEL", "{1}:scans", "1-1"), ("XTRIM", "{1}:scans", "MAXLEN", "0"),
    ("XREADGROUP", "GROUP", "road", "x", "STREAMS", "{1}:jobs", ">"), ("PUBLISH", "settings", "1"), ("SUBSCRIBE", "x"),
    ("KEYS", "*"), ("SCAN", "0"), ("FLUSHALL",), ("CONFIG", "GET", "dir"), ("CONFIG", "SET", "appendfsync", "no"),
    ("FUNCTION", "LIST"), ("FUNCTION", "FLUSH"), ("EVAL", "return 1", "0"), ("ACL", "LIST"), ("MONITOR",), ("SHUTDOWN",),
    ("MULTI",), ("RENAME", "{1}:t:5", "{1}:t:6"), ("GET", "elsewhere"), ("SELECT", "1"),
    ("FCALL", "mogiri_publish_settings", "3", "{1}:ready", "{1}:settings", "events", "9", '{"version":9}', "[]", "settings", "1"),
], ids=lambda command: " ".join(command[:2]))
def test_nginx_may_do_nothing_else(nginx, command):
    with pytest.raises(redis.exceptions.ResponseError, match="(?i)permission|can't run this command|can't access"):
        nginx.execute_command(*command)


@pytest.mark.parametrize("command", [("FLUSHALL",), ("CONFIG", "SET", "appendfsync", "no"), ("SHUTDOWN",), ("ACL", "LIST")],
                         ids=lambda command: " ".join(command[:2]))
def test_the_daemon_cannot_undo_durability(daemon, command):
    with pytest.raises(redis.exceptions.NoPermissionError):
        daemon.execute_command(*command)


def test_the_shipped_settings_keep_what_is_acknowledged(daemon):
    for name, value in {"appendonly": "yes", "appendfsync": "always", "no-appendfsync-on-rewrite": "no",
                        "maxmemory-policy": "noeviction"}.items():
        assert daemon.config_get(name) == {name: value}


def test_what_functions_wrote_survives_a_kill(server, daemon, nginx):
    key = "{1}:a:survivor"
    apply(nginx, key)
    before = daemon.get("{1}:ready"), daemon.get(key), daemon.xlen("{1}:jobs")
    server.kill()
    server.start()
    again = server.connect("mogirid")
    assert (again.get("{1}:ready"), again.get(key), again.xlen("{1}:jobs")) == before
    assert again.function_list("mogiri")
