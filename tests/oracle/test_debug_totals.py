"""The catalogue is true: a debug CPython counts, for every defect, the references it says."""

from __future__ import annotations

import functools
import shutil

import pytest
from support.building import build
from support.catalogue import Case, of_module, with_twins
from support.catalogue import load as load_catalogue
from support.child import measure

pytestmark = pytest.mark.oracle

VERSION = (3, 11)
CASES = [case.on(VERSION) for case in with_twins(load_catalogue())]


@functools.cache
def _debug_python() -> str:
    found = shutil.which("python3.11-dbg")
    if found is None:
        pytest.fail("no debug build of CPython 3.11: apt-get install python3.11-dbg python3.11-dev")
    return found


@functools.cache
def _measured(module: str) -> dict[Case, dict]:
    """All cases of a module, measured in one child of the debug build."""
    cases = of_module(CASES, module)
    path = build(module, _debug_python())
    return dict(zip(cases, measure("totals", path, cases, _debug_python()), strict=True))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_total_references(case: Case) -> None:
    result = _measured(case.module)[case]
    assert "error" not in result, result["error"]
    assert case.refs_per_call is not None, "the catalogue gives a number for every case"
    # A chain of frames is shared by all calls of a loop: less than one reference a call.
    assert result["refs"] == pytest.approx(case.refs_per_call, abs=0.2)
