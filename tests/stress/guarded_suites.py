"""CPython's own tests with every object of 48 to 512 bytes in guarded memory: the same outcomes as without.

``python tests/stress/guarded_suites.py [TEST...]`` with a Python that has refaudit. Needs no network. Each test file
runs in two fresh processes; every store to such an object faults and is performed for the writer. Exit code 1 when an
outcome differs, or when an instruction was not understood.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from typing import Any

SUITES = ("test_list", "test_dict", "test_set", "test_deque", "test_json", "test_re")
LEAST, MOST = 48, 512
PATIENCE = 3600

#: Imports first: files are read into objects by the kernel, which no guarded page lets it.
CHILD = """
import faulthandler, io, json, sys, unittest
from test import support
faulthandler.enable()
support.use_resources = []
name, least, most = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
suite = unittest.defaultTestLoader.loadTestsFromName("test." + name)

class Outcomes(unittest.TestResult):
    def __init__(self):
        super().__init__()
        self.outcomes = {}
    def note(self, test, outcome):
        self.outcomes.setdefault(test.id(), outcome)
    def addSuccess(self, test): self.note(test, "passed")
    def addSkip(self, test, reason): self.note(test, "skipped")
    def addExpectedFailure(self, test, error): self.note(test, "failed as expected")
    def addUnexpectedSuccess(self, test): self.note(test, "passed unexpectedly")
    def addFailure(self, test, error): self.note(test, "failed: " + repr(error[1])[:200])
    def addError(self, test, error): self.note(test, "raised: " + repr(error[1])[:200])
    def addSubTest(self, test, subtest, error):
        if error is not None: self.note(test, "failed: " + repr(error[1])[:200])

result, statistics, notes = Outcomes(), {}, []
if most:
    from refaudit import _refaudit as core
    core.install()
    core._guard_all(least, most)
suite.run(result)
if most:
    statistics, notes = core._guard_statistics(), core._guard_end()
print(json.dumps({"outcomes": result.outcomes, "statistics": statistics, "notes": notes}), flush=True)
"""


def child(suite: str, guarded: bool) -> dict[str, Any]:
    """What one process said, with its seconds; one that died said nothing."""
    limits = (LEAST, MOST) if guarded else (0, 0)
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", CHILD, suite, *map(str, limits)],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
        env={**os.environ, "PYTHONHASHSEED": "0"},
    )
    seconds = time.perf_counter() - began
    if done.returncode:
        words = done.stderr.strip().splitlines()[-12:]
        return {"outcomes": {}, "died": "\n".join([f"ended with {done.returncode}", *words])}
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return {**said, "seconds": seconds}


def judge(suite: str) -> bool:
    """Runs one test file both ways, and prints a line. Whether nothing differs."""
    plain, guarded = child(suite, False), child(suite, True)
    for said in (plain, guarded):
        if "died" in said:
            print(f"{suite}: {said['died']}", flush=True)
            return False
    before, after = plain["outcomes"], guarded["outcomes"]
    differs = sorted(
        name for name in before.keys() | after.keys() if before.get(name) != after.get(name)
    )
    counts = guarded["statistics"]
    print(
        f"{suite}: {len(after)} tests, {len(differs)} differ; {counts['writes']:,} writes, "
        f"{counts['performed']:,} performed, {counts['stepped']:,} stepped, {counts['given_up']} not understood; "
        f"{plain['seconds']:.1f} s without, {guarded['seconds']:.1f} s with",
        flush=True,
    )
    for name in differs:
        print(f"  {name}: {before.get(name)} without, {after.get(name)} with")
    for note in guarded["notes"]:
        print(f"  {note}")
    return bool(after) and not differs and counts["given_up"] == 0 and counts["writes"] > 0


def main() -> None:
    """Run the named test files, or all."""
    parser = argparse.ArgumentParser(
        prog="python tests/stress/guarded_suites.py", description=__doc__
    )
    parser.add_argument(
        "suites", nargs="*", metavar="TEST", help=f"of CPython; else {', '.join(SUITES)}"
    )
    options = parser.parse_args()
    print(f"CPython {platform.python_version()}, objects of {LEAST} to {MOST} bytes", flush=True)
    results = [judge(suite) for suite in options.suites or SUITES]
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
