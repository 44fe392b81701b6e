"""The Python API: what it returns, what it raises, and what it never swallows."""

from __future__ import annotations

from typing import Any

import pytest
from integration.fresh import answer
from refaudit.config import Config, ConfigError

_SETUP = """
import refaudit
from refaudit import _audit
leak = _audit.core()._leak_reference
class Thing: pass
thing = Thing()
def raised(function, *arguments, **options):
    try:
        function(*arguments, **options)
    except BaseException as error:
        report = getattr(error, "refaudit_report", getattr(error, "report", None))
        found = None if report is None else [f.rule for f in report.findings]
        return [type(error).__name__, str(error), found]
    return None
"""


def _said(code: str) -> dict[str, Any]:
    return answer(_SETUP + code)


_ERRORS = """
class Odd(Exception): pass
def fails(): leak(thing); raise Odd("as it should")
def stops(): raise KeyboardInterrupt
def leaves(): raise SystemExit(3)
calls = []
def late():
    calls.append(1)
    if len(calls) == 4: raise Odd("late")
def nested(): refaudit.check(len, [])
def tracks():
    with refaudit.track(): pass
say(
    fails=raised(refaudit.check, fails), cold=raised(refaudit.check, fails, warmup=0),
    late=raised(refaudit.check, late), stops=raised(refaudit.check, stops, warmup=0),
    leaves=raised(refaudit.check, leaves, warmup=0),
    expected=told(refaudit.check(fails, raises=Odd))["findings"],
    several=told(refaudit.check(fails, raises=(OSError, Odd)))["outcome"],
    missing=raised(refaudit.check, len, [], raises=Odd),
    wrong=raised(refaudit.check, fails, raises=OSError),
    nested=raised(refaudit.check, nested), tracks=raised(refaudit.check, tracks),
    after=told(refaudit.check(len, []))["outcome"],
    no_callable=raised(refaudit.check, 3), runs=raised(refaudit.check, len, [], runs=0),
    warmup=raised(refaudit.check, len, [], warmup=-1), leaky=raised(refaudit.assert_no_leaks, leak, thing),
    mro=[c.__name__ for c in refaudit.LeakError.__mro__],
)
"""


@pytest.fixture(scope="module")
def errors() -> dict[str, Any]:
    """Name, text and attached report of every exception."""
    return _said(_ERRORS)


@pytest.mark.parametrize("name", ["fails", "cold"])
def test_exception_of_the_function_is_not_masked(errors: dict[str, Any], name: str) -> None:
    """Nor is the leak before it: the audit is finished first."""
    assert errors[name] == ["Odd", "as it should", ["RA101"]]


def test_exception_in_a_later_run_carries_the_report(errors: dict[str, Any]) -> None:
    assert errors["late"] == ["Odd", "late", []]
    assert errors["stops"][0] == "KeyboardInterrupt"
    assert errors["leaves"][:2] == ["SystemExit", "3"]


def test_error_paths_can_be_audited(errors: dict[str, Any]) -> None:
    assert [f[:4] for f in errors["expected"]] == [["RA101", "leak", "__main__.Thing", [1, 1, 1]]]
    assert errors["several"] == "leak"
    assert errors["missing"][0] == "RefauditError"
    assert errors["wrong"][0] == "Odd"


def test_audits_do_not_nest_and_recover(errors: dict[str, Any]) -> None:
    assert errors["nested"][0] == errors["tracks"][0] == "NestedAudit"
    assert errors["after"] == "clean"


def test_impossible_arguments_are_refused(errors: dict[str, Any]) -> None:
    assert errors["no_callable"][0] == "TypeError"
    assert "int" in errors["no_callable"][1]
    assert errors["runs"][0] == errors["warmup"][0] == "ValueError"


def test_leak_error_is_an_assertion_with_the_report(errors: dict[str, Any]) -> None:
    name, text, rules = errors["leaky"]
    assert (name, rules) == ("LeakError", ["RA101"])
    assert "Thing" in text
    assert "AssertionError" in errors["mro"]


