"""A model heap from an audit document: what it tells of paths, cycles and dominators."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from refaudit._report import Report
from refaudit.errors import DocumentError

if TYPE_CHECKING:
    from os import PathLike
    from typing import Any

    from refaudit._model import ModelHeap


def load(document: str | PathLike[str] | Report | dict[str, Any]) -> dict[str, Any]:
    """The document as plain data; DocumentError for a file that is none."""
    if isinstance(document, Report):
        return document.document
    if isinstance(document, dict):
        return document
    try:
        loaded = json.loads(Path(document).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DocumentError(f"{document}: {error}") from error
    if not isinstance(loaded, dict) or loaded.get("format") != "refaudit-audit":
        raise DocumentError(f"{document}: not an audit document")
    return loaded


def fill(heap: ModelHeap, document: dict[str, Any]) -> None:
    """Make objects and references of everything that the document tells of."""
    heap.disable()
    known: dict[tuple[Any, ...], int] = {}
    for finding in document.get("findings", []):
        _paths(heap, finding, known)
        if finding.get("cycle"):
            _cycle(heap, finding["cycle"])
    for cycle in document.get("cycles", []):
        _cycle(heap, cycle)
    _dominators(heap, document.get("dominators", []))


def _paths(heap: ModelHeap, finding: dict[str, Any], known: dict[tuple[Any, ...], int]) -> None:
    """Chains with the same beginning share it; all chains of a finding end at the same thing."""
    held: int | None = None
    for chain in finding.get("paths", []):
        key: tuple[Any, ...] = (chain["root"], chain["place"])
        if key not in known:
            root = f"root:{chain['root']}"
            known[key] = heap.alloc(root, chain["place"], gc=False, immortal=True)
        at, by = known[key], "holds"
        *links, last = chain["links"]
        for link in links:
            key = (*key, by, link["what"])
            if key not in known:
                known[key] = heap.alloc(_type_in(link["what"]), link["what"])
                _give(heap, at, known[key], by)
            at, by = known[key], link["by"] or "?"
        if held is None:
            label = finding["object_label"] or last["what"]
            held = heap.alloc(finding["type_name"] or "block", label, finding["bytes"])
            _give(heap, at, held, by)
        elif all(edge.name != by for edge in heap.edges(at)):
            heap.link(at, held, by)


def _cycle(heap: ModelHeap, cycle: dict[str, Any]) -> None:
    """The shortest cycle, with nobody outside: `collect` does with it what was found out."""
    steps = cycle["steps"]
    is_blind = cycle["fate"] == "invisible" and not any(step["hidden"] for step in steps)
    ids = []
    for number, step in enumerate(steps):
        legacy = step["finalizer"] == "tp_del"
        runs = "resurrects" if cycle["fate"] == "resurrected" else "runs"
        ids.append(
            heap.alloc(
                step["type_name"],
                step["what"],
                step["bytes"],
                gc=not (is_blind and number == cycle["closed_by"]),
                finalizer=runs if step["finalizer"] else None,
                legacy_del=legacy,
            )
        )
    for number, step in enumerate(steps):
        following = ids[(number + 1) % len(ids)]
        heap.link(ids[number], following, step["by"] or "?", hidden=step["hidden"])
    for id in ids:
        heap.decref(id)


def _dominators(heap: ModelHeap, rows: list[dict[str, Any]]) -> None:
    """A row for an object: below the row that retains it, or below a root."""
    ids: list[int] = []
    root: int | None = None
    for number, row in enumerate(rows):
        many = f" and {row['count'] - 1} more" if row["count"] > 1 else ""
        id = heap.alloc(row["type_name"], row["label"] + many, row["shallow"])
        if row["parent"] is None and root is None:
            root = heap.alloc("root:dominators", "", gc=False, immortal=True)
        above = root if row["parent"] is None else ids[row["parent"]]
        assert above is not None, "a row comes after its parent"
        _give(heap, above, id, f"retains {number}")
        ids.append(id)


def _give(heap: ModelHeap, owner: int, id: int, name: str) -> None:
    """Hand the one reference to an object over to its owner."""
    taken = {edge.name for edge in heap.edges(owner)}
    unique, number = name, 2
    while unique in taken:
        unique, number = f"{name} ({number})", number + 1
    heap.link(owner, id, unique)
    heap.decref(id)


def _type_in(what: str) -> str:
    """The type in the words for a link: ``module `x` `` is a module."""
    return what.split(" ", 1)[0]
