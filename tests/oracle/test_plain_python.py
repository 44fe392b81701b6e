"""The catalogue is true on the running interpreter too, by what plain Python and the C library count."""

from __future__ import annotations

import functools

import pytest
from support.building import build
from support.catalogue import Case, everything, of_module
from support.child import measure

pytestmark = pytest.mark.oracle

CASES = everything()

#: Bytes a call: every leak is of more; a clean function may leave what the interpreter keeps once.
SOME, NOISE = 16, 8

# On 3.12 an interned string is immortal, and elsewhere the interpreter's table of them may grow.
INTERNS = "atoms.clean_interned"

#: Modules with native leaks: in others, the interpreter's own use of malloc would be counted.
NATIVE = {case.module for case in CASES if case.expected == "RA106"}

#: Ends of the names of functions that take memory with mmap.
MAPPINGS = ("_mmap", "_mmap_part")


@functools.cache
def _measured(module: str) -> dict[Case, dict]:
    """All cases of a module, measured in one child."""
    cases = of_module(CASES, module)
    return dict(zip(cases, measure("totals", build(module), cases), strict=True))


def _result(case: Case) -> dict:
    result = _measured(case.module)[case]
    assert "error" not in result, result["error"]
    return result


@pytest.mark.parametrize("case", [c for c in CASES if c.watch], ids=lambda c: c.id)
def test_reference_count(case: Case) -> None:
    """`sys.getrefcount` of the leaked object moves by what the catalogue says."""
    assert _result(case)["watched"] == (0 if case.clean else case.per_run)


@pytest.mark.parametrize(
    "case", [c for c in CASES if c.expected in ("RA103", "RA104", "RA105")], ids=lambda c: c.id
)
def test_leak_keeps_bytes(case: Case) -> None:
    """tracemalloc sees memory that is not given back in every call."""
    assert _result(case)["bytes"] > max(SOME, case.bytes - 1)


def _native(case: Case) -> float:
    """Bytes a call, by the C library's own count or, of mappings, by the kernel's."""
    return _result(case)["mapped" if case.function.endswith(MAPPINGS) else "heap"]


@pytest.mark.parametrize(
    "case", [c for c in CASES if c.expected == "RA106"], ids=lambda case: case.id
)
def test_native_leak_keeps_bytes(case: Case) -> None:
    """The C library, or the kernel, counts memory that is not given back in every call."""
    assert _native(case) >= case.bytes


@pytest.mark.parametrize(
    "case", [c for c in CASES if c.clean and c.module in NATIVE], ids=lambda case: case.id
)
def test_clean_function_keeps_no_native_bytes(case: Case) -> None:
    """And none for their twins."""
    assert _native(case) < NOISE


@pytest.mark.parametrize(
    "case", [c for c in CASES if c.clean and c.id != INTERNS], ids=lambda c: c.id
)
def test_clean_function_keeps_no_bytes(case: Case) -> None:
    """tracemalloc sees none."""
    assert _result(case)["bytes"] < NOISE
