"""Nanoseconds for one call of `Py_IncRef` or `Py_DecRef` from an extension.

``python references_imported.py 'no hook'|asleep|recording``; prints `call` as JSON.
"""

from __future__ import annotations

import importlib.machinery
import importlib.util
import json
import sys
import time
from pathlib import Path

import refaudits

PAIRS = 500_000
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
    core = refaudits.core("_native_sync", "_native_awake", "_imported_counts")
    if way != "no hook":
        core.install()
        core._native_sync([])
    best = float("inf")
    thing = object()
    for _ in range(ROUNDS):
        core._native_awake(way == "recording")
        before = time.process_time()
        counting.pairs(thing, PAIRS)
        best = min(best, time.process_time() - before)
        if way == "recording":
            assert len(core._imported_counts([id(thing)])) == 2 * PAIRS
        core._native_awake(False)
    print(json.dumps({"call": best / (2 * PAIRS) * 1e9}))


if __name__ == "__main__":
    main()
