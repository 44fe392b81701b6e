"""Times one change of a reference count: unwatched, on a guard page, stepped, and under a hardware breakpoint.

``python references.py``; prints nanoseconds as JSON. A hardware breakpoint that is forbidden here is left out.
"""

from __future__ import annotations

import ctypes
import json
import os
import sys
from pathlib import Path
from typing import Any

import refaudits

#: References taken and released in a batch, and batches, of which the fastest counts.
TIMES, BATCHES = 100, 200


def main() -> None:
    """Each way in turn, in one process."""
    core = refaudits.core("_guard_births")
    native = ctypes.PyDLL(str(Path.cwd() / "native" / "watches.so"))
    native.changes.restype = native.faults.restype = ctypes.c_double
    native.changes.argtypes = [ctypes.c_void_p, ctypes.c_long, ctypes.c_long]
    native.faults.argtypes = [ctypes.c_long, ctypes.c_long]
    native.stepped_count.restype = ctypes.c_void_p
    native.breakpoint_on.argtypes = [ctypes.c_void_p]
    native.seen_so_far.restype = ctypes.c_long
    alone = ctypes.c_long(1)
    figures = {"unwatched": native.changes(ctypes.addressof(alone), TIMES * 1000, 20)}
    core.install()
    figures["guard page"] = _guarded(core, native)
    figures["a fault that is ignored"] = native.faults(2 * TIMES, BATCHES)
    figures["mprotect and step"] = _stepped(native)
    count = ctypes.c_long(1)
    file = native.breakpoint_on(ctypes.addressof(count))
    if file < 0:
        print(f"no hardware breakpoint: {os.strerror(-file)}", file=sys.stderr)
    else:
        figures["hardware breakpoint"] = native.changes(ctypes.addressof(count), TIMES, BATCHES)
        _seen(native.seen_so_far())
        native.end_breakpoint(file)
    print(json.dumps(figures))


class _Watched:
    __slots__ = tuple(f"slot_{number}" for number in range(50))


def _guarded(core: Any, native: ctypes.PyDLL) -> float:
    """With the native and the Python stack of each change."""
    core._guard_births(_Watched.__basicsize__ + 16, 16, 1)
    watched = _Watched()
    # The first changes see every stack for the first time.
    native.changes(id(watched), 10, 1)
    core._watch_forget()
    nanoseconds: float = native.changes(id(watched), TIMES, BATCHES)
    _seen(sum(event[0] == id(watched) and event[4] > 0 for event in core._watch_events()))
    core._guard_end()
    return nanoseconds


def _stepped(native: ctypes.PyDLL) -> float:
    nanoseconds: float = native.changes(native.stepped_count(), TIMES, BATCHES)
    _seen(native.seen_so_far())
    native.end_stepping()
    return nanoseconds


def _seen(events: int) -> None:
    if events < 2 * TIMES * BATCHES:
        raise SystemExit(f"only {events} of {2 * TIMES * BATCHES} changes were seen")


if __name__ == "__main__":
    main()
