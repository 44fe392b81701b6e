"""The result of an examination as Markdown."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from support.planted import Pattern

from .judge import Mark


@dataclass(frozen=True)
class Paper:
    """One audit of one pattern in one build, and its mark."""

    pattern: Pattern
    build: str
    mark: Mark


#: How papers are counted: the heading, and what a paper is counted under.
_GROUPS: tuple[tuple[str, Callable[[Paper], str]], ...] = (
    ("half", lambda paper: paper.pattern.half),
    ("language", lambda paper: f"{paper.pattern.language}, {paper.pattern.half}"),
    ("build", lambda paper: f"{paper.build}, {paper.pattern.half}"),
)


def heading() -> str:
    """The first lines of the table of patterns."""
    return "| pattern | half | build | guilty line |\n|---|---|---|---|"


def line(paper: Paper) -> str:
    """The row of one paper."""
    cell = paper.mark.cell.replace("|", "\\|").replace("\n", " ")
    return f"| {paper.pattern.id} | {paper.pattern.half} | {paper.build} | {cell} |"


def _share(count: int, of: int) -> str:
    return f"{count} ({100 * count / of:.0f} %)"


def _counted(name: str, papers: list[Paper]) -> str:
    marks, of = [paper.mark for paper in papers], len(papers)
    cells = [
        name,
        str(of),
        _share(sum(mark.in_history for mark in marks), of),
        _share(sum(mark.first for mark in marks), of),
        _share(sum(mark.first or mark.through for mark in marks), of),
        str(sum(mark.among and not mark.first and not mark.through for mark in marks)),
        str(sum(mark.ambiguous for mark in marks)),
        str(sum(not mark.found for mark in marks)),
    ]
    return f"| {' | '.join(cells)} |"


def totals(papers: Iterable[Paper]) -> str:
    """Counts by half, language and build."""
    papers = list(papers)
    lines = []
    for what, key in _GROUPS:
        lines += [
            f"\n| {what} | audits | in history | first | first or its caller | named later | ambiguous | missed |",
            "|---|---|---|---|---|---|---|---|",
        ]
        for name in sorted({key(paper) for paper in papers}):
            lines.append(_counted(name, [paper for paper in papers if key(paper) == name]))
    return "\n".join(lines)
