"""Files stay short, and know nothing of the machine that they were written on."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tracked import files, read

LONGEST = 400
SOURCE = {".c", ".cpp", ".css", ".h", ".html", ".js", ".py", ".pyi", ".pyx", ".rs", ".sh"}
# Written by cargo; it always names the crates index in this one form.
CARGO_LOCK = "Cargo.lock"
CARGO_SOURCE = 'source = "registry+https://github.com/rust-lang/crates.io-index"'

_MACHINE_PATH = re.compile(r"(?<![\w.$}~])/(?:root|work|home/\w+|Users/\w+)/[\w.]")
_REGISTRY = re.compile(
    r"\b(?:pypi\.org|pythonhosted\.org|crates\.io|npmjs\.(?:org|com)|proxy\.golang\.org)\b"
    r"|https?://[^\s/\"']*(?:artifactory|devpi|nexus|pypi|registry)",
    re.IGNORECASE,
)


def marks_of_a_machine(path: Path, text: str) -> list[str]:
    """Absolute paths and package registries in the text."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        if path.name == CARGO_LOCK and line == CARGO_SOURCE:
            continue
        for pattern in (_MACHINE_PATH, _REGISTRY):
            if match := pattern.search(line):
                found.append(f"{path}:{number}: {match.group()}")
    return found


def too_long(path: Path, text: str) -> bool:
    """Whether a source file has more lines than one noun needs."""
    return path.suffix in SOURCE and len(text.splitlines()) > LONGEST


def test_no_source_file_is_too_long() -> None:
    found = [str(path) for path in files() if too_long(path, read(path))]
    assert not found, (
        f"over {LONGEST} lines, each a place to ask whether it holds two nouns: {found}"
    )


def test_no_file_names_a_machine_or_a_registry() -> None:
    # This file holds the patterns and their examples.
    others = [path for path in files() if path.name != Path(__file__).name]
    found = [line for path in others for line in marks_of_a_machine(path, read(path))]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("a.md", "see /work/shared/design.md", 1),
        ("a.py", 'PYTHON = "/root/.pyenv/versions"', 1),
        ("a.py", 'PYTHON = "/home/ann/project"', 1),
        ("a.py", 'PYTHON = HOME + "/.pyenv/versions"', 0),
        ("a.md", "the folder ../work/main or $HOME/work/main", 0),
        ("a.txt", "--index-url https://pypi.example.com/simple", 1),
        ("a.md", "https://pypi.org/project/x", 1),
        ("Cargo.lock", CARGO_SOURCE, 0),
        ("tests/extensions/pyo3/Cargo.lock", CARGO_SOURCE, 0),
        ("Cargo.lock", 'source = "registry+https://registry.example.com/index"', 1),
        ("a.toml", CARGO_SOURCE, 1),
        ("a.md", "the package index", 0),
    ],
)
def test_the_check_of_machines_itself(path: str, text: str, expected: int) -> None:
    assert len(marks_of_a_machine(Path(path), text)) == expected


def test_the_check_of_length_itself() -> None:
    assert too_long(Path("a.rs"), "\n" * (LONGEST + 1))
    assert not too_long(Path("a.rs"), "\n" * LONGEST)
    assert not too_long(Path("Cargo.lock"), "\n" * (LONGEST + 1))
