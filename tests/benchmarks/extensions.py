"""Real extensions whose import tables are redirected, against no hook."""

from __future__ import annotations

import argparse

from environment import Bench
from rounds import Figures, geometric_mean, interleaved
from table import goal, heading, table

PACKAGES = {
    "lxml": "lxml",
    "numpy": "numpy",
    "pydantic-core": "pydantic-core",
    "orjson": "orjson",
    "ujson": "ujson",
    "cryptography": "cryptography",
}
IMPORT_TABLES = "import tables, no window"
CONFIGURATIONS = ("asleep", IMPORT_TABLES, "an audited run, no stacks", "an audited run")
RATIO = 1.06


def run(bench: Bench, options: argparse.Namespace) -> None:
    """Measure all packages of one configuration in one process.

    `asleep` has hooks on CPython's allocators, as after an audit: what is above it is the price of
    the import tables. A window then adds stamps and stacks.
    """
    heading("Real extensions: CPU time relative to no hook")
    packages = [name for name in PACKAGES if bench.has(name)]

    def measure(name: str) -> Figures:
        return bench.measure("extensions.py", name, *packages)

    best = interleaved(["nobody", *CONFIGURATIONS], options.rounds * 2, measure)
    base = best.pop("nobody")
    ratios = {
        name: {package: figures[package] / base[package] for package in packages}
        for name, figures in best.items()
    }
    table(
        ["configuration", *packages, "geometric mean"],
        [[name, *row.values(), geometric_mean(row.values())] for name, row in ratios.items()],
    )
    milliseconds = ", ".join(f"{name} {base[name] * 1e3:.1f}" for name in packages)
    print(f"Without any: {milliseconds} ms.\n")
    hooked, asleep = ratios.get(IMPORT_TABLES), ratios.get("asleep")
    above = [hooked[name] / asleep[name] for name in packages] if hooked and asleep else []
    goal("import tables, mean above sleeping", geometric_mean(above) if above else None, RATIO)
    goal("import tables, the slowest above sleeping", max(above, default=None), RATIO)
    mean = geometric_mean(hooked.values()) if hooked else None
    goal("import tables and hooks on CPython's allocators, mean", mean, RATIO)
