"""Times a body that leaks a hundred objects: alone, in an audited run, and in the run that explains it.

``python explaining.py``; prints, for each body, CPU seconds of one call and what the ledger sampled, as JSON.
"""

from __future__ import annotations

import array
import ctypes
import functools
import json
import time
from typing import Any

OBJECTS = 100
CALLS = 5
#: Entries of the document that is parsed for each object.
BODIES = {"nothing else": 0, "a small document": 5, "a document of 50 entries": 50}

_take = ctypes.pythonapi.Py_IncRef
_take.argtypes = [ctypes.py_object]

#: Seconds of each call, and how many there were: nothing here is made by the audited calls.
_seconds = array.array("d", bytes(8 * 1000))
_calls = array.array("l", [0])


class _Record:
    __slots__ = ("fields",)


def _body(text: str) -> None:
    """Each object refers to nothing when it is leaked."""
    began = time.process_time()
    for _ in range(OBJECTS):
        record = _Record()
        if text:
            record.fields = json.loads(text)
            del record.fields
        _take(record)
    _seconds[_calls[0]] = time.process_time() - began
    _calls[0] += 1


def _least(calls: int) -> float:
    """Of the last calls."""
    return min(_seconds[_calls[0] - calls : _calls[0]])


def main() -> None:
    """Measure and print."""
    import refaudit

    figures: dict[str, Any] = {}
    for name, entries in BODIES.items():
        text = json.dumps([{"id": n, "name": f"n{n}"} for n in range(entries)]) if entries else ""
        body = functools.partial(_body, text)
        _calls[0] = 0
        for _ in range(CALLS):
            body()
        alone = _least(CALLS)
        refaudit.check(body, runs=CALLS)
        audited = _least(CALLS)
        report = refaudit.check(body, runs=CALLS, explain=True)
        (finding,) = report.findings
        sampled = finding.ledger["sampled"]
        if sampled["watched"] < OBJECTS:
            raise SystemExit(f"only {sampled['watched']} objects were watched")
        figures[name] = {"alone": alone, "audited": audited, "explained": _least(CALLS)}
        figures[name]["events"] = sampled["events"] / sampled["watched"]
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
