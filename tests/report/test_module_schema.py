"""The JSON Schema of the module document accepts what refaudit writes, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from test_module_pages import NAMES, judged

ROOT = Path(__file__).parents[2] / "docs/reference"
SCHEMA, AUDIT = (
    json.loads((ROOT / f"{name}-document.schema.json").read_text("utf-8"))
    for name in ("module", "audit")
)
REGISTRY: Registry[Any] = Registry().with_resource(AUDIT["$id"], Resource.from_contents(AUDIT))
VALIDATOR = Draft202012Validator(SCHEMA, registry=REGISTRY)

Document = dict[str, Any]


def test_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("name", NAMES)
def test_written_documents_are_valid(name: str) -> None:
    assert [error.message for error in VALIDATOR.iter_errors(judged(name))] == []


def parts(value: Any, schema: Document) -> set[str]:
    """Definitions of the schema of which the document has a part with exactly their fields."""
    found: set[str] = set()
    if isinstance(value, dict):
        for name, definition in schema["$defs"].items():
            if definition.get("properties", {}).keys() == value.keys():
                found.add(name)
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    for item in items:
        found |= parts(item, schema)
    return found


def test_schema_names_exactly_the_fields_that_are_written() -> None:
    objects = {name for name, part in SCHEMA["$defs"].items() if part.get("type") == "object"}
    seen: set[str] = set()
    for name in NAMES:
        seen |= parts(judged(name), SCHEMA)
    assert seen == objects


BROKEN = {
    "foreign": lambda d: d.update(format="refaudit-audit"),
    "newer": lambda d: d.update(version=2),
    "no verdict": lambda d: d.pop("verdict"),
    "unknown verdict": lambda d: d.update(verdict="leaks"),
    "unknown answer": lambda d: d["members"][0]["levels"][0].update(answer="maybe"),
    "unknown level": lambda d: d["members"][0]["levels"][0].update(name="soul"),
    "unknown root": lambda d: d["members"][0]["observed"]["holders"][0].update(root="magic"),
    "unknown field": lambda d: d["members"][0].update(colour="red"),
    "unknown outcome": lambda d: d["observed"]["steps"][0].update(outcome="fine"),
    "members twice": lambda d: d["observed"]["members"].append({}),
    "bytes below zero": lambda d: d["observed"]["residue"].update(bytes=-1),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_documents_are_refused(name: str) -> None:
    document = judged("regex")
    BROKEN[name](document)
    assert not VALIDATOR.is_valid(document)
