"""Functions that count, return or take references, in import tables with refaudit's in front, against them alone."""

from __future__ import annotations

import argparse

from environment import HERE, Bench
from native import compiled
from rounds import Figures, interleaved
from table import goal, heading, table

NAMES = ("no hook", "asleep", "recording")
NANOSECONDS = 15.0
WHAT = {
    "counted": "Py_IncRef, Py_DecRef",
    "returned": "PySequence_GetItem",
    "stolen": "PyList_SetItem",
}


def run(bench: Bench, options: argparse.Namespace) -> None:
    """Each way in a process of its own: calls in a loop of C."""
    heading("Imported functions that count, return and take over references")
    source = HERE / "children" / "counting.c"
    compiled(source, bench.folder / "native" / "counting.so", python=True)

    def measure(name: str) -> Figures:
        return bench.measure("references_imported.py", name)

    best = interleaved(NAMES, options.rounds, measure)
    for what, functions in WHAT.items():
        base = best.get("no hook", {}).get(what)
        if base is not None:
            table(
                [functions, "ns a call", "more than without, ns", "ratio"],
                [[name, f[what], f[what] - base, f[what] / base] for name, f in best.items()],
            )
        recording = best.get("recording", {}).get(what)
        more = None if base is None or recording is None else recording - base
        goal(f"what a recorded call costs more ({functions})", more, NANOSECONDS, " ns")
