"""A pytest suite of 500 small clean tests, with 100,000 tracked objects alive."""

from __future__ import annotations

import argparse
import re
import resource
import shutil
import time
from pathlib import Path

from environment import HERE, Bench, ChildFailed
from rounds import Figures, interleaved
from table import goal, heading, table

MODULES = ("documents", "expressions", "records", "containers", "surroundings")
COPIES = 10
TESTS = 500
RATIO = 3.0

REPETITION = "repetition 5:4 with gc.collect() and gc.get_objects()"
CONFIGURATIONS = {
    "plain pytest": (),
    "--refaudit": ("-p", "refaudit.pytest_plugin", "--refaudit"),
    "pytest-memray, limit_leaks on every test": ("-p", "pytest_memray.plugin", "--memray"),
    REPETITION: ("-p", "repetition"),
}


def run(bench: Bench, options: argparse.Namespace) -> None:
    """Write the suite, and measure it under every configuration."""
    heading(f"A pytest suite of {TESTS} small clean tests: time relative to plain pytest")
    folder = _write(bench.folder / "suite")
    names = [
        name
        for name in CONFIGURATIONS
        if "memray" not in name or (bench.has("memray") and bench.has("pytest-memray"))
    ]
    best = interleaved(
        names, options.rounds, lambda name: _measure(bench, folder, name), once={REPETITION}
    )
    base = best["plain pytest"]
    table(
        ["configuration", "wall s", "wall ratio", "CPU ratio", "tests not passed"],
        [
            [
                name,
                figures["wall"],
                figures["wall"] / base["wall"],
                figures["cpu"] / base["cpu"],
                f"{TESTS - figures['passed']:.0f}",
            ]
            for name, figures in best.items()
        ],
    )
    ratio = best["--refaudit"]["wall"] / base["wall"] if "--refaudit" in best else None
    goal("wall time with --refaudit", ratio, RATIO)


def _write(folder: Path) -> Path:
    """Ten copies of five modules with ten tests each."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    sample = HERE / "sample"
    shutil.copy(sample / "conftest_of_suite.py", folder / "conftest.py")
    shutil.copy(sample / "repetition.py", folder)
    (folder / "pytest.ini").write_text("[pytest]\npythonpath = .\n", encoding="utf-8")
    for module in MODULES:
        for copy in range(COPIES):
            shutil.copy(sample / f"{module}.py", folder / f"test_{module}_{copy}.py")
    return folder


def _measure(bench: Bench, folder: Path, name: str) -> Figures:
    """Seconds of the whole process: nobody waits for less."""
    common = ("-m", "pytest", "-p", "no:cacheprovider", "--strict-markers", "-q")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    done = bench.execute(*common, *CONFIGURATIONS[name], cwd=folder)
    wall = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    passed = re.search(r"(\d+) passed", done.stdout)
    # Exit code 1 is a failed test or a false alarm, and is shown in the table.
    if done.returncode not in (0, 1) or not passed:
        raise ChildFailed("\n".join((done.stdout + done.stderr).strip().splitlines()[-8:]))
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"wall": wall, "cpu": cpu, "passed": int(passed[1])}
