"""Baseline and suppressions in a session, with and without workers."""

from __future__ import annotations

import json
from typing import Any

import pytest

SUITE = """
def test_clean():
    pass

def test_leaks():
    _leak_block(64)

def test_gains():
    _leak_reference(OLD)
"""
MORE = "\ndef test_also():\n    _leak_reference(Thing())\n"
NAME = "refaudit.baseline.json"


def baseline(inner: Any) -> dict[str, Any]:
    return json.loads((inner.pytester.path / NAME).read_text("utf-8"))


def without(document: dict[str, Any]) -> dict[str, Any]:
    """What must be the same with and without workers."""

    def plain(finding: dict[str, Any]) -> dict[str, Any]:
        return {key: finding[key] for key in ("rule", "verdict", "subject", "known", "fingerprint")}

    return {
        "outcome": document["outcome"],
        "findings": sorted(map(plain, document["findings"]), key=lambda f: f["fingerprint"]),
        "tests": {test["id"]: (test["outcome"], test["findings"]) for test in document["tests"]},
        "baseline": document["baseline"],
        "suppressions": document["suppressions"],
    }


def test_only_what_is_new_or_worse_fails(inner, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767225600")  # 2026-01-01
    inner.write(test_a=SUITE)
    result = inner.run("--refaudit-update-baseline")
    assert result.ret == 0 and result.parseoutcomes() == {"passed": 3}
    result.stdout.fnmatch_lines(
        ["refaudit: baseline *: 2 new, 0 grown, 0 known, 0 gone", "refaudit: baseline written to *"]
    )
    assert [entry["first_seen"] for entry in baseline(inner)["findings"]] == ["2026-01-01"] * 2
    before = (inner.pytester.path / NAME).read_bytes()

    # A new leak, one that is worse, and one that is gone.
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1769904000")  # 2026-02-01
    healed = SUITE.replace("_leak_reference(OLD)", "pass")
    worse = healed.replace("_leak_block(64)", "[_leak_block(64) for _ in range(2)]")
    inner.write(test_a=worse + MORE)
    result = inner.run(f"--refaudit-baseline={NAME}")
    assert result.ret == 1 and result.parseoutcomes() == {"passed": 4, "leaked": 2}
    assert inner.verdicts == {
        "test_clean": "clean", "test_leaks": "leak", "test_gains": "clean", "test_also": "leak",
    }  # fmt: skip
    states = {
        f["subject"].rpartition("::")[2]: f["known"]["state"] for f in inner.document["findings"]
    }
    assert states == {"test_leaks": "grown", "test_also": "new"}
    result.stdout.fnmatch_lines(
        [
            "*RA105 leaked-block: worse than at 2026-01-01: *",
            "refaudit: baseline *: 1 new, 1 grown, 0 known, 1 gone",
            "refaudit: gone: RA101 test_a.py::test_gains: *",
            "refaudit: --refaudit-update-baseline takes out what is gone",
        ]
    )
    assert (inner.pytester.path / NAME).read_bytes() == before

    # An update takes them in, and keeps the day of what was there.
    assert inner.run("--refaudit-update-baseline", f"--refaudit-baseline={NAME}").ret == 0
    assert {e["subject"]: e["first_seen"] for e in baseline(inner)["findings"]} == {
        "test_a.py::test_leaks": "2026-01-01", "test_a.py::test_also": "2026-02-01",
    }  # fmt: skip

    # Without the test that leaks nothing is known of it; its entry stays.
    before = (inner.pytester.path / NAME).read_bytes()
    result = inner.run("--refaudit-update-baseline", "-k", "clean or also")
    assert result.ret == 0 and (inner.pytester.path / NAME).read_bytes() == before
    result.stdout.fnmatch_lines(["refaudit: baseline *, 0 gone, 1 of tests that did not run"])


SUPPRESSIONS = """
{
   old things
   # reason: they are kept on purpose
   refaudit:RA101
   test:test_b.py::*
}
{
   not needed
   # reason: it leaked once
   refaudit:RA106
   fun:nowhere
}
"""


LINES = [
    "refaudit: baseline *: 2 new, 0 grown, 2 known, 0 gone",
    "refaudit: 1 suppressed by 1 suppression",
    "refaudit: suppression is over and does nothing: *2000-01-01",
    "refaudit: suppression is not used: `RA999` (pyproject.toml)",
    "refaudit: suppression is not used: `not needed` (known.supp:8)",
]


@pytest.fixture
def alone(inner: Any) -> dict[str, Any]:
    """What a session without workers says of a suite with a baseline and suppressions."""
    inner.write(test_a=SUITE + MORE, test_b=SUITE)
    (inner.pytester.path / "known.supp").write_text(SUPPRESSIONS, encoding="utf-8")
    inner.pytester.makepyprojecttoml(
        """
        [tool.refaudit]
        baseline = "refaudit.baseline.json"
        suppressions = ["known.supp"]
        repeat = "0:2"
        ignore = [
            "RA999",
            { rule = "RA105", test = "test_b*", reason = "later", expires = "2000-01-01" },
        ]
        """
    )
    assert inner.run("--refaudit-update-baseline", "test_a.py", "-k", "not also").ret == 0
    result = inner.run()
    assert result.ret == 1 and result.parseoutcomes() == {"passed": 7, "leaked": 2}
    result.stdout.fnmatch_lines(LINES)
    said = without(inner.document)
    assert [one["findings"] for one in said["suppressions"]] == [0, 0, 1, 0]
    assert [one["expired"] for one in said["suppressions"]] == [False, True, False, False]
    assert said["outcome"] == "leak" and said["baseline"]["gone"] == []
    return said


def assert_same(inner: Any, alone: dict[str, Any], *arguments: str) -> None:
    result = inner.run(*arguments)
    counts = result.parseoutcomes()
    counts.pop("warnings", None)  # xdist's own, about its options
    assert (result.ret, counts) == (1, {"passed": 7, "leaked": 2}), arguments
    assert without(inner.document) == alone, arguments
    result.stdout.fnmatch_lines(LINES)


def test_workers_come_to_the_same_verdict(inner, alone):
    for distribution in ("load", "loadfile", "worksteal"):
        assert_same(inner, alone, "-n2", f"--dist={distribution}")
    # The controller writes what all of them found.
    assert inner.run("-n2", "--refaudit-update-baseline").ret == 0
    assert len(baseline(inner)["findings"]) == 4


def test_workers_elsewhere_come_to_the_same_verdict(inner, alone):
    """As on another machine: the suite is copied there, what is known is not."""
    path = inner.pytester.path
    other = path.parent / f"{path.name}-elsewhere"
    other.mkdir()
    tx = f"--tx=2*popen//chdir={other}"
    left_out = [f"--rsyncignore={name}" for name in ("refaudit.baseline.json", "known.supp")]
    assert_same(inner, alone, tx, "--dist=load", f"--rsyncdir={path}", *left_out, str(path))
    assert list(other.rglob("test_b.py")) and not list(other.rglob("known.supp"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--refaudit", "--refaudit-baseline=none.json"], "none.json: no such file"),
        (["--refaudit", "--refaudit-baseline=bad.json"], "bad.json: not a baseline"),
        (["--refaudit", "--refaudit-baseline=new.json"], "has version 2*upgrade refaudit"),
        (["--refaudit", "--refaudit-baseline=new.json", "-n1"], "has version 2*upgrade refaudit"),
        (["--refaudit", "--refaudit-suppressions=bad.json"], "bad.json:1: *outside of any"),
        (["--refaudit", "--refaudit-suppressions=no.supp"], "no.supp: cannot be read"),
        (["--refaudit-update-baseline"], "--refaudit-update-baseline has nothing to report"),
    ],
)
def test_a_bad_file_is_a_usage_error(inner, arguments, message):
    inner.write(test_a="def test_clean(): pass\n")
    path = inner.pytester.path
    (path / "bad.json").write_text("fun:x", encoding="utf-8")
    (path / "new.json").write_text(
        '{"format": "refaudit-baseline", "version": 2}', encoding="utf-8"
    )
    result = inner.plain(*arguments)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"*{message}*"])


def test_a_bad_table_is_a_usage_error_once_something_is_audited(inner):
    inner.write(test_a="def test_clean(): pass\n")
    inner.pytester.makepyprojecttoml('[tool.refaudit]\nignore = [{ rule = "RA101" }]\n')
    assert inner.plain().ret == 0
    result = inner.plain("--refaudit")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*pyproject.toml*has no reason*"])


def test_what_cannot_be_written_is_told(inner):
    inner.write(test_a="def test_leaks(): _leak_block(64)\n")
    (inner.pytester.path / "folder").mkdir()
    result = inner.run("--refaudit-update-baseline", "--refaudit-baseline=none/b.json")
    assert result.ret != 0
    result.stdout.fnmatch_lines(["refaudit: baseline NOT written: *none/b.json: No such file*"])
