"""One child interpreter a fixture module: sends it the cases, takes back what it measured."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from pathlib import Path

from .building import build
from .catalogue import PRELUDE, RUNS, Case

INSIDE = Path(__file__).with_name("inside.py")
PATIENCE = 300


def measure(
    mode: str,
    path: Path,
    cases: list[Case],
    executable: str = sys.executable,
    *,
    under: tuple[str, ...] = (),
    environment: dict[str, str] | None = None,
) -> list:
    """The results of all cases of one compiled module, in their order.

    `under`: a command that runs the interpreter, as valgrind does.
    """
    module = cases[0].module
    beside = sorted({name for case in cases for name in case.beside})
    job = {
        "mode": mode,
        "module": module,
        "path": str(path),
        "beside": {name: str(build(name, executable)) for name in beside},
        "cases": [_plain(case) for case in cases],
    }
    done = subprocess.run(
        [*under, executable, str(INSIDE)],
        input=json.dumps(job),
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
        env={**os.environ, **(environment or {})},
    )
    if done.returncode:
        raise AssertionError(
            f"the child for {module} ended with {done.returncode}:\n{done.stderr[-4000:]}"
        )
    return json.loads(done.stdout.splitlines()[-1])


def _plain(case: Case) -> dict:
    """What the child needs of a case."""
    return {**dataclasses.asdict(case), "prelude": PRELUDE, "runs": RUNS}
