"""Static facts of modules are those that ctypes reads, and each framework is known by its marks."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from integration.module_children import about, alone, defined, working
from support.modules import Sample

#: Fixture modules and the framework that made them.
MADE_BY = {
    "cyleaks": "cython",
    "pbleaks": "pybind11",
    "nbleaks": "nanobind",
    "pyo3leaks": "pyo3",
    "cppleaks": "",
}


@pytest.mark.parametrize("watched", [False, True], ids=["unwatched", "watched"])
@pytest.mark.parametrize("one", defined())
def test_facts_are_those_of_the_definition(one: Sample, watched: bool) -> None:
    said = about(
        one,
        f"""
as_compiled = [bool(getattr(definition, field)) for field in ("m_methods", "m_traverse", "m_clear", "m_free")]
if {watched}:
    core.watch_inits()
module = load(name, path)
found = facts(module)
shown = [found[field] for field in ("has_methods", "traverse", "clear", "free")]
say(facts=found, compiled=as_compiled, shown=shown, size=definition.m_size, given=facts(module, address) == found)
""",
    )
    facts = said["facts"]
    assert facts["init"] == ("single-phase" if one.name.startswith("single") else "multi-phase")
    assert (facts["m_size"], said["shown"]) == (said["size"], said["compiled"])
    assert said["given"]
    assert (facts["slots"], facts["multiple_interpreters"], facts["gil"]) == _slots(one)
    assert (facts["static_types"], facts["abi3"], facts["framework"]) == ([], False, "")
    assert not facts["exports_slots"]


def _slots(one: Sample) -> tuple[list[str], str, str]:
    """What the source says of slots, by its macros."""
    slots = [] if one.name.startswith("single") else ["Py_mod_exec"]
    if one.kind in {"multi-phase-cached", "multi-phase-framework"}:
        slots.insert(0, "Py_mod_create")
    interpreters, gil = "", ""
    if slots and sys.version_info >= (3, 12) and {"STATE", "CACHED"} & {*one.defines}:
        slots.append("Py_mod_multiple_interpreters")
        interpreters = "per-interpreter-gil" if "STATE" in one.defines else "not-supported"
    if slots and sys.version_info >= (3, 13) and "STATE" in one.defines:
        slots.append("Py_mod_gil")
        gil = "not-used"
    return slots, interpreters, gil


@pytest.mark.parametrize("one", working("export-slots"))
def test_facts_of_exported_slots(one: Sample) -> None:
    facts = about(one, "module = load(name, path); say(facts=facts(module))")["facts"]
    assert (facts["init"], facts["m_size"], facts["exports_slots"]) == ("export-slots", 16, True)
    names = ["abi", "name", "methods", "exec", "state_size", "state_traverse", "state_clear"]
    names += ["state_free", "gil", "multiple_interpreters"]
    assert facts["slots"] == [f"Py_mod_{name}" for name in names]
    assert (facts["multiple_interpreters"], facts["gil"]) == ("per-interpreter-gil", "not-used")
    shown = [facts[field] for field in ("has_methods", "traverse", "clear", "free")]
    assert shown == [True] * 4


@pytest.mark.parametrize("one", working("basic"))
def test_a_second_import_has_no_definition_of_its_own(one: Sample) -> None:
    """Its definition is given, or found by the recorded call."""
    said = about(
        one,
        """
core.watch_inits()
first = facts(load(name, path))
drop(name)
second = load(name, path)
say(first=first, second=facts(second), given=facts(second, address))
""",
    )
    assert said["first"] == said["second"] == said["given"]


def test_modules_without_a_library() -> None:
    said = alone(
        """
import builtins, json.decoder, types
modules = {"sys": sys, "builtins": builtins, "python": json.decoder, "made": types.ModuleType("made")}
say(object=facts(object()), none=facts(None), **{name: facts(one) for name, one in modules.items()})
"""
    )
    nothing = said["object"]
    assert (nothing["init"], nothing["m_size"], nothing["slots"]) == ("unknown", None, [])
    assert nothing == said["none"] == said["python"] == said["made"]
    assert (said["sys"]["init"], said["sys"]["m_size"]) == ("single-phase", -1)
    assert said["sys"]["static_types"] == []
    assert {"int", "dict", "type"} <= {*said["builtins"]["static_types"]}


def test_static_types_are_those_in_the_librarys_memory() -> None:
    said = alone(
        """
import importlib
def static(module):
    with open("/proc/self/maps") as maps:
        rows = [row.split() for row in maps if module.__file__ in row]
    spans = [[int(end, 16) for end in row[0].split("-")] for row in rows]
    first, last = min(span[0] for span in spans), max(span[1] for span in spans)
    types = [x for x in vars(module).values() if isinstance(x, type)]
    return sorted({
        t.__module__ + "." + t.__qualname__ for t in types if first <= id(t) < last and not t.__flags__ >> 9 & 1
    })
answers = {}
for name in ("_testcapi", "_ctypes", "_datetime", "_decimal", "_testmultiphase", "xxlimited", "_asyncio"):
    try:
        module = importlib.import_module(name)
    except ImportError:
        continue
    if getattr(module, "__file__", None):
        answers[name] = [static(module), facts(module)["static_types"]]
say(answers=answers)
"""
    )
    assert len(said["answers"]) >= 2, said
    for name, (expected, found) in said["answers"].items():
        last = [one.rsplit(".", 1)[-1] for one in expected]
        assert sorted(one.rsplit(".", 1)[-1] for one in found) == sorted(last), name
    assert any(expected for expected, _ in said["answers"].values()), said


@pytest.mark.parametrize("name", MADE_BY)
def test_a_framework_is_known_by_its_marks(extension: Callable[[str], Path], name: str) -> None:
    path = str(extension(name))
    said: dict[str, Any] = alone(
        "say(**facts(load(sys.argv[1], sys.argv[-1])))".replace("sys.argv[1]", repr(name)), path
    )
    assert said["framework"] == MADE_BY[name]
    assert said["init"] in {"single-phase", "multi-phase", "export-slots"}
