"""Times what is not watched while something else is: six workloads, and objects of the very size that is watched.

``python unwatched.py``; prints, for each, CPU seconds without a watch, without once more, and with one, as JSON.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import refaudits
from workloads import WORKLOADS

ROUNDS = 5
WAYS = ("none", "none again", "watching")


class _Watched:
    __slots__ = tuple(f"slot_{number}" for number in range(20))


#: Of the collector, before each object.
BEFORE = 16
SIZE = _Watched.__basicsize__ + BEFORE


def _same_size() -> None:
    """Births and deaths of the type that one watched object has."""
    for _ in range(100_000):
        _Watched()


def main() -> None:
    """All ways take turns, in a window as in an audited run; the least of all rounds counts."""
    core = refaudits.core("_guard_births")
    bodies: dict[str, Callable[[], Any]] = {**WORKLOADS, "same size": _same_size}
    best = {way: dict.fromkeys(bodies, float("inf")) for way in WAYS}
    with refaudits.window():
        for _ in range(ROUNDS):
            for way in WAYS:
                watched = _watch(core) if way == "watching" else None
                for name, body in bodies.items():
                    began = time.process_time()
                    body()
                    best[way][name] = min(best[way][name], time.process_time() - began)
                if watched is not None:
                    _end(core, watched)
    print(json.dumps(best))


def _watch(core: Any) -> _Watched:
    core._guard_births(SIZE, BEFORE, 1)
    return _Watched()


def _end(core: Any, watched: _Watched) -> None:
    if not core._guard_watches(id(watched)):
        raise SystemExit("the object was not watched")
    core._guard_end()


if __name__ == "__main__":
    main()
