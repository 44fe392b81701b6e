"""Nanoseconds for one watched change of a reference count, against other ways to see it."""

from __future__ import annotations

import argparse

from environment import HERE, Bench
from native import compiled
from rounds import interleaved
from table import goal, heading, table

NANOSECONDS = 3000.0


def run(bench: Bench, options: argparse.Namespace) -> None:
    """All ways take turns in one process; the minimum of all rounds counts."""
    heading("One watched change of a reference count")
    compiled(HERE / "children" / "watches.c", bench.folder / "native" / "watches.so")
    best = interleaved(["references"], options.rounds, lambda _: bench.measure("references.py"))
    figures = best.get("references", {})
    ours = figures.get("guard page")
    if ours:
        table(
            ["way", "ns for a change", "relative to a guard page"],
            [[name, ns, ns / ours] for name, ns in figures.items()],
        )
    goal("a change on a guard page, with its stack", ours, NANOSECONDS, " ns")
