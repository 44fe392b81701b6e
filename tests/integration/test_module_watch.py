"""Init calls and `m_free` calls of extension modules are seen as the modules count them themselves."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from integration.module_children import about, alone, defined, working
from support.modules import Sample, sample


@pytest.mark.parametrize("one", defined())
def test_an_init_call_is_seen_with_its_definition(one: Sample) -> None:
    said = about(
        one,
        """
core.watch_inits()
module = load(name, path)
say(row=row(), address=address, size=definition.m_size, calls=count("init"), path=path)
""",
    )
    row = said["row"]
    api = "PyModule_Create2" if one.name.startswith("single") else "PyModuleDef_Init"
    assert (row["api"], row["name"], row["def"]) == (api, one.name, said["address"])
    assert (row["library"], row["m_size"]) == (said["path"], said["size"])
    assert (row["calls"], row["frees"]) == (said["calls"], 0) == (1, 0)


@pytest.mark.parametrize("one", defined())
def test_frees_are_those_that_the_module_counts(one: Sample) -> None:
    said = about(
        one,
        """
core.watch_inits()
counts = []
for _ in range(4):
    try:
        module = load(name, path)
    except ImportError:  # refuses a second time
        pass
    module = None
    drop(name)
    counts.append([row()["frees"], count("free")])
say(counts=counts)
""",
    )
    assert all(seen == own for seen, own in said["counts"]), said
    if one.verdict == "unloads":
        assert said["counts"][-1][0] == 4
    if one.verdict == "kept-by-module":
        assert said["counts"][-1][0] == 0


@pytest.mark.parametrize("one", defined())
def test_without_watching_nothing_is_recorded_and_nothing_changed(one: Sample) -> None:
    said = about(
        one,
        """
before = definition.m_free
core._native_sync([])
module = load(name, path)
say(rows=inits(), same=definition.m_free == before, has=before is not None)
""",
    )
    assert (said["rows"], said["same"], said["has"]) == ([], True, True)


@pytest.mark.parametrize("one", working("export-slots"))
def test_exported_slots_are_no_definition(one: Sample) -> None:
    said = about(
        one,
        """
core.watch_inits()
module = load(name, path)
say(rows=inits(), calls=count("init"), facts=facts(module))
""",
    )
    assert (said["rows"], said["calls"]) == ([], 1)
    assert said["facts"]["init"] == "export-slots"


def test_a_scope_of_memory_does_not_matter() -> None:
    """Native memory of another package is in scope, or none; before or after."""
    said = about(
        sample("multi_state"),
        """
core._native_sync(["nothing_of_this_name"])
core.watch_inits()
core._native_sync(["nothing_either"])
module = load(name, path)
import _elementtree, array
say(row=row(), libraries=[row["library"] for row in inits()])
""",
    )
    assert said["row"]["calls"] == 1


def test_extensions_of_the_standard_library_are_watched() -> None:
    said = alone(
        """
core.watch_inits()
from importlib.machinery import PathFinder
path = PathFinder.find_spec("_testmultiphase").origin
load("_testmultiphase", path)
say(path=path, rows=inits())
"""
    )
    rows = [row for row in said["rows"] if row["library"] == said["path"]]
    assert [row["api"] for row in rows] == ["PyModuleDef_Init"]


def test_a_module_that_makes_something_else_gets_no_m_free() -> None:
    """CPython refuses such a module when its definition has an `m_free`."""
    said = alone(
        """
core.watch_inits()
from importlib.machinery import PathFinder
path = PathFinder.find_spec("_testmultiphase").origin
made = load("_testmultiphase_nonmodule", path)
say(type=type(made).__name__, frees=[row["frees"] for row in inits()], facts=facts(made))
"""
    )
    assert said["frees"] == [None]
    assert (said["type"], said["facts"]["init"]) == ("SimpleNamespace", "unknown")


def test_a_modules_own_m_free_runs_at_exit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Modules that die with the interpreter pass through the counter, which must still be there."""
    log = tmp_path / "log"
    monkeypatch.setenv("SAMPLE_LOG", str(log))
    for name in ("single_basic", "single_state", "multi_state"):
        said = about(sample(name), "core.watch_inits(); module = load(name, path); say(row=row())")
        assert said["row"]["frees"] == 0
        assert log.read_text().splitlines()[-1] == f"{name} free"


@pytest.mark.skipif(sys.version_info < (3, 12), reason="_testsinglephase is there from 3.12 on")
def test_cpythons_own_single_phase_samples() -> None:
    said = alone(
        """
core.watch_inits()
from importlib.machinery import PathFinder
path = PathFinder.find_spec("_testsinglephase").origin
names = ["_testsinglephase", "_testsinglephase_with_reinit", "_testsinglephase_with_state"]
modules = [load(name, path) for name in names]
found = [facts(module) for module in modules]
say(found=[[one["init"], one["m_size"]] for one in found], rows=[row["api"] for row in inits()])
"""
    )
    inits, sizes = zip(*said["found"], strict=True)
    assert set(inits) == {"single-phase"}
    assert [min(max(size, -1), 1) for size in sizes] == [-1, 0, 1]
    assert set(said["rows"]) == {"PyModule_Create2"}
