"""Judges answers by openapi.yaml: its statuses and content types, and its schemas by python3-jsonschema (JSON Schema 2020-12)."""

import re
from pathlib import Path

import yaml
from jsonschema import Draft202012Validator, FormatChecker, RefResolver

DOCUMENT = yaml.safe_load((Path(__file__).resolve().parents[2] / "module/openapi.yaml").read_text(encoding="utf-8"))
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
FORMATS = FormatChecker(())  # jsonschema knows times only with packages that Debian 12 does not have
FORMATS.checkers = {"date-time": (lambda value: not isinstance(value, str) or TIME.fullmatch(value), ())}


def resolved(part: dict) -> dict:
    """What a $ref stands for."""
    while "$ref" in part:
        found = DOCUMENT
        for step in part["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        part = found
    return part


def faults(value, schema: dict) -> list[str]:
    """What is wrong with the value, each with its place; empty: nothing."""
    judge = Draft202012Validator(schema, resolver=RefResolver("", DOCUMENT), format_checker=FORMATS)
    return [f"{error.json_path}: {error.message[:300]}" for error in judge.iter_errors(value)]


def check_answer(answer, operation: dict) -> None:
    """The status is one that the operation names, and the body is what it says of it."""
    described = operation["responses"].get(str(answer.status))
    assert described is not None, f"{operation['operationId']} answered {answer.status}, which is not described: {answer.text}"
    content = resolved(described).get("content", {})
    kind = answer.headers.get("Content-Type", "").split(";")[0]
    assert answer.body or not content or answer.status == 304, (operation["operationId"], answer.status, "no body")
    if content:
        assert kind in content, (operation["operationId"], answer.status, kind)
        if kind.endswith("json"):
            wrong = faults(answer.json, content[kind].get("schema", {}))
            assert not wrong, f"{operation['operationId']} {answer.status}: {wrong}"
