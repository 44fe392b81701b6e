"""`trace_refs`: a watch on one object of the user's own."""

from __future__ import annotations

import sys

import pytest
import refaudit
from support.breakpoints import refusal


@pytest.fixture(autouse=True)
def permitted() -> None:
    """Needs a machine that permits breakpoints; another one says which setting would."""
    if reason := refusal():
        pytest.skip(f"this machine permits no breakpoints: {reason}")


class Thing:
    """Watched."""


def _keep(thing: object, kept: list[object]) -> None:
    kept.append(thing)


def test_each_change_is_told_with_its_line() -> None:
    thing, kept = Thing(), []
    before = sys.getrefcount(thing)
    with refaudit.trace_refs(thing) as trace:
        _keep(thing, kept)
        kept.append(thing)
        kept.pop()
    # Counted by the interpreter itself, with the reference that is still in the list.
    assert trace.balance == sys.getrefcount(thing) - before == 1, trace.notes
    assert sum(entry["change"] for entry in trace.entries) == 1
    functions = {
        frame["function"]
        for entry in trace.entries
        for frame in trace.ledger["stacks"][entry["stack"]]
    }
    assert "_keep" in functions
    assert "_keep" in str(trace)


def test_the_object_is_not_kept_alive() -> None:
    import weakref

    thing = Thing()
    word = weakref.ref(thing)
    with refaudit.trace_refs(thing) as trace:
        del thing
        assert word() is None
    assert trace.entries[-1]["count"] == 0
    assert Thing() is not None


@pytest.mark.skipif(sys.version_info < (3, 12), reason="no object is immortal before 3.12")
def test_an_immortal_object_is_said_to_be_one() -> None:
    with refaudit.trace_refs(None) as trace:
        [None for _ in range(10)]
    assert trace.entries == []
    assert any("immortal" in note for note in trace.notes)


def test_the_history_is_there_when_the_block_has_ended() -> None:
    trace = refaudit.trace_refs(Thing())
    with pytest.raises(RuntimeError, match="when the block has ended"):
        print(trace.entries)
    with trace:
        pass
    with pytest.raises(RuntimeError, match="twice"), trace:
        pass
