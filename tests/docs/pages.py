"""The documentation as its tests read it: fenced blocks, and the comment before each.

A comment right before a block says what the block is for, where that is not plain from its language.
No reader of the page sees it:

    <!-- file greeting.c -->     the block is this file
    <!-- exit 1 -->              the commands of the block end with this status
    <!-- output -->              the block is part of what the last commands printed
    <!-- fixture c/errors.c leaky_error_path -->
                                 the block is that part of a module in tests/extensions
    <!-- with: statements -->    Python statements to run before those of the block
    <!-- not run: reason -->     the block is no program of its own
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"

_BLOCK = re.compile(
    r"(?:^<!-- (?P<mark>(?:(?!-->).)*?)\s-->\n\n?)?^```(?P<language>[\w{}+-]*)[^\n]*\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Block:
    """One fenced block of a page."""

    page: Path
    line: int
    language: str
    mark: str
    text: str

    @property
    def id(self) -> str:
        """`how-to/pytest.md:23`."""
        base = DOCS if self.page.is_relative_to(DOCS) else ROOT
        return f"{self.page.relative_to(base)}:{self.line}"

    def says(self, word: str) -> str | None:
        """What the mark says after `word`; none where the mark is another one."""
        if self.mark == word:
            return ""
        for separator in (" ", ": ", ":\n"):
            if self.mark.startswith(word + separator):
                return self.mark.removeprefix(word + separator)
        return None


def blocks(page: Path) -> list[Block]:
    """The fenced blocks of a page, in order."""
    text = page.read_text(encoding="utf-8")
    return [
        Block(
            page=page,
            line=text.count("\n", 0, match.start("text")),
            language=match["language"],
            mark=match["mark"] or "",
            text=match["text"],
        )
        for match in _BLOCK.finditer(text)
    ]


def pages() -> list[Path]:
    """Every page, the README included."""
    found = sorted(DOCS.rglob("*.md"))
    assert found, "docs/ has no page: has it moved?"
    return [ROOT / "README.md", *found]


def everything() -> list[Block]:
    """Every block of every page."""
    return [block for page in pages() for block in blocks(page)]
