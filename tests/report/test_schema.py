"""The JSON Schema accepts what refaudit writes, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from refaudit._refaudit import render

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "docs/reference/audit-document.schema.json").read_text("utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)

Document = dict[str, Any]


def test_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("name", ["sample", "clean", "invalid"])
def test_written_documents_are_valid(name: str, request: pytest.FixtureRequest) -> None:
    written = json.loads(render(json.dumps(request.getfixturevalue(name)), "json"))
    assert [error.message for error in VALIDATOR.iter_errors(written)] == []
    assert written == request.getfixturevalue(name)


def test_json_is_deterministic_and_in_the_order_of_the_document(sample: Document) -> None:
    first = render(json.dumps(sample), "json")
    assert render(first, "json") == first
    assert list(json.loads(first)) == list(sample)


def test_documents_of_the_first_release_are_valid_and_read(sample: Document) -> None:
    for field in ("layers", "cycles", "dominators"):
        del sample[field]
    since = (
        "bytes_per_run",
        "site",
        "traces",
        "reach",
        "reached",
        "paths",
        "cycle",
        "ledger",
        "retained",
    )
    for finding in sample["findings"]:
        for field in since:
            del finding[field]
    assert [error.message for error in VALIDATOR.iter_errors(sample)] == []
    read = json.loads(render(json.dumps(sample), "json"))
    assert read["layers"] is None and read["findings"][0]["traces"] == []
    assert read["dominators"] == [] and read["findings"][1]["reach"] is None


def test_unknown_fields_at_the_top_are_allowed(sample: Document) -> None:
    assert VALIDATOR.is_valid({**sample, "stacks": []})


BROKEN = {
    "foreign": lambda d: d.update(format="memray"),
    "newer": lambda d: d.update(version=2),
    "no trust": lambda d: d.pop("trust"),
    "unknown outcome": lambda d: d.update(outcome="fine"),
    "unknown verdict": lambda d: d["findings"][0].update(verdict="not"),
    "unknown kind": lambda d: d["findings"][0].update(kind="leak"),
    "unknown holder": lambda d: d["findings"][0]["holder"].update(kind="frame"),
    "unknown field": lambda d: d["findings"][0].update(colour="red"),
    "unknown origin": lambda d: d["findings"][1]["traces"][0]["frames"][0].update(origin="kernel"),
    "unknown reach": lambda d: d["findings"][0].update(reach="lost"),
    "unknown root": lambda d: d["findings"][0]["paths"][0].update(root="magic"),
    "path of nothing": lambda d: d["findings"][0]["paths"][0].update(links=[]),
    "unknown fate": lambda d: d["cycles"][0].update(fate="freed"),
    "step without edge": lambda d: d["cycles"][0]["steps"][0].pop("by"),
    "retained below zero": lambda d: d["dominators"][0]["retained"].update(objects=-1),
    "unknown account": lambda d: d["findings"][1]["ledger"].update(account="certain"),
    "unknown action": lambda d: d["findings"][1]["ledger"]["history"][0].update(action="magic"),
    "entry without stack": lambda d: d["findings"][1]["ledger"]["history"][0].pop("stack"),
    "place without frame": lambda d: d["findings"][1]["ledger"]["places"][0].pop("frame"),
    "stack without weight": lambda d: d["findings"][1]["traces"][0].pop("bytes"),
    "site without frame": lambda d: d["findings"][1]["site"].pop("frame"),
    "unknown layer": lambda d: d["layers"].update(swap=0),
    "unknown hook state": lambda d: d["trust"]["hooks"][0].update(state="ok"),
    "bytes below zero": lambda d: d["findings"][0].update(bytes=-1),
    "clean with findings": lambda d: d.update(outcome="clean"),
    "not valid yet a verdict": lambda d: d["trust"].update(valid=False),
    "invalid yet valid": lambda d: d.update(outcome="invalid"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_documents_are_refused(name: str, sample: Document) -> None:
    BROKEN[name](sample)
    assert not VALIDATOR.is_valid(sample)
