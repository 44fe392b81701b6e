"""Every Python example of the documentation runs, and prints what the page says it prints."""

from __future__ import annotations

import doctest
import importlib
import os
import re
import subprocess
import sys
from itertools import pairwise, zip_longest
from pathlib import Path

import pytest
import refaudit
from pages import ROOT, Block, blocks, everything, pages
from terminal import shows

#: Pages whose Python blocks are files of a session; test_tutorial.py follows it.
SESSIONS = ("find-your-first-leak.md",)

PYTHON = [
    block
    for block in everything()
    if block.language == "python" and block.page.name not in SESSIONS
]
RUN = [
    block for block in PYTHON if block.says("not run") is None and block.says("signature") is None
]


def program(block: Block) -> str:
    """The block with what its page takes for granted before it."""
    return (block.says("with") or "") + "\n" + block.text


def run(block: Block, folder: Path) -> str:
    """Run the block in a process of its own, under pytest where it is a test; what it printed."""
    path = folder / "test_example.py"
    path.write_text(program(block), encoding="utf-8")
    under_pytest = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "--strict-markers"]
    tests = under_pytest if "def test_" in block.text else []
    done = subprocess.run(
        [sys.executable, *tests, str(path)],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "NO_COLOR": "1"},
    )
    assert done.returncode == 0, f"{block.id}\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.mark.parametrize("block", RUN, ids=lambda block: block.id)
def test_an_example_runs(block: Block, tmp_path: Path) -> None:
    printed = run(block, tmp_path)
    if "def test_" in block.text:
        assert "passed" in printed
    around = blocks(block.page)
    after = dict(zip_longest(around, around[1:]))[block]
    if after is not None and after.mark == "prints":
        assert shows(printed, after.text), f"{after.id} is not\n{printed}"


def test_the_readme_finds_its_leak_in_15_lines() -> None:
    block = next(block for block in RUN if block.page.name == "README.md")
    lines = [line for line in block.text.splitlines() if line]
    assert len(lines) <= 15
    assert "refaudit.check" in block.text


def test_the_line_that_the_readme_blames_takes_the_reference() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    function, line = re.search(
        r"by (\w+) at describe  src/leaky_package/_leaky.c:(\d+)", text
    ).groups()
    source = ROOT / "examples/leaky_package/src/leaky_package/_leaky.c"
    assert f"{function}(" in source.read_text(encoding="utf-8").splitlines()[int(line) - 1]


def test_what_is_not_run_says_why() -> None:
    for block in PYTHON:
        reason = block.says("not run")
        assert reason is None or len(reason.split()) > 2, block.id


def test_output_stands_after_the_example_that_prints_it() -> None:
    for page in pages():
        around = blocks(page)
        for before, block in pairwise(around):
            if block.mark == "prints":
                assert before in RUN, block.id


@pytest.mark.parametrize("name", ["refaudit", *sorted(set(refaudit._PLACES.values()))])
def test_examples_in_docstrings(name: str) -> None:
    module = importlib.import_module(name if name == "refaudit" else f"refaudit.{name}")
    assert doctest.testmod(module).failed == 0


def test_the_doctests_are_seen_at_all() -> None:
    assert doctest.testmod(refaudit).attempted >= 3
