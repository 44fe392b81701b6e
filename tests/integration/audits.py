"""Audits in a fresh interpreter, of modules that leak from below stacks of every kind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from integration.fresh import PRELUDE as FIRST
from integration.fresh import answer as fresh_answer
from integration.native_modules import module

PRELUDE = """
import ctypes, _ctypes, functools, gc, json, os, shutil, sys, threading
sys.path.insert(0, sys.argv[1])
def say(**answer):
    print(json.dumps(answer), flush=True)
import refaudit
from refaudit import _audit
refaudit.check(len, [])
core = _audit.core()
import contexts, exceptions
def told(report):
    trust = report.document["trust"]
    found = [[f["rule"], f["type_name"], f["per_run"]] for f in report.document["findings"]]
    return {"outcome": report.document["outcome"], "found": found, "ok": report.ok,
            "dropped": trust["dropped"], "valid": trust["valid"], "reason": trust["reason"],
            "findings": report.document["findings"], "text": str(report)}
def measured(function, *arguments, runs=3, raises=()):
    # As `refaudit.check`, without warm-ups, and without more runs where something may be a cache.
    measurement = _audit.Measurement("measured")
    measurement.begin()
    for _ in range(runs):
        measurement.open()
        try:
            function(*arguments)
        except raises:
            pass
        finally:
            measurement.close()
        measurement.observe()
    return told(refaudit.Report(_audit.document("measured", measurement.findings(), [])))
"""

#: Lines before the text of a child.
LINES_BEFORE = (FIRST + PRELUDE).count("\n")


def answer(code: str, *arguments: object) -> dict[str, Any]:
    """What a child said last; the first argument is the folder of its modules."""
    return fresh_answer(PRELUDE + code, *map(str, arguments))


def compiled_contexts(folder: Path) -> Path:
    """The folder, with `contexts` and `exceptions` in it."""
    module("contexts.c", folder, "contexts")
    module("exceptions.cpp", folder, "exceptions")
    return folder


def frames_of(finding: dict[str, Any]) -> list[dict[str, Any]]:
    """Every frame of a finding's stacks."""
    return [frame for trace in finding["traces"] for frame in trace["frames"]]
