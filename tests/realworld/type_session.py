"""The types of published packages: one row per package and interpreter, and their table."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from . import driver
from .environments import Environment, EnvironmentFailure, package_environment, refaudit_folder
from .interpreters import Interpreter, find
from .type_judge import TypeLine, judge
from .type_table import Types


@dataclass(frozen=True)
class TypeRow:
    """What is printed for one package on one interpreter."""

    id: str
    python: str
    lines: list[TypeLine]
    seconds: float = 0.0

    @property
    def right(self) -> bool:
        """Everything is as the table says, for plain Python and for the audit."""
        return all(line.right for line in self.lines)


@dataclass(frozen=True)
class TypeSession:
    """Where things are kept, and whether refaudit is asked or plain Python alone."""

    cache: Path
    wheels: Path
    facts: bool = False

    def rows(self, subject: Types) -> Iterator[TypeRow]:
        """One row for each interpreter that the table names."""
        for version in subject.python:
            interpreter = find(version)
            if interpreter is None:
                gone = TypeLine(subject.name, fault=f"not run: Python {version} is not here")
                yield TypeRow(subject.id, version, [gone])
            else:
                yield self._row(subject, interpreter)

    def _row(self, subject: Types, interpreter: Interpreter) -> TypeRow:
        """What goes wrong on the way is a wrong row, not an abort."""
        seconds = 0.0
        try:
            plain = package_environment(self.cache, interpreter, subject.package, subject.version)
            witness = driver.type_references(plain, subject.name, subject.make)
            document = None
            if witness.content is None:
                raise EnvironmentFailure(f"not observed: {witness.failure}")
            if not self.facts:
                folder = refaudit_folder(self.cache, interpreter, self.wheels)
                started = time.monotonic()
                answer = driver.type_audit(
                    Environment(plain.python, (*plain.paths, folder)), subject.name, subject.make
                )
                seconds = time.monotonic() - started
                document = answer.content
                if document is None:
                    raise EnvironmentFailure(f"the audit failed: {answer.failure}")
            lines = judge(subject, witness.content, document)
        except EnvironmentFailure as failure:
            lines = [TypeLine(subject.name, fault=str(failure))]
        return TypeRow(subject.id, interpreter.version, lines, seconds)


def print_types(rows: Iterable[TypeRow]) -> list[TypeRow]:
    """Print each row as soon as it is there, a line for every type."""
    print("| package | python | type | left of instances, visits to the type | audit | s | |")
    print("|---|---|---|---|---|---|---|", flush=True)
    seen = []
    for row in rows:
        seen.append(row)
        for line in row.lines:
            state = "right" if line.right else f"**WRONG**: {line.fault}"
            cells = (row.id, row.python, line.name, line.proven, line.audited)
            print("| " + " | ".join((*cells, f"{row.seconds:.1f}", state)) + " |", flush=True)
    return seen
