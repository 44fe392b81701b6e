"""The command line: audits planted bugs with `explain` and marks what the ledger says."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from support.building import BuildFailure
from support.planted import Pattern, ask, guilty, load, module_path

from .judge import Mark, judge
from .table import Paper, heading, line, totals

BUILD = Path(__file__).resolve().parents[2] / "build"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="exam",
        description="Audit the planted bugs with explain=True; a table of what the ledger names.",
    )
    halves = ("training", "exam", "all")
    parser.add_argument("--half", choices=halves, default="training", help="which patterns")
    parser.add_argument("--only", action="append", metavar="NAME", help="this pattern (repeatable)")
    parser.add_argument("--build", action="append", help="this build: O0, O2, O3-lto, release")
    parser.add_argument("--language", action="append", help="this language (repeatable)")
    parser.add_argument("-j", type=int, default=1, metavar="N", help="how many at a time")
    parser.add_argument("--json", type=Path, help="where marks and ledgers are written")
    parser.add_argument("--executable", default=sys.executable, help="the interpreter to audit in")
    return parser


def _chosen(options: argparse.Namespace) -> Iterator[tuple[Pattern, str]]:
    """Patterns and builds that are asked for; a name asked for is in whichever half it is."""
    patterns = load()
    unknown = set(options.only or ()) - {name for p in patterns for name in (p.name, p.id)}
    if unknown:
        raise SystemExit(f"exam: no such pattern: {', '.join(sorted(unknown))}")
    for pattern in patterns:
        if options.only:
            if pattern.name not in options.only and pattern.id not in options.only:
                continue
        elif options.half not in ("all", pattern.half):
            continue
        if options.language and pattern.language not in options.language:
            continue
        for build in pattern.builds:
            if not options.build or build in options.build:
                yield pattern, build


def _prepared(chosen: Sequence[tuple[Pattern, str]], executable: str) -> None:
    """Everything built, one after the other: two builds of one module would do the work twice."""
    for pattern, build in chosen:
        try:
            module_path(pattern, build, executable)
        except BuildFailure as failure:
            raise SystemExit(f"exam: {failure}") from None


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 1 when a guilty line is in no history, or a bug was missed."""
    options = _parser().parse_args(arguments)
    chosen = list(_chosen(options))
    if not chosen:
        raise SystemExit("exam: nothing of that kind")
    _prepared(chosen, options.executable)

    def examined(one: tuple[Pattern, str]) -> tuple[Paper, dict]:
        pattern, build = one
        answer = ask("explain", pattern, build, options.executable)
        return Paper(pattern, build, judge(pattern, guilty(pattern), answer)), answer

    papers, written = [], []
    print(heading(), flush=True)
    with ThreadPoolExecutor(options.j) as pool:
        for paper, answer in pool.map(examined, chosen):
            print(line(paper), flush=True)
            papers.append(paper)
            written.append(_record(paper, paper.mark, answer))
    print(totals(papers))
    target = options.json or BUILD / f"exam-{options.half}.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(written, indent=1), encoding="utf-8")
    print(f"\nMarks and ledgers are in {target.name}.")
    return 0 if all(paper.mark.in_history for paper in papers) else 1


def _record(paper: Paper, mark: Mark, answer: dict) -> dict:
    """A paper with everything that the audit said, for whoever wants to see why."""
    findings = answer.get("document", {}).get("findings", [])
    return {
        "pattern": dataclasses.asdict(paper.pattern),
        "build": paper.build,
        "mark": dataclasses.asdict(mark),
        "error": answer.get("error", ""),
        "findings": findings,
    }


if __name__ == "__main__":
    sys.exit(main())
