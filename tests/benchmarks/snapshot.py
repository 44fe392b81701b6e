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
RATIO, BYTES = 1.0, 48


def run(bench: Bench, options: argparse.Namespace) -> None:
    """Measure heaps of both orders, and larger ones when asked to."""
    for objects in (1_000_000, 10_000_000) if options.large else (1_000_000,):
        for order in ("sequential", "shuffled"):
            _heap(bench, objects, order, options.rounds)


def _heap(bench: Bench, objects: int, order: str, rounds: int) -> None:
    heading(f"Snapshot of {objects:,} containers, {order} references")
    large = objects > 1_000_000
    peers = [peer for peer, package in PEERS.items() if bench.has(package)]
    if large:
        peers = [peer for peer in peers if peer in FRUGAL]

    def measure(name: str) -> Figures:
        # The slow ones are far from the goal: more calls would only say so more precisely.
        calls = rounds if name in FRUGAL | {"refaudit"} else 1
        return bench.measure("heap.py", name, str(objects), order, str(calls))

    best = interleaved(["refaudit", *peers], 1 if large else min(rounds, 3), measure)
    table(
        ["tool", "ratio to `gc.collect()`, CPU", "CPU ms", "`gc.collect()` ms", "peak bytes/object"],
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
    if ours := best.get("refaudit"):
        _parts(ours)
    parts = ours and sum(ours[f"{part}_seconds"] for part in ("snapshot", "unexplained", "components"))
    goal("snapshot, unexplained references and components", ours and parts / ours["collect"], RATIO)
    goal("peak growth", ours and ours["peak_growth"] / ours["tracked"], BYTES, " bytes per object")


def _parts(ours: Figures) -> None:
    """The parts of refaudit's snapshot; the rest of its CPU time is giving the memory back."""
    rows = [
        [part, ours[f"{part}_seconds"] * 1e3, ours[f"{part}_seconds"] / ours["collect"]]
        for part in ("snapshot", "unexplained", "components")
    ]
    table(["part of refaudit", "ms", "ratio"], rows)
    print(
        f"{ours['tracked']:,.0f} tracked objects, {ours['objects']:,.0f} in the model heap,"
        f" which says that it occupies {ours['bytes'] / ours['tracked']:.1f} bytes per tracked one.\n"
    )
