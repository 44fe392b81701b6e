"""Ordinary use of the standard library leaks nothing, and the audit says so: no finding at all."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

STDLIB = Path(__file__).with_name("stdlib")


def _samples() -> list[tuple[str, str]]:
    """Module and name of every sample, read from the source: importing them here helps nobody."""
    found = []
    for path in sorted(STDLIB.glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        functions = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
        found += [(path.stem, name) for name in functions if name.startswith("sample_")]
    return found


def _audit(module: str, function: str, folder: Path) -> list[dict[str, Any]]:
    """The audit documents of one sample, made in a process of its own."""
    answer = folder / "answer.json"
    done = subprocess.run(
        [sys.executable, STDLIB / "inside.py", module, function, answer],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd=folder,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert done.returncode == 0, done.stderr
    documents: list[dict[str, Any]] = json.loads(answer.read_text(encoding="utf-8"))
    return documents


def test_the_samples_are_there() -> None:
    """A renamed folder must not turn the next test into nothing."""
    assert len(_samples()) > 40


@pytest.mark.parametrize(("module", "function"), _samples(), ids=lambda name: name)
def test_sample_is_silent(module: str, function: str, tmp_path: Path) -> None:
    """With the default repetition and with 1:2."""
    for document in _audit(module, function, tmp_path):
        assert document["trust"]["valid"], document["trust"]["reason"]
        assert [finding["message"] for finding in document["findings"]] == []
        assert document["outcome"] == "clean"