_TRACK = """
with refaudit.track(subject="a block") as audit:
    early = raised(lambda: audit.report)
    leak(thing)
def failing():
    with refaudit.track(fail=True): leak(thing)
def quiet():
    with refaudit.track(fail=True): [object()]
def breaking():
    with broken: leak(thing); raise KeyError("inside")
broken, chained = refaudit.track(), refaudit.track()
def chaining():
    with chained:
        try: raise OSError("first")
        except OSError as error: raise ValueError("second") from error
raised(chaining)
say(early=early, subject=audit.report.document["subject"], failing=raised(failing),
    quiet=raised(quiet), breaking=raised(breaking), broken=told(broken.report),
    chained=told(chained.report), **told(audit.report))
"""


def test_track_audits_a_block() -> None:
    said = _said(_TRACK)
    assert said["early"][0] == "RuntimeError"
    assert said["subject"] == "a block"
    assert [f[:4] for f in said["findings"]] == [["RA101", "leak", "__main__.Thing", [1]]]
    assert said["failing"][0] == "LeakError"
    assert said["quiet"] is None
    assert said["breaking"][0] == "KeyError"
    assert [f[0] for f in said["broken"]["findings"]] == ["RA101"]
    assert said["chained"]["findings"] == []


_SNAPSHOT = """
class Marker: __slots__ = ()
old = refaudit.snapshot()
kept = [Marker() for _ in range(100)]
leak(thing); leak(thing)
changes = {s.type_name: s for s in refaudit.snapshot().compare_to(old)}
marker, other = changes["__main__.Marker"], changes["__main__.Thing"]
del kept, marker
reference = weakref.ref(Thing)
rows = refaudit.snapshot().statistics()
say(counts=[changes["__main__.Marker"].count, changes["__main__.Marker"].count_diff],
    size=changes["__main__.Marker"].size_diff / sys.getsizeof(Marker()),
    unexplained=other.unexplained_diff, changed=other.count_diff,
    huge=[s.type_name for s in rows if abs(s.unexplained) > 10**7],
    negative=[s.type_name for s in rows if s.count < 1])
"""


def test_snapshots_count_by_type() -> None:
    said = _said(_SNAPSHOT)
    assert said["counts"] == [100, 100]
    assert said["size"] == pytest.approx(100)
    assert (said["unexplained"], said["changed"]) == (2, 0)
    assert said["negative"] == []


def test_counts_that_mean_immortal_are_no_references() -> None:
    """3.11 starts its static objects at 999 999 999."""
    assert _said(_SNAPSHOT)["huge"] == []


_SCOPE = """
import types
module = types.ModuleType("pack.inner"); Other = type("Other", (), {"__module__": "pack.inner"})
other = Other()
def scoped(scope): return [f.type_name for f in refaudit.check(leak, other, scope=scope).findings]
say(all=scoped(None), package=scoped("pack"), inner=scoped(["x", "pack.inner"]), foreign=scoped("pac"))
"""


def test_scope_says_who_is_to_blame() -> None:
    said = _said(_SCOPE)
    assert said["all"] == said["package"] == said["inner"] == ["pack.inner.Other"]
    assert said["foreign"] == []


_DEPTH = """
def born(): return refaudit.check(lambda: _audit.core()._leak_block(500)).findings[0].traces
def deeper(n): return deeper(n - 1) if n else born()
counts = []
for depth in (3, 0, 25):
    refaudit.set_stack_depth(depth)
    traces = deeper(40)
    python = [[f for f in t["frames"] if f["origin"] == "python"] for t in traces]
    counts.append([max(map(len, python), default=0), all(t["truncated"] for t in traces)])
say(counts=counts, negative=raised(refaudit.set_stack_depth, -1))
"""


def test_stacks_are_as_deep_as_was_asked_for() -> None:
    said = _said(_DEPTH)
    (few, cut), (none, _), (many, still_cut) = said["counts"]
    assert few <= 3 and cut
    assert none == 0
    assert 3 < many <= 25 and still_cut
    assert said["negative"][0] == "ValueError"


@pytest.mark.parametrize("value", ["25", "a:b", "-1:64", "1:2:3", 25])
def test_a_depth_that_cannot_be_read_is_told(value: object) -> None:
    assert Config().updated({"stack": "9:0"}, "here").python_frames == 9
    assert Config().updated({"stack": "9:0"}, "here").native_frames == 0
    with pytest.raises(ConfigError, match="expected `P:N`"):
        Config().updated({"stack": value}, "here")
