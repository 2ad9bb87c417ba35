"""Judges JSON by the schemas of openapi.yaml: as much of JSON Schema as that document uses, and an error for the rest."""

import re
from pathlib import Path

import yaml

DOCUMENT = yaml.safe_load((Path(__file__).resolve().parents[2] / "module/openapi.yaml").read_text(encoding="utf-8"))
TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}
KNOWN = {"type", "required", "properties", "additionalProperties", "items", "enum", "const", "pattern", "minLength", "maxLength",
         "minimum", "maximum", "maxItems", "allOf", "format", "description", "default", "example"}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


def resolved(part: dict) -> dict:
    """What a $ref stands for."""
    while "$ref" in part:
        found = DOCUMENT
        for step in part["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        part = found
    return part


def has_type(value, name: str) -> bool:
    if name == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, TYPES[name])


def faults(value, schema: dict, at: str = "") -> list[str]:
    """What is wrong with the value, each with its place; empty: nothing."""
    schema = resolved(schema)
    unknown = schema.keys() - KNOWN
    assert not unknown, f"{at}: the schema says {unknown}, which nobody judges"
    names = schema.get("type", [])
    names = [names] if isinstance(names, str) else names
    if names and not any(has_type(value, name) for name in names):
        return [f"{at}: {value!r} is no {names}"]
    found = []
    if "enum" in schema and value not in schema["enum"] or "const" in schema and value != schema["const"]:
        found.append(f"{at}: {value!r} is not in {schema.get('enum', schema.get('const'))}")
    if isinstance(value, str):
        if "pattern" in schema and not re.search(schema["pattern"], value) or schema.get("format") == "date-time" and not TIME.fullmatch(value):
            found.append(f"{at}: {value!r} has another shape")
        if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
            found.append(f"{at}: {len(value)} characters")
    if has_type(value, "integer") and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        found.append(f"{at}: {value} is out of range")
    if isinstance(value, dict):
        found += [f"{at}: no {name}" for name in schema.get("required", []) if name not in value]
        known = schema.get("properties", {})
        for name, member in value.items():
            other = schema.get("additionalProperties", {})
            if name not in known and other is False:
                found.append(f"{at}: {name} is not known")
            else:
                found += faults(member, known.get(name, other), f"{at}.{name}")
    if isinstance(value, list):
        for number, item in enumerate(value):
            found += faults(item, schema.get("items", {}), f"{at}[{number}]")
    for part in schema.get("allOf", []):
        found += faults(value, part, at)
    return found


def check_answer(answer, operation: dict) -> None:
    """The status is one that the operation names, and the body is what it says of it."""
    described = operation["responses"].get(str(answer.status))
    assert described is not None, f"{operation['operationId']} answered {answer.status}, which is not described: {answer.text}"
    content = resolved(described).get("content", {})
    kind = answer.headers.get("Content-Type", "").split(";")[0]
    if content:
        assert kind in content, (operation["operationId"], answer.status, kind)
        wrong = faults(answer.json if kind.endswith("json") else "a file", content[kind].get("schema", {}))
        assert not wrong, f"{operation['operationId']} {answer.status}: {wrong}"
