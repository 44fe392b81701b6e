"""``refaudit run``: what it prints and writes, and its exit codes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

LEAKS = """
import sys
import {module}
class Thing: pass
thing = Thing()
for _ in range(int(sys.argv[1])):
    {module}.{function}(thing)
"""


def _command(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    paths = os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")])
    return subprocess.run(
        [sys.executable, "-m", "refaudit", "run", *arguments],
        capture_output=True, text=True, timeout=120, check=False, cwd=folder,
        env={**os.environ, "PYTHONPATH": paths},
    )  # fmt: skip


@pytest.fixture
def script(extension, tmp_path):
    """Makes a script that calls one function of the fixture `references`; its path and its folder."""
    folder = Path(extension("references")).parent

    def make(function: str) -> tuple[Path, Path]:
        path = tmp_path / "script.py"
        path.write_text(LEAKS.format(module="references", function=function))
        return path, folder

    return make


def test_a_leak_is_1_and_written_in_every_format(script, tmp_path):
    path, folder = script("leaky_argument")
    page, document = tmp_path / "leaks.html", tmp_path / "leaks.json"
    done = _command("-o", str(page), "-o", str(document), str(path), "3", folder=folder)
    assert done.returncode == 1, done.stderr
    (finding,) = json.loads(document.read_text())["findings"]
    assert (finding["verdict"], finding["type_name"]) == ("leak", "__main__.Thing")
    assert "__main__.Thing" in done.stdout
    assert "__main__.Thing" in page.read_text()


def test_a_clean_script_is_0(script):
    path, folder = script("clean_argument")
    done = _command(str(path), "3", folder=folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Nothing leaks" in done.stdout


@pytest.mark.parametrize(
    "modules",
    [
        # The library's own extensions: static types, statics in C, functions left to atexit.
        "ctypes, asyncio, multiprocessing, sqlite3, unittest.mock, xml.etree.ElementTree, decimal",
        # PyO3 holds its modules and exceptions in statics.
        "hypothesis",
    ],
)
def test_modules_make_things_once(tmp_path, modules):
    path = tmp_path / "imports.py"
    path.write_text(f"import {modules}\n")
    done = _command(str(path), folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert "things were left out" in done.stdout


def test_a_module_runs_with_its_arguments(tmp_path):
    (tmp_path / "speaks.py").write_text("import sys; print(__name__, sys.argv[1:])")
    done = _command("-m", "speaks", "-x", "--explain", folder=tmp_path)
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, "__main__ ['-x', '--explain']")


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("raise ValueError('as it should')", "the target itself ended with status 1"),
        ("raise SystemExit(7)", "the target itself ended with status 7"),
    ],
)
def test_a_target_that_fails_is_1(tmp_path, code, said):
    path = tmp_path / "fails.py"
    path.write_text(code)
    done = _command(str(path), folder=tmp_path)
    assert (done.returncode, said in done.stderr) == (1, True), done.stderr


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import os; os._exit(5)", "ended with status 5"),
        ("import os; os.kill(os.getpid(), 9)", "was killed by SIGKILL"),
    ],
)
def test_a_target_that_leaves_no_audit_is_3(tmp_path, code, said):
    path = tmp_path / "gone.py"
    path.write_text(code)
    done = _command(str(path), folder=tmp_path)
    assert (done.returncode, done.stdout) == (3, "")
    assert f"no audit: the target's process {said}" in done.stderr


def test_what_cannot_be_run_or_written_is_2(tmp_path):
    assert _command("missing.py", folder=tmp_path).returncode == 2
    (tmp_path / "empty.py").write_text("")
    assert _command("-o", "leaks.pdf", "empty.py", folder=tmp_path).returncode == 2


def test_a_test_suite_survives_being_run(tmp_path):
    """Its generators are frames in memory that comes and goes, which a stack must not be compared with."""
    (tmp_path / "test_some.py").write_text(
        "def test_pass(): assert sum(n for n in range(3)) == 3\n"
    )
    done = _command("-m", "pytest", "-q", "-p", "no:cacheprovider", "test_some.py", folder=tmp_path)
    assert "1 passed" in done.stdout
    assert done.returncode in (0, 1), done.stderr
