"""Checks that an audit document reports the leaks of this package, all of them and nothing else.

Used by `make demo`: pytest's exit status 1 alone would not tell six findings from a broken test.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

EXPECTED = {
    "test_describe_keeps_its_argument": "RA101",
    "test_handle_keeps_its_type": "RA102",
    "test_split_leaves_a_list_on_its_error_path": "RA103",
    "test_remember_grows_a_static_list": "RA104",
    "test_checksum_leaves_a_block": "RA105",
    "test_average_leaves_memory_on_its_error_path": "RA106",
}

SOURCE = Path(__file__).parent / "src" / "leaky_package" / "_leaky.c"

#: Tests whose finding must say where the leak was born: the C function, and the mark of the line.
#: Not that of the list: before Python 3.13 nobody is told when one comes from a free list.
BORN = {
    "test_remember_grows_a_static_list": ("remember", "the text of RA104"),
    "test_average_leaves_memory_on_its_error_path": ("average_of", "the block of RA106"),
}

#: Tests whose finding must say which line took what is not given back. What RA101 and RA102 are about was there before the
#: runs: it is watched by a hardware breakpoint, which not every machine permits.
TAKEN = {
    "test_describe_keeps_its_argument": ("describe", "Py_INCREF(arg); /* LEAK"),
    "test_handle_keeps_its_type": ("handle_dealloc", "LEAK: Py_DECREF(type) is missing"),
    "test_split_leaves_a_list_on_its_error_path": ("split_at", "PyUnicode_Split(arg"),
    "test_remember_grows_a_static_list": ("remember", "PyList_Append(history, line)"),
}
MAY_BE_FORBIDDEN = {"test_describe_keeps_its_argument", "test_handle_keeps_its_type"}


def _test(finding: dict) -> str:
    """The name of the test that a finding belongs to."""
    return finding["subject"].rpartition("::")[2]


def _rules(document: dict) -> list[str]:
    """What the document reports otherwise than expected, in sentences."""
    found: dict[str, set[str]] = {}
    for finding in document["findings"]:
        found.setdefault(_test(finding), set()).add(finding["rule"])
    wrong = []
    for test in sorted(EXPECTED.keys() | found.keys()):
        expected = {EXPECTED[test]} if test in EXPECTED else set()
        seen = found.get(test, set())
        if seen != expected:
            wrong.append(f"{test}: expected {sorted(expected)}, reported {sorted(seen)}")
    return wrong


def _line_of(mark: str) -> int:
    """The line of the C source that is marked as a birth."""
    lines = SOURCE.read_text(encoding="utf-8").splitlines()
    return next(number for number, text in enumerate(lines, 1) if f"BORN: {mark}" in text)


def _backtrace(finding: dict) -> list[str]:
    """What is missing from a finding's hybrid stack, in sentences."""
    test = _test(finding)
    function, mark = BORN[test]
    if not finding["traces"] or finding["site"] is None:
        return [f"{test}: no stack of birth"]
    site, frames = finding["site"]["frame"], finding["traces"][0]["frames"]
    wrong = []
    # A compiler may have made a copy of the function for one value of a parameter, with a suffix.
    place = (site["function"].partition(".")[0], Path(site["file"]).name, site["line"])
    expected = (function, SOURCE.name, _line_of(mark))
    if place != expected:
        wrong.append(f"{test}: the site is {place}, not {expected}")
    if test not in [frame["function"] for frame in frames if frame["origin"] == "python"]:
        wrong.append(f"{test}: no Python frame of the test is on the stack")
    return wrong


def _taken(finding: dict) -> list[str]:
    """What a finding says otherwise about the line that took the reference, in sentences."""
    test, ledger = _test(finding), finding["ledger"]
    if ledger is None:
        return [f"{test}: nobody looked which line took it"]
    if test in MAY_BE_FORBIDDEN and not ledger["sampled"]["watched"] and ledger["notes"]:
        return []
    function, text = TAKEN[test]
    lines = SOURCE.read_text(encoding="utf-8").splitlines()
    expected = (function, next(number for number, line in enumerate(lines, 1) if text in line))
    frame = ledger["places"][0]["frame"] if ledger["places"] else {"function": "", "line": 0}
    named = (frame["function"].partition(".")[0], frame["line"])
    return [] if named == expected else [f"{test}: the ledger names {named}, not {expected}"]


def differences(document: dict) -> list[str]:
    """What the document says otherwise than expected, in sentences."""
    if not document["trust"]["valid"]:
        return [f"the audit is invalid: {document['trust']['reason']}"]
    wrong = _rules(document)
    for finding in document["findings"]:
        if _test(finding) in BORN:
            wrong += _backtrace(finding)
        if _test(finding) in TAKEN:
            wrong += _taken(finding)
    return wrong


def _place(finding: dict) -> str:
    """The blamed line, and the Python line that led there."""
    site, frames = finding["site"]["frame"], finding["traces"][0]["frames"]
    python = next(frame for frame in frames if frame["origin"] == "python")
    names = [
        f"{frame['function']} ({Path(frame['file']).name}:{frame['line']})"
        for frame in (site, python)
    ]
    return " < ".join(names)


def _guilty(finding: dict) -> str:
    """The line that took the reference, or why nobody knows it."""
    ledger = finding["ledger"]
    if not ledger["places"]:
        return f"{finding['type_name']}: which line took it is not known here: {'; '.join(ledger['notes'])}"
    place = ledger["places"][0]
    frame = place["frame"]
    where = f"{frame['function']} ({Path(frame['file']).name}:{frame['line']})"
    if place["function"] == "tp_dealloc":
        return f"{finding['type_name']}: taken by each instance, not given back by {where}"
    return f"{finding['type_name']}: taken at {where} by {place['function']}"


def main(path: str) -> int:
    """Prints the differences; the exit status is 1 when there are any."""
    document = json.loads(Path(path).read_text(encoding="utf-8"))
    wrong = differences(document)
    for line in wrong:
        print(line, file=sys.stderr)
    if wrong:
        return 1
    print(f"refaudit reported all {len(EXPECTED)} leaks of the sample package, and nothing else.")
    for finding in document["findings"]:
        if _test(finding) in BORN:
            print(f"  {finding['rule']} {finding['type_name']}: {_place(finding)}")
    print("Which line took the reference that is never given back:")
    for finding in document["findings"]:
        if _test(finding) in TAKEN:
            print(f"  {finding['rule']} {_guilty(finding)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
