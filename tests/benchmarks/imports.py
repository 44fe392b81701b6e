"""What it takes to import refaudit, to ask the command for its version, and to have the start-up file."""

from __future__ import annotations

import argparse
import subprocess
from pathlib import Path

from environment import Bench
from rounds import Figures, interleaved
from table import goal, heading, table

RATIO = 1.3
#: Each is timed in a process of its own, by itself.
SUBJECTS = {
    "import tracemalloc": "import tracemalloc",
    "import refaudit": "import refaudit",
    "the parser of the command": "import refaudit.cli; refaudit.cli.parser()",
    "the start-up file": "import site; site.addsitedir({folder!r})",
}
_TIMED = "import time\nbegan = time.perf_counter()\n{code}\nprint(time.perf_counter() - began)\n"


def run(bench: Bench, options: argparse.Namespace) -> None:
    """Time each in processes that take turns."""
    heading("Imports: time relative to `import tracemalloc`")
    folder = str(Path(__file__).parents[2] / "python/startup/purelib")

    def measure(name: str) -> Figures:
        code = _TIMED.format(code=SUBJECTS[name].format(folder=folder))
        done = subprocess.run(
            [bench.python, "-c", code], capture_output=True, text=True, check=True, timeout=60
        )
        return {"seconds": float(done.stdout)}

    best = interleaved(list(SUBJECTS), options.rounds * 4, measure)
    base = best["import tracemalloc"]["seconds"]
    table(
        ["what", "ratio", "microseconds"],
        [
            [name, figures["seconds"] / base, f"{figures['seconds'] * 1e6:,.0f}"]
            for name, figures in best.items()
        ],
    )
    goal("`import refaudit`", best["import refaudit"]["seconds"] / base, RATIO)
