"""The rooms of `src/` import only what docs/explanation/rooms.md allows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tracked import code_of, line_of, read, under

PAGE = Path("docs/explanation/rooms.md")

_ROW = re.compile(r"^\| `(\w+)` \|.*\| ([^|]+) \|$", re.MULTILINE)
_NAME = re.compile(r"`(\w+)`")
_CRATE = re.compile(r"(?<![\w$])crate\s*::\s*(\{|\w+)")
_SUPER = re.compile(r"(?<!\w)(?:self\s*::\s*)?super(?:\s*::\s*super)*\s*::\s*(\{|\w+)")
_INLINE_MODULE = re.compile(r"\bmod\s+\w+\s*\{")


def table() -> dict[str, set[str]]:
    """What each room may import, from the table for people."""
    rows = _ROW.findall(read(PAGE))
    assert rows, f"{PAGE} has no table of rooms"
    return {room: set(_NAME.findall(allowed)) for room, allowed in rows}


MAY_IMPORT = table()


def room_of(path: Path) -> str:
    """`src/heap/builder.rs` and `src/heap.rs` are both in the room `heap`."""
    return path.with_suffix("").parts[1]


def depth_of(path: Path) -> int:
    """How many `super` lead from the file's module to the crate root."""
    parts = path.with_suffix("").parts[1:]
    return len(parts) - 1 if parts[-1] == "mod" else len(parts)


def group(code: str, start: int) -> list[str]:
    """First names in a `{a::b, c::{d, e}, f}` that opens at `start`."""
    names, depth, expect = [], 0, False
    for match in re.finditer(r"[{},]|\w+", code[start:]):
        token = match.group()
        if token == "{":
            depth, expect = depth + 1, depth == 0
        elif token == "}":
            depth -= 1
            if depth == 0:
                return names
        elif token == ",":
            expect = depth == 1
        elif expect:
            names.append(token)
            expect = False
    return names


def imports(path: Path, rust: str) -> list[tuple[int, str]]:
    """(line, room) for every path that starts at the crate root, in `use` lines and elsewhere."""
    code = code_of(rust)
    inline = _INLINE_MODULE.search(code)
    found = []
    for match in [*_CRATE.finditer(code), *_SUPER.finditer(code)]:
        climbs = match.group().count("super")
        depth = depth_of(path) + (inline is not None and match.start() > inline.start())
        if climbs and climbs < depth:
            continue  # stays inside the room
        target = match.group(1)
        names = group(code, match.start(1)) if target == "{" else [target]
        found += [(line_of(code, match.start()), name) for name in names]
    return sorted(found)


def trespasses(path: Path, rust: str) -> list[str]:
    """Imports of the file that the table does not allow."""
    room = room_of(path)
    allowed = MAY_IMPORT[room] | {room}
    return [
        f"{path}:{line}: {room} imports {name}"
        for line, name in imports(path, rust)
        if name not in allowed
    ]


def rust_files() -> list[Path]:
    """Every Rust file but the crate root, which only lists the rooms."""
    return [path for path in under("src", ".rs") if path != Path("src/lib.rs")]


def test_every_room_is_in_the_table() -> None:
    unknown = {room_of(path) for path in rust_files()} - MAY_IMPORT.keys()
    assert not unknown, f"add the room to {PAGE}"


def test_the_table_keeps_the_arrow() -> None:
    """The cornerstones of the design stand whatever the page says."""
    assert not any("python" in allowed for allowed in MAY_IMPORT.values())
    assert not MAY_IMPORT["event"]
    assert MAY_IMPORT["document"] == {"findings"}
    assert MAY_IMPORT["heap"] == {"event"}
    assert MAY_IMPORT["analysis"] == {"event", "heap"}
    assert MAY_IMPORT["report"] == {"document"}


def test_rooms_import_only_what_they_may() -> None:
    found = [line for path in rust_files() for line in trespasses(path, read(path))]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("path", "rust", "expected"),
    [
        ("src/report/html.rs", "use crate::heap::Heap;", 1),
        ("src/report/html.rs", "fn f(h: &crate::heap::Heap) {}", 1),
        ("src/report/html.rs", "use crate::{document::Document, heap::{Heap, Id}};", 1),
        ("src/report/html.rs", "use super::super::heap::Heap;", 1),
        ("src/report/mod.rs", "use super::heap::Heap;", 1),
        ("src/report/html.rs", "use super::{text, escape};", 0),
        ("src/report/html.rs", "mod tests { use super::heading; use super::super::text; }", 0),
        ("src/report/html.rs", '// crate::heap\nconst A: &str = "crate::heap";', 0),
        ("src/report/html.rs", "use crate::document::Document;", 0),
        ("src/event.rs", "mod tests { use super::ObjectId; }", 0),
        ("src/document/mod.rs", "use crate::heap::Heap;", 1),
        ("src/findings/rule.rs", "use crate::python::Report;", 1),
        ("src/sys/mod.rs", "use crate::analysis::unexplained;", 1),
    ],
)
def test_the_check_itself(path: str, rust: str, expected: int) -> None:
    assert len(trespasses(Path(path), rust)) == expected
