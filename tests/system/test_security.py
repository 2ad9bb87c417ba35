"""The shipped configuration's security: headers, other sites' requests, TLS, and logs that name nobody."""

import re
import socket
import ssl
import subprocess
import urllib.parse
from http.client import HTTPSConnection
from pathlib import Path

import pytest

from festival import decided, new_key, nonces, teacher
from openapi import DOCUMENT
from people import Member
from reloading import reload_nginx
from stack.client import Client
from stack.mailbox import Mailbox
from stack.waiting import wait_until
from ticket_codes import TicketCodes

SOURCE = Path(__file__).resolve().parents[2]
UNSAFE = [(method.upper(), path, operation) for path, methods in DOCUMENT["paths"].items() for method, operation in methods.items()
          if method not in ("get", "head")]


def test_headers_stand_on_every_answer(client, admin):
    answers = {path: client.get(path) for path in ("/", "/apply/student", "/pages/mogiri.css", "/nothing", "/api/v1/me", "/healthz",
                                                   "/api/v1/users", "/metrics", "/apply/result/" + "A" * 26, "/" + "x" * 9000)}
    answers |= {"me": admin.ask("GET", "/api/v1/me"), "405": client.request("PUT", "/api/v1/me"), "415": client.request("POST", "/api/v1/apply", "x")}
    for name, answer in answers.items():
        headers = answer.headers
        policy = {part.split()[0]: part.split()[1:] for part in headers["Content-Security-Policy"].split(";")}
        for part in ("default-src", "object-src", "base-uri", "frame-ancestors"):
            assert policy[part] == ["'none'"], (name, part)
        assert not any("unsafe" in source or "*" in source for sources in policy.values() for source in sources), name
        assert headers["X-Content-Type-Options"] == "nosniff" and headers["Referrer-Policy"] == "same-origin", name
        assert headers["Server"] == "nginx" and headers["Access-Control-Allow-Origin"] is None, name
        assert headers["Strict-Transport-Security"] is None, "over plain HTTP it would be ignored at best"


def test_hsts_is_said_over_tls_only(stack, admin):
    conf = stack.folder.conf
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
                    "/CN=localhost", "-keyout", conf / "tls.key", "-out", conf / "tls.crt"], check=True, capture_output=True)
    (conf / "tls.key").chmod(0o644)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    file = conf / "nginx.conf"
    text = file.read_text()
    file.write_text(text.rstrip().removesuffix("}") + f"""
    server {{
        listen 127.0.0.1:{port} ssl;
        ssl_certificate     {conf}/tls.crt;
        ssl_certificate_key {conf}/tls.key;
        include "{conf}/mogiri-server.conf";
    }}
}}
""")
    reload_nginx(stack)

    def answer():
        connection = HTTPSConnection("127.0.0.1", port, timeout=10, context=ssl._create_unverified_context())
        connection.request("GET", "/healthz")
        return connection.getresponse()
    told = wait_until("nginx to speak TLS", answer)
    assert told.status == 200 and told.getheader("Strict-Transport-Security") == "max-age=31536000"


