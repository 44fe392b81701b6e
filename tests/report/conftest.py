"""Documents and renderings for the tests of the reports."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from refaudit._refaudit import render

HERE = Path(__file__).parent

Document = dict[str, Any]


@pytest.fixture
def sample() -> Document:
    """The committed sample: a session with several findings."""
    document: Document = json.loads((HERE / "sample.json").read_text("utf-8"))
    return document


@pytest.fixture
def clean(sample: Document) -> Document:
    """The same session, had nothing leaked."""
    document = copy.deepcopy(sample)
    document["findings"] = []
    document["tests"] = [test for test in document["tests"] if test["outcome"] == "clean"]
    document["outcome"] = "clean"
    return document


@pytest.fixture
def invalid(sample: Document) -> Document:
    """The same session, had its canary not been found."""
    document = copy.deepcopy(sample)
    document["outcome"] = "invalid"
    document["trust"]["valid"] = False
    document["trust"]["reason"] = "The leak made on purpose at start was not found."
    document["trust"]["canary"] = "missing"
    return document


@pytest.fixture
def remembered(sample: Document) -> Document:
    """The same session, compared with a baseline and with suppressions in force."""
    states = (("new", ""), ("grown", "2026-01-02"), ("unchanged", "2026-01-03"))
    for finding in sample["findings"]:
        finding["known"] = None
    for finding, (state, day) in zip(sample["findings"], states, strict=False):
        finding["known"] = {"state": state, "first_seen": day}
    gone = {"fingerprint": "f" * 16, "rule": "RA103", "subject": "tests/t.py::test_x"}
    gone["message"] = "gone since then"
    sample["baseline"] = {"name": "known.json", "gone": [gone], "not_run": 0}
    one = {"name": "RA105", "source": "pyproject.toml", "reason": "leaks by design"}
    sample["suppressions"] = [
        {**one, "expires": "2026-01-31", "expired": True, "findings": 0},
        {**one, "expires": "", "expired": False, "findings": 0},
        {**one, "expires": "", "expired": False, "findings": 3},
    ]
    return sample


@pytest.fixture(params=["sample", "clean", "invalid", "remembered"])
def page(request: pytest.FixtureRequest) -> str:
    """The HTML page of each kind of session."""
    return render(json.dumps(request.getfixturevalue(request.param)), "html")
