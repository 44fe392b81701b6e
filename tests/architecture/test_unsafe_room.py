"""Unsafe code lives in `src/sys/`, and says why it is sound."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tracked import code_of, line_of, read, under

UNSAFE_ROOM = Path("src/sys")

_WORD = re.compile(r"\bunsafe\b")
_BLOCK_OR_IMPL = re.compile(r"\bunsafe\s*(?:\{|impl\b)")
# A function with a name; `unsafe extern "C" fn(…)` without one is a type.
_FUNCTION = re.compile(r'\bunsafe\s+(?:extern\s+(?:"[^"]*"\s+)?)?fn\s+\w+')
_ALLOW = re.compile(r"\ballow\s*\(\s*unsafe_code\s*\)")


def comment_before(lines: list[str], code: list[str], line: int) -> str:
    """The comment above the statement that holds `line` (from 1), attributes skipped."""
    index = line - 2
    while index >= 0:
        stripped = lines[index].strip()
        ends_statement = code[index].rstrip().endswith((";", "{", "}", ","))
        is_attribute = stripped.startswith("#[")
        if stripped.startswith("//") or not stripped or (ends_statement and not is_attribute):
            break
        index -= 1
    last = index
    while index >= 0 and lines[index].strip().startswith("//"):
        index -= 1
    return "\n".join(lines[index + 1 : last + 1])


def unexplained(path: Path, rust: str) -> list[str]:
    """Unsafe blocks and impls without `SAFETY:`, unsafe functions without `# Safety`."""
    code = code_of(rust)
    lines, code_lines = rust.splitlines(), code.splitlines()
    found = []
    for pattern, wanted in ((_BLOCK_OR_IMPL, "SAFETY:"), (_FUNCTION, "# Safety")):
        for match in pattern.finditer(code):
            line = line_of(code, match.start())
            if wanted not in comment_before(lines, code_lines, line):
                found.append(
                    f"{path}:{line}: no `{wanted}` right before: {lines[line - 1].strip()}"
                )
    return found


def strays(path: Path, rust: str) -> list[str]:
    """Uses of the word `unsafe`, or leave to use it, outside its room."""
    if path.is_relative_to(UNSAFE_ROOM):
        return []
    code = code_of(rust)
    matches = [*_WORD.finditer(code), *_ALLOW.finditer(code)]
    return [
        f"{path}:{line_of(code, match.start())}: unsafe outside {UNSAFE_ROOM}" for match in matches
    ]


def test_unsafe_stays_in_its_room() -> None:
    found = [line for path in under("src", ".rs") for line in strays(path, read(path))]
    assert not found, "\n".join(found)


def test_every_unsafe_place_says_why_it_is_sound() -> None:
    found = [line for path in under("src", ".rs") for line in unexplained(path, read(path))]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("rust", "expected"),
    [
        ("fn f() {\n    unsafe { g() }\n}", 1),
        ("fn f() {\n    // SAFETY: g is pure.\n    unsafe { g() }\n}", 0),
        ("fn f() {\n    // SAFETY: once.\n    unsafe { g() };\n    unsafe { g() }\n}", 1),
        ("fn f() {\n    // SAFETY: g is pure.\n    let x: u8 =\n        unsafe { g() };\n}", 0),
        ("fn f() {\n    // SAFETY: stale.\n\n    unsafe { g() }\n}", 1),
        ("// SAFETY: no state.\nunsafe impl Send for A {}", 0),
        ("unsafe impl Send for A {}", 1),
        (
            "/// Reads.\n///\n/// # Safety\n/// Valid pointer.\n#[inline]\npub(crate) unsafe fn f() {}",
            0,
        ),
        ('/// Reads.\nunsafe extern "C" fn f() {}', 1),
        ('type Free = unsafe extern "C" fn(*mut u8);', 0),
        ('const A: &str = "unsafe { }"; // unsafe { }', 0),
    ],
)
def test_the_check_of_comments_itself(rust: str, expected: int) -> None:
    assert len(unexplained(Path("src/sys/x.rs"), rust)) == expected


@pytest.mark.parametrize(
    ("path", "rust", "expected"),
    [
        ("src/heap/x.rs", "fn f() { unsafe { g() } }", 1),
        ("src/heap/mod.rs", "#![allow(unsafe_code)]", 1),
        ("src/heap/mod.rs", "//! unsafe is denied\n#![deny(unsafe_code)]", 0),
        ("src/sys/mod.rs", "#![allow(unsafe_code)]", 0),
    ],
)
def test_the_check_of_the_room_itself(path: str, rust: str, expected: int) -> None:
    assert len(strays(Path(path), rust)) == expected
