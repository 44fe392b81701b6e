"""Which findings a suppression covers, and which text is none."""

from __future__ import annotations

import copy
import json
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some
from refaudit._known.baseline import Baseline
from refaudit._known.knowledge import Knowledge, day
from refaudit._known.pattern import fits, matches
from refaudit._known.pattern_file import parse
from refaudit._known.suppression import Suppression, of_table, of_text
from refaudit.config import ConfigError

SAMPLE = json.loads((Path(__file__).parents[1] / "report" / "sample.json").read_text("utf-8"))
NODE = next(f for f in SAMPLE["findings"] if f["type_name"] == "sample.Node")
ORIGINS = {"p": "python", "e": "extension", "i": "interpreter", "s": "system"}


def frame(text: str) -> dict[str, Any]:
    """`e:name` with the origin's letter."""
    origin, _, function = text.partition(":")
    return {
        "origin": ORIGINS[origin], "function": function, "file": "/src/box.c", "line": 1,
        "module": "" if origin == "p" else "libfoo.so", "offset": "", "inlined": False, "guess": False,
    }  # fmt: skip


STACK = [
    frame(text)
    for text in (
        "i:PyObject_Malloc",
        "e:node_new",
        "e:a::Parser::parse(int)",
        "i:eval",
        "p:C.test_x",
    )
]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ((), True),
        (("fun:node_new",), True),
        (("fun:PyObject_Malloc", "fun:node_new"), True),
        (("fun:node_*", "fun:parse"), True),
        (("fun:a::Parser::parse", ), False),
        (("...", "fun:a::Parser::parse"), True),
        (("...", "py:test_*"), True),
        (("...", "py:C.test_x"), True),
        (("fun:node_new", "...", "py:test_?", "..."), True),
        (("fun:node_new", "py:test_x"), False),
        (("fun:node_new", "obj:*foo*", "py:test_x"), True),
        (("obj:*bar*",), False),
        (("src:box.c", "src:*/box.c"), True),
        (("py:node_new",), False),
        (("...", "fun:test_x"), False),
        (("...", "fun:none"), False),
        (("...", "..."), True),
        (("fun:node_new", "...", "fun:eval", "...", "fun:eval"), False),
    ],
)  # fmt: skip
def test_stacks_are_matched_as_valgrind_does(lines: tuple[str, ...], expected: bool) -> None:
    assert fits(lines, STACK) is expected


def slow(lines: tuple[str, ...], frames: list[dict[str, Any]]) -> bool:
    """The same, straight from its definition."""
    if not lines:
        return True
    if lines[0] == "...":
        return any(slow(lines[1:], frames[skip:]) for skip in range(len(frames) + 1))
    if not frames:
        return False
    kind, _, mask = lines[0].partition(":")
    python = frames[0]["origin"] == "python"
    here = (kind == "py") == python and matches(mask, frames[0]["function"])
    if here and slow(lines[1:], frames[1:]):
        return True
    return frames[0]["origin"] in ("interpreter", "system") and slow(lines, frames[1:])


@given(
    some.lists(some.sampled_from(["fun:a", "fun:b", "py:a", "fun:*", "..."]), max_size=5),
    some.lists(some.sampled_from([f"{o}:{n}" for o, n in product("peis", "ab")]), max_size=6),
)
def test_the_matcher_agrees_with_its_definition(lines: list[str], stack: list[str]) -> None:
    frames = [frame(text) for text in stack]
    assert fits(tuple(lines), frames) is slow(tuple(lines), frames)


def test_no_pattern_takes_long() -> None:
    assert not fits(("...", "fun:a*") * 40 + ("fun:b",), [frame("e:a")] * 64)


def test_masks_know_two_characters_and_nothing_else() -> None:
    assert matches("std::vector<int>*[1]", "std::vector<int>::x[1]")
    assert not matches("a.c", "abc") and matches("a?c", "abc")


def test_every_stack_must_be_as_the_pattern_says() -> None:
    finding = copy.deepcopy(NODE)
    finding["traces"] = [{"frames": STACK}, {"frames": STACK}]
    one = Suppression("n", "r", "s", lines=("fun:node_new",))
    assert one.covers(finding)
    finding["traces"][1] = {"frames": STACK[2:]}
    assert not one.covers(finding)
    finding["traces"] = []
    assert Suppression("n", "r", "s", lines=("fun:element",)).covers(finding)  # the blamed frame


TABLES = [
    ({"rule": "RA103"}, True),
    ({"rule": "RA101, leaked-object"}, True),
    ({"rule": "RA101"}, False),
    ({"rule": "RA103", "type": "sample.*"}, True),
    ({"rule": "RA103", "type": "other.*"}, False),
    ({"function": "element"}, True),
    ({"function": "sample::Parser::element"}, True),
    ({"function": "parse"}, False),
    ({"module": "sample"}, True),
    ({"module": "*.cpython-312-*"}, True),
    ({"module": "other"}, False),
    ({"test": "tests/test_tree.py::*[[]*"}, False),
    ({"test": "tests/test_tree.py::*[deep*"}, True),
    ({"fingerprint": NODE["fingerprint"]}, True),
]


@pytest.mark.parametrize(("table", "expected"), TABLES, ids=lambda value: str(value))
def test_all_of_a_table_must_hold(table: dict[str, str], expected: bool) -> None:
    assert of_table({**table, "reason": "r"}, "pyproject.toml").covers(NODE) is expected


