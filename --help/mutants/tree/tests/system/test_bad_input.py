"""Bad input: each is answered 4xx with the field it is about, stores nothing, restarts no worker and raises no alert."""

import json
import socket
import urllib.parse

import pytest

from festival import new_key, student
from html_form import HtmlForm
from traces import stored, workers
from stack.client import Client

GOOD = student("S3F", 7, ("山田 花子", "佐藤 健太郎"))
FORM = "application/x-www-form-urlencoded"


def with_(**changes) -> dict:
    """GOOD with changes; None takes a field away."""
    return {name: value for name, value in {**GOOD, **changes}.items() if value is not None}


@pytest.fixture(scope="module")
def seen(stack) -> dict:
    """What there is, as of the last look."""
    return {"stored": stored(stack), "workers": workers(stack), "alerts": 0}


@pytest.fixture(autouse=True)
def nothing_happens(stack, seen):
    before = seen.copy()
    yield
    log = (stack.folder.log / "nginx-error.log").read_text(errors="replace")
    seen.update(stored=stored(stack), workers=workers(stack), alerts=log.count("[alert]"))
    assert seen["workers"] == before["workers"], "a worker was restarted"
    assert seen["alerts"] == before["alerts"], log[-2000:]
    assert seen["stored"] == before["stored"], "something was stored"


def problem(answer, status: int, code: str, fields: dict[str, str] | None = None) -> None:
    assert (answer.status, answer.headers["Content-Type"]) == (status, "application/problem+json"), answer.text
    told = answer.json
    assert (told["status"], told["code"]) == (status, code), told
    assert told["type"] and told["title"]
    if fields is not None:
        assert {error["field"]: error["code"] for error in told["errors"]} == fields
        assert all(error["message"] for error in told["errors"])


FIELDS = {
    "no last name": ({"last_name": None}, {"last_name": "missing"}),
    "empty": ({"last_name": ""}, {"last_name": "missing"}),
    "only blanks": ({"last_name": " \u3000 "}, {"last_name": "missing"}),
    "no first name": ({"first_name": None}, {"first_name": "missing"}),
    "no address": ({"email": None}, {"email": "missing"}),
    "no grade": ({"school_grades": None}, {"school_grades": "missing"}),
    "no class": ({"classes": None}, {"classes": "missing"}),
    "no number": ({"student_number": None}, {"student_number": "missing"}),
    "a guest without a name": ({"guestName2": None}, {"guestName2": "missing"}),
    "name of 51": ({"last_name": "a" * 51}, {"last_name": "too_long"}),
    "name of 60,000": ({"last_name": "a" * 60_000}, {"last_name": "too_long"}),
    "guest of 61": ({"guestName1": "山" * 61}, {"guestName1": "too_long"}),
    "Japanese in a roman field": ({"first_name": "花子"}, {"first_name": "invalid_format"}),
    "bell in a name": ({"guestName1": "山田\u0007花子"}, {"guestName1": "control_character"}),
    "line end in a name": ({"guestName2": "山田\r\nBcc: all@example.jp"}, {"guestName2": "control_character"}),
    "text turned around": ({"guestName1": "\u202e子花"}, {"guestName1": "control_character"}),
    "C1 control": ({"guestName1": "山\u0085田"}, {"guestName1": "control_character"}),
    "line end in the address": ({"email": "a@example.jp\r\nRCPT TO:<b@example.jp>"}, {"email": "control_character"}),
    "brackets in the address": ({"email": "<a@example.jp>"}, {"email": "invalid_format"}),
    "no @": ({"email": "nobody"}, {"email": "invalid_format"}),
    "two addresses": ({"email": "a@example.jp,b@example.jp"}, {"email": "invalid_format"}),
    "address entries differ": ({"email_confirm": "other@example.jp"}, {"email_confirm": "mismatch"}),
    "unknown grade": ({"school_grades": "J9"}, {"school_grades": "not_in_list"}),
    "number 0": ({"student_number": "0"}, {"student_number": "out_of_range"}),
    "number 51": ({"student_number": "51"}, {"student_number": "out_of_range"}),
    "number in words": ({"student_number": "seven"}, {"student_number": "invalid_format"}),
    "number that overflows": ({"student_number": "9" * 30}, {"student_number": ("invalid_format", "out_of_range")}),
    "a third name for two tickets": ({"guestName3": "三"}, {"guestName3": "too_many_guests"}),
    "unknown field": ({"admin": "1"}, {"admin": "unknown_field"}),
    "guest number zero": ({"guestName0": "零"}, {"guestName0": "unknown_field"}),
    "three things at once": ({"last_name": None, "school_grades": "X", "guestName1": "\u0001"},
                             {"last_name": "missing", "school_grades": "not_in_list", "guestName1": "control_character"}),
}


