"""CPython's own tests with every object of 48 to 512 bytes in guarded memory: the same outcomes as without.

``python tests/stress/guarded_suites.py [TEST...]`` with a Python that has refaudit. Needs no network. Each test file
runs in two fresh processes; every store to such an object faults and is performed for the writer. Exit code 1 when an
outcome differs, or when an instruction was not understood.
"""

from __future__ import annotations

import argparse
import platform
import sys

from processes import LEAST, MOST, both, counts, is_whole

SUITES = ("test_list", "test_dict", "test_set", "test_deque", "test_json", "test_re")

TEXT = """
import unittest
from test import support
support.use_resources = []
suite = unittest.defaultTestLoader.loadTestsFromName("test." + sys.argv[3])

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

result = Outcomes()
guarded()
suite.run(result)
say(result.outcomes)
"""


def judge(suite: str) -> bool:
    """Runs one test file both ways, and prints a line. Whether nothing differs."""
    plain, guarded = both(TEXT, suite)
    for said in (plain, guarded):
        if "died" in said:
            print(f"{suite}: {said['died']}", flush=True)
            return False
    before, after = plain["answer"], guarded["answer"]
    differs = sorted(
        name for name in before.keys() | after.keys() if before.get(name) != after.get(name)
    )
    print(
        f"{suite}: {len(after)} tests, {len(differs)} differ; {counts(guarded)}; "
        f"{plain['seconds']:.1f} s without, {guarded['seconds']:.1f} s with",
        flush=True,
    )
    for name in differs:
        print(f"  {name}: {before.get(name)} without, {after.get(name)} with")
    for note in guarded["notes"]:
        print(f"  {note}")
    return bool(after) and not differs and is_whole(guarded)


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
