"""Exit codes of the command. Their page is `docs/reference/exit-codes.md`."""

from __future__ import annotations

from typing import Any

CLEAN, FINDINGS, USAGE, NO_AUDIT, INTERNAL = range(5)
#: Stopped from the keyboard: as shells say it, 128 and the number of the signal.
INTERRUPTED = 130


class UsageError(ValueError):
    """What was asked for makes no sense; the message says what to write instead. Exit code 2."""


def of_document(document: dict[str, Any]) -> int:
    """The exit code for an audit document: what is known and no worse is no reason to fail."""
    return {"clean": CLEAN, "known": CLEAN, "invalid": NO_AUDIT}.get(document["outcome"], FINDINGS)