@pytest.mark.parametrize("method, path, operation", UNSAFE, ids=[operation["operationId"] for _, _, operation in UNSAFE])
def test_no_other_site_changes_anything(stack, admin, method, path, operation):
    """With the cookie, from a page elsewhere: refused before anything is looked at. Applications and scans need no cookie and use none."""
    roles = operation["x-roles"]
    by_cookie = not {"everyone", "device"} & set(roles)
    own_page_only = by_cookie or operation["operationId"] in ("login", "forgetPassword", "setPassword")
    address = re.sub(r"\{\w+\}", "999999", path)
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"},
                    {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site", "Origin": stack.env["BASE_URL"]}) + (({},) if by_cookie else ()):
        answer = admin.client.request(method, address, None, {"Cookie": f"__Host-mogiri={admin.cookie}", "Idempotency-Key": new_key(),
                                                              "Accept": "*/*", **headers})
        if own_page_only:
            assert (answer.status, answer.json["code"]) == (403, "cross_site"), (headers, answer.text)
        else:
            assert "Set-Cookie" not in answer.headers and answer.status >= 400, (headers, answer.text)
    assert admin.ask("GET", "/api/v1/me").status == 200


def spelt(word: str) -> set[bytes]:
    """As logs may have it: plain, in a URL, escaped by nginx."""
    raw = word.encode()
    escaped = "".join(chr(byte) if 32 <= byte < 127 else f"\\x{byte:02X}" for byte in raw)
    return {raw, urllib.parse.quote(word).encode(), escaped.encode()}


def test_logs_name_nobody(stack, client, first, admin):
    """After all that people and programs do, and after what goes wrong: nothing of it stands in a log of any server."""
    fields = {**teacher("kiroku", ("記録 花子", "記録 次郎")), "last_name": "Kirokuda", "first_name": "Nanasi"}
    words = ["kiroku@example.jp", "記録 花子", "記録 次郎", "Kirokuda", "Nanasi", "記録 改子", "kirokuin", "another secret passphrase",
             "wrong secret passphrase", "secretquery", "session-that-is-forged", "device-key-forged", "key-that-is-forged",
             stack.env["DEVICE_KEY"], stack.env["ADMIN_PASSWORD"], admin.cookie]
    key = new_key()
    words.append(key)
    id = decided(client, client.apply(fields, key))["application"]
    words.append(id)
    assert client.apply({**fields, "email": "kiroku.other@example.jp"}, key).status == 409
    assert client.apply({**fields, "email": "no address kirokuda"}, new_key()).status == 422
    client.post_form("/apply/teacher", {**fields, "token": "x"})
    client.post_json(f"/api/v1/applications/{id}/tickets/1/rename", {"name": "記録 改子"}, Idempotency_Key=new_key())
    for path in (f"/apply/result/{id}?q=secretquery", f"/api/v1/applications/{id}?kiroku@example.jp", f"/{id}/kiroku@example.jp",
                 "/%ff?secretquery", "/apply/find?secretquery=" + "x" * 9000, f"/api/v1/tickets?q={urllib.parse.quote('記録 花子')}"):
        client.get(path, Referer=f"http://x/{id}?secretquery")
        admin.ask("GET", path)
    serial = int(stack.sql(f"SELECT max(serial) FROM ticket WHERE application = '{id}'")[0][0])
    code = TicketCodes((stack.folder.conf / "master.keys").read_text()).issue(1, serial)
    words.append(code)
    first.scan(code, next(nonces)), first.scan(code[:-1], next(nonces)), first.get(f"/api/v1/entry/validate/{code}")
    Client(stack.env["BASE_URL"], "device-key-forged").scan(code, next(nonces))
    Client(stack.env["BASE_URL"], "key-that-is-forged").get("/api/v1/users?q=kirokuin")
    program = stack.mogirictl("apikey", "add", "a program", "--role", "staff", "--scope", "ticket:read").stdout
    words += re.findall(r"[A-Za-z0-9_-]{30,}", program)
    Client(stack.env["BASE_URL"], words[-1]).get("/api/v1/tickets?q=secretquery")
    member = Member(stack.env["BASE_URL"])
    member.cookie = "session-that-is-forged"
    member.ask("GET", "/api/v1/me")
    member.cookie = None
    assert admin.ask("POST", "/api/v1/users", {"name": "kirokuin", "email": "kirokuin@example.jp", "roles": []}).status == 201
    mail = wait_until("the invitation", lambda: Mailbox(stack.env["MAIL_SPOOL"]).to("kirokuin@example.jp"))[0]
    token = re.search(r"#(\S+)", mail.text)[1]
    words.append(token)
    member.ask("GET", f"/password?{token}")
    member.log_in("kirokuin", "wrong secret passphrase")
    assert member.ask("POST", "/api/v1/password/set", {"token": token, "new_password": "another secret passphrase"}).status == 200
    member.ask("POST", "/api/v1/password/set", {"token": token, "new_password": "another secret passphrase"})
    assert member.log_in("kirokuin", "another secret passphrase").status == 200
    words.append(member.cookie)
    # Requests that nginx refuses, and servers that are away.
    with socket.create_connection(("127.0.0.1", urllib.parse.urlsplit(stack.env["BASE_URL"]).port)) as raw:
        raw.sendall(f"GET /{code}?secretquery HTTP/9.9\r\nX: {token}\r\n\r\n".encode())
        raw.recv(1000)
    redis = stack.process("redis")
    redis.signal(19)
    try:
        first.scan(code, next(nonces)), client.apply(fields, new_key()), member.ask("GET", "/api/v1/me")
    finally:
        redis.signal(18)
    stack.mogirictl("person", "erase", "kirokuin@example.jp", "--yes", "--revoke")
    assert stack.mogirictl("user", "show", "kirokuin", check=False).returncode == 1
    logs = {path.name: path.read_bytes() for path in stack.folder.log.iterdir()}
    assert {"mogirid.log", "postgresql.log", "redis.log", "nginx-error.log"} <= logs.keys() and any("access" in name for name in logs)
    assert not {(name, word) for name, text in logs.items() for word in words for way in spelt(word) if way in text}


def test_the_page_of_requirements_names_what_is_there():
    text = (SOURCE / "packaging/SECURITY.md").read_text()
    rows = re.findall(r"^\| (\d+\.\d+\.\d+) \| (.+) \| (.+) \|$", text, re.M)
    assert len(rows) > 60 and len({row[0] for row in rows}) == len(rows)
    assert [row[0] for row in rows] == sorted((row[0] for row in rows), key=lambda number: [int(part) for part in number.split(".")])
    for number, _, places in rows:
        named = re.findall(r"`([^`]+)`", places)
        assert named, number
        for place in named:
            file, _, test = place.partition("::")
            assert (SOURCE / file).is_file(), (number, file)
            assert not test or f"def {test}(" in (SOURCE / file).read_text(), (number, place)
