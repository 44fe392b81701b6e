"""The files of the repository, and Rust source without its comments and texts."""

from __future__ import annotations

import re
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# A comment, a raw string, a string, or a character; a lifetime ('a) is none of them.
_RUST_NOISE = re.compile(
    r"""(?P<comment>//[^\n]*|/\*.*?\*/)
      | (?P<text>b?r(?P<hashes>\#*)".*?"(?P=hashes)|b?"(?:\\.|[^"\\])*")
      | (?P<char>b?'(?:\\u\{[0-9a-fA-F]+\}|\\.|[^'\\\n])')
    """,
    re.VERBOSE | re.DOTALL,
)


@cache
def files() -> tuple[Path, ...]:
    """Every file that is tracked, or would be with the next commit, relative to the root."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    paths = (Path(name) for name in listed.split("\0") if name)
    found = tuple(sorted(path for path in paths if (ROOT / path).is_file()))
    assert found, "git lists no file of this repository"
    return found


def under(folder: str, suffix: str) -> list[Path]:
    """The files below `folder` with the suffix; there must be some."""
    found = [p for p in files() if p.is_relative_to(folder) and p.suffix == suffix]
    assert found, f"no {suffix} file below {folder}: has it moved?"
    return found


def read(path: Path) -> str:
    """The text of a file; undecodable bytes stand as escapes."""
    return (ROOT / path).read_text(encoding="utf-8", errors="backslashreplace")


def _blank(match: re.Match[str]) -> str:
    """Blanks of the same shape, so that line numbers stay right; quotes of a text stay."""
    found = match.group()
    kept = "".join("\n" if c == "\n" else " " for c in found)
    if match.group("text") is not None:
        return '"' + kept[2:] + '"'
    return kept


def code_of(rust: str) -> str:
    """Rust source in which every comment, text and character is blank."""
    return _RUST_NOISE.sub(_blank, rust)


def line_of(text: str, offset: int) -> int:
    """Line number, from 1, of an offset."""
    return text.count("\n", 0, offset) + 1
