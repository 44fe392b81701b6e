"""The command line: audits real wheels and prints a Markdown table."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeAlias

from .explain_session import ExplainSession, explained_summary, print_explained
from .judge import Judgement
from .module_table import Subject, load_modules
from .modules import ModuleSession, print_table, summary
from .session import Row, Session
from .table import Case, CleanUse, load_cases, load_clean
from .type_session import TypeSession, print_types
from .type_table import Types, load_types

BUILD = Path(__file__).resolve().parents[2] / "build"
CACHE = BUILD / "realworld"
WHEELS = BUILD / "wheels"

Entry: TypeAlias = Case | CleanUse | Subject


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="realworld",
        description="Audit published wheels whose leaks are known, on the bad and the fixed "
        "version, current wheels that leak nothing, and modules that unload or not. Needs the "
        "package index.",
    )
    parser.add_argument("--wheels", type=Path, default=WHEELS, help="folder of refaudit wheels")
    parser.add_argument("--cache", type=Path, default=CACHE, help="folder for environments")
    parser.add_argument("--only", action="append", metavar="ID", help="this entry (repeatable)")
    parser.add_argument("--all-pythons", action="store_true", help="every listed interpreter")
    parser.add_argument("-j", type=int, default=1, metavar="N", help="how many at a time")
    parser.add_argument(
        "--facts",
        action="store_true",
        help="leave refaudit out: check the tables with plain Python",
    )
    parser.add_argument(
        "--modules",
        action="store_true",
        help="only the life cycles of extension modules, each held against weakref and gc",
    )
    parser.add_argument(
        "--types",
        action="store_true",
        help="only the collector's protocol of types, held against sys.getrefcount and gc",
    )
    parser.add_argument(
        "--explain",
        action="store_true",
        help="only the ledgers: does the bad version's name the function that the fix changed",
    )
    return parser


def _chosen(options: argparse.Namespace) -> list[Entry]:
    """The entries asked for, of all tables; an unknown name is an error."""
    leaks: list[Entry] = [] if options.modules else [*load_cases()]
    clean: list[Entry] = [] if options.modules or options.facts else [*load_clean()]
    entries = [*leaks, *clean, *load_modules()]
    if not options.only:
        return entries
    unknown = set(options.only) - {entry.id for entry in entries}
    if unknown:
        raise SystemExit(f"realworld: no such entry: {', '.join(sorted(unknown))}")
    return [entry for entry in entries if entry.id in options.only]


def _types(options: argparse.Namespace) -> list[Types]:
    """The packages of the table of types that are asked for."""
    subjects = [one for one in load_types() if not options.only or one.id in options.only]
    unknown = set(options.only or ()) - {one.id for one in subjects}
    if unknown:
        raise SystemExit(f"realworld: no such entry: {', '.join(sorted(unknown))}")
    return subjects


def _audit_types(options: argparse.Namespace) -> bool:
    """The table of types; whether every row is right."""
    session = TypeSession(options.cache.resolve(), options.wheels.resolve(), options.facts)
    with ThreadPoolExecutor(options.j) as pool:
        batches = pool.map(lambda subject: list(session.rows(subject)), _types(options))
        rows = print_types(row for batch in batches for row in batch)
    lines = [line for row in rows for line in row.lines]
    print(f"\n{sum(line.right for line in lines)} of {len(lines)} types right\n")
    return all(row.right for row in rows)


def _explain(options: argparse.Namespace) -> bool:
    """The table of ledgers; whether every function that the wheel has a name for is shown."""
    cases = [case for case in load_cases() if case.fix]
    unknown = set(options.only or ()) - {case.id for case in cases}
    if unknown:
        raise SystemExit(f"realworld: nothing to explain: {', '.join(sorted(unknown))}")
    chosen = [case for case in cases if not options.only or case.id in options.only]
    session = ExplainSession(
        Session(options.cache.resolve(), options.wheels.resolve(), options.all_pythons)
    )
    with ThreadPoolExecutor(options.j) as pool:
        batches = pool.map(session.rows, chosen)
        rows = print_explained(row for batch in batches for row in batch)
    print(f"\n{explained_summary(rows)}\n")
    return all(row.right for row in rows)


def _cell(judgement: Judgement | None) -> str:
    if judgement is None:
        return "-"
    return judgement.verdict if judgement.right else f"**{judgement.verdict}**"


def _line(row: Row) -> str:
    """One line of the table; details of both versions share a column."""
    details = [j.detail for j in (row.bad, row.fixed) if j and j.detail]
    text = "; ".join(details).replace("|", "\\|").replace("\n", " ")
    state = "right" if row.right else ("WRONG" if row.required else "later")
    cells = (row.id, row.python, _cell(row.bad), _cell(row.fixed), text, f"{row.seconds:.1f}")
    return f"| {' | '.join((*cells, state))} |"


def _print(rows: Iterable[Row]) -> list[Row]:
    """Print each row as soon as it is there."""
    print("| case | python | bad | fixed or clean | finding | s | |")
    print("|---|---|---|---|---|---|---|", flush=True)
    seen = []
    for row in rows:
        seen.append(row)
        print(_line(row), flush=True)
    return seen


def _summary(rows: Sequence[Row]) -> str:
    required = [row for row in rows if row.required]
    others = [row for row in rows if not row.required]
    text = f"{sum(row.right for row in required)} of {len(required)} required rows right"
    if others:
        text += f", {sum(row.right for row in others)} of {len(others)} others"
    return text


def _audit_uses(options: argparse.Namespace, uses: Sequence[Case | CleanUse]) -> bool:
    """The table of leaks and clean uses; whether every required row is right."""
    session = Session(
        options.cache.resolve(), options.wheels.resolve(), options.all_pythons, options.facts
    )
    with ThreadPoolExecutor(options.j) as pool:
        batches = pool.map(session.rows, uses)
        rows = _print(row for batch in batches for row in batch)
    print(f"\n{_summary(rows)}\n")
    return all(row.right for row in rows if row.required)


def _audit_modules(options: argparse.Namespace, subjects: Sequence[Subject]) -> bool:
    """The table of life cycles; whether every row is right."""
    session = ModuleSession(options.cache.resolve(), options.wheels.resolve(), options.facts)
    with ThreadPoolExecutor(options.j) as pool:
        batches = pool.map(lambda subject: list(session.rows(subject)), subjects)
        rows = print_table(row for batch in batches for row in batch)
    print(f"\n{summary(rows)}\n")
    return all(row.right for row in rows)


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 1 when a required row is wrong."""
    options = _parser().parse_args(arguments)
    if options.types:
        return 0 if _audit_types(options) else 1
    if options.explain:
        return 0 if _explain(options) else 1
    entries = _chosen(options)
    uses = [entry for entry in entries if not isinstance(entry, Subject)]
    subjects = [entry for entry in entries if isinstance(entry, Subject)]
    right = [_audit_uses(options, uses)] if uses else []
    right += [_audit_modules(options, subjects)] if subjects else []
    return 0 if all(right) else 1


if __name__ == "__main__":
    sys.exit(main())
