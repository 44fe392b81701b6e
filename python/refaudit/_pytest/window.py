"""Which allocations belong to a test, and which to pytest or to nobody."""

from __future__ import annotations

import gc
import sys
from typing import TYPE_CHECKING

from refaudit._audit import exclusively

if TYPE_CHECKING:
    from refaudit._audit import Measurement


#: 3.12 freezes a few hundred of its own objects before any code runs; whoever freezes more means it.
FROZEN_AT_START = gc.get_freeze_count() if sys.version_info[:2] == (3, 12) else 0


class Window:
    """The stamp window of the running test; it nests, as fixtures request fixtures.

    Test function, function-scoped fixtures and their teardown are inside. Wider fixtures and
    pytest's own work are outside, at whatever depth they happen.
    """

    def __init__(self) -> None:
        self._measurement: Measurement | None = None
        self._inside = False
        #: A test that calls `refaudit.check` itself is told to use the fixture, or none.
        self._guard = exclusively()

    def open(self, measurement: Measurement | None) -> int:
        """Begin a test's run; nothing is stamped before `switch(True)`. Gives the run's index."""
        self._guard.__enter__()
        self._measurement = measurement
        self._inside = False
        if measurement is None:
            return -1
        run: int = measurement.open()
        measurement.pause()
        return run

    def switch(self, inside: bool) -> bool:
        """Go inside or outside; gives the state before, which the caller puts back."""
        before = self._inside
        if self._measurement is not None and inside is not before:
            self._inside = inside
            flush_free_lists()
            if inside:
                self._measurement.resume()
            else:
                self._measurement.pause()
        return before

    def close(self) -> None:
        """End the test's run."""
        measurement, self._measurement = self._measurement, None
        self._inside = False
        if measurement is not None:
            measurement.close()
        self._guard.__exit__()


def flush_free_lists() -> None:
    """Empty the interpreter's free lists, in less than a microsecond.

    What comes from a free list bears the stamp of its block's first owner: a test's freed dict
    would lend its stamp to pytest's report, and pytest's freed tuple hide a leak of the test. A
    full collection empties the lists, and costs nothing while everything is frozen. The reference
    tracer of 3.13 would do, but only while it is on.
    """
    if gc.get_freeze_count() <= FROZEN_AT_START:
        gc.freeze()
        gc.collect()
        gc.unfreeze()
