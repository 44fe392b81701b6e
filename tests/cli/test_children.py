"""Audits of processes that nobody started by a command of refaudit: `REFAUDIT`, and ``run --children``."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from support.installed import Installed

LEAKS = """
import sys
from refaudit._refaudit import _leak_reference
class Thing: pass
thing = Thing()
for _ in range(3):
    _leak_reference(thing)
print("out", sys.argv[1:])
"""
STARTS = "import subprocess, sys\nsubprocess.run([sys.executable, *{command!r}])\n"
#: The order of the file, and nothing left behind.
PLAIN = ("-p", "no:cacheprovider", "-p", "xdist", "-p", "refaudit.pytest_plugin")
#: No other plugin, which would only take time.
ALONE = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
TESTS = """
from refaudit._refaudit import _leak_reference
class Thing: pass
OLD = Thing()
def test_leaks(): _leak_reference(OLD)
def test_clean(): pass
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Installed:
    return Installed(tmp_path_factory.mktemp("installed"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "leaks.py").write_text(LEAKS)
    (tmp_path / "clean.py").write_text("kept = [object()]\n")
    (tmp_path / "test_some.py").write_text(TESTS)
    return tmp_path


def _documents(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))]


def _told(document: dict[str, Any]) -> tuple[str, list[tuple[str, str]]]:
    return document["outcome"], [(f["rule"], f["type_name"]) for f in document["findings"]]


def test_a_process_audits_itself_and_behaves_as_ever(installed, folder):
    plain = installed.run("leaks.py", "a", "b", cwd=folder)
    done = installed.run("leaks.py", "a", "b", cwd=folder, REFAUDIT="all")
    assert (done.returncode, done.stdout, done.stderr) == (0, plain.stdout, plain.stderr)
    (path,) = (folder / "refaudit-reports").iterdir()
    assert re.fullmatch(r"\d+\.json", path.name)
    document = json.loads(path.read_text())
    assert _told(document) == ("leak", [("RA103", "__main__.Thing")])
    assert document["subject"] == "leaks.py a b"


def test_the_report_goes_where_it_is_wanted_in_any_format(installed, folder):
    pattern = str(folder / "out/of-%p.html")
    installed.run("leaks.py", cwd=folder, REFAUDIT="1", REFAUDIT_REPORT=pattern)
    (page,) = (folder / "out").iterdir()
    assert re.fullmatch(r"of-\d+\.html", page.name)
    assert "__main__.Thing" in page.read_text()


@pytest.mark.parametrize(
    ("scope", "outcome"),
    [("__main__", "leak"), ("foreign", "clean"), ("foreign, __main__", "leak")],
)
def test_the_variable_names_who_is_to_blame(installed, folder, scope, outcome):
    installed.run("leaks.py", cwd=folder, REFAUDIT=scope)
    (document,) = _documents(folder / "refaudit-reports")
    assert document["outcome"] == outcome


def test_a_clean_process_is_clean(installed, folder):
    installed.run("clean.py", cwd=folder, REFAUDIT="all")
    (document,) = _documents(folder / "refaudit-reports")
    assert _told(document) == ("clean", [])


@pytest.mark.parametrize("value", [None, "", "0"])
def test_nothing_happens_unless_it_is_set(installed, folder, value):
    variables = {} if value is None else {"REFAUDIT": value}
    asked = "import sys; print([name for name in sys.modules if name.startswith('refaudit.')])"
    done = installed.run("-c", asked, cwd=folder, **variables)
    loaded = "[]" if value is None else "['refaudit._children']"
    assert done.stdout == f"{loaded}\n"
    assert not (folder / "refaudit-reports").exists()


def test_an_isolated_interpreter_ignores_the_variable(installed, folder):
    done = installed.run("-I", "-c", "pass", cwd=folder, REFAUDIT="all")
    assert (done.returncode, done.stderr) == (0, "")
    assert not (folder / "refaudit-reports").exists()


def test_a_forked_process_writes_nothing_over_its_parent(installed, folder):
    (folder / "forks.py").write_text(
        "import os, sys\npid = os.fork()\nif pid == 0: sys.exit()\nos.waitpid(pid, 0)\n" + LEAKS
    )
    done = installed.run("forks.py", cwd=folder, REFAUDIT="all")
    assert (done.returncode, done.stderr) == (0, "")
    (document,) = _documents(folder / "refaudit-reports")
    assert _told(document)[0] == "leak"