@pytest.mark.parametrize("mask", ["RA103", "leaked-object", "sample.*", NODE["fingerprint"]])
def test_strings_are_as_they_always_were(mask: str) -> None:
    assert of_text(mask, "pytest.ini").covers(NODE)
    assert not of_text("RA999", "pytest.ini").covers(NODE)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"rule": "RA103"}, "has no reason"),
        ({"rule": "RA103", "reason": " "}, "has no reason"),
        ({"reason": "because"}, "says nothing of what to leave out"),
        ({"rules": "RA103", "reason": "r"}, "unknown key `rules`"),
        ({"rule": ["RA103"], "reason": "r"}, "every value is a text"),
        ({"rule": "RA103", "reason": "r", "expires": "soon"}, "expected a day as 2026-12-31"),
        ({"rule": "RA103", "reason": "r", "expires": "2026-02-30"}, "expected a day"),
        ({"rule": "RA103", "reason": "r", "expires": "20261231"}, "expected a day"),
    ],
)
def test_a_table_that_cannot_be_meant_is_refused(table: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=r"pyproject\.toml") as refused:
        of_table(table, "pyproject.toml")
    assert message in str(refused.value)


GOOD = """
# A file of suppressions.
{
   nodes
   # reason: kept for the life of the process
   # expires: 2026-12-31
   # a remark
   Memcheck,refaudit:RA103,RA104
   type:sample.Node

   ...
   fun:*element*
}
{
   all of a test
   refaudit:*
   # reason: it is about leaks
   test:tests/test_tree.py::*
}
"""


def test_a_file_is_read() -> None:
    first, second = parse(GOOD, "dir/refaudit.supp")
    assert first == Suppression(
        "nodes", "kept for the life of the process", "refaudit.supp:3", "2026-12-31", "",
        (("rule", "RA103,RA104"), ("type", "sample.Node")), ("...", "fun:*element*"),
    )  # fmt: skip
    assert first.covers(NODE) and second.covers(NODE)
    assert not first.covers(NODE | {"rule": "RA105", "rule_name": "leaked-block"})


BLOCK = "{{\n n\n # reason: r\n refaudit:RA103\n {}\n}}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{\n n\n refaudit:RA103\n fun:x\n", "x:1: the suppression has no `}`"),
        ("}", "x:1: a `}` without"),
        ("{\n{", "x:2: a `{` inside"),
        ("fun:x", "x:1: `fun:x` is outside"),
        ("{\n n\n}", "x:1: a name and a line"),
        ("{\n n\n Memcheck:Leak\n fun:x\n}", "x:1: `Memcheck:Leak` is not"),
        ("{\n n\n refaudit:RA103\n fun:x\n}", "has no reason"),
        (BLOCK.format("fn:x"), "x:5: `fn:x` is no line of a stack"),
        (BLOCK.format("fun:"), "x:5: `fun:` is no line of a stack"),
        (BLOCK.format("fun:x\ntype:T"), "x:6: `type:T` is no line of a stack"),
        (BLOCK.format("# expires: never"), "expires is `never`"),
    ],
)
def test_a_file_that_cannot_be_meant_is_refused_with_its_line(text: str, message: str) -> None:
    with pytest.raises(ConfigError) as refused:
        parse(text, "x")
    assert message in str(refused.value)


@given(some.text(alphabet="{}# :.\nabfun*refaudit", max_size=80))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        parse(text, "x")
    except ConfigError as refused:
        assert str(refused).startswith("x")


def applied(*suppressions: Suppression, today: str = "2026-06-01") -> dict[str, Any]:
    document = copy.deepcopy(SAMPLE) | {"suppressions": []}
    Knowledge(None, suppressions, today=today).apply(document)
    return document


def test_a_document_tells_what_each_suppression_took_out() -> None:
    used = Suppression("used", "r", "s", criteria=(("rule", "RA101"),))
    also = Suppression("also", "r", "s", criteria=(("type", "dict"),))
    unused = Suppression("unused", "r", "s", criteria=(("rule", "RA999"),))
    document = applied(used, also, unused)
    assert [one["findings"] for one in document["suppressions"]] == [2, 1, 0]
    assert "RA101" not in {finding["rule"] for finding in document["findings"]}
    for test in document["tests"]:
        found = [f for f in document["findings"] if f["subject"] == test["id"]]
        assert test["findings"] == len(found)
        assert bool(found) is (test["outcome"] != "clean")


def test_after_its_last_day_a_suppression_does_nothing() -> None:
    one = Suppression("n", "r", "s", expires="2026-05-31", criteria=(("rule", "*"),))
    assert applied(one, today="2026-05-31")["outcome"] == "clean"
    document = applied(one, today="2026-06-01")
    assert document["outcome"] == "leak"
    assert (
        document["suppressions"][0] | {"expired": True, "findings": 0}
        == document["suppressions"][0]
    )
    # Another one that holds still does.
    assert applied(one, Suppression("m", "r", "s", criteria=(("rule", "*"),)))["outcome"] == "clean"


def test_what_is_suppressed_is_not_gone() -> None:
    document = copy.deepcopy(SAMPLE)
    tests = {test["id"] for test in document["tests"]}
    baseline = Baseline().updated(document["findings"], tests, "2026-01-02")
    Knowledge(baseline, [Suppression("n", "r", "s", criteria=(("rule", "*"),))]).apply(document)
    assert document["baseline"]["gone"] == [] and document["findings"] == []


def test_knowledge_survives_the_way_to_a_worker() -> None:
    baseline = Baseline("b.json").updated(SAMPLE["findings"], set(), "2026-01-02")
    sent = Knowledge(baseline, [*parse(GOOD, "x"), of_text("RA1*", "i")], True, "2026-01-03")
    got = Knowledge.from_text(sent.to_text())
    assert got.suppressions == sent.suppressions and got.to_text() == sent.to_text()
    assert got.baseline is not None and got.baseline.entries == baseline.entries


def test_the_day_can_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    assert day() == "1970-01-02"
