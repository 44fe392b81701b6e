"""How long the audit of a module takes, and of ten modules in parallel."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from environment import HERE, Bench, ChildFailed
from native import compiled
from rounds import Figures, interleaved
from table import goal, heading, table

MODULES = 10
SECONDS = 3.0
PLUGINS = ("-p", "refaudit.pytest_plugin", "-p", "xdist.plugin", "-p", "no:cacheprovider")


def run(bench: Bench, options: argparse.Namespace) -> None:
    """One small module by the command, ten by pytest with and without xdist."""
    heading(f"Audit of a small extension module, and of {MODULES}")
    folder = bench.folder / "modules"
    names = _modules(folder)
    settings = folder / "pytest.ini"
    settings.write_text("[pytest]\n", encoding="utf-8")
    listed = ["-c", str(settings), f"--refaudit-modules={','.join(names)}"]
    commands: dict[str, list[str]] = {
        "one module": ["-m", "refaudit", "module", names[0]],
        f"{MODULES} modules": ["-m", "pytest", "-q", *PLUGINS, *listed],
        f"{MODULES} modules, -n 2": ["-m", "pytest", "-q", "-n", "2", *PLUGINS, *listed],
    }

    def measure(name: str) -> Figures:
        began = time.perf_counter()
        done = bench.execute(*commands[name], cwd=folder)
        wall = time.perf_counter() - began
        if done.returncode:
            raise ChildFailed("\n".join((done.stdout + done.stderr).strip().splitlines()[-6:]))
        return {"wall": wall}

    best = interleaved(list(commands), min(options.rounds, 3), measure, set())
    table(["what", "wall s"], [[name, figures["wall"]] for name, figures in best.items()])
    one = best.get("one module")
    goal("one module, child processes included", one["wall"] if one else None, SECONDS, " s")


def _modules(folder: Path) -> list[str]:
    """Small modules with multi-phase init, which unload; they differ in name only."""
    names = [f"small{number}" for number in range(MODULES)]
    for name in names:
        source = HERE / "children" / "small.c"
        compiled(source, folder / f"{name}.so", python=True, define=f"NAME={name}")
    return names
