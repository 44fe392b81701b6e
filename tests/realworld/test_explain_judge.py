"""The judge of ledgers is judged, on documents written by hand and files compiled here."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from .environments import Environment
from .explain_judge import Explained, judge_explained
from .explain_session import ExplainRow, explained_summary
from .symbols import knowledge
from .table import load_cases

CASES = {case.id: case for case in load_cases()}
CASE = CASES["msgspec-raw-copy"]


def _frame(function: str, *, inlined: bool = False, guess: bool = False) -> dict[str, Any]:
    known = {"function": function, "file": "", "line": 0, "guess": guess, "inlined": inlined}
    return {**known, "module": "_core.so", "offset": "0x10"}


def _place(*frames: dict[str, Any]) -> dict[str, Any]:
    return {"frame": frames[0], "callers": list(frames[1:])}


def _document(
    *places: dict[str, Any], stack: str = "other", missing: str = "", **changes: Any
) -> dict[str, Any]:
    ledger = {
        "missing": _frame(missing) if missing else None,
        "account": "named",
        "reason": "nothing seen",
        "notes": [],
        "places": list(places),
        "stacks": [[_frame(stack)]],
    }
    finding = {"rule": "RA103", "verdict": "leak", "kind": "object", "type_name": CASE.expect[0]}
    finding |= {"object_label": "", "per_run": [1, 1, 1], "bytes": 0, "keeps": [], "traces": []}
    trust = {"valid": True, "reason": ""}
    return {"findings": [{**finding, "ledger": ledger, **changes}], "trust": trust}


@pytest.mark.parametrize(
    ("document", "where"),
    [
        (_document(_place(_frame("Raw_copy"))), "first"),
        (_document(_place(_frame("Raw_copy.cold"))), "first"),
        (_document(_place(_frame("incref", inlined=True), _frame("Raw_copy"))), "first"),
        (_document(_place(_frame("helper"), _frame("Raw_copy"))), "caller"),
        (_document(_place(_frame("Raw_new")), missing="Raw_copy"), "missing"),
        (_document(_place(_frame("Raw_copy")), missing="Raw_clear"), "first"),
        (_document(_place(_frame("Raw_new")), missing="Raw_clear"), "absent"),
        (_document(_place(_frame("Raw_new")), _place(_frame("Raw_copy"))), "shown"),
        (_document(_place(_frame("Raw_new")), stack="Raw_copy"), "in history"),
        (_document(_place(_frame("Raw_new"))), "absent"),
        (_document(stack="Raw_copy"), "in history"),
        (_document(_place(_frame("Raw_copy")), ledger=None), "no ledger"),
        (_document(_place(_frame("Raw_copy")), type_name="dict"), "no finding"),
        (_document(_place(_frame("Raw_copy")), verdict="maybe"), "no finding"),
    ],
)
def test_where_the_function_is(document: dict[str, Any], where: str) -> None:
    assert judge_explained(CASE, document).where == where


def test_every_reference_case_says_what_its_fix_changed() -> None:
    kinds = ("object", "shared-reference", "overdecref")
    without = [case.id for case in CASES.values() if case.kind in kinds and not case.fix]
    # Exceptions of Cython's making: nobody knows a function.
    assert without == ["msgpack-unpacker-312"]
    assert all(case.kind in kinds for case in CASES.values() if case.fix)


def test_a_row_is_right_without_the_name_only_where_the_wheel_has_none() -> None:
    absent = Explained("absent")
    assert not ExplainRow(CASE, "3.12.1", "symbols", absent).right
    assert ExplainRow(CASE, "3.12.1", "stripped", absent).right
    assert not ExplainRow(CASE, "3.12.1", "stripped", Explained("no finding")).right


def test_the_summary_counts_fixes_known_from_a_diff() -> None:
    rows = [
        ExplainRow(CASE, "3.12.1", "symbols", Explained("first")),
        ExplainRow(CASE, "3.11.7", "lines", Explained("shown")),
        ExplainRow(CASE, "3.11.7", "stripped", Explained("absent")),
        ExplainRow(CASE, "3.12.1", "lines", Explained("missing")),
        ExplainRow(CASES["wrapt-round"], "3.12.1", "symbols", Explained("first")),
    ]
    said = explained_summary(rows)
    assert "4 rows, function shown in 3; of the 3 whose wheel" in said
    assert "shown in 3, first in 1, said in the same sentence to lack the release in 1," in said
    assert "as the caller of what is first in 0; only in" in said


@pytest.mark.parametrize(
    ("flags", "function", "known"),
    [
        (("-g",), "outer", "lines"),
        (("-g",), "inner", "lines"),
        ((), "outer", "symbols"),
        ((), "inner", "inlined away"),
        (("-s",), "outer", "stripped"),
    ],
)
def test_what_a_file_knows(
    tmp_path: Path, flags: tuple[str, ...], function: str, known: str
) -> None:
    source = tmp_path / "m.c"
    source.write_text(
        "static inline __attribute__((always_inline)) int inner(int n) { return n + 1; }\n"
        '__attribute__((visibility("default"))) int outer(int n) { return inner(n); }\n',
        encoding="utf-8",
    )
    target = tmp_path / "venv" / "m.so"
    target.parent.mkdir()
    command = ["cc", "-O2", "-shared", "-fPIC", *flags, source, "-o", target]
    subprocess.run(command, check=True)
    environment = Environment(tmp_path / "venv" / "bin" / "python")
    assert knowledge(environment, (function,), interpreter=False) == known
