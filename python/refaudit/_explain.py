"""The second audit of what a first one found: with a watch on the objects of its findings."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from refaudit._audit import Measurement

#: Findings about objects; those about memory alone have their stacks of birth.
_ABOUT_OBJECTS = ("reference", "type-reference", "object", "growth", "over-release")


def explain(
    findings: list[dict[str, Any]],
    found: Measurement,
    begin: Callable[[], Measurement],
    again: Callable[[Measurement], object],
) -> None:
    """Give each of ``findings`` about objects its ledger.

    ``found`` is the measurement that they come from, ``begin`` makes another one, and ``again``
    takes its baseline, repeats the runs, and observes. First the sites of birth are watched; if
    an object was not met there again, everything of its size is, once more.
    """
    for wide in (False, True):
        waiting = [f for f in findings if f["kind"] in _ABOUT_OBJECTS and not _told(f)]
        if not waiting:
            return
        second = begin()
        second.watch(found, wide)
        again(second)
        _carry(second.findings(), waiting)


def _told(finding: dict[str, Any]) -> bool:
    """Whether the history of at least one of the objects is known from a watch.

    What imported functions did is known without one, but not all that was done.
    """
    watched = ("guard-page", "breakpoint")
    history = finding["ledger"]["history"] if finding["ledger"] else []
    return any(entry["mechanism"] in watched for entry in history)


def _carry(second: list[dict[str, Any]], waiting: list[dict[str, Any]]) -> None:
    """Give the findings of the first audit the ledgers of their equals in the second."""
    ledgers: dict[tuple[str, str], dict[str, Any]] = {}
    exact: dict[str, dict[str, Any]] = {}
    for finding in second:
        if finding["ledger"]:
            exact.setdefault(finding["fingerprint"], finding["ledger"])
            ledgers.setdefault((finding["rule"], finding["type_name"]), finding["ledger"])
    for finding in waiting:
        key = finding["rule"], finding["type_name"]
        ledger = exact.get(finding["fingerprint"]) or ledgers.get(key)
        if ledger is not None:
            finding["ledger"] = ledger
