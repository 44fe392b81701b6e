"""Options, ini keys, `[tool.refaudit]`, markers and the fixture."""

from __future__ import annotations

import pytest

LEAK = "def test_leaks():\n    _leak_block(64)\n"


def test_without_a_wish_nothing_is_loaded(inner):
    inner.write(
        test_plain="""
import sys

def test_plain():
    assert not [name for name in sys.modules if name.startswith("refaudit._pytest.s")]
    assert "refaudit.pytest_plugin" in sys.modules

def test_leaks():
    _leak_block(64)
"""
    )
    result = inner.plain()
    assert result.ret == 0
    assert result.parseoutcomes() == {"passed": 2}
    assert "refaudit:" not in result.stdout.str()


def test_markers_work_without_the_option(inner):
    inner.write(
        test_marked="""
@pytest.mark.refaudit
def test_leaks():
    _leak_block(64)

def test_unmarked():
    _leak_block(64)
"""
    )
    result = inner.plain("--strict-markers")
    assert result.ret == 1
    assert result.parseoutcomes() == {"passed": 2, "leaked": 1}
    result.stdout.fnmatch_lines(["refaudit: 1 test audited, 1 with findings*"])


def test_markers_exclude_and_filter(inner):
    inner.write(
        test_marked="""
@pytest.mark.no_refaudit("leaks, and we know")
def test_excluded():
    _leak_block(64)

@pytest.mark.refaudit(ignore=["RA105", "leaked-object"])
def test_ignored():
    _leak_block(64)

@pytest.mark.refaudit(scope="other_module")
def test_out_of_scope():
    _leak_reference(Thing())

@pytest.mark.refaudit(scope="test_marked", warmup=0, runs=2)
def test_in_scope():
    _leak_reference(Thing())
"""
    )
    result = inner.run()
    assert inner.verdicts == {
        "test_ignored": "clean",
        "test_out_of_scope": "clean",
        "test_in_scope": "leak",
    }
    assert [(t["warmup"], t["runs"]) for t in inner.document["tests"]][-1] == (0, 2)
    result.stdout.fnmatch_lines(["*1 test(s) excluded by the no_refaudit marker*"])


@pytest.mark.parametrize(
    ("marker", "message"),
    [
        ("run=3", "does not understand run"),
        ("runs=0", "runs is `0`"),
        ("'x'", "takes keywords only"),
    ],
)
def test_a_bad_marker_is_a_usage_error(inner, marker, message):
    inner.write(test_bad=f"@pytest.mark.refaudit({marker})\ndef test_bad(): pass\n")
    result = inner.plain()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"*{message}*"])


def test_command_line_goes_before_ini_before_table(inner):
    inner.write(test_leak=LEAK)
    inner.pytester.makepyprojecttoml(
        """
        [tool.refaudit]
        enabled = true
        repeat = "0:4"
        report = ["table.json"]
        [tool.pytest.ini_options]
        refaudit_report = "ini.txt"
        """
    )
    assert inner.plain().ret == 1
    path = inner.pytester.path
    assert (path / "ini.txt").exists() and not (path / "table.json").exists()
    inner.plain("--refaudit-report=out.json")
    assert inner.document["findings"][0]["per_run"] == [1, 1, 1, 1]
    inner.plain("--refaudit-report=out.json", "--refaudit-repeat=1:2")
    assert inner.document["findings"][0]["per_run"] == [1, 1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--refaudit", "--refaudit-repeat=3:0"], "expected `W:N`"),
        (["--refaudit", "--refaudit-report=leaks.pdf"], "cannot tell the report format"),
        (["--refaudit-report=leaks.html"], "has nothing to report"),
        (["--refaudit", "--setup-show"], "cannot do so with --setup-show"),
    ],
)
def test_bad_usage_is_told(inner, arguments, message):
    inner.write(test_leak=LEAK)
    result = inner.plain(*arguments)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"*{message}*"])


def test_an_unknown_key_of_the_table_is_told(inner):
    inner.write(test_leak=LEAK)
    inner.pytester.makepyprojecttoml('[tool.refaudit]\nrepeats = "1:3"\n')
    result = inner.plain()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*pyproject.toml*unknown key `repeats`*"])


def test_the_fixture_audits_a_part(inner):
    inner.write(
        test_fixture="""
import refaudit as package

@pytest.mark.refaudit(runs=2)
def test_check(refaudit):
    report = refaudit.check(_leak_block, 64)
    assert not report.ok
    assert report.findings[0].per_run == [1, 1]

def test_clean(refaudit):
    refaudit.assert_no_leaks(list, range(10))

def test_raises(refaudit):
    with pytest.raises(package.LeakError):
        refaudit.assert_no_leaks(_leak_block, 64)

def test_track_fails(refaudit):
    with pytest.raises(package.LeakError):
        with refaudit.track() as audit:
            _leak_reference(Thing())
"""
    )
    for arguments in ([], ["--refaudit"]):
        result = inner.plain(*arguments)
        assert result.parseoutcomes() == {"passed": 4}


def test_an_audit_inside_an_audited_test_is_refused(inner):
    inner.write(
        test_nested="""
import refaudit

def test_nested():
    refaudit.check(list)

@pytest.mark.no_refaudit("audits itself")
def test_by_itself():
    assert refaudit.check(list).ok
"""
    )
    result = inner.plain("--refaudit")
    assert result.parseoutcomes() == {"failed": 1, "passed": 1}
    result.stdout.fnmatch_lines(["*NestedAudit: *cannot be nested*"])