def test_a_process_that_cannot_write_its_report_says_so_and_goes_on(installed, folder):
    done = installed.run("leaks.py", cwd=folder, REFAUDIT="all", REFAUDIT_REPORT="/proc/%p.json")
    assert (done.returncode, done.stdout) == (0, "out []\n")
    assert "refaudit: this process could not be audited" in done.stderr


def test_an_audit_that_the_program_asks_for_itself_goes_first(installed, folder):
    (folder / "asks.py").write_text("import refaudit; print(refaudit.check(lambda: None).ok)\n")
    done = installed.run("asks.py", cwd=folder, REFAUDIT="all")
    assert (done.stdout, done.stderr) == ("True\n", "")
    assert not any((folder / "refaudit-reports").iterdir())


def test_pytest_audits_its_tests_instead(installed, folder):
    done = installed.run(
        "-m", "pytest", "-q", *PLAIN, "test_some.py",
        cwd=folder, REFAUDIT="test_some", REFAUDIT_REPORT="out/%p.json", **ALONE,
    )  # fmt: skip
    assert done.returncode == 1
    (document,) = _documents(folder / "out")
    assert _told(document) == ("leak", [("RA101", "test_some.Thing")])
    assert [test["id"] for test in document["tests"]] == [
        "test_some.py::test_leaks", "test_some.py::test_clean",
    ]  # fmt: skip


def test_workers_of_xdist_audit_and_the_controller_merges(installed, folder):
    done = installed.run(
        "-m", "pytest", "-q", *PLAIN, "-n", "2", "test_some.py",
        cwd=folder, REFAUDIT="all", REFAUDIT_REPORT="out/%p.json", **ALONE,
    )  # fmt: skip
    assert done.returncode == 1, done.stdout
    (document,) = _documents(folder / "out")
    assert _told(document) == ("leak", [("RA101", "test_some.Thing")])
    assert len(document["tests"]) == 2


def _run(installed: Installed, folder: Path, *arguments: str) -> tuple[int, dict[str, Any], str]:
    """``refaudit run --children``: exit code, document, standard error."""
    done = installed.run(
        "-m", "refaudit", "run", "--children", "-o", "all.json", *arguments, cwd=folder, **ALONE
    )
    path = folder / "all.json"
    return done.returncode, json.loads(path.read_text()) if path.exists() else {}, done.stderr


def test_run_reports_on_the_children_of_its_target(installed, folder):
    (folder / "starts.py").write_text(STARTS.format(command=["leaks.py", "x"]))
    code, document, said = _run(installed, folder, "starts.py")
    assert (code, said) == (1, "")
    assert _told(document) == ("leak", [("RA103", "__main__.Thing")])
    assert [test["id"] for test in document["tests"]] == ["leaks.py x", "starts.py"]
    assert not (folder / "refaudit-reports").exists()


def test_run_says_which_child_left_no_audit(installed, folder):
    (folder / "starts.py").write_text(STARTS.format(command=["-c", "import os; os._exit(0)"]))
    code, document, _ = _run(installed, folder, "starts.py")
    assert code == 3
    assert document["outcome"] == "invalid"
    assert "os._exit(0)" in document["trust"]["reason"]


def test_run_takes_the_workers_of_a_test_suite_along(installed, folder):
    code, document, said = _run(
        installed, folder, "-m", "pytest", "-q", *PLAIN, "-n", "2", "test_some.py"
    )
    assert code == 1, said
    leaks = [f for f in document["findings"] if f["type_name"] == "test_some.Thing"]
    assert [finding["subject"] for finding in leaks] == ["test_some.py::test_leaks"]


def test_without_the_start_file_children_are_refused(folder):
    import os
    import subprocess
    import sys

    from support.installed import PACKAGE

    done = subprocess.run(
        [sys.executable, "-S", "-m", "refaudit", "run", "--children", "clean.py"],
        capture_output=True, text=True, timeout=60, check=False, cwd=folder,
        env={**os.environ, "PYTHONPATH": str(PACKAGE.parent)},
    )  # fmt: skip
    assert done.returncode == 3
    assert "refaudit.pth" in done.stderr
