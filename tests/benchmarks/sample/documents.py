"""Ten tests of JSON."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest


@pytest.fixture
def order() -> dict[str, Any]:
    """A nested document."""
    lines = [{"item": f"part {number}", "price": number / 4} for number in range(8)]
    return {"id": 7, "lines": lines, "note": None, "paid": True}


def test_round_trip(order: dict[str, Any]) -> None:
    assert json.loads(json.dumps(order)) == order


def test_sorted_keys(order: dict[str, Any]) -> None:
    assert json.dumps(order, sort_keys=True).startswith('{"id": 7')


def test_stream(order: dict[str, Any]) -> None:
    stream = io.StringIO()
    json.dump(order, stream, indent=2)
    stream.seek(0)
    assert json.load(stream)["paid"] is True


@pytest.mark.parametrize("text", ["{", '{"a" 1}', "[1,]", "nul"])
def test_refused(text: str) -> None:
    with pytest.raises(json.JSONDecodeError):
        json.loads(text)


@pytest.mark.parametrize(
    ("text", "value"), [("1e3", 1000.0), ('"\\u00e9"', "é"), ("[[], {}]", [[], {}])]
)
def test_values(text: str, value: object) -> None:
    assert json.loads(text) == value
