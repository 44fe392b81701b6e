"""One document out of several: cycles and tables of dominators."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

from refaudit._known.baseline import Baseline
from refaudit._known.knowledge import Knowledge
from refaudit._known.suppression import of_text
from refaudit._merge import joined, merge
from refaudit._refaudit import render

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
    for cycle in parts[1]["cycles"]:
        cycle["fingerprint"] = cycle["fingerprint"][::-1]
    merged = merge(parts, [])
    assert [cycle["fate"] for cycle in merged["cycles"]] == ["invisible"] * 2 + ["collectable"] * 2
    rows = merged["dominators"]
    # The two rows that stand for others have become one.
    assert len(rows) == 2 * len(SAMPLE["dominators"]) - 1
    assert rows[-1]["retained"] == {"objects": 12, "bytes": 1440}
    assert merged["findings"][0]["paths"] == SAMPLE["findings"][0]["paths"]


def shards() -> list[Row]:
    """The sample, cut in two by test, and each finding with its test."""
    parts = [copy.deepcopy(SAMPLE), copy.deepcopy(SAMPLE)]
    half = {test["id"] for test in SAMPLE["tests"][::2]}
    for part, is_here in zip(
        parts, (half.__contains__, lambda name: name not in half), strict=True
    ):
        part["tests"] = [test for test in part["tests"] if is_here(test["id"])]
        part["findings"] = [f for f in part["findings"] if is_here(f["subject"])]
        part.update(baseline=None, suppressions=[], cycles=[], dominators=[], layers=None)
        for finding in part["findings"]:
            finding["known"] = None
    return parts


def one_of(parts: list[Row]) -> Row:
    return merge(copy.deepcopy(parts), [])


def test_shards_make_the_whole_in_whatever_order() -> None:
    parts = shards()
    merged = one_of(parts)
    assert merged == one_of(parts[::-1])
    assert {f["fingerprint"] for f in merged["findings"]} == {
        f["fingerprint"] for f in SAMPLE["findings"]
    }
    assert [test["id"] for test in merged["tests"]] == sorted(t["id"] for t in SAMPLE["tests"])
    assert merged["interpreter"] == SAMPLE["interpreter"]
    assert merged["trust"]["notes"] == SAMPLE["trust"]["notes"]


def test_a_test_of_two_shards_is_one_test_with_its_worst_outcome() -> None:
    parts = [shards()[0], shards()[0]]
    name = parts[0]["findings"][0]["subject"]
    parts[0]["findings"] = [f for f in parts[0]["findings"] if f["subject"] != name]
    next(t for t in parts[0]["tests"] if t["id"] == name).update(outcome="clean", findings=0)
    merged = one_of(parts)
    assert len(merged["tests"]) == len(parts[0]["tests"])
    assert len(merged["findings"]) == len(parts[1]["findings"])
    test = next(t for t in merged["tests"] if t["id"] == name)
    assert test["outcome"] != "clean" and test["findings"] == 1
    assert (
        f"{len(parts[0]['tests'])} test(s) were audited more than once; the worst outcome counts"
        in (merged["trust"]["notes"])
    )


def test_different_interpreters_are_said_and_not_mixed_up() -> None:
    parts = [shards()[0], shards()[0], shards()[1]]
    parts[1]["interpreter"]["version"] = "3.13.0"
    lost = parts[1]["findings"].pop(0)
    merged = one_of(parts)
    first = SAMPLE["interpreter"]["version"]
    assert merged["interpreter"]["version"] == f"{first}, 3.13.0"
    notes = "\n".join(merged["trust"]["notes"])
    assert f"CPython {first} release, linux-x86_64 (2); CPython 3.13.0" in notes
    messages = {f["fingerprint"]: f["message"] for f in merged["findings"]}
    assert messages[lost["fingerprint"]] == (
        f"{lost['message']} (only on CPython {first} release, linux-x86_64)"
    )
    # Tests that only one interpreter ran say nothing of the other.
    assert sum("(only on" in message for message in messages.values()) == 1


def test_other_versions_of_refaudit_are_said() -> None:
    parts = shards()
    parts[1]["tool"]["version"] = "9.9.9"
    notes = "\n".join(one_of(parts)["trust"]["notes"])
    assert "different versions of refaudit: " in notes and ", 9.9.9" in notes


def test_an_invalid_shard_makes_the_whole_invalid() -> None:
    parts = shards()
    parts[1]["outcome"] = "invalid"
    parts[1]["trust"].update(valid=False, reason="no canary")
    merged = one_of(parts)
    assert merged["outcome"] == "invalid" and merged["trust"]["valid"] is False
    assert merged["trust"]["reason"] == "no canary"


def known_shards() -> tuple[list[Row], Row]:
    """Both shards and the whole, each compared with the same baseline and suppressions."""
    entries = [f for f in SAMPLE["findings"] if f["rule"] != "RA106"]
    foreign = {**entries[0], "fingerprint": "f" * 16, "subject": "tests/test_other.py::test_else"}
    healed = {**entries[0], "fingerprint": "e" * 16}
    baseline = Baseline().updated([*entries, foreign, healed], set(), "2026-01-02")

    def apply(document: Row) -> Row:
        rules = [of_text("RA104", "pyproject.toml"), of_text("RA999", "pyproject.toml")]
        Knowledge(baseline, rules, today="2026-03-03").apply(document)
        return document

    whole = one_of(shards())
    return [apply(part) for part in shards()], apply(whole)


def test_baseline_and_suppressions_are_those_of_the_whole() -> None:
    parts, whole = known_shards()
    merged = one_of(parts)
    assert whole["outcome"] == "leak" and len(whole["baseline"]["gone"]) == 1
    for key in ("outcome", "findings", "tests", "baseline", "suppressions"):
        assert merged[key] == whole[key], key
    assert merged["baseline"]["not_run"] == 1
    assert [one["findings"] for one in merged["suppressions"]] == [1, 0]


def test_a_baseline_can_be_applied_again_after_the_merge() -> None:
    merged = one_of(shards())
    entries = Baseline().updated(SAMPLE["findings"], set(), "2026-01-02")
    Knowledge(entries, today="2026-03-03").apply(merged)
    assert merged["outcome"] == "known" and merged["baseline"]["gone"] == []


def test_parts_without_a_baseline_are_said() -> None:
    parts, _ = known_shards()
    parts[0]["baseline"] = None
    assert "1 of 2 documents were not compared with a baseline" in one_of(parts)["trust"]["notes"]


def test_ten_thousand_tests_make_a_page_of_two_megabytes_at_most() -> None:
    """Forty shards, 250 tests each, and a leak in each tenth of them."""
    parts = []
    for number in range(40):
        part = copy.deepcopy(SAMPLE)
        model = part["tests"][0] | {"outcome": "clean", "findings": 0}
        part["tests"] = [
            model | {"id": f"tests/test_{number:02}.py::test_case[{case:03}-some-parameter]"}
            for case in range(250)
        ]
        part["findings"] = [
            copy.deepcopy(SAMPLE["findings"][case % 8])
            | {"subject": part["tests"][case * 10]["id"], "fingerprint": f"{number:08x}{case:08x}"}
            for case in range(25)
        ]
        for finding in part["findings"]:
            test = next(t for t in part["tests"] if t["id"] == finding["subject"])
            test.update(outcome="leak", findings=1)
        parts.append(part)
    merged = merge(parts, [])
    assert len(merged["tests"]) == 10_000 and len(merged["findings"]) == 1000
    page = render(json.dumps(merged), "html")
    assert len(page.encode()) <= 2_000_000
