"""Nanoseconds for one native stack of 16 frames, against the `backtrace` crate."""

from __future__ import annotations

import argparse

from environment import HERE, Bench
from native import compiled
from rounds import interleaved
from table import goal, heading, table

FRAMES = 16
NANOSECONDS = 50.0


def run(bench: Bench, options: argparse.Namespace) -> None:
    """All methods unwind the same stack in the same process; the minimum of all rounds counts."""
    heading(f"A native stack of {FRAMES} frames")
    compiled(HERE / "children" / "nesting.c", bench.folder / "native" / "nesting.so", python=True)
    best = interleaved(
        ["unwind"], options.rounds, lambda _: bench.measure("unwind.py", str(FRAMES))
    )
    figures = best.get("unwind", {})
    methods = {name: ns for name, ns in figures.items() if name not in ("frames", "depth")}
    if methods:
        table(
            ["method", "ns for a stack", "ns for a frame"],
            [[name, ns, ns / figures["frames"]] for name, ns in methods.items()],
        )
    goal("a native stack", methods.get("refaudit"), NANOSECONDS, " ns")
