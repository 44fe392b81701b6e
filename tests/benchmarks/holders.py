"""The search for holders: words of memory that point to suspects."""

from __future__ import annotations

import argparse

from environment import Bench
from rounds import Figures, interleaved
from table import goal, heading, table

MEGABYTES = 500
CONTENTS = ("bytes", "pointers")
SECONDS, SPEED = 0.2, 3.0


def run(bench: Bench, options: argparse.Namespace) -> None:
    """Measure memory full of chance, and memory full of pointers to other objects."""
    heading(f"Search of {MEGABYTES} MB of blocks for 1,000 suspects")

    def measure(contents: str) -> Figures:
        return bench.measure("holders.py", str(MEGABYTES), contents)

    best = interleaved(list(CONTENTS), options.rounds, measure)
    table(
        ["contents", "search / copy of the same memory", "search ms", "GB/s", "found"],
        [
            [
                name,
                figures["tool"] / figures["copy"],
                figures["tool"] * 1e3,
                figures["searched"] / figures["tool"] / 1e9,
                figures["found"],
            ]
            for name, figures in best.items()
        ],
    )
    worst = max((figures["tool"] for figures in best.values()), default=None)
    goal("search, in seconds", worst, SECONDS, " s")
    speeds = [figures["tool"] / figures["searched"] * 1e9 for figures in best.values()]
    goal("seconds for a gigabyte", max(speeds, default=None), 1 / SPEED, " s")
