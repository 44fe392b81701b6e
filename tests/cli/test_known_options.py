"""Baseline and suppressions on the command line of `refaudit`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

SAMPLE = Path(__file__).parents[1] / "report" / "sample.json"
SUPPRESSIONS = "{\n all\n # reason: a test\n refaudit:*\n}\n"
#: What stands for a bug in C.
LEAK = "ctypes:pythonapi.Py_IncRef(py_object([]))"


def refaudit(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "refaudit", *arguments],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    document = json.loads(SAMPLE.read_text("utf-8"))
    document.update(baseline=None, suppressions=[])
    for finding in document["findings"]:
        finding["known"] = None
    (tmp_path / "a.json").write_text(json.dumps(document), encoding="utf-8")
    (tmp_path / "all.supp").write_text(SUPPRESSIONS, encoding="utf-8")
    (tmp_path / "new.json").write_text('{"format": "refaudit-baseline", "version": 9}', "utf-8")
    return tmp_path


def test_a_merged_document_is_judged_by_what_is_known(folder: Path) -> None:
    assert refaudit(folder, "merge", "a.json", "-o", "out.json").returncode == 1
    done = refaudit(folder, "merge", "a.json", "-o", "out.json", "--update-baseline")
    assert done.returncode == 0, done.stderr
    entries = json.loads((folder / "refaudit.baseline.json").read_text("utf-8"))["findings"]
    assert len(entries) == len(json.loads(SAMPLE.read_text("utf-8"))["findings"])
    (folder / "out.json").unlink()
    known = ("merge", "a.json", "-o", "out.json", "--baseline", "refaudit.baseline.json")
    assert refaudit(folder, *known).returncode == 0
    document = json.loads((folder / "out.json").read_text("utf-8"))
    assert document["outcome"] == "known"
    # What was judged keeps its states when it is merged once more.
    assert refaudit(folder, "merge", "out.json", "-o", "again.json").returncode == 0
    again = json.loads((folder / "again.json").read_text("utf-8"))
    assert [f["known"] for f in again["findings"]] == [f["known"] for f in document["findings"]]
    done = refaudit(folder, "merge", "a.json", "-o", "out.json", "--suppressions", "all.supp")
    assert done.returncode == 0
    document = json.loads((folder / "out.json").read_text("utf-8"))
    assert (document["outcome"], document["findings"]) == ("clean", [])
    assert document["suppressions"][0]["findings"] == len(entries)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--baseline", "none.json"], "none.json: no such file; --update-baseline makes it"),
        (["--baseline", "new.json"], "has version 9, this refaudit reads 1; upgrade refaudit"),
        (["--baseline", "all.supp"], "all.supp: not a baseline"),
        (["--suppressions", "new.json"], "new.json:1: "),
    ],
)
def test_a_bad_file_is_a_usage_error(arguments: list[str], message: str, folder: Path) -> None:
    for command in (["merge", "a.json", "-o", "out.json"], ["check", "json:dumps({})"]):
        done = refaudit(folder, *command, *arguments)
        assert done.returncode == 2, done.stderr
        assert message in done.stderr
    assert not (folder / "out.json").exists()


def test_a_function_may_have_known_leaks(folder: Path) -> None:
    check = ("check", LEAK, "--setup", "from ctypes import py_object")
    assert refaudit(folder, *check).returncode == 1
    assert refaudit(folder, *check, "--update-baseline").returncode == 0
    done = refaudit(folder, *check, "--baseline", "refaudit.baseline.json")
    assert done.returncode == 0, done.stdout
    assert "and not worse" in done.stdout and "KNOWN BEFORE" in done.stdout