@pytest.mark.parametrize("name", FIELDS)
def test_fields_as_json(client, name):
    changes, expected = FIELDS[name]
    check_fields(client.apply(with_(**changes), new_key()), expected)


@pytest.mark.parametrize("name", FIELDS)
def test_fields_as_a_form(client, name):
    changes, expected = FIELDS[name]
    fields = {**with_(**changes), "token": token(client)}
    fields.setdefault("email_confirm", fields.get("email", ""))
    seen = client.post_form("/api/v1/apply", fields, Accept="application/json")
    assert seen.status == 422, seen.text
    codes = {error["field"]: error["code"] for error in seen.json["errors"]}
    for field, code in expected.items():
        assert codes[field] in (code if isinstance(code, tuple) else (code,)), codes


def check_fields(answer, expected) -> None:
    problem(answer, 422, "invalid")
    seen = {error["field"]: error["code"] for error in answer.json["errors"]}
    assert set(seen) == set(expected), seen
    for field, code in expected.items():
        assert seen[field] in (code if isinstance(code, tuple) else (code,)), seen


@pytest.mark.parametrize("quantity, code", [("3", "out_of_range"), ("0", "out_of_range"), ("-1", "invalid_format"),
                                            ("two", "invalid_format"), ("", "missing"), ("10000", "out_of_range")])
def test_quantities(client, quantity, code):
    answer = client.apply(with_(ticket_quantity=quantity), new_key())
    problem(answer, 422, "invalid")
    assert {error["field"]: error["code"] for error in answer.json["errors"]}["ticket_quantity"] == code


@pytest.mark.parametrize("value", [1, 1.5, True, None, ["x"], {"a": "b"}])
def test_values_that_are_no_strings(client, value):
    problem(client.apply({**GOOD, "last_name": value}, new_key()), 422, "invalid", {"last_name": "not_a_string"})


def test_ten_thousand_guests(client):
    many = {**GOOD, "ticket_quantity": "10000", **{f"guestName{i}": "x" for i in range(1, 10_001)}}
    problem(client.apply(many, new_key()), 413, "body_too_large")
    answer = client.apply({**GOOD, **{f"guestName{i}": "x" for i in range(1, 2_501)}}, new_key())
    problem(answer, 422, "invalid")
    assert 1 <= len(answer.json["errors"]) <= 50
    assert {error["code"] for error in answer.json["errors"]} == {"too_many_guests"}


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\"form\"", b"null", b"{}x", b"[" * 30_000, b"{\"a\":" * 10_000,
                                  b'{"form":"student",}', b"{'form':'student'}", b'{"form":"student","last_name":"\\ud800"}',
                                  b"\xef\xbb\xbf{}", b"form=student"], ids=lambda body: ascii(body[:20]))
def test_broken_json(client, body):
    answer = send_json(client, body)
    problem(answer, 400, "broken_json")


def test_bytes_that_are_no_utf8(client):
    body = json.dumps(GOOD).encode().replace(b"Yamada", b"Yam\xffda")
    problem(send_json(client, body), 400, "broken_encoding")
    answer = send_form(client, urllib.parse.urlencode({**GOOD, "email_confirm": GOOD["email"], "token": token(client),
                                                       "guestName1": b"\xe5\xb1"}))
    problem(answer, 422, "invalid", {"guestName1": "invalid_encoding"})


@pytest.mark.parametrize("body", ["form=student&last_name=%", "form=student&last_name=%4", "form=student&last_name=%zz",
                                  "form=student&%zz=x"])
def test_broken_percent_encoding(client, body):
    problem(send_form(client, body), 400, "broken_encoding")


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "image/png", ""])
def test_other_content_types(client, kind):
    answer = client.request("POST", "/api/v1/apply", json.dumps(GOOD), {"Content-Type": kind, "Idempotency-Key": new_key()})
    problem(answer, 415, "unsupported_media_type")


@pytest.mark.parametrize("key", [None, "", "x" * 201, "schlüssel".encode().decode("latin-1"), "a\tb"],
                         ids=["none", "empty", "long", "no ASCII", "control"])
def test_idempotency_keys(client, key):
    headers = {"Content-Type": "application/json", **({} if key is None else {"Idempotency-Key": key})}
    problem(client.request("POST", "/api/v1/apply", json.dumps(GOOD), headers), 400, "missing_key")


def test_bodies_over_the_limit(stack, client):
    problem(client.apply({**GOOD, "last_name": "a" * 70_000}, new_key()), 413, "body_too_large")
    chunks = iter([b'{"form":"student","last_name":"'] + [b"a" * 8192] * 9)
    own = Client(stack.env["BASE_URL"])
    own._connection.request("POST", "/api/v1/apply", chunks, {"Content-Type": "application/json", "Accept": "application/json",
                                                               "Idempotency-Key": new_key()}, encode_chunked=True)
    assert own._connection.getresponse().status == 413


