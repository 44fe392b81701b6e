"""The judge of the exam is judged, on documents written by hand."""

from __future__ import annotations

from typing import Any

import pytest
from support.planted import Pattern

from .judge import judge
from .table import Paper, line, totals

LEAK = Pattern("bug", "c", "c/a.c", "training", "m.bug(thing)")
OVER = Pattern("bug", "c", "c/a.c", "exam", "m.bug(thing)", kind="over-release")
TYPE = Pattern("bug", "c", "c/a.c", "exam", "m.bug()", type="Plain")
GUILTY = frozenset({("a.c", 12), ("a.c", 14)})


def _frame(line: int, file: str = "/somewhere/a.c", inlined: bool = False) -> dict[str, Any]:
    return {"file": file, "line": line, "function": "bug", "offset": "0x10", "inlined": inlined}


def _place(*frames: dict[str, Any]) -> dict[str, Any]:
    return {"frame": frames[0], "callers": list(frames[1:])}


def _answer(
    *places: dict[str, Any],
    history: tuple[tuple[int, int], ...] = ((1, 12), (-1, 20)),
    account: str = "named",
    **finding: Any,
) -> dict[str, Any]:
    """A document with one ledger; the history is pairs of change and line."""
    ledger = {
        "account": account,
        "reason": "a guess",
        "notes": [],
        "places": list(places),
        "history": [{"change": c, "stack": number} for number, (c, _) in enumerate(history)],
        "stacks": [[_frame(3, "list.c"), _frame(at), _frame(99)] for _, at in history],
    }
    whole = {"verdict": "leak", "kind": "object", "type_name": "case.Marker", "object_label": ""}
    trust = {"valid": True, "reason": ""}
    return {"document": {"findings": [{**whole, "ledger": ledger, **finding}], "trust": trust}}


def test_the_guilty_line_first() -> None:
    mark = judge(LEAK, GUILTY, _answer(_place(_frame(12)), _place(_frame(30))))
    assert (mark.found, mark.in_history, mark.first, mark.ambiguous) == (True, True, True, False)


def test_a_place_that_was_inlined_into_the_guilty_line() -> None:
    inner = _frame(7, "object.h", inlined=True)
    assert judge(LEAK, GUILTY, _answer(_place(inner, _frame(14)))).first
    called = judge(LEAK, GUILTY, _answer(_place(_frame(7, "object.h"), _frame(14))))
    assert called.through and not called.first and called.cell.startswith("caller")


def test_another_line_and_another_file_are_not_guilty() -> None:
    assert not judge(LEAK, GUILTY, _answer(_place(_frame(13)))).among
    assert not judge(LEAK, GUILTY, _answer(_place(_frame(12, "b.c")))).among


def test_without_the_name_of_the_file_the_function_must_fit() -> None:
    nameless = _frame(12, "/tmp/<artificial>")
    assert judge(LEAK, GUILTY, _answer(_place(nameless))).first
    assert not judge(LEAK, GUILTY, _answer(_place({**nameless, "function": "other"}))).first


def test_named_later_and_ambiguous() -> None:
    mark = judge(LEAK, GUILTY, _answer(_place(_frame(30)), _place(_frame(14)), account="ambiguous"))
    assert (mark.first, mark.among, mark.ambiguous) == (False, True, True)
    assert "among (ambiguous)" in mark.cell


def test_the_history_counts_what_was_taken() -> None:
    given_back = _answer(_place(_frame(12)), history=((-1, 12), (1, 20)))
    assert not judge(LEAK, GUILTY, given_back).in_history
    answer = _answer(_place(_frame(12)), history=((-1, 12),), verdict="over-released")
    assert judge(OVER, GUILTY, answer).in_history


@pytest.mark.parametrize(
    ("pattern", "changes"),
    [
        (LEAK, {"type_name": "dict"}),
        (LEAK, {"verdict": "over-released"}),
        (OVER, {"verdict": "leak"}),
        (LEAK, {"ledger": None}),
        (TYPE, {"type_name": "type", "object_label": "type 'kinds.Plain'"}),
    ],
)
def test_what_is_no_finding_about_the_bug(pattern: Pattern, changes: dict[str, Any]) -> None:
    mark = judge(pattern, GUILTY, _answer(_place(_frame(12)), **changes))
    assert not mark.found and "missed" in mark.cell


def test_a_type_is_named_in_the_label_of_its_reference() -> None:
    changes = {"kind": "type-reference", "type_name": "type", "object_label": "type 'kinds.Plain'"}
    assert judge(TYPE, GUILTY, _answer(_place(_frame(12)), **changes)).first


def test_a_process_that_died_and_an_audit_that_is_invalid() -> None:
    assert "exit 139" in judge(LEAK, GUILTY, {"error": "exit 139: "}).cell
    invalid = _answer(_place(_frame(12)))
    invalid["document"]["trust"] = {"valid": False, "reason": "canary not found"}
    assert "canary" in judge(LEAK, GUILTY, invalid).cell


def test_the_table() -> None:
    right = Paper(LEAK, "O2", judge(LEAK, GUILTY, _answer(_place(_frame(12)))))
    wrong = Paper(LEAK, "O0", judge(LEAK, GUILTY, _answer(_place(_frame(30)))))
    assert line(right) == "| c.bug | training | O2 | first |"
    assert line(wrong) == "| c.bug | training | O0 | **not named** (bug a.c:30) |"
    assert "| training | 2 | 2 (100 %) | 1 (50 %) | 1 (50 %) | 0 | 0 | 0 |" in totals(
        [right, wrong]
    )
    assert "| O0, training | 1 | 1 (100 %) | 0 (0 %) | 0 (0 %) | 0 | 0 | 0 |" in totals(
        [right, wrong]
    )
