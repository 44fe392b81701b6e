"""One child interpreter a fixture module: sends it the cases, takes back what it measured."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from pathlib import Path

from .catalogue import PRELUDE, RUNS, Case

INSIDE = Path(__file__).with_name("inside.py")
PATIENCE = 300


def measure(mode: str, path: Path, cases: list[Case], executable: str = sys.executable) -> list:
    """The results of all cases of one compiled module, in their order."""
    module = cases[0].module
    job = {
        "mode": mode,
        "module": module,
        "path": str(path),
        "cases": [_plain(case) for case in cases],
    }
    done = subprocess.run(
        [executable, str(INSIDE)],
        input=json.dumps(job),
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    if done.returncode:
        raise AssertionError(
            f"the child for {module} ended with {done.returncode}:\n{done.stderr[-4000:]}"
        )
    return json.loads(done.stdout.splitlines()[-1])


def _plain(case: Case) -> dict:
    """What the child needs of a case."""
    return {**dataclasses.asdict(case), "prelude": PRELUDE, "runs": RUNS}
