"""What a watch on reference counts costs: each change, what is not watched, and a body that is explained."""

from __future__ import annotations

import argparse

from environment import HERE, Bench
from native import compiled
from rounds import geometric_mean, interleaved
from table import goal, heading, table

NANOSECONDS = 3000.0
#: "Nothing measurable": what two runs without a watch differ by on a busy machine.
UNWATCHED = 1.02
EXPLAINED = 10.0


def run(bench: Bench, options: argparse.Namespace) -> None:
    """All ways take turns in one process each; the minimum of all rounds counts."""
    _changes(bench, options.rounds)
    _unwatched(bench)
    _explained(bench)


def _changes(bench: Bench, rounds: int) -> None:
    heading("One watched change of a reference count")
    compiled(HERE / "children" / "watches.c", bench.folder / "native" / "watches.so")
    best = interleaved(["references"], rounds, lambda _: bench.measure("references.py"))
    figures = best.get("references", {})
    ours = figures.get("guard page")
    if ours:
        table(
            ["way", "ns for a change", "relative to a guard page"],
            [[name, ns, ns / ours] for name, ns in figures.items()],
        )
    goal("a change on a guard page, with its stack", ours, NANOSECONDS, " ns")


def _unwatched(bench: Bench) -> None:
    heading("What is not watched, while another object is: CPU time relative to no watch")
    best = bench.measure("unwatched.py")
    base = best["none"]
    rows = {
        "no watch, once more": [best["none again"][name] / base[name] for name in base],
        "another object is watched": [best["watching"][name] / base[name] for name in base],
    }
    means = {name: geometric_mean(ratios) for name, ratios in rows.items()}
    table(
        ["", *base, "geometric mean"],
        [[name, *ratios, means[name]] for name, ratios in rows.items()],
    )
    goal("what is not watched", means["another object is watched"], UNWATCHED)


def _explained(bench: Bench) -> None:
    heading("A body that leaks 100 objects in each call: CPU time relative to the body alone")
    best = bench.measure("explaining.py")
    table(
        ["besides", "ms alone", "audited", "explained", "events for an object"],
        [
            [
                name,
                of["alone"] * 1e3,
                of["audited"] / of["alone"],
                of["explained"] / of["alone"],
                of["events"],
            ]
            for name, of in best.items()
        ],
    )
    for name, of in best.items():
        goal(f"{name} besides, explained", of["explained"] / of["alone"], EXPLAINED)