@pytest.mark.parametrize("form", ["nosuch", "", "../student", "student\u0000"])
def test_unknown_forms(client, form):
    answer = client.apply({**GOOD, "form": form}, new_key())
    assert answer.status in (400, 404, 422) and answer.json["code"], answer.text


@pytest.mark.parametrize("method, path, allowed", [("GET", "/api/v1/apply", "POST"), ("DELETE", "/api/v1/checkin", "POST"),
                                                   ("PUT", "/apply/student", "GET"), ("POST", "/readyz", "GET")])
def test_methods(client, method, path, allowed):
    answer = client.request(method, path)
    problem(answer, 405, "method_not_allowed")
    assert allowed in answer.headers["Allow"]


SCANS = {
    "no code": ({"direction": "entry", "nonce": "n"}, {"code": "missing"}),
    "no nonce": ({"code": "A" * 34, "direction": "entry"}, {"nonce": "missing"}),
    "no direction": ({"code": "A" * 34, "nonce": "n"}, {"direction": "missing"}),
    "long nonce": ({"code": "A" * 34, "direction": "entry", "nonce": "n" * 65}, {"nonce": "too_long"}),
    "other direction": ({"code": "A" * 34, "direction": "up", "nonce": "n"}, {"direction": "not_in_list"}),
    "number as code": ({"code": 5, "direction": "entry", "nonce": "n"}, {"code": "not_a_string"}),
    "unknown gate": ({"code": "A" * 34, "direction": "entry", "nonce": "n", "gate": "roof"}, {"gate": "not_in_list"}),
    "unknown field": ({"code": "A" * 34, "direction": "entry", "nonce": "n", "admit": "yes"}, {"admit": "unknown_field"}),
}


@pytest.mark.parametrize("name", SCANS)
def test_scans(first, name):
    body, expected = SCANS[name]
    problem(first.post_json("/api/v1/checkin", body), 422, "invalid", expected)


@pytest.mark.parametrize("body, code", [(b"", "broken_json"), (b"{", "broken_json"), (b"[]", "broken_json"),
                                        (b"[" * 30_000, "broken_json"), (b"\xff\xfe", "broken_encoding")],
                         ids=lambda value: ascii(value[:20]))
def test_broken_scans(first, body, code):
    problem(first.request("POST", "/api/v1/checkin", body, {"Content-Type": "application/json"}), 400, code)


def test_scan_with_another_content_type_or_size(first):
    scan = json.dumps({"code": "A" * 34, "direction": "entry", "nonce": "n"})
    problem(first.request("POST", "/api/v1/checkin", scan, {"Content-Type": "text/plain"}), 415, "unsupported_media_type")
    problem(first.request("POST", "/api/v1/checkin", b"x" * 70_000, {"Content-Type": "application/json"}), 413, "body_too_large")


def raw(stack, request: bytes) -> bytes:
    """What nginx answers to these bytes, until it closes."""
    port = int(stack.env["BASE_URL"].rsplit(":", 1)[1])
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        while part := connection.recv(65536):
            answer += part
    return answer


@pytest.mark.parametrize("request_, status", [
    (b"GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n", b"400"),
    (b"GET / HTTP/1.1\r\n\r\n", b"400"),
    (b"nonsense\r\n\r\n", b"400"),
    (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", b"414"),
    (b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 40_000 + b"\r\n\r\n", b"400"),
    (b"POST /api/v1/apply HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n", b"400"),
    (b"POST /api/v1/apply HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", b"400"),
], ids=["broken escape", "no host", "no request", "long address", "long header", "negative length", "broken chunk"])
def test_requests_that_nginx_itself_refuses(stack, request_, status):
    answer = raw(stack, request_.replace(b"Host: x\r\n", b"Host: x\r\nAccept: application/json\r\nConnection: close\r\n"))
    assert answer.split(b" ", 2)[1] == status, answer[:300]
    assert b"application/problem+json" in answer, answer[:600]


def test_clients_that_go_away(stack):
    """In the middle of a body, and before the answer."""
    port = int(stack.env["BASE_URL"].rsplit(":", 1)[1])
    for _ in range(50):
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.sendall(b"POST /api/v1/apply HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                               b"Content-Length: 500\r\nIdempotency-Key: k\r\n\r\n{\"form\":")


def token(client) -> str:
    return HtmlForm(client.get("/apply/student", Accept="text/html").text).fields["token"]


def send_json(client, body: bytes):
    return client.request("POST", "/api/v1/apply", body, {"Content-Type": "application/json", "Idempotency-Key": new_key()})


def send_form(client, body: str):
    return client.request("POST", "/api/v1/apply", body, {"Content-Type": FORM})
