"""What a leak keeps alive is one finding with a retained size, which plain arithmetic can check."""

from __future__ import annotations

from typing import Any

from integration.fresh import answer

#: Each run of `check` leaks what `body` returns. `size` is `sys.getsizeof`, which counts the table of
#: a dict and the array of a list as their owners' bytes, as refaudit does.
RUNS = 3

_LEAK = """
import refaudit
from refaudit import _refaudit
RUNS = 3

def audit(body):
    report = refaudit.check(lambda: _refaudit._leak_reference(body()), runs=RUNS)
    rows = report.dominators
    shown = [(f.rule, f.type_name, f.total, f.retained) for f in report.findings]
    return {"findings": shown, "rows": rows, "sizes": [sys.getsizeof(x) for x in sizes(body())]}
"""

_DICT = """
NAMES = ["key-%07d" % number for number in range(10_000)]
def body():
    return {name: (name.upper(), [1.5]) for name in NAMES}
def sizes(made):
    yield made
    for pair in made.values():
        yield from (pair, *pair)
say(**audit(body))
"""


def told(text: str) -> dict[str, Any]:
    return answer(_LEAK + text)


def test_a_leaked_dict_is_one_finding_with_all_that_it_keeps_alive() -> None:
    said = told(_DICT)
    objects, size = 3 * len(said["sizes"]), 3 * sum(said["sizes"])
    assert len(said["sizes"]) == 30_001
    [[rule, kind, total, retained]] = said["findings"]
    assert (rule, kind, total) == ("RA103", "dict", 3)
    assert retained == {"objects": objects, "bytes": size}

    top, *below = said["rows"]
    assert (top["parent"], top["type_name"], top["count"]) == (None, "dict", 3)
    assert top["retained"] == retained
    # Beside it may stand what the interpreter made once meanwhile; it is no finding.
    inside = [row for row in below if row["parent"] is not None]
    assert sorted((row["parent"], row["type_name"], row["count"]) for row in inside) == [
        (0, "tuple", 30_000),
        (1, "list", 30_000),
        (1, "str", 30_000),
    ]
    # Whatever is retained is somebody's own.
    assert sum(row["shallow"] for row in [top, *inside]) == size


def test_what_leaks_share_all_of_them_retain_together() -> None:
    said = told("""
shared = None
def body():
    global shared
    if shared is None:
        shared = bytearray(100_000)
    made = [shared, "own-%d" % id(shared)]
    return made
def sizes(made):
    yield from made
first = body(); del first
started = []
def leak():
    global shared
    _refaudit._leak_reference(body())
    started.append(None)
    if len(started) == 2 + RUNS:  # after two calls to warm up
        shared = None
        started.clear()
report = refaudit.check(leak, warmup=2, runs=RUNS)
[f] = [f for f in report.findings if f.type_name == "list"]
say(retained=f.retained, rows=report.dominators)
""")
    # The two lists of the warm-up hold it as well: it is not the audit's alone.
    assert said["retained"]["bytes"] < 100_000
    top = next(row for row in said["rows"] if row["type_name"] == "list")
    assert (top["parent"], top["count"], top["retained"]) == (None, 3, said["retained"])

    said = told("""
calls = []
shared = []
def leak():
    # Made in the first counted run, and held by the lists of all runs.
    calls.append(None)
    if len(calls) == 1:
        shared.append(bytearray(100_000))
    _refaudit._leak_reference([shared[0]])
    if len(calls) == RUNS:
        shared.clear()
report = refaudit.check(leak, warmup=0, runs=RUNS)
[f] = [f for f in report.findings if f.type_name == "list"]
say(retained=f.retained, rows=report.dominators)
""")
    assert 100_000 < said["retained"]["bytes"] < 101_000
    [top] = [row for row in said["rows"] if row["parent"] is None and row["type_name"] == "list"]
    assert (top["count"], top["retained"]) == (3, said["retained"])
    below = [row for row in said["rows"] if row["type_name"] == "bytearray"]
    assert [(row["parent"], row["count"]) for row in below] == [(said["rows"].index(top), 1)]


def test_what_the_program_holds_too_is_not_retained() -> None:
    said = told("""
registry = []
def leak():
    registry.append(bytearray(50_000))
    _refaudit._leak_reference({"held": registry[-1], "own": bytearray(1_000)})
report = refaudit.check(leak, runs=RUNS)
[f] = [f for f in report.findings if f.type_name == "dict"]
say(retained=f.retained)
""")
    # Of each run a dict, a bytearray, and its buffer.
    assert said["retained"]["objects"] == 9
    assert 3 * 1_000 < said["retained"]["bytes"] < 3 * 2_000


def test_a_clean_audit_has_no_table() -> None:
    said = told("say(rows=refaudit.check(lambda: [[]], runs=RUNS).dominators)")
    assert said["rows"] == []


def test_a_long_tree_is_folded() -> None:
    said = told("""
kinds = [type("Kind%03d" % n, (), {"__slots__": ("next",)}) for n in range(300)]
def body():
    made = []
    for kind in kinds:
        one = kind()
        one.next = [kind() for kind in kinds[:40]]
        made.append(one)
    return made
def sizes(made):
    return iter(())
say(**audit(body))
""")
    rows = said["rows"]
    assert len(rows) <= 200
    depth: list[int] = []
    for number, row in enumerate(rows):
        assert row["parent"] is None or row["parent"] < number
        depth.append(0 if row["parent"] is None else depth[row["parent"]] + 1)
        side = [one for one in rows if one["parent"] == row["parent"]]
        plain = [one["retained"]["bytes"] for one in side if one["type_name"] != "other"]
        assert plain == sorted(plain, reverse=True)
        assert [one["type_name"] for one in side].count("other") <= 1
    assert max(depth) == 3
    # Nothing is lost by folding: the rows below the top hold all but its own bytes.
    below = [row for row in rows if row["parent"] == 0]
    assert sum(row["retained"]["bytes"] for row in below) == (
        rows[0]["retained"]["bytes"] - rows[0]["shallow"]
    )
    assert below[-1]["type_name"] == "other" and below[-1]["count"] == RUNS * (300 - 11)
