"""Functions that count references, in import tables with refaudit's in front, against the functions alone."""

from __future__ import annotations

import argparse

from environment import HERE, Bench
from native import compiled
from rounds import Figures, interleaved
from table import goal, heading, table

NAMES = ("no hook", "asleep", "recording")
NANOSECONDS = 15.0


def run(bench: Bench, options: argparse.Namespace) -> None:
    """Each way in a process of its own: pairs of Py_IncRef and Py_DecRef in a loop of C."""
    heading("Py_IncRef and Py_DecRef through an import table")
    source = HERE / "children" / "counting.c"
    compiled(source, bench.folder / "native" / "counting.so", python=True)

    def measure(name: str) -> Figures:
        return bench.measure("references_imported.py", name)

    best = interleaved(NAMES, options.rounds, measure)
    base = best.get("no hook", {}).get("call")
    if base is not None:
        table(
            ["hooks", "ns a call", "more than without, ns", "ratio"],
            [[name, f["call"], f["call"] - base, f["call"] / base] for name, f in best.items()],
        )
    recording = best.get("recording", {}).get("call")
    more = None if base is None or recording is None else recording - base
    goal("what a recorded call costs more", more, NANOSECONDS, " ns")
