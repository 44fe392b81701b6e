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
#: The second less the first is the tree with the retained size of every object.
OURS = ("refaudit snapshot", "refaudit snapshot and dominators")
RATIO = 1.0


def run(bench: Bench, options: argparse.Namespace) -> None:
    """Measure heaps of both orders; the peers are slow, and run once."""
    for order in ("sequential", "shuffled"):
        _heap(bench, order, min(options.rounds, 3))


def _heap(bench: Bench, order: str, rounds: int) -> None:
    heading(f"Dominators of 1,000,000 containers, {order} references, against a snapshot")
    peers = [peer for peer, package in PEERS.items() if bench.has(package)]

    def measure(name: str) -> Figures:
        return bench.measure("heap.py", name, "1000000", order, "1" if name in PEERS else "5")

    names = [*OURS, *peers]
    best = interleaved(names, rounds, measure, once=set(PEERS))
    table(
        ["tool", "CPU ms", "ratio to `gc.collect()`"],
        [
            [name, figures["tool"] * 1e3, figures["tool"] / figures["collect"]]
            for name, figures in best.items()
        ],
    )
    ratio = None
    if all(name in best for name in OURS):
        alone, both = (best[name]["tool"] for name in OURS)
        ratio = both / alone - 1
    goal("dominators and all retained sizes, against the snapshot", ratio, RATIO)
