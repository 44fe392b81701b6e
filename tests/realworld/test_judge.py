"""The judge is judged: it must refuse what is missed, misnamed, unproven or not to be trusted."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from .judge import judge_bad, judge_silent
from .naming import how_named
from .proof import judge_facts
from .table import Case, load_cases, load_clean

CASES = {case.id: case for case in load_cases()}
OBJECT = CASES["hiredis-resp3-map"]
SHARED = CASES["wrapt-round"]
BLOCK = CASES["multidict-clear-table"]
NATIVE = CASES["igraph-decompose"]
CYCLE = CASES["hiredis-reader-cycle"]
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
        "traces": [],
    }
    return {**finding, **changes}


def _trace(*functions: str, guess: bool = False) -> dict[str, Any]:
    """A stack of an extension's functions; without a name where the module is stripped."""
    frames = [
        {
            "origin": "extension",
            "function": function,
            "file": "",
            "line": 0,
            "module": "m.so",
            "offset": "0x10",
            "guess": guess,
        }
        for function in functions
    ]
    return {"frames": frames}


def _block(case: Case, share: float = 1.0, **changes: Any) -> dict[str, Any]:
    """A block of the case's size, or of a share of it, born in a function of the case."""
    kind = "native-block" if case.allocator == "malloc" else "block"
    size = {"bytes": int(3 * share * case.block_bytes), "kind": kind, "type_name": "malloc block"}
    return _finding(**{**size, "traces": [_trace("inner", case.functions[0])], **changes})


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
    (BLOCK, _block(BLOCK)),
    (NATIVE, _block(NATIVE)),
    (LOST, _reference(kind="over-release", verdict="over-released", type_name="NoneType")),
]

WRONG = [
    (OBJECT, _finding(verdict="maybe")),
    (OBJECT, _finding(type_name="set", object_label="set of 2")),
    (CASES["ujson-default-chain"], _finding(type_name="realworld_case.AB")),
    (SHARED, _finding(type_name="builtin_function_or_method")),
    (BLOCK, _block(BLOCK, share=0.1)),
    (NATIVE, _block(NATIVE, verdict="maybe")),
    (NATIVE, _block(NATIVE, kind="object")),
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


def test_a_structure_of_many_blocks_counts_as_one() -> None:
    """Each place where a part of it is taken is a finding of its own."""
    parts = [_block(NATIVE, share=0.75), _block(NATIVE, share=0.25)]
    assert judge_bad(NATIVE, _document(*parts)).right
    assert judge_bad(NATIVE, _document(parts[0])).verdict == "not named"


def test_a_stack_that_does_not_name_the_function_is_wrong() -> None:
    """Where the wheel has names, one of them must be right."""
    judgement = judge_bad(NATIVE, _document(_block(NATIVE, traces=[_trace("other")])))
    assert (judgement.right, judgement.verdict) == (False, "not on the stack")
    assert not judge_bad(NATIVE, _document(_block(NATIVE, traces=[]))).right


@pytest.mark.parametrize(
    ("trace", "words"),
    [
        (_trace("inner", "wanted"), "named wanted"),
        (_trace("space::wanted(int)"), "named space::wanted(int)"),
        (_trace("wanted.constprop.0"), "named wanted.constprop.0"),
        (_trace("wanted", guess=True), "named wanted, as the nearest symbol"),
        (_trace("", ""), "module only (stripped): m.so+0x10"),
        (_trace("PyInit_m", guess=True), "module only (stripped): m.so+0x10"),
        (_trace("unwanted"), "not named"),
    ],
)
def test_how_a_stack_names_a_function(trace: dict[str, Any], words: str) -> None:
    """A stripped wheel has no names: then the module is all that can be said."""
    assert how_named(("wanted", "another"), [_finding(traces=[trace])]) == words
    assert how_named((), [_finding(traces=[trace])]) == ""


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
    """Every leak of the table is required."""
    cases = list(CASES.values())
    assert len(cases) == 40
    assert sum(case.kind in ("object", "shared-reference", "overdecref") for case in cases) == 29
    for case in cases:
        assert case.required, case.id
        assert case.functions or case.kind != "native", case.id
    assert len({use.package for use in load_clean()}) == 14


def _cycle(**changes: Any) -> dict[str, Any]:
    """A finding of the cycle of the case."""
    steps = [{"type_name": "P"}, {"type_name": CYCLE.closed_by}]
    cycle = {"fate": "invisible", "steps": steps, "closed_by": 1, **changes}
    return _finding(type_name="P", reach="definitely-lost", cycle=cycle)


def test_a_cycle_must_be_one_that_the_collector_cannot_see_and_of_the_right_type():
    assert judge_bad(CYCLE, _document(_cycle())).right
    for wrong in (
        _finding(type_name="P", reach="definitely-lost", cycle=None),
        _cycle(fate="collectable"),
        _cycle(closed_by=0),
        {**_cycle(), "reach": "still-reachable"},
    ):
        assert judge_bad(CYCLE, _document(wrong)).verdict == "wrong cycle"
