"""Every operation of openapi.yaml, asked by every role and by nobody: who may is let through, others are not."""

import http.client
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml

from people import Member
from stack.client import Answer

SOURCE = Path(__file__).resolve().parents[2]
PASSWORD = "correct horse battery"
ROLES = ["student", "teacher", "scanner", "supervisor", "staff", "admin"]
PATHS = yaml.safe_load((SOURCE / "module/openapi.yaml").read_text())["paths"]
OPERATIONS = [(method.upper(), path, operation) for path, methods in PATHS.items() for method, operation in methods.items()]


@pytest.fixture(scope="module")
def people(stack):
    """Somebody for each role at every event, somebody for each role at another event only, and nobody."""
    stack.sql("INSERT INTO event (number, slug, definition) SELECT 77, 'elsewhere', definition || '{\"slug\":\"elsewhere\"}' FROM event")
    everyone = {None: Member(stack.env["BASE_URL"])}
    for role in ROLES:
        for name in (role, f"{role} elsewhere"):
            stack.mogirictl("user", "add", f"the {name}", "--email", f"{name.replace(' ', '.')}@roles.example", "--role", role,
                            "--password-file", "-", input=PASSWORD + "\n")
            if name != role:
                stack.mogirictl("user", "change", f"the {name}", "--role", f"{role}@elsewhere")
            everyone[name] = Member(stack.env["BASE_URL"])
            assert everyone[name].log_in(f"the {name}", PASSWORD).status == 200
    yield everyone
    for member in everyone.values():
        member.close()


def expected(operation: dict, name: str | None) -> set[str]:
    """The codes of a refusal; empty: let through."""
    may = operation["x-roles"]
    if "everyone" in may:
        return set()
    if may == ["device"]:
        return {"no_device_key"}
    if name is None:
        return {"no_session"}
    return set() if "member" in may or name in may else {"forbidden"}


def begun(member, address: str, headers: dict) -> Answer:
    """The answer without its body, where that does not end by itself."""
    url = urlsplit(member.client.base_url)
    connection = http.client.HTTPConnection(url.hostname, url.port, timeout=30)
    connection.request("GET", address, headers={"Accept": "*/*", **headers})
    answer = connection.getresponse()
    body = b"{}" if answer.status == 200 else answer.read()
    answer.close()
    connection.close()
    return Answer(answer.status, answer.headers, body)


@pytest.mark.parametrize("method, path, operation", OPERATIONS, ids=[f"{method} {path}" for method, path, _ in OPERATIONS])
def test_every_role_and_nobody(people, method, path, operation):
    address = re.sub(r"\{\w+\}", "999999", path)
    for name, member in people.items():
        cookie = member.cookie
        # Without a body and a key nothing is done by those who may.
        headers = {"Accept": "*/*", **member.own, **({"Cookie": f"__Host-mogiri={cookie}"} if cookie else {})}
        answer = begun(member, address, headers) if path.endswith("/stream") else member.client.request(method, address, None, headers)
        code = answer.json.get("code") if answer.headers.get("Content-Type", "").endswith("json") else None
        refusals = expected(operation, name)
        if refusals:
            assert answer.status in (401, 403) and code in refusals, (name, answer.status, answer.text)
        else:
            assert code not in ("no_session", "session_ended", "forbidden", "no_device_key"), (name, answer.text)
            assert answer.status != 403, (name, answer.text)
        if path.endswith("/logout") and name is not None:
            member.cookie = None
            assert member.log_in(f"the {name}", PASSWORD).status == 200


def test_a_role_holds_at_its_event(people):
    for role in ("staff", "admin"):
        [told] = people[f"{role} elsewhere"].ask("GET", "/api/v1/me").json["roles"]
        assert (told["role"], told["event"], told["slug"], told["default"]) == (role, 77, "elsewhere", False) and told["name"]["ja"]
        assert people[f"{role} elsewhere"].ask("GET", "/api/v1/tickets").status == 403


def test_what_is_not_listed_is_there_for_nobody(people):
    for path in ("/api/v1/nothing", "/api/v1/users/1/password", "/api/v1/", "/api/v1/users/", "/api/v1/users/1/2/3"):
        for name in (None, "admin"):
            assert people[name].ask("GET", path).status == 404, path
    answer = people["admin"].ask("DELETE", "/api/v1/users")
    assert answer.status == 405 and answer.headers["Allow"] == "GET, HEAD, POST"


def test_the_table_and_the_document_name_the_same(stack):
    """module/http/routes.cpp is the table; a row that openapi.yaml does not have would be walked by nobody."""
    table = (SOURCE / "module/http/routes.cpp").read_text()
    methods = {"get": "GET", "fetch": "GET", "put": "PUT", "post": "POST", "patch": "PATCH", "remove": "DELETE"}
    rows = {(methods[method], path): set(who.replace("|", " ").split()) for path, method, who in
            re.findall(r'api\("\w+",\s*"([^"]+)",\s*(\w+),\s*([\w |]+),\s*(?:\{|exported)', table)}
    assert len(rows) == len(re.findall(r"\n    api\(", table))
    documented = {(method, path): operation for method, path, operation in OPERATIONS if (method, path) in rows}
    assert rows.keys() == documented.keys()
    for row, operation in documented.items():
        assert rows[row] == set(operation["x-roles"]) | ({"all_events"} if operation.get("x-all-events") else set()), row
    named = {(method, re.sub(r"\{\w+\}", "*", path)) for method, path, _ in OPERATIONS}
    for path in re.findall(r'Route\{"\w+",\s*"(/api/[^"]+)"', table):
        assert any(other in (path, path + "*") for _, other in named), path
