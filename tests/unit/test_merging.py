"""One document out of several: cycles and tables of dominators."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

from refaudit._pytest.merge import joined, merge

SAMPLE = json.loads((Path(__file__).parents[1] / "report" / "sample.json").read_text("utf-8"))
Row = dict[str, Any]


def row(name: str, parent: int | None, size: int, count: int = 1) -> Row:
    retained = {"objects": count, "bytes": size}
    return {
        "parent": parent, "type_name": name, "label": "", "count": count, "shallow": 1,
        "retained": retained,
    }  # fmt: skip


def names(rows: list[Row]) -> list[tuple[str, str | None]]:
    """Each row with the name of the one above it."""
    above = [None if row["parent"] is None else rows[row["parent"]]["type_name"] for row in rows]
    return list(zip([row["type_name"] for row in rows], above, strict=True))


def test_trees_of_all_tables_stand_in_order_of_cost() -> None:
    small = [row("a", None, 10), row("b", 0, 5), row("c", None, 3), row("d", 2, 2)]
    large = [row("e", None, 20), row("f", 0, 19), row("g", 1, 18)]
    assert names(joined([small, large])) == [
        ("e", None), ("f", "e"), ("g", "f"), ("a", None), ("b", "a"), ("c", None), ("d", "c"),
    ]  # fmt: skip
    assert joined([]) == joined([[], []]) == []


def test_what_has_no_room_is_one_row() -> None:
    tables = [[row("t", None, 1000 - n), row("u", 0, 1)] for n in range(150)]
    rows = joined([*tables, [row("other", None, 50, 7)]])
    assert len(rows) <= 200
    assert rows[-1]["type_name"] == "other" and rows[-1]["parent"] is None
    assert sum(row["type_name"] == "other" for row in rows) == 1
    top = [row for row in rows if row["parent"] is None]
    assert sum(row["count"] for row in top) == 150 + 7
    assert sum(row["retained"]["bytes"] for row in top) == sum(1000 - n for n in range(150)) + 50


def test_documents_keep_their_cycles_and_tables() -> None:
    parts = [copy.deepcopy(SAMPLE), copy.deepcopy(SAMPLE)]
    parts[0]["cycles"].reverse()
    merged = merge(parts, [])
    assert [cycle["fate"] for cycle in merged["cycles"]] == ["invisible"] * 2 + ["collectable"] * 2
    rows = merged["dominators"]
    # The two rows that stand for others have become one.
    assert len(rows) == 2 * len(SAMPLE["dominators"]) - 1
    assert rows[-1]["retained"] == {"objects": 12, "bytes": 1440}
    assert merged["findings"][0]["paths"] == SAMPLE["findings"][0]["paths"]
