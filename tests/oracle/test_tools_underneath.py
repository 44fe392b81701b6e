"""Under valgrind or a sanitizer an audit that explains goes on, and says which tool keeps it from watching counts."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from typing import Any

import pytest
from support.valgrind import memcheck

pytestmark = pytest.mark.oracle

PATIENCE = 600

#: A leak, explained; and a watch of one object. Says what became of both.
AUDIT = """
import ctypes, json, refaudit
class Thing: pass
keep = ctypes.pythonapi.Py_IncRef
keep.argtypes = [ctypes.py_object]
def leaks(): keep(Thing())
report = refaudit.check(leaks, warmup=1, runs=2, explain=True)
kept = Thing()
with refaudit.trace_refs(kept) as trace: again = kept
found = [[f.rule, f.ledger["account"], f.ledger["notes"]] for f in report.findings]
print(json.dumps({"found": found, "trace": trace.notes, "entries": len(trace.entries)}))
"""


def audited(*under: str, **surroundings: str) -> dict[str, Any]:
    """What the audit said under a command, or with more in its environment."""
    done = subprocess.run(
        [*under, sys.executable, "-c", AUDIT],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
        env={**os.environ, **surroundings},
    )
    assert done.returncode == 0, done.stderr[-3000:]
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return said


def is_refused(said: dict[str, Any], tool: str, of_traps: str) -> None:
    """The leak is found all the same; the ledger is not silent about what it has not seen."""
    ((rule, account, notes),) = said["found"]
    assert (rule, account) == ("RA103", "unseen")
    assert [f"no guard pages: this process runs under {tool}" in note for note in notes] == [True]
    assert [f"runs under {of_traps}" in note for note in said["trace"]] == [True]
    assert said["entries"] == 0


def test_valgrind_is_said_and_survived() -> None:
    command = (memcheck(), "--quiet", "--undef-value-errors=no")
    said = audited(*command, PYTHONMALLOC="malloc")
    is_refused(said, "valgrind", "valgrind")


def sanitizer(name: str) -> str:
    """The run-time library of one of gcc's sanitizers, or the one command that installs it."""
    if shutil.which("gcc") is None:
        pytest.fail("gcc is missing; install it with: apt-get install gcc")
    command = ["gcc", f"-print-file-name={name}"]
    path = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    if not os.path.isabs(path):
        pytest.fail(f"{name} is missing; install it with: apt-get install libgcc-12-dev")
    return path


def test_a_sanitizer_is_said_and_survived() -> None:
    """As where an extension is built with -fsanitize=address, whose library must come first."""
    said = audited(LD_PRELOAD=sanitizer("libasan.so"), ASAN_OPTIONS="detect_leaks=0")
    is_refused(said, "AddressSanitizer", "a sanitizer")
