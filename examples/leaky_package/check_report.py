"""Checks that an audit document reports the leaks of this package, all of them and nothing else.

Used by `make demo`: pytest's exit status 1 alone would not tell five findings from a broken test.
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
}


def differences(document: dict) -> list[str]:
    """What the document says otherwise than expected, in sentences."""
    if not document["trust"]["valid"]:
        return [f"the audit is invalid: {document['trust']['reason']}"]
    found: dict[str, set[str]] = {}
    for finding in document["findings"]:
        found.setdefault(finding["subject"].rpartition("::")[2], set()).add(finding["rule"])
    wrong = []
    for test in sorted(EXPECTED.keys() | found.keys()):
        expected = {EXPECTED[test]} if test in EXPECTED else set()
        seen = found.get(test, set())
        if seen != expected:
            wrong.append(f"{test}: expected {sorted(expected)}, reported {sorted(seen)}")
    return wrong


def main(path: str) -> int:
    """Prints the differences; the exit status is 1 when there are any."""
    wrong = differences(json.loads(Path(path).read_text(encoding="utf-8")))
    for line in wrong:
        print(line, file=sys.stderr)
    if not wrong:
        print(
            f"refaudit reported all {len(EXPECTED)} leaks of the sample package, and nothing else."
        )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
