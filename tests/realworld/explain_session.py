"""Ledgers of published wheels: one row per case and interpreter, and their table."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from . import driver
from .environments import EnvironmentFailure
from .explain_judge import Explained, judge_explained
from .interpreters import Interpreter
from .session import Session
from .symbols import knowledge, named
from .table import Case


@dataclass(frozen=True)
class ExplainRow:
    """What is printed for one case on one interpreter."""

    case: Case
    python: str
    symbols: str
    explained: Explained
    seconds: float = 0.0

    @property
    def right(self) -> bool:
        """Shown, where the wheel has a name to show; the case is flagged with a ledger in any."""
        if named(self.symbols):
            return self.explained.shown
        return self.explained.where not in ("no ledger", "no finding")


@dataclass(frozen=True)
class ExplainSession:
    """Where things are kept; audits only bad versions, with `explain`."""

    session: Session

    def rows(self, case: Case) -> list[ExplainRow]:
        """The rows of one case: one, or one for each interpreter that it lists."""
        pairs = self.session.interpreters(case)
        if not pairs:
            gone = Explained("no finding", detail="none of these Pythons is here")
            return [ExplainRow(case, ", ".join(case.python), "-", gone)]
        return [self._row(case, for_bad) for for_bad, _ in pairs]

    def _row(self, case: Case, interpreter: Interpreter) -> ExplainRow:
        """What goes wrong on the way is a wrong row, not an abort."""
        started, symbols = time.monotonic(), "-"
        assert case.fix is not None
        try:
            environment = self.session.environment(case, interpreter, case.bad)
            symbols = knowledge(environment, case.fix.functions, interpreter=case.is_interpreter)
            answer = driver.audit(environment, case, explain=True)
            if answer.content is None:
                raise EnvironmentFailure(f"crashed: {answer.failure}")
            explained = judge_explained(case, answer.content)
        except EnvironmentFailure as failure:
            explained = Explained("no finding", detail=str(failure))
        seconds = time.monotonic() - started
        return ExplainRow(case, interpreter.version, symbols, explained, seconds)


def print_explained(rows: Iterable[ExplainRow]) -> list[ExplainRow]:
    """Print each row as soon as it is there."""
    print(
        "| case | python | fixed in | known from | wheel has | in the ledger | first place | s | |"
    )
    print("|---|---|---|---|---|---|---|---|---|", flush=True)
    seen = []
    for row in rows:
        seen.append(row)
        print(_line(row), flush=True)
    return seen


def _line(row: ExplainRow) -> str:
    fix, explained = row.case.fix, row.explained
    assert fix is not None
    where = explained.where + (" (ambiguous)" if explained.ambiguous else "")
    cells = [row.case.id, row.python, ", ".join(fix.functions), fix.source, row.symbols]
    cells += [where, explained.detail, f"{row.seconds:.1f}", "right" if row.right else "**WRONG**"]
    return "| " + " | ".join(c.replace("|", "\\|").replace("\n", " ") for c in cells) + " |"


def explained_summary(rows: Sequence[ExplainRow]) -> str:
    """Of the cases whose fix is a diff: how many show the function, and how many name it first."""
    by_diff = [row for row in rows if row.case.fix and row.case.fix.source == "diff"]
    nameable = [row for row in by_diff if named(row.symbols)]
    shown = sum(row.explained.shown for row in by_diff)
    shown_named = sum(row.explained.shown for row in nameable)
    first = sum(row.explained.where == "first" for row in nameable)
    missing = sum(row.explained.where == "missing" for row in nameable)
    caller = sum(row.explained.where == "caller" for row in nameable)
    history = sum(row.explained.where == "in history" for row in nameable)
    return (
        f"fix known from a diff: {len(by_diff)} rows, function shown in {shown}; "
        f"of the {len(nameable)} whose wheel has a name for it, shown in {shown_named}, "
        f"first in {first}, said in the same sentence to lack the release in {missing}, as the caller of what is first in {caller}; only in the history of {history}"
    )
