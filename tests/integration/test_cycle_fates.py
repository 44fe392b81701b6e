"""What the search says of types that do not keep to the collector's protocol, and what the collector does."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from integration.fresh import answer

_SETUP = """
from importlib.util import module_from_spec, spec_from_file_location
spec = spec_from_file_location("fates", sys.argv[1])
m = module_from_spec(spec); spec.loader.exec_module(m)
import refaudit
class Witness: pass
def with_itself(kind):
    node = getattr(m, kind)(); node.link(node); return node
def with_a_list(kind):
    node = getattr(m, kind)(); node.link([node]); return node
def in_memory(kind):
    node = getattr(m, kind)(); node.box([node]); return node
def of_a_subclass(kind):
    class Sub(getattr(m, kind)): pass
    node = Sub(); node.link([node]); return node
def with_its_type(kind):
    made = m.make(kind); made.node = made(); return made
def untracked(kind):
    node = with_itself(kind); node.hide(); return node
def hooked(shape, kind):
    \"""The cycle with a witness that dies with it, in the list or among the type's attributes.\"""
    witness = Witness()
    if shape is with_its_type:
        node = shape(kind); node.witness = witness
    else:
        node = getattr(m, kind)() if shape is not of_a_subclass else type("Sub", (getattr(m, kind),), {})()
        both = [node, witness]
        node.box(both) if shape is in_memory else node.link(both)
    return weakref.ref(witness)
shapes = [with_itself, with_a_list, in_memory, of_a_subclass, with_its_type]
kinds = "Whole Blind Boxed Typeless Rigid Legacy Plain".split()
answers = {}
for shape in shapes:
    for kind in kinds:
        found = refaudit.cycles(lambda: shape(kind) and None)
        rows = [[c.fate, c.count, c.reason, [s["hidden"] for s in c.steps], c.types] for c in found]
        # What ended in gc.garbage once does so at each collection.
        gc.collect(); known = set(map(id, gc.garbage)); gc.garbage.clear()
        if shape is with_itself:
            # An instance has a reference to its type as long as it lives.
            made = getattr(m, kind); count = sys.getrefcount(made)
            with_itself(kind) and None; gc.collect(); gc.collect()
            died = sys.getrefcount(made) == count
        else:
            witness = hooked(shape, kind); gc.collect(); gc.collect()
            died = witness() is None
        dies = [died, len(set(map(id, gc.garbage)) - known)]; gc.garbage.clear()
        answers[f"{shape.__name__} {kind}"] = [rows, dies, found.report.document["outcome"]]
rows = [[c.fate, c.reason] for c in refaudit.cycles(lambda: untracked("Whole") and None)]
answers["untracked Whole"] = rows
say(**answers)
"""


@pytest.fixture(scope="module")
def fates(extension: Callable[[str], Path]) -> dict[str, Any]:
    """Fate, reason and the collector's own verdict, for each shape of a cycle of each type."""
    return answer(_SETUP, str(extension("fates")))


#: What the collector cannot see of each type, and the reason that must be told.
BLIND = {
    ("Blind", "link"): "tp_traverse of `fates.Blind` does not visit the field at offset 16",
    (
        "Boxed",
        "memory",
    ): "tp_traverse of `fates.Boxed` does not visit what the instance keeps in other memory",
    ("Typeless", "type"): "tp_traverse of `fates.Typeless` does not visit the type of the instance",
    ("Plain", "link"): "`fates.Plain` refers to objects and has no tp_traverse",
    ("Plain", "memory"): "`fates.Plain` refers to objects and has no tp_traverse",
    ("Plain", "type"): "`fates.Plain` has no tp_traverse, so that instances hide their type",
}
SHAPES = {
    "with_itself": "link",
    "with_a_list": "link",
    "of_a_subclass": "link",
    "in_memory": "memory",
    "with_its_type": "type",
}
KINDS = ["Whole", "Blind", "Boxed", "Typeless", "Rigid", "Legacy", "Plain"]


def _expected(shape: str, kind: str) -> tuple[str, str]:
    """Fate and reason."""
    reason = BLIND.get((kind, SHAPES[shape]))
    if reason is not None:
        return "invisible", reason
    if kind == "Rigid" and shape == "with_itself":
        return "uncollectable", "`fates.Rigid` has no tp_clear"
    # A subclass does not inherit `tp_del`.
    if kind == "Legacy" and shape != "of_a_subclass":
        return "uncollectable", "`fates.Legacy` has the legacy finalizer tp_del"
    return "collectable", ""


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("kind", KINDS)
def test_fate_is_told_with_its_reason(fates: dict[str, Any], shape: str, kind: str) -> None:
    rows, _, outcome = fates[f"{shape} {kind}"]
    fate, reason = _expected(shape, kind)
    # A class that was made for the occasion is a cycle of its own, unless an instance is reached from it.
    found = [row for row in rows if not set(row[4]) <= {"type", "tuple"}]
    assert [row[:3] for row in found] == [[fate, 1, reason]]
    assert all(row[0] == "collectable" for row in rows if row not in found)
    assert any(found[0][3]) == (fate == "invisible")
    assert outcome == ("leak" if fate in ("invisible", "uncollectable") else "clean")


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("kind", KINDS)
def test_the_collector_does_what_was_told(fates: dict[str, Any], shape: str, kind: str) -> None:
    """The witness in the cycle dies exactly when the cycle is collectable; `tp_del` ends in `gc.garbage`."""
    _, (dies, garbage), _ = fates[f"{shape} {kind}"]
    fate, reason = _expected(shape, kind)
    assert dies == (fate == "collectable")
    assert garbage == ("tp_del" in reason)


def test_an_untracked_object_is_told(fates: dict[str, Any]) -> None:
    ((fate, reason),) = fates["untracked Whole"]
    assert fate == "invisible"
    assert reason == "an instance of `fates.Whole` is not tracked by the collector"


@pytest.mark.xfail(
    sys.version_info >= (3, 15),
    reason="the last object that was made has a reference there that the model does not see",
    strict=True,
)
def test_sites_and_stacks_are_those_of_the_members(extension: Callable[[str], Path]) -> None:
    code = """
from importlib.util import module_from_spec, spec_from_file_location
spec = spec_from_file_location("fates", sys.argv[1])
m = module_from_spec(spec); spec.loader.exec_module(m)
import refaudit
def the_caller():
    node = m.Blind(); node.link(node)
(cycle,) = refaudit.cycles(the_caller, scope="fates")
say(frames=[f["function"] for f in cycle.steps[0]["trace"]["frames"]], weak=cycle.steps[0]["weak_references"],
    bytes=cycle.steps[0]["bytes"])
"""
    said = answer(code, str(extension("fates")))
    assert "the_caller" in said["frames"]
    assert (said["weak"], said["bytes"] > 0) == (0, True)
