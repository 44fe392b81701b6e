"""Runs a case inside its environment, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Sequence
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


def _run(
    command: Sequence[str | Path],
    environment: Environment,
    target: Path,
    fine: Sequence[int] = (0,),
) -> Answer:
    """A command that writes JSON into a file; a process that dies is an answer too."""
    try:
        done = subprocess.run(
            [environment.python, "-X", "faulthandler", *command],
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            env=_surroundings(environment),
            cwd=target.parent,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Answer(None, f"no answer after {_SECONDS} s")
    if done.returncode not in fine or not target.exists():
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        return Answer(None, f"exit {done.returncode}: {last}")
    return Answer(json.loads(target.read_text(encoding="utf-8")))


def _inside(script: str, environment: Environment, case: dict[str, Any]) -> Answer:
    """One inner script with one case."""
    with tempfile.TemporaryDirectory(prefix="realworld-") as folder:
        source, target = Path(folder, "case.json"), Path(folder, "answer.json")
        source.write_text(json.dumps(case), encoding="utf-8")
        return _run([_INSIDE / script, source, target], environment, target)


def audit(environment: Environment, use: Use, *, explain: bool = False) -> Answer:
    """The audit document of ``refaudit.check`` on the case's trigger, with ledgers when asked."""
    case = {"id": use.id, "setup": use.setup, "trigger": use.trigger, "explain": explain}
    return _inside("audit.py", environment, {**case, "warmup": WARMUP, "runs": RUNS})


def facts(environment: Environment, use: Use, calls: int = 100) -> Answer:
    """What plain Python measures, without refaudit."""
    case = {"id": use.id, "setup": use.setup, "trigger": use.trigger}
    return _inside("facts.py", environment, {**case, "calls": calls, "witness": use.witness})


def unloading(environment: Environment, name: str) -> Answer:
    """What ``weakref`` and ``gc`` see of a package that is imported and dropped, without refaudit.

    A process of its own finds out what the package needs, so that another can import that first.
    """
    answer = _inside("dependencies.py", environment, {"name": name})
    if answer.content is None:
        return answer
    return _inside("unloading.py", environment, {"name": name, **answer.content})


def module_audit(environment: Environment, name: str) -> Answer:
    """The document of ``refaudit module``; it exits with 1 when the module does not unload.

    With 3 when one of its child processes ended badly: the document says which.
    """
    with tempfile.TemporaryDirectory(prefix="realworld-") as folder:
        target = Path(folder, "module.json")
        command: list[str | Path] = ["-m", "refaudit", "module", name, "--json", target]
        return _run(command, environment, target, fine=(0, 1, 3))


def type_references(environment: Environment, name: str, make: dict[str, str]) -> Answer:
    """What ``sys.getrefcount`` and ``gc.get_referents`` see of types, without refaudit."""
    return _inside("type_references.py", environment, {"name": name, "make": make})


def type_audit(environment: Environment, name: str, make: dict[str, str]) -> Answer:
    """The document of ``refaudit types``; it exits with 1 when a type has a defect."""
    with tempfile.TemporaryDirectory(prefix="realworld-") as folder:
        target = Path(folder, "types.json")
        factories = [part for row in make.items() for part in ("--make", "=".join(row))]
        command: list[str | Path] = ["-m", "refaudit", "types", name, *factories, "--json", target]
        return _run(command, environment, target, fine=(0, 1, 3))
