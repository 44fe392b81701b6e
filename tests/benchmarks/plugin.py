"""The pytest plugin on empty tests: installed but not asked for anything, and auditing very many."""

from __future__ import annotations

import argparse
import re
import shutil
import time
from pathlib import Path

from environment import Bench, ChildFailed
from rounds import Figures, interleaved
from table import goal, heading, table

IDLE_TESTS = 1000
IDLE_RATIO = 1.01
#: Rounds of so short a measurement, for each that was asked for.
ROUNDS = 4
MANY_TESTS = 10_000

WITHOUT, IDLE = "plain pytest", "plugin, not switched on"
AUDITING = "--refaudit"
PLUGIN = ("-p", "refaudit.pytest_plugin")
CONFIGURATIONS = {WITHOUT: (), IDLE: PLUGIN, AUDITING: (*PLUGIN, "--refaudit")}


def run(bench: Bench, options: argparse.Namespace) -> None:
    """Both suites under their configurations."""
    heading(f"The plugin on {IDLE_TESTS:,} empty tests")
    folder = _write(bench.folder / "idle", IDLE_TESTS)
    best = interleaved(
        [WITHOUT, IDLE], options.rounds * ROUNDS, lambda name: _measure(bench, folder, name)
    )
    _show(best)
    if len(best) == 2:
        goal(
            "CPU time with the plugin installed",
            best[IDLE]["cpu"] / best[WITHOUT]["cpu"],
            IDLE_RATIO,
        )
    heading(f"An audit of {MANY_TESTS:,} empty tests")
    folder = _write(bench.folder / "many", MANY_TESTS)
    _show(interleaved([WITHOUT, AUDITING], 1, lambda name: _measure(bench, folder, name)))


def _show(best: dict[str, Figures]) -> None:
    base = best[WITHOUT]
    table(
        ["configuration", "wall s", "CPU s", "CPU ratio", "peak MB"],
        [
            [name, one["wall"], one["cpu"], one["cpu"] / base["cpu"], one["peak"] / 1e6]
            for name, one in best.items()
        ],
    )


def _write(folder: Path, count: int) -> Path:
    """Files of 100 tests each."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    text = "".join(f"def test_{number:02}():\n    pass\n\n\n" for number in range(100))
    for number in range(count // 100):
        (folder / f"test_empty_{number:03}.py").write_text(text, encoding="utf-8")
    return folder


def _measure(bench: Bench, folder: Path, name: str) -> Figures:
    """Seconds and peak memory of the whole process."""
    began = time.perf_counter()
    script = Path(__file__).parent / "children" / "measured.py"
    done = bench.execute(script, *CONFIGURATIONS[name], cwd=folder)
    wall = time.perf_counter() - began
    said = re.search(r"measured cpu=([\d.]+) peak=(\d+)", done.stdout)
    if done.returncode or not said:
        raise ChildFailed("\n".join((done.stdout + done.stderr).strip().splitlines()[-8:]))
    return {"wall": wall, "cpu": float(said[1]), "peak": float(said[2]) * 1024}
