"""The catalogue is true by valgrind's word: blocks lost, where each was taken, and by how many calls."""

from __future__ import annotations

import functools
import tempfile
from pathlib import Path

import pytest
from support.building import build
from support.catalogue import Case, everything, of_module
from support.inside import FEW_CALLS
from support.sites import is_function, site_line, site_source
from support.valgrind import Survivors, survivors

pytestmark = pytest.mark.oracle

CASES = everything()

# In `recycled` the memory is an earlier object's, on purpose.
MODULES = {case.module for case in CASES if case.site} - {"recycled"}

# Mappings are no blocks of the heap, which is all that memcheck follows.
LEAKS = [
    case for case in CASES if case.module in MODULES and case.site and case.type != "mmap block"
]
CLEAN = [case for case in CASES if case.module in MODULES and case.clean and "_mmap" not in case.id]

#: memcheck says of a resized block where it was resized.
RESIZED = ("chains.leaky_chain", "chains.leaky_moved", "blocks.leaky_grown")

#: The twin empties the container that the leak fills.
EMPTIED = ("statics.leaky_growing_list", "statics.leaky_growing_dict")


@functools.cache
def _survivors(module: str) -> list[Survivors]:
    with tempfile.TemporaryDirectory(prefix="valgrind-") as folder:
        return survivors(of_module(CASES, module), Path(folder))


def _libraries(case: Case) -> list[str]:
    """File names of the module and of those that it is used with."""
    return [build(name).name for name in (case.module, *case.beside)]


def _is_site(case: Case, stack: Survivors) -> bool:
    """Whether a stack blames the marked line; of Cython only the function, in the C that it made."""
    for library in _libraries(case):
        frame = stack.site(library)
        if frame is None or not is_function(frame.function, case.site):
            continue
        place = (frame.file, frame.line)
        return case.language == "cython" or place == (site_source(case).name, site_line(case))
    return False


#: Blocks of bounded rings that stay by design: sixteen entries, each with its memory.
RINGS = {"clean_ring": 32}


@pytest.mark.parametrize(
    "case", [c for c in LEAKS if c.id not in (*RESIZED, *EMPTIED)], ids=lambda c: c.id
)
def test_site_and_count(case: Case) -> None:
    """The frame that the rule of blame picks is the marked one, and so often."""
    lost = sum(stack.blocks for stack in _survivors(case.module) if _is_site(case, stack))
    # The twin may give the last one back: both fill the same variable.
    assert lost >= (case.per_run or 1) * FEW_CALLS - 1
    # A victim may be born in the same line, as a string's characters are.
    if case.expected == "RA106" and not case.keeps and case.function != "leaky_string":
        # A count that is left open is that of two blocks, of which one may keep the other.
        assert lost <= (case.per_run or 2) * FEW_CALLS


def _on_stack(case: Case, function: str) -> int:
    """Blocks that were lost under a function of the module."""
    libraries = _libraries(case)
    return sum(
        stack.blocks
        for stack in _survivors(case.module)
        if any(
            is_function(frame.function, function) and Path(frame.library).name in libraries
            for frame in stack.frames
        )
    )


@pytest.mark.parametrize("case", [c for c in LEAKS if c.id in RESIZED], ids=lambda c: c.id)
def test_resized_block_is_lost(case: Case) -> None:
    """Somewhere under the function that leaks it."""
    assert _on_stack(case, case.function) >= FEW_CALLS - 1


@pytest.mark.parametrize("case", CLEAN, ids=lambda c: c.id)
def test_clean_function_loses_nothing(case: Case) -> None:
    """Less than one block a call: what is filled once may look lost. A ring keeps what it has room for."""
    assert _on_stack(case, case.function) < FEW_CALLS // 2 + RINGS.get(case.function, 0)
