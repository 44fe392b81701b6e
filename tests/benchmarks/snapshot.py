"""A snapshot of 1,000,000 containers against one ``gc.collect()`` of the same heap."""

from __future__ import annotations

import argparse

from environment import Bench
from rounds import Figures, interleaved
from table import goal, heading, table

PEERS = {
    "objgraph typestats": "objgraph",
    "objgraph growth": "objgraph",
    "guppy3 heap": "guppy3",
    "pympler muppy": "Pympler",
    "pympler muppy + summary": "Pympler",
    "refcycle snapshot": "refcycle",
}
#: Peers that stay within some gigabytes and a minute on the large heap.
FRUGAL = {"objgraph typestats", "objgraph growth"}
PARTS = ("snapshot", "unexplained", "components")
RATIO, BYTES = 1.0, 48
#: Strongly connected components and unexplained references against the snapshot that they are made on.
PASSES = 0.2


def run(bench: Bench, options: argparse.Namespace) -> None:
    """Measure heaps of both orders, and larger ones when asked to."""
    for objects in (1_000_000, 10_000_000) if options.large else (1_000_000,):
        for order in ("sequential", "shuffled"):
            _heap(bench, objects, order, options.rounds)


def _heap(bench: Bench, objects: int, order: str, rounds: int) -> None:
    heading(f"Snapshot of {objects:,} containers, {order} references, against `gc.collect()`")
    large = objects > 1_000_000
    peers = [peer for peer, package in PEERS.items() if bench.has(package)]
    if large:
        peers = [peer for peer in peers if peer in FRUGAL]

    def measure(name: str) -> Figures:
        # The slow ones are far from the goal: more calls would only say so more precisely.
        calls = rounds if name in FRUGAL | {"refaudit"} else 1
        return bench.measure("heap.py", name, str(objects), order, str(calls))

    slow = set(PEERS) - FRUGAL
    best = interleaved(["refaudit", *peers], 1 if large else min(rounds, 3), measure, once=slow)
    table(
        ["tool", "ratio, CPU", "CPU ms", "`gc.collect()` ms", "peak bytes/container"],
        [
            [
                name,
                figures["tool"] / figures["collect"],
                figures["tool"] * 1e3,
                figures["collect"] * 1e3,
                figures["peak_growth"] / figures["tracked"],
            ]
            for name, figures in best.items()
        ],
    )
    ours = best.get("refaudit")
    if ours:
        _parts(ours)
    # CPU time of the whole call: it also holds the giving back of the memory.
    ratio = ours["tool"] / ours["collect"] if ours else None
    growth = ours["peak_growth"] / ours["tracked"] if ours else None
    goal("snapshot, unexplained references and components", ratio, RATIO)
    passes = (
        (ours["unexplained_seconds"] + ours["components_seconds"]) / ours["snapshot_seconds"]
        if ours
        else None
    )
    goal("unexplained references and components against the snapshot", passes, PASSES)
    goal("peak growth outside the Python heap", growth, BYTES, " bytes per container")


def _parts(ours: Figures) -> None:
    """Show how refaudit's snapshot divides; wall time, so for comparison with each other only."""
    seconds = {part: ours[f"{part}_seconds"] for part in PARTS}
    total = sum(seconds.values())
    table(
        ["part of refaudit", "wall ms", "percent"],
        [[part, value * 1e3, f"{value / total:.0%}"] for part, value in seconds.items()],
    )
    print(
        f"{ours['tracked']:,.0f} tracked objects, {ours['objects']:,.0f} in the model heap (strings"
        f" and numbers too), {ours['peak_growth'] / ours['objects']:.1f} bytes of peak growth for"
        f" each of these. The heap itself counts {ours['bytes'] / ours['objects']:.1f}.\n"
    )
