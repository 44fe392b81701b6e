"""Parts of the fixture modules as pages show them: a function, a class, or one line.

`python tests/docs/excerpts.py` writes every such block of the documentation anew.
"""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

from pages import ROOT, Block, blocks, pages

EXTENSIONS = ROOT / "tests" / "extensions"

# What only the tests of the fixture need.
_SITE = re.compile(r"\s*(?:/\* SITE \w+ \*/|(?://|#) SITE \w+)[ ]*$", re.MULTILINE)


def excerpt(source: str, name: str) -> str:
    """What is called `name` in a file of `tests/extensions`, as it stands there."""
    path = EXTENSIONS / source
    lines = _SITE.sub("", path.read_text(encoding="utf-8")).splitlines()
    part = _PARTS[path.suffix](lines, name) or _line(lines, name)
    if not part:
        raise LookupError(f"{source} has no {name!r}")
    return textwrap.dedent("\n".join(part)).strip("\n") + "\n"


def _line(lines: list[str], name: str) -> list[str]:
    """The one statement that names it, as a binding registers a function."""
    return [line for line in lines if f'"{name}"' in line][:1]


def _braces(lines: list[str], start: int, end: int) -> list[str]:
    """From line `start` to the brace that closes what begins at `end`, in the same column."""
    indent = lines[end][: len(lines[end]) - len(lines[end].lstrip())]
    close = next(n for n in range(end, len(lines)) if lines[n].rstrip(";") == indent + "}")
    return lines[start : close + 1]


def _c(lines: list[str], name: str) -> list[str]:
    """A function whose name begins a line, with the line of its type before it."""
    for number, line in enumerate(lines):
        if line.startswith(f"{name}("):
            return _braces(lines, number - 1, number)
    return []


def _rust(lines: list[str], name: str) -> list[str]:
    """A function with its attributes, or a struct and what is implemented for it."""
    found: list[str] = []
    declared = re.compile(rf"\s*(?:pub )?(?:fn|struct|impl) {name}\b")
    for number, line in enumerate(lines):
        if declared.match(line):
            start = number
            while lines[start - 1].lstrip().startswith("#["):
                start -= 1
            found += [*([""] if found else []), *_braces(lines, start, number)]
    return found


def _cython(lines: list[str], name: str) -> list[str]:
    """A function or a class, to the next line that is not indented."""
    declared = re.compile(rf"(?:def|cdef class) {name}\b")
    for number, line in enumerate(lines):
        if declared.match(line):
            rest = range(number + 1, len(lines))
            end = next((n for n in rest if lines[n] and not lines[n].startswith(" ")), len(lines))
            return lines[number:end]
    return []


_PARTS = {".c": _c, ".cpp": _c, ".pyx": _cython, ".rs": _rust}


def wanted(block: Block) -> str | None:
    """What a block marked `fixture` must say; none for other blocks."""
    mark = block.says("fixture")
    if mark is None:
        return None
    source, *names = mark.split()
    return "\n".join(excerpt(source, name) for name in names)


def filled(page: Path) -> str:
    """The page with every excerpt as the fixtures have it now."""
    text = page.read_text(encoding="utf-8")
    for block in blocks(page):
        new = wanted(block)
        if new is not None:
            opening = f"<!-- {block.mark} -->\n\n```{block.language}\n"
            for start in (opening, opening.replace("\n\n", "\n")):
                text = text.replace(f"{start}{block.text}```", f"{start}{new}```")
    return text


if __name__ == "__main__":
    for each in pages():
        each.write_text(filled(each), encoding="utf-8")
