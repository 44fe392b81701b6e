"""What the user sees: terminal, reports, junitxml, exit codes."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

import pytest

LEAK = "def test_leaks():\n    _leak_block(64)\n"


def test_the_summary_fits_a_screen(inner):
    masses = "".join(
        f"class Thing{n}: pass\ndef test_{n}(): _leak_reference(Thing{n}())\n" for n in range(17)
    )
    inner.write(test_many=masses)
    short = inner.run("--refaudit-repeat=0:2")
    assert short.stdout.str().count("RA10") == 15
    short.stdout.fnmatch_lines(["and 2 more, see the report*", "refaudit: 17 tests audited*"])
    assert short.parseoutcomes() == {"passed": 17, "leaked": 17}


def test_the_same_leak_is_told_once_and_in_full_with_v(inner):
    inner.write(test_same="".join(f"def test_{n}(): _leak_block(64)\n" for n in range(4)))
    short = inner.run()
    short.stdout.fnmatch_lines(["test_same.py ....LLLL*", "*RA105*(and in 3 other tests)"])
    long = inner.run("-v")
    long.stdout.fnmatch_lines(["*test_3: leak, per run [[]1, 1, 1[]]*"])


def test_a_clean_run_is_one_line(inner):
    inner.write(test_clean="def test_clean(): pass\n")
    result = inner.run()
    assert result.ret == 0
    lines = [line for line in result.outlines if line.startswith("refaudit")]
    assert len(lines) == 2 and "nothing leaks" in lines[0] and "report written" in lines[1]
    assert "canary found" in lines[0]


def test_reports_in_every_format(inner):
    inner.write(test_leak=LEAK)
    inner.run("--refaudit-report=leaks.html", "--refaudit-report=leaks.txt")
    assert inner.document["outcome"] == "leak"
    assert inner.document["tests"][0]["id"] == "test_leak.py::test_leaks"
    assert "RA105" in (inner.pytester.path / "leaks.html").read_text(encoding="utf-8")
    assert "RA105" in (inner.pytester.path / "leaks.txt").read_text(encoding="utf-8")


def test_a_page_as_a_folder(inner):
    inner.write(test_leak=LEAK)
    result = inner.run("--refaudit-html-dir=public/leaks")
    result.stdout.fnmatch_lines(["*report written to *public/leaks*"])
    folder = inner.pytester.path / "public" / "leaks"
    assert {path.name for path in folder.iterdir()} == {"index.html", "refaudit.css", "refaudit.js"}
    assert "RA105" in (folder / "index.html").read_text(encoding="utf-8")


def test_a_report_that_cannot_be_written_loses_nothing(inner):
    inner.write(test_leak=LEAK, test_clean="def test_clean(): pass\n")
    result = inner.plain("--refaudit", "--refaudit-report=missing/leaks.html")
    assert result.ret == 1
    result.stdout.fnmatch_lines(["*RA105*", "*report NOT written: *missing/leaks.html: No such*"])
    clean = inner.plain("--refaudit", "--refaudit-report=missing/x.html", "test_clean.py")
    assert clean.ret == pytest.ExitCode.USAGE_ERROR


def test_junitxml_carries_verdict_and_findings(inner):
    inner.write(test_leak=LEAK + "def test_clean(): pass\n")
    inner.run("--junitxml=junit.xml")
    cases = ElementTree.parse(inner.pytester.path / "junit.xml").iter("testcase")
    leaks, clean = list(cases)
    properties = {p.get("name"): p.get("value") for p in leaks.iter("property")}
    assert properties["refaudit_verdict"] == "leak"
    assert properties["refaudit_findings"].startswith("RA105")
    assert leaks.find("error") is not None
    assert [p.get("value") for p in clean.iter("property")] == ["clean"]
    assert clean.find("error") is None


def test_repeating_is_silent(inner):
    inner.write(
        test_loud="""
import logging
import warnings

def test_loud(record_property):
    record_property("seen", 1)
    warnings.warn("look here")
    logging.warning("and here")
    print("and there")
    _leak_block(64)
    assert 0
"""
    )
    result = inner.run("--junitxml=junit.xml", "-o", "junit_family=legacy")
    assert result.parseoutcomes() == {"failed": 1, "leaked": 1, "warnings": 1}
    assert result.stdout.str().count("and there") == 1 + 1  # the source line, and its output
    xml = (inner.pytester.path / "junit.xml").read_text(encoding="utf-8")
    assert xml.count('name="seen"') <= 2  # failure and teardown error are two test cases


def test_an_audit_that_cannot_be_made_is_never_green(inner):
    inner.write(test_clean="def test_clean(): pass\n")
    inner.pytester.makeconftest(
        """
        import sys
        import refaudit._audit

        def broken():
            raise RuntimeError("canary not found")

        sys.modules["refaudit._audit"].ensure_installed = broken
        """
    )
    result = inner.plain("--refaudit")
    assert result.ret == 3
    result.stdout.fnmatch_lines(["*refaudit could not audit: canary not found*"])
    parallel = inner.plain("--refaudit", "-n1")
    assert parallel.ret == 3
    parallel.stdout.fnmatch_lines(["*could not audit: canary not found (worker gw0)*"])


def test_stopping_early_keeps_what_is_known(inner):
    inner.write(
        test_stop="""
def test_leaks():
    _leak_block(64)

def test_fails():
    assert 0

def test_never():
    pass
"""
    )
    result = inner.run("-x")
    assert result.parseoutcomes() == {"passed": 1, "failed": 1, "leaked": 1}
    assert inner.verdicts == {"test_leaks": "leak", "test_fails": "clean"}


def test_an_interrupted_batch_is_not_judged(inner):
    inner.write(
        test_stop="""
def test_leaks():
    _leak_block(64)

def test_interrupts():
    raise KeyboardInterrupt
"""
    )
    result = inner.run()
    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.stdout.fnmatch_lines(["*interrupted: 1 test(s) were run but not judged*"])
