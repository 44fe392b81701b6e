"""Runs a case inside its environment, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .environments import Environment
from .table import Use

_INSIDE = Path(__file__).parent / "inside"
WARMUP = 3
RUNS = 3
_SECONDS = 600


@dataclass(frozen=True)
class Answer:
    """What the inner process said: its JSON, or why there is none."""

    content: dict[str, Any] | None
    failure: str = ""


def _surroundings(environment: Environment) -> dict[str, str]:
    """The process's variables, with nothing that changes what the interpreter allocates."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "REFAUDIT"))}
    paths = os.pathsep.join(map(str, environment.paths))
    return {**kept, "PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0"}


def _inside(script: str, environment: Environment, case: dict[str, Any]) -> Answer:
    """One inner script with one case; a process that dies is an answer too."""
    with tempfile.TemporaryDirectory(prefix="realworld-") as folder:
        source, target = Path(folder, "case.json"), Path(folder, "answer.json")
        source.write_text(json.dumps(case), encoding="utf-8")
        try:
            done = subprocess.run(
                [environment.python, "-X", "faulthandler", _INSIDE / script, source, target],
                capture_output=True,
                text=True,
                timeout=_SECONDS,
                env=_surroundings(environment),
                cwd=folder,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return Answer(None, f"no answer after {_SECONDS} s")
        if done.returncode or not target.exists():
            last = (done.stderr.strip().splitlines() or ["no message"])[-1]
            return Answer(None, f"exit {done.returncode}: {last}")
        return Answer(json.loads(target.read_text(encoding="utf-8")))


def audit(environment: Environment, use: Use) -> Answer:
    """The audit document of ``refaudit.check`` on the case's trigger."""
    case = {"id": use.id, "setup": use.setup, "trigger": use.trigger}
    return _inside("audit.py", environment, {**case, "warmup": WARMUP, "runs": RUNS})


def facts(environment: Environment, use: Use, calls: int = 100) -> Answer:
    """What plain Python measures, without refaudit."""
    case = {"id": use.id, "setup": use.setup, "trigger": use.trigger}
    return _inside("facts.py", environment, {**case, "calls": calls, "witness": use.witness})
