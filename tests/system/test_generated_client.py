"""A client made from openapi.yaml: every operation of staff with good and broken values, each answer against its schema."""

import itertools
import re

import pytest
from jsonschema import Draft202012Validator

from festival import decided, new_key, teacher
from people import Member
from openapi import DOCUMENT, check_answer, faults, resolved
from stack.client import Client
from stack.waiting import wait_until

OPERATIONS = [(method.upper(), path, operation) for path, methods in DOCUMENT["paths"].items()
              for method, operation in methods.items() if not {"everyone", "device"} & set(operation["x-roles"])]
# Of these a good value would end the session that asks.
ENDS = {"logout", "changePassword", "endSession"}
numbers = itertools.count()  # nobody has the same name or address twice
BROKEN = [None, 5, True, [], {}, "", " ", "x" * 70_00, "<script>alert(1)</script>", "'; DROP TABLE account; --", "a\r\nSet-Cookie: b=1",
          "\u202etxt.exe", "𠮷\U0001f3ab", "\u0000", "\ud800", -1, 1e300, 2**70, "../../etc/passwd"]


@pytest.fixture(scope="module")
def admin(stack):
    member = Member(stack.env["BASE_URL"])
    assert member.log_in("admin", stack.env["ADMIN_PASSWORD"]).status == 200
    member.own["Accept"] = "*/*"  # pictures, too
    client = Client(stack.env["BASE_URL"])
    for n in range(2):
        decided(client, client.apply(teacher(f"generated-{n}", ("山田 花子", "佐藤")), new_key()))
    stack.mogirictl("apikey", "add", "a program", "--role", "staff", "--scope", "ticket:read")
    yield member
    member.close()


def place(admin, path: str) -> str:
    """The path with what is there: the first of the list that stands before the name."""
    found = re.match(r"(/api/v1/\w+)/\{(\w+)\}(.*)", path)
    if not found or found[1] == "/api/v1/me":
        return re.sub(r"\{\w+\}", "999999", path)
    items = admin.ask("GET", found[1].replace("applicants", "applications")).json["items"]
    rest = re.sub(r"\{\w+\}", "1", found[3])
    return f"{found[1]}/{items[0][found[2]] if items else '999999'}{rest}"


def good(schema: dict, name: str = ""):
    schema = resolved(schema)
    if "example" in schema:
        return schema["example"]
    if schema.get("type") == "object":
        return {key: good(one, key) for key, one in schema["properties"].items() if key in schema.get("required", [])}
    if schema.get("type") == "array":
        return []
    if "enum" in schema:
        return schema["enum"][1]
    if name == "slug":
        return f"generated-{next(numbers)}"
    return f"generated{next(numbers)}@people.example" if name == "email" else f"as it should be {next(numbers)}"


def wish(admin, operation: str, schema: dict) -> dict:
    """A good body. Of events it is the sample's own definition, whose slug another one cannot have."""
    if operation not in ("createEvent", "replaceEvent", "checkEvent", "previewPage", "previewTicket"):
        return good(schema)
    definition = admin.ask("GET", "/api/v1/events/musicfes").json["definition"]
    return {**definition, "slug": f"generated-{next(numbers)}"} if operation == "createEvent" else definition


def body_of(operation: dict) -> dict | None:
    body = operation.get("requestBody")
    return resolved(body["content"]["application/json"]["schema"]) if body else None


