"""The model explains a healthy process, and its garbage is what the collector collects."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from integration.fresh import answer

#: Unexplained references of a healthy process once static areas are searched. More is a hole in
#: the edge function.
MOST = {10: 727, 11: 432, 12: 60, 13: 42, 14: 17, 15: 15}[sys.version_info.minor]

_DIAGNOSE = """
import {modules}
from refaudit import _audit
_audit.ensure_installed()
say(**_audit.core().diagnose())
"""
_MODULES = {
    "the table's": "asyncio, typing, json, logging, dataclasses",
    "more": "argparse, decimal, ctypes, sqlite3, xml.etree.ElementTree",
}


@pytest.fixture(scope="module", params=_MODULES)
def diagnosis(request: pytest.FixtureRequest) -> dict[str, Any]:
    """The model of a process that has imported a good part of the standard library."""
    return answer(_DIAGNOSE.format(modules=_MODULES[request.param]))


def test_everything_is_found_and_reachable(diagnosis: dict[str, Any]) -> None:
    assert diagnosis["complete"]
    assert diagnosis["garbage"] == 0
    assert diagnosis["objects"] > 20_000


def test_few_references_are_unexplained(diagnosis: dict[str, Any]) -> None:
    rows = diagnosis["unaccounted"]
    left = [row for row in rows if row[2] > row[3]]
    assert diagnosis["remaining"] <= MOST, left
    assert diagnosis["remaining"] == sum(row[2] - row[3] for row in left)


def test_every_remaining_reference_has_a_likely_holder(diagnosis: dict[str, Any]) -> None:
    assert [row for row in diagnosis["unaccounted"] if not row[4].strip()] == []


def test_hardly_anything_is_over_explained(diagnosis: dict[str, Any]) -> None:
    """Frozen code objects of 3.11 hold None and the like without counting it."""
    uncounted = {"NoneType", "bool", "ellipsis"} if sys.version_info[:2] == (3, 11) else set()
    negative = [row for row in diagnosis["unaccounted"] if row[2] < 0 and row[0] not in uncounted]
    assert -sum(row[2] for row in negative) <= 3, negative


_GARBAGE = """
from refaudit import _audit
_audit.ensure_installed()
class Node: pass
def of_dicts():
    one = {}; one["self"] = one
def of_lists():
    one = []; two = [one]; one.append(two)
def of_instances():
    one, two = Node(), Node(); one.other, two.other = two, one
def of_closures():
    def inner(): return inner
    inner()
def of_tuples():
    one = []; one.append((one, 1))
def of_generators():
    def runs():
        yield me
    me = runs(); next(me)
makers = [of_dicts, of_lists, of_instances, of_closures, of_tuples, of_generators]
found = {}
gc.collect()
gc.disable()
for make in makers:
    gc.collect(); gc.collect()
    before = _audit.core().diagnose(settle=False)["garbage"]
    for _ in range(100): make()
    model = _audit.core().diagnose(settle=False)["garbage"]
    found[make.__name__] = [before, model, gc.collect()]
say(**found)
"""


def test_garbage_of_the_model_is_what_the_collector_collects() -> None:
    found = answer(_GARBAGE)
    generators = found.pop("of_generators")
    for name, (before, model, collected) in found.items():
        assert before == 0, name
        assert collected >= 100, name
        assert model == collected, name
    # A generator that refers to itself is freed by its own finalizer, which nobody counts.
    before, model, collected = generators
    assert before == 0
    assert 100 <= model <= 400
    assert 0 <= collected <= model
