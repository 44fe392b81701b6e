"""``--refaudit-modules``: one test a module."""

from __future__ import annotations

import pytest
from support import modules

CLEAN = "def test_clean():\n    pass\n"


@pytest.fixture
def project(inner, monkeypatch):
    """A throw-away project whose runs find the sample modules."""
    folders = {str(modules.build(sample.name)) for sample in modules.samples()}
    monkeypatch.setenv("PYTHONPATH", ":".join(sorted(folders)), prepend=":")
    return inner


def test_one_test_a_module_without_an_audit(project):
    project.write(test_a=CLEAN)
    result = project.plain("--refaudit-modules=multi_plain,single_basic,multi_plain", "-v")
    assert result.ret == 1
    assert result.parseoutcomes() == {"passed": 2, "failed": 1}
    result.stdout.fnmatch_lines(
        [
            "*test_a.py::test_clean PASSED*",
            "*refaudit-module[[]multi_plain[]] PASSED*",
            "*refaudit-module[[]single_basic[]] FAILED*",
        ]
    )
    text = result.stdout.str()
    assert "m_size = -1" in text
    assert "m_copy" in text
    assert "Traceback" not in text


def test_what_could_not_be_audited_is_an_error(project):
    result = project.plain("--refaudit-modules=init_segfaults,no_such_module,this")
    assert result.parseoutcomes() == {"passed": 1, "errors": 2}
    text = result.stdout.str()
    assert "SIGSEGV" in text
    assert "while importing init_segfaults" in text
    assert "No module named 'no_such_module'" in text


def test_ini_key_and_table(project):
    project.pytester.makeini("[pytest]\nrefaudit_modules = multi_plain this\n")
    assert project.plain().parseoutcomes() == {"passed": 2}
    assert project.plain("--refaudit-modules=this").parseoutcomes() == {"passed": 1}
    project.pytester.makeini("[pytest]\n")
    project.pytester.makepyprojecttoml('[tool.refaudit]\nmodules = ["this", "xml,json"]\n')
    assert project.plain().parseoutcomes() == {"passed": 3}


def test_selection_by_name(project):
    project.write(test_a=CLEAN)
    result = project.plain("--refaudit-modules=this,xml", "-k", "refaudit-module and this")
    assert result.parseoutcomes() == {"passed": 1, "deselected": 2}
    result = project.plain("--refaudit-modules=this,xml", "--collect-only", "-q")
    assert "refaudit-module[this]" in result.stdout.lines


def test_ten_modules_in_parallel(project):
    names = [sample.name for sample in modules.samples() if not sample.fails][:10]
    result = project.plain("-n2", f"--refaudit-modules={','.join(names)}", "--junitxml=junit.xml")
    expected = [modules.sample(name).verdict == "unloads" for name in names]
    assert result.parseoutcomes() == {"passed": sum(expected), "failed": 10 - sum(expected)}
    xml = (project.pytester.path / "junit.xml").read_text(encoding="utf-8")
    assert all(f"refaudit-module[{name}]" in xml for name in names)


def test_together_with_an_audit_of_the_tests(project):
    project.write(test_a="def test_leaks():\n    _leak_block(64)\n")
    result = project.run("--refaudit-modules=multi_plain")
    assert result.ret == 1
    assert result.parseoutcomes()["passed"] >= 1, "the module's own test"
    assert project.verdicts == {"test_leaks": "leak"}
    assert "refaudit-module[multi_plain]" not in project.verdicts


@pytest.mark.parametrize("plugin", ["randomly", "timeout", "cacheprovider"])
def test_in_company(project, plugin):
    arguments = {
        "randomly": ["-p", "randomly"],
        "timeout": ["--timeout=30"],
        "cacheprovider": ["--ff"],
    }
    project.write(test_a=CLEAN)
    result = project.pytester.runpytest_subprocess(
        "--refaudit-modules=this,xml", *arguments[plugin], timeout=60
    )
    assert result.parseoutcomes() == {"passed": 3}


def test_a_name_that_is_none(project):
    result = project.plain("--refaudit-modules=a b,c/d")
    assert result.ret == 4
    result.stderr.fnmatch_lines(["*`c/d` is no name of a module*"])


def test_without_the_option_nothing_is_loaded(project):
    project.write(
        test_a="""
import sys

def test_plain():
    assert not [name for name in sys.modules if name.startswith("refaudit._modules")]
    assert "refaudit._pytest.modules" not in sys.modules
    assert "refaudit._audit" not in sys.modules
"""
    )
    assert project.plain().parseoutcomes() == {"passed": 1}
