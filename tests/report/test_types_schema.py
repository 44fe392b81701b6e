"""The JSON Schema of the types document accepts what refaudit writes, and names its fields exactly."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import refaudit
from integration import fresh
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

ROOT = Path(__file__).parents[2] / "docs/reference"
SCHEMA, AUDIT = (
    json.loads((ROOT / f"{name}-document.schema.json").read_text("utf-8"))
    for name in ("types", "audit")
)
REGISTRY: Registry[Any] = Registry().with_resource(AUDIT["$id"], Resource.from_contents(AUDIT))
VALIDATOR = Draft202012Validator(SCHEMA, registry=REGISTRY)

CHILD = """
import refaudit
sys.path.insert(0, sys.argv[1])
say(document=refaudit.audit_types("protocols", patience=2).document)
"""


@pytest.fixture(scope="module")
def document(extension) -> dict[str, Any]:
    return fresh.answer(CHILD, str(Path(extension("protocols")).parent))["document"]


def test_a_written_document_is_valid(document):
    Draft202012Validator.check_schema(SCHEMA)
    assert [error.message for error in VALIDATOR.iter_errors(document)] == []


def parts(value: Any) -> set[str]:
    """Definitions of the schema of which the document has a part with exactly their fields."""
    found: set[str] = set()
    if isinstance(value, dict):
        for name, definition in SCHEMA["$defs"].items():
            if definition.get("properties", {}).keys() == value.keys():
                found.add(name)
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    return found.union(*map(parts, items))


def test_schema_names_exactly_the_fields_that_are_written(document):
    objects = {name for name, part in SCHEMA["$defs"].items() if part.get("type") == "object"}
    assert parts(document) == objects


@pytest.mark.parametrize(
    "change",
    [
        {"format": "refaudit-module"},
        {"version": 2},
        {"verdict": "fine"},
        {"types": [{"verdict": "ok"}]},
    ],
)
def test_anything_else_is_refused(document, change):
    assert list(VALIDATOR.iter_errors({**document, **change}))


def test_a_document_of_another_program_or_a_newer_version_is_not_read(document):
    for change in ({"format": "other"}, {"version": 2}):
        audit = refaudit.TypesAudit({**document, **change})
        with pytest.raises(ValueError, match=r"format|version"):
            audit.render("text")


def test_the_same_document_gives_the_same_bytes(document):
    audit = refaudit.TypesAudit(document)
    assert audit.render("json") == audit.render("json")
    assert json.loads(audit.render("json")) == document