@pytest.mark.parametrize("method, path, operation", OPERATIONS, ids=[operation["operationId"] for _, _, operation in OPERATIONS])
def test_good_and_broken_values(admin, method, path, operation):
    address, name, schema = place(admin, path), operation["operationId"], body_of(operation)
    for parameter in map(resolved, operation.get("parameters", [])):
        if parameter["in"] == "query":
            for value in ("1", "", "x", "-1", "%27%3B--", "%00", "%ff", "%E2%80%AE", "2026-11-22T00:00:00Z", "9" * 40):
                check_answer(admin.ask(method, f"{address}?{parameter['name']}={value}"), operation)
        if parameter["in"] == "path":
            for value in ("0", "-1", "x", "9" * 40, "%27", "%00", "%ff", "%E2%80%AE", "a" * 3000):
                wrong = admin.ask(method, re.sub(r"\{\w+\}", value, path), wish(admin, name, schema) if schema else None, If_Match="*")
                assert wrong.status == 404 or value in ("%00",) and wrong.status == 400, (value, wrong.text)
    if schema:
        for field in [*schema["properties"], "unknown"]:
            # A password costs its time, and so does a picture.
            for value in BROKEN[:3] if name in ("changePassword", "previewTicket") else BROKEN:
                answer = admin.ask(method, address, {**wish(admin, name, schema), field: value}, If_Match="*")
                check_answer(answer, operation)
                assert answer.status < 500, (field, value, answer.text)
                if answer.status == 422:
                    assert any(re.match(rf"{field}\b", error["field"]) for error in answer.json["errors"]), (field, value, answer.text)
        for text in ("", "[]", "null", "5", "{", '{"reason":1,"reason":2}', "{}" * 2, '"x"', "[" * 3000):
            answer = admin.ask(method, address, text.encode(), If_Match="*")
            check_answer(answer, operation)
            assert answer.status in (400, 422) or text == "" and not schema.get("required"), (text, answer.text)
    if name not in ENDS:
        answer = admin.ask(method, address, wish(admin, name, schema) if schema else None, If_Match="*")
        check_answer(answer, operation)
        assert answer.status < 500 and (answer.status < 300 or answer.status in (404, 409, 422)), answer.text
    assert admin.ask("GET", "/api/v1/me").status == 200


@pytest.mark.parametrize("method, path, operation", OPERATIONS, ids=[operation["operationId"] for _, _, operation in OPERATIONS])
def test_what_http_asks_of_all(admin, method, path, operation):
    address = place(admin, path)
    wrong = admin.ask(method, address, Accept="text/plain, application/xml;q=0.9")
    check_answer(wrong, operation)
    assert (wrong.status, wrong.json["code"]) == (406, "not_acceptable")
    nothing = admin.ask("TRACE" if method == "OPTIONS" else "OPTIONS", address)
    assert nothing.status == 405 and method in nothing.headers["Allow"].split(", "), nothing.headers
    if method != "GET" or "x-streamed" in operation:  # nobody knows what it is before it is made
        return
    whole = admin.ask("GET", address)
    if whole.status in (404, 409):
        return
    wait_until("what is under way to hold still", lambda: is_known_again(admin, address, operation))


def is_known_again(admin, address: str, operation: dict) -> bool:
    """False when it became another thing meanwhile, as what is under way does."""
    whole = admin.ask("GET", address)
    etag = whole.headers["ETag"]
    try:
        for known in (etag, f"W/{etag}", f'"other", {etag}', "*"):
            same = admin.ask("GET", address, If_None_Match=known)
            check_answer(same, operation)
            assert (same.status, same.body, same.headers["ETag"]) == (304, b"", etag), (known, same.text)
        assert admin.ask("GET", address, If_None_Match='"other"').body == whole.body
        head = admin.ask("HEAD", address)
        assert (head.status, head.body) == (200, b"")
        assert [head.headers[name] for name in ("ETag", "Content-Length", "Content-Type")] == [
            whole.headers[name] for name in ("ETag", "Content-Length", "Content-Type")]
    except AssertionError:
        if admin.ask("GET", address).headers["ETag"] != etag:
            return False
        raise
    return True


def test_the_schemas_are_schemas():
    for name, schema in DOCUMENT["components"]["schemas"].items():
        Draft202012Validator.check_schema(schema)
    user = {"user": 1, "name": "a", "email": "b", "roles": [{"role": "staff", "event": 1}], "disabled": False, "version": 1}
    of = {"$ref": "#/components/schemas/User"}
    assert faults(user, of) == []
    for name, wrong in (("user", "1"), ("user", True), ("roles", [{}]), ("created_at", "yesterday"), ("language", 5)):
        assert faults({**user, name: wrong}, of), name


def test_every_operation_of_staff_is_described(admin):
    assert len(OPERATIONS) >= 30
