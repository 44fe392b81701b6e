"""The life cycles of published modules: one row per package and interpreter, and their table."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from . import driver
from .environments import Environment, EnvironmentFailure, package_environment, refaudit_folder
from .interpreters import Interpreter, find
from .module_judge import Document, Line, judge
from .module_table import Subject
from .observation import Seen


class _NoAnswer(Exception):
    """A process said nothing that can be compared; the message says why."""


@dataclass(frozen=True)
class ModuleRow:
    """What is printed for one package on one interpreter."""

    id: str
    version: str
    python: str
    lines: list[Line]
    #: Of the audit alone, all its child processes included.
    seconds: float = 0.0

    @property
    def right(self) -> bool:
        """Everything was observed as the table says, and the audit agrees."""
        return all(line.right for line in self.lines)


@dataclass(frozen=True)
class ModuleSession:
    """Where things are kept, and whether refaudit is asked or plain Python alone."""

    cache: Path
    wheels: Path
    facts: bool = False

    def rows(self, subject: Subject) -> Iterator[ModuleRow]:
        """One row for each interpreter that the table names."""
        for version in subject.python:
            interpreter = find(version)
            if interpreter is None:
                gone = Line(subject.name, fault=f"not run: Python {version} is not here")
                yield ModuleRow(subject.id, subject.version, version, [gone])
            else:
                yield self._row(subject, interpreter)

    def _row(self, subject: Subject, interpreter: Interpreter) -> ModuleRow:
        """What goes wrong on the way is a wrong row, not an abort."""
        seconds = 0.0
        try:
            plain, with_refaudit = self._environments(subject, interpreter)
            members = _observed(plain, subject)
            document, seconds = (None, 0.0) if self.facts else _audited(with_refaudit, subject)
            lines = judge(subject, members, document)
        except (EnvironmentFailure, _NoAnswer) as failure:
            lines = [Line(subject.name, fault=str(failure))]
        return ModuleRow(subject.id, subject.version, interpreter.version, lines, seconds)

    def _environments(
        self, subject: Subject, interpreter: Interpreter
    ) -> tuple[Environment, Environment]:
        """The package's own, and the same with refaudit to be seen."""
        version = interpreter.version if subject.package == "CPython" else subject.version
        plain = package_environment(self.cache, interpreter, subject.package, version)
        if self.facts:
            return plain, plain
        folder = refaudit_folder(self.cache, interpreter, self.wheels)
        return plain, Environment(plain.python, (*plain.paths, folder))


def _observed(environment: Environment, subject: Subject) -> dict[str, Seen]:
    """What plain Python sees of each extension module."""
    seen = driver.unloading(environment, subject.name)
    if seen.content is None:
        raise _NoAnswer(f"not observed: {seen.failure}")
    if seen.content["early"]:
        raise _NoAnswer(f"not observed: imported before: {', '.join(seen.content['early'])}")
    members: dict[str, Seen] = seen.content["members"]
    return members


def _audited(environment: Environment, subject: Subject) -> tuple[Document, float]:
    """The document of the audit, and how long it took."""
    started = time.monotonic()
    answer = driver.module_audit(environment, subject.name)
    if answer.content is None:
        raise _NoAnswer(f"the audit failed: {answer.failure}")
    return answer.content, time.monotonic() - started


def print_table(rows: Iterable[ModuleRow]) -> list[ModuleRow]:
    """Print each row as soon as it is there, a line for every extension module."""
    print("| package | python | module | predicted | verdict | first holder | observed | s | |")
    print("|---|---|---|---|---|---|---|---|---|", flush=True)
    seen = []
    for row in rows:
        seen.append(row)
        for line in row.lines:
            print(_text(row, line), flush=True)
    return seen


def _text(row: ModuleRow, line: Line) -> str:
    """One line of Markdown."""
    state = "right" if line.right else f"**WRONG**: {line.fault}"
    package = row.id if row.version in row.id else f"{row.id} {row.version}"
    found = (line.predicted, line.verdict, line.holder, line.observation)
    cells = (package, row.python, line.module, *found, f"{row.seconds:.1f}", state)
    return "| " + " | ".join(c.replace("|", "\\|").replace("\n", " ") for c in cells) + " |"


def summary(rows: Iterable[ModuleRow]) -> str:
    """How many are right."""
    lines = [line for row in rows for line in row.lines]
    return f"{sum(line.right for line in lines)} of {len(lines)} modules right"
