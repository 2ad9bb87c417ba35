"""Every kind of field meets every class of bad value, as form, multipart and JSON, over HTTP/1.1 and HTTP/2."""

import json
import subprocess
from urllib.parse import urlencode

import pytest

from bad_values import FORM, GOOD, KINDS, pairs
from festival import new_key
from html_form import HtmlForm
from stack.client import Client
from stack.waiting import wait_until
from traces import stored, workers

PATH = "/e/bad/api/v1/apply"
BOUNDARY = "gooseberry"


@pytest.fixture(scope="session")
def token(stack):
    file = stack.folder.conf / "bad.toml"
    file.write_text(FORM, encoding="utf-8")
    file.chmod(0o644)
    stack.mogirictl("event", "apply", file)
    client = Client(stack.env["BASE_URL"])
    page = wait_until("the form", lambda: (now := client.get("/e/bad/apply/all", Accept="text/html")).status == 200 and now)
    return HtmlForm(page.text).fields["token"]


def encoded(value) -> bytes:
    return value if isinstance(value, bytes) else value.encode()


def as_form(fields: dict, token: str) -> tuple[bytes, dict]:
    whole = {**fields, "form": "all", "token": token, "lang": "en"}
    body = urlencode({name: encoded(value) for name, value in whole.items()})
    return body.encode(), {"Content-Type": "application/x-www-form-urlencoded"}


def as_multipart(fields: dict, token: str) -> tuple[bytes, dict]:
    whole = {**fields, "form": "all", "token": token, "lang": "en"}
    body = b"".join(f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode() + encoded(value) + b"\r\n"
                    for name, value in whole.items()) + f"--{BOUNDARY}--\r\n".encode()
    return body, {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}


def as_json(fields: dict, token: str) -> tuple[bytes, dict]:
    whole = {name: value for name, value in fields.items() if not isinstance(value, bytes)}
    body = json.dumps({**whole, "form": "all"}, ensure_ascii=False).encode()
    for name, value in fields.items():
        if isinstance(value, bytes):
            body = body[:-1] + f', "{name}": "'.encode() + value + b'"}'
    return body, {"Content-Type": "application/json", "Idempotency-Key": new_key()}


ENCODINGS = {"form": as_form, "multipart": as_multipart, "JSON": as_json}


def by_http2(stack, body: bytes, headers: dict) -> tuple[int, dict]:
    done = subprocess.run(["curl", "--silent", "--http2-prior-knowledge", "--data-binary", "@-", "--write-out", "\n%{http_code} %{http_version}",
                           *(word for name, value in headers.items() for word in ("--header", f"{name}: {value}")),
                           "--header", "Accept: application/json", stack.env["HTTP2_URL"] + PATH],
                          input=body, capture_output=True, check=True, timeout=20)
    text, status = done.stdout.rsplit(b"\n", 1)
    code, version = status.split()
    assert version == b"2"
    return int(code), json.loads(text)


def complaint(kind: str, code: str, encoding: str, status: int, told: dict) -> str | None:
    """What is wrong with an answer."""
    field = KINDS[kind][0]
    expected = (400, "broken_encoding") if encoding == "JSON" and code == "invalid_encoding" else (422, "invalid")
    if (status, told.get("code")) != expected:
        return f"{status} {told}"
    codes = {error["field"]: error["code"] for error in told.get("errors", [])}
    if expected[0] == 400 and not codes:
        return None  # so broken that no field can be named
    if set(codes) != {field} or (expected[0] == 422 and codes[field] != code):
        return f"{codes} and not {code}"
    return None


def test_what_is_good_is_taken(stack, client, token):
    for number, (name, encode) in enumerate(ENCODINGS.items()):
        fresh = HtmlForm(client.get("/e/bad/apply/all", Accept="text/html").text).fields["token"]
        body, headers = encode({**GOOD, "email": f"good{number}@example.jp"}, fresh)
        assert client.request("POST", PATH, body, headers).status in (201, 202, 303), name


def test_bad_fields(stack, client, token):
    table = pairs()
    distinct = {(kind, badness) for kind, badness, _, _ in table}
    assert len(distinct) == len(table) >= 500
    wait_until("an empty road", lambda: stack.redis("KEYS", "{2}:*") and stack.redis("XLEN", "{2}:jobs") == 0)
    wait_until("the mails", lambda: stack.sql("SELECT count(*) FROM mail_outbox WHERE state <> 'sent'") == [["0"]] and
               stack.redis("XLEN", "{2}:mail") == 0)
    before = stored(stack), workers(stack)
    wrong, sent = [], 0
    for number, (kind, badness, value, code) in enumerate(table):
        fields = {**GOOD, KINDS[kind][0]: value}
        names = ["JSON"] if code == "not_a_string" else list(ENCODINGS)
        for name in names:
            body, headers = ENCODINGS[name](fields, token)
            answer = client.request("POST", PATH, body, headers)
            sent += 1
            if found := complaint(kind, code, name, answer.status, answer.json):
                wrong.append(f"{kind}, {badness}, as {name}: {found}")
        name = names[number % len(names)]
        body, headers = ENCODINGS[name](fields, token)
        sent += 1
        if found := complaint(kind, code, name, *by_http2(stack, body, headers)):
            wrong.append(f"{kind}, {badness}, as {name} over HTTP/2: {found}")
    print(f"{len(table)} pairs, {sent} requests")
    assert not wrong, f"{len(wrong)} of {sent}:\n" + "\n".join(wrong[:40])
    assert (stored(stack), workers(stack)) == before
