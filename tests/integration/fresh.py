"""Runs Python text in a fresh interpreter: what an audit says must not depend on pytest."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

PATIENCE = 60

#: What every child may use. `say` prints one answer; the last line that is printed counts.
PRELUDE = """
import gc, json, sys, weakref
def say(**answer):
    print(json.dumps(answer), flush=True)
def told(report):
    findings = [
        [f.rule, f.verdict, f.type_name, f.per_run, f.holder["kind"]] for f in report.findings
    ]
    return {"outcome": report.document["outcome"], "findings": findings, "trust": report.trust}
"""


def run(code: str, *arguments: str, prelude: str = PRELUDE) -> subprocess.CompletedProcess[str]:
    """A fresh interpreter that has run the text."""
    return subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", prelude + code, *arguments],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )


def answer(code: str, *arguments: str) -> dict[str, Any]:
    """What the text said last. A child that crashes or raises is a failure with its words."""
    return last_answer(run(code, *arguments))


def last_answer(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """What a child said last. One that crashed or raised is a failure with its words."""
    assert done.returncode == 0, f"the child ended with {done.returncode}:\n{done.stderr[-3000:]}"
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return said
