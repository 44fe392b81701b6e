"""The judge is judged: it must refuse what is missed, misnamed, unproven or not to be trusted."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from .judge import judge_bad, judge_silent
from .proof import judge_facts
from .table import Case, load_cases, load_clean

CASES = {case.id: case for case in load_cases()}
OBJECT = CASES["hiredis-resp3-map"]
SHARED = CASES["wrapt-round"]
BLOCK = CASES["multidict-clear-table"]
LOST = CASES["msgspec-naive-datetime-none-overdecref"]


def _finding(**changes: Any) -> dict[str, Any]:
    finding = {
        "rule": "RA103",
        "verdict": "leak",
        "kind": "object",
        "type_name": "tuple",
        "object_label": "tuple of 2",
        "per_run": [1, 1, 1],
        "total": 3,
        "bytes": 168,
        "keeps": [],
    }
    return {**finding, **changes}


def _document(*findings: dict[str, Any], valid: bool = True) -> dict[str, Any]:
    trust = {"valid": valid, "reason": "" if valid else "canary not found"}
    return {"findings": copy.deepcopy(list(findings)), "trust": trust}


def _reference(**changes: Any) -> dict[str, Any]:
    return _finding(**{"rule": "RA101", "kind": "reference", "bytes": 0, **changes})


RIGHT = [
    (OBJECT, _finding()),
    (OBJECT, _finding(type_name="list", keeps=[{"type_name": "bytes", "count": 1, "bytes": 40}])),
    (CASES["ujson-default-chain"], _finding(type_name="realworld_case.B")),
    (SHARED, _reference(type_name="builtin_function_or_method")),
    (BLOCK, _finding(kind="block", type_name="", bytes=3 * 1432)),
    (LOST, _reference(kind="over-release", verdict="over-released", type_name="NoneType")),
]

WRONG = [
    (OBJECT, _finding(verdict="maybe")),
    (OBJECT, _finding(type_name="set", object_label="set of 2")),
    (CASES["ujson-default-chain"], _finding(type_name="realworld_case.AB")),
    (SHARED, _finding(type_name="builtin_function_or_method")),
    (BLOCK, _finding(kind="block", type_name="", bytes=3 * 64)),
    (LOST, _reference(type_name="NoneType")),
]


@pytest.mark.parametrize(("case", "finding"), RIGHT)
def test_a_leak_that_is_named_is_right(case: Case, finding: dict[str, Any]) -> None:
    """By its own type, by what it keeps alive, by its size, or by its sign."""
    assert judge_bad(case, _document(_finding(type_name="set"), finding)).right


@pytest.mark.parametrize(("case", "finding"), WRONG)
def test_a_leak_that_is_not_named_is_wrong(case: Case, finding: dict[str, Any]) -> None:
    """Another type, another size, a doubt, or the wrong sign."""
    assert judge_bad(case, _document(finding)).verdict == "not named"


def test_nothing_found_is_a_miss() -> None:
    """And the words say what was wanted."""
    judgement = judge_bad(OBJECT, _document())
    assert (judgement.right, judgement.verdict) == (False, "missed")
    assert "tuple or bytes" in judgement.detail


def test_an_invalid_audit_is_never_right() -> None:
    """Neither as found nor as silent."""
    assert judge_bad(OBJECT, _document(_finding(), valid=False)).verdict == "invalid"
    assert judge_silent((), _document(valid=False), ()).verdict == "invalid"


def test_silence_is_right() -> None:
    """On the fixed version."""
    assert judge_silent((), _document(), ()).verdict == "silent"


TYPE = _reference(kind="type-reference", type_name="pkg.Thing", per_run=[2, 2, 2])
SEEN = {"type_name": "type", "label": "pkg.Thing", "per_call": 2.0}


@pytest.mark.parametrize(
    ("listed", "seen", "verdict"),
    [
        (("pkg.Thing",), SEEN, "also true"),
        ((), SEEN, "unlisted"),
        (("pkg.Thing",), {**SEEN, "per_call": 1.0}, "false alarm"),
        (("pkg.Thing",), {**SEEN, "label": "pkg.Other"}, "false alarm"),
        (("dict",), {**SEEN, "type_name": "dict", "label": "<dict object at 0x1>"}, "false alarm"),
    ],
)
def test_an_alarm_on_the_fixed_version_needs_proof(
    listed: tuple[str, ...], seen: dict[str, Any], verdict: str
) -> None:
    """Plain Python must see the same object grow by the same number, and the table list it."""
    assert judge_silent(listed, _document(TYPE), [seen]).verdict == verdict


def test_a_leaked_object_on_the_fixed_version_has_no_proof() -> None:
    """``sys.getrefcount`` can only speak for objects that were there before."""
    seen = {"type_name": "tuple", "label": "<tuple object at 0x1>", "per_call": 1.0}
    assert judge_silent(("tuple",), _document(_finding()), [seen]).verdict == "false alarm"


def test_the_proof_compares_the_right_number() -> None:
    """Blocks for a leaked object, references of the named type for a shared one."""
    assert judge_facts(OBJECT, {"blocks": 3.0}, OBJECT.growth.bad).right
    assert not judge_facts(OBJECT, {"blocks": 0.0}, OBJECT.growth.bad).right
    seen = [{"type_name": "builtin_function_or_method", "per_call": 1.0}]
    assert judge_facts(SHARED, {"references": seen}, 1.0).right
    assert not judge_facts(SHARED, {"references": []}, 1.0).right


def test_the_table_is_whole() -> None:
    """Every shared, owned or over-released reference is required; what is not says why."""
    cases = list(CASES.values())
    assert len(cases) == 40
    assert sum(case.kind in ("object", "shared-reference", "overdecref") for case in cases) == 29
    for case in cases:
        native = case.kind == "native" and case.allocator == "python"
        owed = native or case.kind in ("object", "shared-reference", "overdecref")
        assert case.required is owed, case.id
    assert len({use.package for use in load_clean()}) == 14
