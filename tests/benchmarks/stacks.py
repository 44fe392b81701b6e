"""Stacks of every depth against no hook, on the six workloads of `hooks`."""

from __future__ import annotations

import argparse

import hooks
from environment import Bench
from rounds import Figures, geometric_mean, interleaved
from table import goal, heading, table

OURS = {
    "refaudit, asleep": 1.03,
    "refaudit, census only": None,
    "refaudit, 25 Python frames": 1.25,
    "refaudit, hybrid stacks": 1.6,
}
PEERS = [
    "tracemalloc(1)",
    "tracemalloc(25)",
    "memray",
    "memray --native",
    "memray --trace-python-allocators",
    "memray --native --trace-python-allocators",
]


def run(bench: Bench, options: argparse.Namespace) -> None:
    """Measure every configuration in processes of its own; the peers once, they are far off."""
    heading("Stacks, recorded for every allocation: CPU time relative to no hook")
    peers = [name for name in PEERS if "memray" not in name or bench.has("memray")]

    def measure(name: str) -> Figures:
        return bench.measure("workloads.py", name, str(1 if name in peers else hooks.CALLS))

    names = ["nobody", *OURS, *peers]
    best = interleaved(names, options.rounds * 2, measure, once=peers)
    base = best.pop("nobody")
    means = {
        name: geometric_mean(figures[key] / base[key] for key in hooks.WORKLOADS)
        for name, figures in best.items()
    }
    table(
        ["configuration", *hooks.WORKLOADS, "geometric mean", "peak MB"],
        [
            [
                name,
                *(figures[key] / base[key] for key in hooks.WORKLOADS),
                means[name],
                f"{figures['peak'] / 2**20:.0f}",
            ]
            for name, figures in best.items()
        ],
    )
    for name, limit in OURS.items():
        if limit is not None:
            goal(f"geometric mean of {name}", means.get(name), limit)
