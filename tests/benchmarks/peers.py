"""What each peer says to the leaks of the fixtures: the table of `docs/explanation/comparison.md`."""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from environment import CHILDREN, Bench
from table import heading, table

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from support.building import build

#: The leak, and its clean twin.
LEAKS = {
    "a reference on an object that was there before (RA101)": (
        "references.leaky_attribute",
        "references.clean_attribute",
    ),
    "each instance keeps its type (RA102)": ("heaptypes.Forgetful", "heaptypes.Careful"),
    "a new `str` is lost (RA103)": ("atoms.leaky_str", "atoms.clean_str"),
    "a new `list` is lost (RA103)": ("containers.leaky_list", "containers.clean_list"),
    "a list in a C static grows (RA104)": (
        "statics.leaky_growing_list",
        "statics.clean_growing_list",
    ),
    "a block of `PyMem_Malloc` is lost (RA105)": ("blocks.leaky_mem", "blocks.clean_mem"),
    "a block of `malloc` is lost (RA106)": ("natives.leaky_malloc", "natives.clean_malloc"),
}
PEERS = ("refaudit", "tracemalloc", "pytest_memray", "psleak", "objgraph", "pympler", "guppy3")


def run(bench: Bench, options: argparse.Namespace) -> None:
    """Ask every peer about every leak and every twin."""
    heading("What each tool says to 1,000 calls")
    modules = sorted({name.partition(".")[0] for twins in LEAKS.values() for name in twins})
    paths = [str(build(module)) for module in modules]
    asked = [*PEERS, *(["valgrind"] if shutil.which("valgrind") else [])]
    rows = []
    for what, twins in LEAKS.items():
        answers = []
        for tool in asked:
            leaky, clean = (_says(bench, tool, name, paths) for name in twins)
            answers.append("noise" if clean else "yes" if leaky else "no")
        rows.append([what, *answers])
    table(["leak", *asked], rows)
    if "valgrind" not in asked:
        print("Left out, not installed: valgrind (apt-get install valgrind)\n")


def _says(bench: Bench, tool: str, name: str, paths: list[str]) -> bool:
    if tool == "valgrind":
        return _valgrind_says(bench, name, paths)
    return bool(bench.measure("peers.py", tool, name, *paths)["says"])


def _valgrind_says(bench: Bench, name: str, paths: list[str]) -> bool:
    """Whether the fixture is in the stack of a block that is definitely lost."""
    command = ["valgrind", "--leak-check=full", "--num-callers=12", "--show-leak-kinds=definite"]
    done = subprocess.run(
        [*command, bench.python, CHILDREN / "peers.py", "calls_alone", name, *paths],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONMALLOC": "malloc"},
    )
    lost = done.stderr.split("definitely lost in loss record")[1:]
    source = name.partition(".")[0] + ".c:"
    return any(source in re.split(r"\n==\d+== \n", stack)[0] for stack in lost)
