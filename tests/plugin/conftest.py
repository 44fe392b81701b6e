"""Inner pytest runs, each in a process of its own: the audit's hooks are global state.

The leaks come from the two compiled functions that refaudit ships for tests.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

HEAD = """
import pytest
from refaudit._refaudit import _leak_block, _leak_reference

KEPT = []

class Thing:
    pass

OLD = Thing()

"""


class Inner:
    """A throw-away project; `run` gives pytester's result, `document` the audit document."""

    def __init__(self, pytester: pytest.Pytester) -> None:
        self.pytester = pytester

    def write(self, **files: str) -> None:
        """Test files, each with the leak functions imported."""
        self.pytester.makepyfile(**{name: HEAD + text for name, text in files.items()})

    def run(self, *args: str) -> pytest.RunResult:
        """One audited run, in the order of the file."""
        return self.plain("--refaudit", "--refaudit-report=out.json", *args)

    def plain(self, *args: str) -> pytest.RunResult:
        """One run with nothing but `args`."""
        return self.pytester.runpytest_subprocess("-p", "no:randomly", *args, timeout=180)

    @property
    def document(self) -> dict[str, Any]:
        """The audit document of the last run."""
        return json.loads((self.pytester.path / "out.json").read_text(encoding="utf-8"))

    @property
    def verdicts(self) -> dict[str, str]:
        """Outcome of each audited test by its bare name."""
        return {test["id"].rpartition("::")[2]: test["outcome"] for test in self.document["tests"]}


@pytest.fixture
def inner(pytester: pytest.Pytester) -> Inner:
    """A throw-away project for inner runs."""
    return Inner(pytester)
