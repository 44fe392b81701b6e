"""What the table of live blocks and the table of stacks take of the resident set."""

from __future__ import annotations

import argparse

from environment import Bench
from rounds import Figures, interleaved
from table import goal, heading, table

BYTES = 16
CENSUS, HYBRID = "refaudit, census only", "refaudit, hybrid stacks"


def run(bench: Bench, options: argparse.Namespace) -> None:
    """Differences of resident growth between processes that allocate the same."""
    heading("Memory of the tables: growth of the resident set above that without hooks")

    def measure(name: str) -> Figures:
        return bench.measure("memory.py", name)

    best = interleaved(["nobody", CENSUS, HYBRID], min(options.rounds, 3), measure)
    base = best.pop("nobody")
    census, hybrid = best.get(CENSUS), best.get(HYBRID)
    # What lies between blocks counts too: headers of pools, and what is left of them.
    touched = base["blocks"] / 16
    table(
        ["configuration", "bytes a touched granule", "bytes a live granule", "bytes a stack"],
        [
            [
                name,
                (figures["blocks"] - base["blocks"]) / touched,
                (figures["blocks"] - base["blocks"]) / base["granules"],
                (figures["stacks"] - base["stacks"]) / base["distinct"],
            ]
            for name, figures in best.items()
        ],
    )
    print(
        f"{touched:,.0f} granules of 16 bytes touched, {base['granules']:,.0f} of them live;"
        f" {base['distinct']:,.0f} distinct stacks.\n"
    )
    above = (census["blocks"] - base["blocks"]) / touched if census else None
    goal("the table of live blocks", above, BYTES, " bytes for a touched granule")
    if census and hybrid:
        each = (hybrid["stacks"] - census["stacks"]) / base["distinct"]
        print(f"The table of stacks takes {each:,.0f} bytes for a distinct stack.\n")
