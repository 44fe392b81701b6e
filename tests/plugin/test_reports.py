"""Reports for CI systems, written by a session: each tells the same leak, and paths begin at the root."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree

import pytest

LEAK = "def test_leaks():\n    _leak_block(64)\n"


def test_every_ci_format_tells_the_leak(inner):
    inner.write(test_leak=LEAK)
    names = ["a.sarif", "a.junit.xml", "a.gitlab.json", "a.md", "a.dot", "a.github.txt"]
    inner.run(*(f"--refaudit-report={name}" for name in names))
    text = {name: (inner.pytester.path / name).read_text(encoding="utf-8") for name in names}
    (result,) = json.loads(text["a.sarif"])["runs"][0]["results"]
    assert result["ruleId"] == "RA105"
    place = result["locations"][0]["physicalLocation"]["artifactLocation"]
    assert place == {"uri": "test_leak.py", "uriBaseId": "SRCROOT"}
    (failure,) = ElementTree.fromstring(text["a.junit.xml"]).iter("failure")
    assert failure.attrib["type"] == "RA105"
    (issue,) = json.loads(text["a.gitlab.json"])
    assert issue["location"]["path"] == "test_leak.py"
    assert "`RA105`" in text["a.md"]
    assert text["a.github.txt"].startswith("::error file=test_leak.py,title=RA105 leaked-block::")
    assert text["a.dot"].startswith("digraph refaudit {")
    assert sorted(inner.pytester.path.glob(".refaudit-*")) == []


@pytest.mark.parametrize("parallel", [(), ("-n", "2")])
def test_github_is_told_on_standard_output_and_in_the_summary(inner, monkeypatch, parallel):
    summary = inner.pytester.path / "summary.md"
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    inner.write(test_leak=LEAK, test_clean="def test_clean(): pass\n")
    result = inner.plain("--refaudit", "--refaudit-report=github", *parallel)
    assert result.ret == 1
    commands = [line for line in result.outlines if line.startswith("::")]
    assert len(commands) == 1 and commands[0].startswith("::error file=test_leak.py,title=RA105")
    text = summary.read_text(encoding="utf-8")
    assert text.startswith("## refaudit: 1 leak in 1 of 2 tests.")
    assert not (inner.pytester.path / "github").exists()


def test_a_summary_that_cannot_be_written_is_said(inner, monkeypatch):
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "/nowhere/summary.md")
    inner.write(test_leak=LEAK)
    result = inner.plain("--refaudit", "--refaudit-report=github")
    assert result.ret == 1
    result.stdout.fnmatch_lines(
        ["*job summary NOT written: /nowhere/summary.md: No such*", "::error *"]
    )


def test_no_room_for_a_report_loses_nothing(inner):
    inner.write(test_leak=LEAK)
    old = inner.pytester.path / "leaks.html"
    old.symlink_to("/dev/full")
    result = inner.plain("--refaudit", "--refaudit-report=leaks.html")
    assert result.ret == 1
    result.stdout.fnmatch_lines(["*RA105*", "*report NOT written: *leaks.html: No space left*"])
