"""``python tests/benchmarks``: what refaudit costs, as ratios within one run.

A benchmark is no test: a missed goal is printed, and the exit code stays 0.
"""

from __future__ import annotations

import argparse
import platform

import dominators
import extensions
import holders
import hooks
import imports
import lookups
import memory
import modules
import pages
import peers
import plugin
import references
import references_imported
import snapshot
import stacks
import suite
import unwind
from environment import ChildFailed, prepare

BENCHMARKS = {
    "snapshot": snapshot,
    "holders": holders,
    "dominators": dominators,
    "hooks": hooks,
    "stacks": stacks,
    "unwind": unwind,
    "references": references,
    "symbols": lookups,
    "extensions": extensions,
    "memory": memory,
    "modules": modules,
    "pages": pages,
    "imported": references_imported,
    "imports": imports,
    "peers": peers,
    "suite": suite,
    "plugin": plugin,
}


def main() -> None:
    """Run the benchmarks that the command line names, or all."""
    parser = argparse.ArgumentParser(prog="python tests/benchmarks", description=__doc__)
    parser.add_argument("only", nargs="*", metavar="NAME", help=f"of {', '.join(BENCHMARKS)}")
    parser.add_argument("--rounds", type=int, default=5, help="the minimum of so many is taken")
    parser.add_argument(
        "--large", action="store_true", help="also snapshots of 10,000,000 objects (needs 8 GB)"
    )
    options = parser.parse_args()
    if unknown := set(options.only) - set(BENCHMARKS):
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}")
    machine = f"{platform.system()} {platform.machine()}"
    print(f"# Benchmarks on CPython {platform.python_version()}, {machine}\n")
    bench = prepare()
    for name in options.only or BENCHMARKS:
        try:
            BENCHMARKS[name].run(bench, options)
        except ChildFailed as failure:
            print(f"`{name}` failed:\n\n```\n{failure}\n```\n", flush=True)


if __name__ == "__main__":
    main()
