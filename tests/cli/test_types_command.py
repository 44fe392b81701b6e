"""``refaudit types``: what it prints and writes, and its exit codes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from support import modules


def _command(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    paths = os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")])
    return subprocess.run(
        [sys.executable, "-m", "refaudit", "types", *arguments],
        capture_output=True, text=True, timeout=120, check=False,
        env={**os.environ, "PYTHONPATH": paths},
    )  # fmt: skip


def test_defects_are_1_and_the_report_names_them(extension, tmp_path):
    folder = Path(extension("protocols")).parent
    path = tmp_path / "types.json"
    done = _command("protocols", "--patience", "2", "--json", str(path), folder=folder)
    assert (done.returncode, done.stderr) == (1, "")
    assert "TYPE protocols.Forgetful" in done.stdout
    assert "killed by SIGSEGV while calling tp_traverse of protocols.Crashing" in " ".join(
        done.stdout.split()
    )
    assert all(len(line) <= 80 for line in done.stdout.splitlines())
    assert json.loads(path.read_text(encoding="utf-8"))["format"] == "refaudit-types"


def test_a_module_without_types_is_0(tmp_path):
    done = _command("this", "--json", folder=tmp_path)
    assert done.returncode == 0
    assert json.loads(done.stdout)["verdict"] == "no-types"


@pytest.mark.parametrize(
    ("name", "words"), [("init_segfaults", "SIGSEGV"), ("init_raises", "RuntimeError")]
)
def test_no_audit_is_3_and_says_why(name, words):
    done = _command(name, folder=modules.build(name))
    assert done.returncode == 3
    assert words in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("this", "--make", "nothing"),
        ("this", "-o", "report.pdf"),
        ("this", "-o", "report.dot"),
        ("this", "--make", "a=import b"),
        ("this", "--instances", "0"),
    ],
)
def test_usage_is_2(arguments, tmp_path):
    assert _command(*arguments, folder=tmp_path).returncode == 2
