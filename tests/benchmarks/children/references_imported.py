"""Nanoseconds for one call of an imported function from an extension.

``python references_imported.py 'no hook'|asleep|recording``; prints as JSON `counted` (`Py_IncRef` or `Py_DecRef`),
`returned` (`PySequence_GetItem`) and `stolen` (`PyList_SetItem`).
"""

from __future__ import annotations

import importlib.machinery
import importlib.util
import json
import sys
import time
from pathlib import Path

import refaudits

#: Functions of the extension, and how many imported functions a turn of theirs calls.
CALLS = {"pairs": 2, "returned": 1, "stolen": 1}
TIMES = 500_000
FEW = 1_000
ROUNDS = 5


def main() -> None:
    """Import, hook as asked, measure and print."""
    path = str(Path.cwd() / "native" / "counting.so")
    spec = importlib.util.spec_from_file_location(
        "counting", path, loader=importlib.machinery.ExtensionFileLoader("counting", path)
    )
    assert spec is not None
    assert spec.loader is not None
    counting = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(counting)
    way = sys.argv[1]
    core = refaudits.core("_native_sync", "_native_awake", "_imported_counts", "_watch_calls")
    if way != "no hook":
        core.install()
        core._native_sync([])
        # The hooks are there from now on.
        core._native_awake(True)
        core._watch_calls(True)
        core._watch_calls(False)
        core._native_awake(False)
    thing = object()

    def call(name: str, times: int) -> float:
        """Seconds of CPU time."""
        core._native_awake(way == "recording")
        core._watch_calls(way == "recording")
        before = time.process_time()
        getattr(counting, name)(thing if name == "pairs" else [thing], times)
        return time.process_time() - before

    def rest() -> None:
        core._watch_calls(False)
        core._native_awake(False)

    best = dict.fromkeys(CALLS, float("inf"))
    for name, calls in CALLS.items():
        call(name, FEW)
        if way == "recording":
            seen = [event for event in core._imported_counts([id(thing)]) if event[1] != event[2]]
            assert len(seen) == calls * FEW
            assert seen[0][4] == ("import-table" if name == "pairs" else "call-effect")
        rest()
        for _ in range(ROUNDS):
            best[name] = min(best[name], call(name, TIMES) / (calls * TIMES))
            rest()
    names = {"pairs": "counted"}
    print(json.dumps({names.get(name, name): seconds * 1e9 for name, seconds in best.items()}))


if __name__ == "__main__":
    main()
