"""The allocation hooks with the census, against no hook, on six workloads."""

from __future__ import annotations

import argparse
import sys

from environment import Bench
from rounds import Figures, geometric_mean, interleaved
from table import goal, heading, table

WORKLOADS = ("build", "json", "text", "obj", "fib", "deep")
CALLS = 3
RATIO = 1.12


def configurations(bench: Bench) -> list[str]:
    """What can be measured on this Python; ``nobody`` is the base of every ratio."""
    names = ["nobody", "refaudit"]
    if sys.version_info >= (3, 13):
        names.append("refaudit + reference tracer")
    names.append("tracemalloc(1)")
    if bench.has("memray"):
        names += ["memray", "memray --trace-python-allocators"]
    return names


def run(bench: Bench, options: argparse.Namespace) -> None:
    """Measure every configuration in processes of its own."""
    heading("Allocation hooks with the census, no stacks: CPU time relative to no hook")

    def measure(name: str) -> Figures:
        return bench.measure("workloads.py", name, str(CALLS))

    best = interleaved(configurations(bench), options.rounds * 2, measure)
    base = best.pop("nobody")
    means = {
        name: geometric_mean(figures[key] / base[key] for key in WORKLOADS)
        for name, figures in best.items()
    }
    table(
        ["configuration", *WORKLOADS, "geometric mean", "peak MB"],
        [
            [
                name,
                *(figures[key] / base[key] for key in WORKLOADS),
                means[name],
                f"{figures['peak'] / 2**20:.0f}",
            ]
            for name, figures in best.items()
        ],
    )
    milliseconds = ", ".join(f"{key} {base[key] * 1e3:.1f}" for key in WORKLOADS)
    print(f"Without any: {milliseconds} ms, peak {base['peak'] / 2**20:.0f} MB.\n")
    goal("geometric mean of the hooks with the census", means.get("refaudit"), RATIO)
