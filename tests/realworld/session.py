"""One row of the result: environments, audits and judgements of one entry of a table."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import driver, proof
from .builds import with_module
from .environments import Environment, EnvironmentFailure, package_environment, refaudit_folder
from .interpreters import Interpreter, choose, find
from .judge import Judgement, judge_bad, judge_silent, needs_witness
from .table import Case, CleanUse, Use


@dataclass(frozen=True)
class Row:
    """What is printed for one entry on one interpreter."""

    id: str
    python: str
    bad: Judgement | None
    fixed: Judgement
    seconds: float
    required: bool = True

    @property
    def right(self) -> bool:
        """Whether everything about this row is as the table says."""
        return self.fixed.right and (self.bad is None or self.bad.right)


@dataclass(frozen=True)
class Session:
    """Where things are kept, and whether refaudit or plain Python is asked."""

    cache: Path
    wheels: Path
    every_python: bool = False
    facts: bool = False

    def rows(self, use: Case | CleanUse) -> list[Row]:
        """The rows of one entry: one, or one for each interpreter that it lists."""
        pairs = self.interpreters(use)
        if not pairs:
            wanted = ", ".join(use.python)
            gone = Judgement(False, "not run", f"none of these Pythons is here: {wanted}")
            return [Row(use.id, wanted, None, gone, 0.0, getattr(use, "required", True))]
        if isinstance(use, Case):
            return [self._case_row(use, *pair) for pair in pairs]
        return [self._clean_row(use, pair[1]) for pair in pairs]

    def interpreters(self, use: Case | CleanUse) -> list[tuple[Interpreter, Interpreter]]:
        """Interpreters for the bad and for the fixed version."""
        if isinstance(use, Case) and use.is_interpreter:
            bad, fixed = find(use.bad, exact=True), find(use.fixed, exact=True)
            return [(bad, fixed)] if bad and fixed else []
        return [(i, i) for i in choose(use.python, every=self.every_python)]

    def _case_row(self, case: Case, for_bad: Interpreter, for_fixed: Interpreter) -> Row:
        started = time.monotonic()
        bad = self._judged(case, for_bad, case.bad, bad=True)
        fixed = self._judged(case, for_fixed, case.fixed, bad=False)
        versions = dict.fromkeys((for_bad.version, for_fixed.version))
        seconds = time.monotonic() - started
        return Row(case.id, " / ".join(versions), bad, fixed, seconds, case.required)

    def _clean_row(self, use: CleanUse, interpreter: Interpreter) -> Row:
        started = time.monotonic()
        fixed = self._judged(use, interpreter, use.version, bad=False)
        return Row(use.id, interpreter.version, None, fixed, time.monotonic() - started)

    def _judged(self, use: Use, interpreter: Interpreter, version: str, *, bad: bool) -> Judgement:
        """One version judged; what goes wrong on the way is a wrong judgement, not an abort."""
        try:
            environment = self.environment(use, interpreter, version)
        except EnvironmentFailure as failure:
            return Judgement(False, "no environment", str(failure))
        if self.facts and isinstance(use, Case):
            claimed = use.growth.bad if bad else use.growth.fixed
            answer = driver.facts(environment, use, use.calls)
            if answer.content is None:
                return Judgement(False, "crashed", answer.failure)
            return proof.judge_facts(use, answer.content, claimed)
        return self._audited(use, environment, bad=bad)

    def _audited(self, use: Use, environment: Environment, *, bad: bool) -> Judgement:
        answer = driver.audit(environment, use)
        if answer.content is None:
            return Judgement(False, "crashed", answer.failure)
        if bad and isinstance(use, Case):
            return judge_bad(use, answer.content)
        references: list[dict[str, Any]] = []
        if needs_witness(answer.content):
            witness = driver.facts(environment, use)
            references = witness.content["references"] if witness.content else []
        return judge_silent(use.also_true, answer.content, references)

    def environment(self, use: Use, interpreter: Interpreter, version: str) -> Environment:
        """What one version runs in: the package, what is compiled for the case, and refaudit."""
        environment = package_environment(self.cache, interpreter, use.package, version)
        if isinstance(use, Case) and use.build:
            environment = with_module(environment, use.build)
        if self.facts:
            return environment
        folder = refaudit_folder(self.cache, interpreter, self.wheels)
        return Environment(environment.python, (*environment.paths, folder))
