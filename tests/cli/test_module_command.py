"""``refaudit module``: what it prints and writes, and its exit codes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import refaudit
from support import modules


def _command(*arguments: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    paths = [str(folder), os.environ.get("PYTHONPATH", "")] if folder else []
    environment = {**os.environ, **({"PYTHONPATH": os.pathsep.join(paths)} if paths else {})}
    return subprocess.run(
        [sys.executable, "-m", "refaudit", "module", *arguments],
        capture_output=True, text=True, timeout=120, check=False, env=environment,
    )  # fmt: skip


def _sample(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return _command(name, *arguments, folder=modules.build(name))


@pytest.mark.parametrize(
    ("name", "code"),
    [("multi_plain", 0), ("single_basic", 1), ("single_reference", 1), ("multi_copyreg", 1)],
)
def test_the_exit_code_follows_the_verdict(name, code):
    done = _sample(name, "--no-interpreters")
    assert (done.returncode, done.stderr) == (code, "")
    assert name in done.stdout


def test_a_module_without_extension_is_0():
    done = _command("this")
    assert (done.returncode, done.stderr) == (0, "")
    assert "`this`" in done.stdout


def test_json_on_standard_output():
    done = _sample("multi_plain", "--json")
    document = json.loads(done.stdout)
    assert (document["format"], document["verdict"]) == ("refaudit-module", "unloads")
    assert {row["kind"] for row in document["observed"]["interpreters"]} == {"legacy", "isolated"}
    assert [step["name"] for step in document["observed"]["steps"]] == [
        "survey", "life", "reload", "confirm", "interpreters", "interpreters",
    ]  # fmt: skip
    assert refaudit.ModuleAudit(document).verdict == "unloads"


def test_files(tmp_path):
    paths = {name: tmp_path / name for name in ("a.html", "b.json", "c.txt")}
    done = _sample(
        "single_basic", "--no-interpreters", "--html", str(paths["a.html"]),
        "--json", str(paths["b.json"]), "-o", str(paths["c.txt"]),
    )  # fmt: skip
    assert done.returncode == 1
    assert paths["c.txt"].read_text(encoding="utf-8") == done.stdout
    assert json.loads(paths["b.json"].read_text(encoding="utf-8"))["verdict"] == "kept-by-caches"
    assert "<html" in paths["a.html"].read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "words"),
    [("init_segfaults", "SIGSEGV"), ("init_raises", "RuntimeError"), ("init_exits", "exit code 7")],
)
def test_no_audit_is_3_and_says_why(name, words):
    done = _sample(name)
    assert done.returncode == 3
    assert words in done.stdout
    assert words in done.stderr
    assert f"while importing {name}" in done.stderr


def test_a_time_out_is_3():
    done = _sample("init_hangs", "--timeout", "1.5")
    assert done.returncode == 3
    assert "not done after 1.5 s while importing init_hangs" in done.stderr


def test_a_name_that_does_not_exist_is_3():
    done = _command("no_such_module")
    assert done.returncode == 3
    assert "No module named 'no_such_module'" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "NAME"),
        (["a b"], "name of a module"),
        (["this", "--timeout", "never"], "--timeout"),
        (["this", "--timeout", "0"], "--timeout"),
        (["this", "--timeout", "inf"], "--timeout"),
        (["this", "-o", "leaks.pdf"], "leaks.pdf"),
        (["this", "--html", "nowhere/a.html"], "nowhere"),
        (["this", "--nonsense"], "nonsense"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_usage_is_2(arguments, words):
    done = _command(*arguments)
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr
