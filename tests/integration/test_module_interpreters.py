"""Sub-interpreters that import the sample modules. Outside witness: what the samples declare."""

from __future__ import annotations

import sys

import pytest
from refaudit._modules import process
from support import modules

ISOLATED = sys.version_info >= (3, 12)
#: What `multi_leaky` leaks each time: a list, and a raw block of 4000 bytes.
LEAKED = 4000


@pytest.fixture
def interpreters(monkeypatch):
    """The row of one kind for a sample."""

    def run(name: str, kind: str) -> dict:
        library = modules.library(name)
        monkeypatch.syspath_prepend(str(library.parent))
        request = {
            "name": name,
            "package": name,
            "cycles": 3,
            "kind": kind,
            "dependencies": ["json"],
            "members": [{"name": name, "file": str(library)}],
        }
        ended = process.run("interpreters", request, 60)
        assert ended.outcome == "ok", (ended.step, ended.errors)
        (row,) = ended.data["interpreters"]
        assert row["kind"] == kind
        return row

    return run


def test_isolated_ones_are_as_declared(interpreters):
    row = interpreters("multi_state", "isolated")
    assert row["outcome"] == ("loads" if ISOLATED else "unavailable")
    assert ("3.12" in row["detail"]) != ISOLATED


@pytest.mark.skipif(not ISOLATED, reason="isolated sub-interpreters came with 3.12")
@pytest.mark.parametrize("name", ["single_basic", "single_state", "multi_plain"])
def test_isolated_ones_refuse_what_does_not_declare_it(interpreters, name):
    row = interpreters(name, "isolated")
    assert row["outcome"] == "refused"
    assert row["detail"].startswith("ImportError: ")
    assert name in row["detail"]


def test_a_module_may_refuse_by_itself(interpreters):
    row = interpreters("multi_refuses", "legacy")
    assert row["outcome"] == "refused"
    assert "more than once" in row["detail"]


@pytest.mark.parametrize("name", ["single_basic", "single_cached"])
def test_objects_that_both_interpreters_have(interpreters, name):
    """m_size -1 copies the dict of the first, and a C static gives out the first module itself."""
    row = interpreters(name, "legacy")
    assert row["outcome"] == "loads"
    assert {f"{name}.{thing}" for thing in ("ping", "Thing", "items")} <= set(row["shared"])


@pytest.mark.parametrize("name", ["single_reinit", "multi_plain", "multi_state"])
def test_no_object_in_common(interpreters, name):
    assert interpreters(name, "legacy")["shared"] == []


def test_the_leak_of_each_interpreter(interpreters):
    row = interpreters("multi_leaky", "legacy")
    assert all(LEAKED < size < LEAKED + 400 for size in row["bytes"]), row
    assert all(count >= 2 for count in row["blocks"]), row
    assert len(row["bytes"]) == len(row["blocks"]) == 3


@pytest.mark.parametrize("name", ["multi_tidy", "multi_state"])
def test_an_interpreter_that_leaks_nothing(interpreters, name):
    row = interpreters(name, "legacy")
    assert row["bytes"] == [0, 0, 0]
