"""Dominators of 1,000,000 containers against one snapshot of the same heap, and the peers' answers."""

from __future__ import annotations

import argparse

from environment import Bench
from rounds import Figures, interleaved
from table import goal, heading, table

#: What each peer answers. None of them has a dominator tree: guppy3's dominoes are what would go with
#: a set, which is one subtree of it; by referrer type is the nearest to the whole.
PEERS = {
    "guppy3, domisize of the first 100 objects": "guppy3",
    "guppy3 heap().byrcs": "guppy3",
    "objgraph, chain to one object": "objgraph",
}
RATIO = 1.0


def run(bench: Bench, options: argparse.Namespace) -> None:
    """Measure heaps of both orders; the peers are slow, and run once."""
    for order in ("sequential", "shuffled"):
        _heap(bench, order, min(options.rounds, 3))


def _heap(bench: Bench, order: str, rounds: int) -> None:
    heading(f"Dominators of 1,000,000 containers, {order} references, against a snapshot")
    peers = [peer for peer, package in PEERS.items() if bench.has(package)]

    def measure(name: str) -> Figures:
        return bench.measure("heap.py", name, "1000000", order, "1" if name in PEERS else "3")

    names = ["refaudit dominators", *peers]
    best = interleaved(names, rounds, measure, once=set(PEERS))
    table(
        ["tool", "CPU ms", "ratio to `gc.collect()`"],
        [
            [name, figures["tool"] * 1e3, figures["tool"] / figures["collect"]]
            for name, figures in best.items()
        ],
    )
    ours = best.get("refaudit dominators")
    if ours:
        print(
            f"A snapshot takes {ours['snapshot_seconds'] * 1e3:,.0f} ms, the dominator tree with the"
            f" retained size of every object {ours['dominators_seconds'] * 1e3:,.0f} ms.\n"
        )
    ratio = ours["dominators_seconds"] / ours["snapshot_seconds"] if ours else None
    goal("dominators and all retained sizes, against the snapshot", ratio, RATIO)
