"""A line on standard error that tells what takes so long; only where somebody looks."""

from __future__ import annotations

import sys
import threading
import time
from types import TracebackType

#: What is done sooner is not worth a line.
_PATIENCE = 1.0


class Progress:
    """Says what is going on and for how long, from the first second on, until the block ends."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Progress:
        if sys.stderr is not None and sys.stderr.isatty():
            self._thread = threading.Thread(target=self._tick, daemon=True)
            self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._over.set()
        if self._thread is not None:
            self._thread.join()

    def _tick(self) -> None:
        began, width = time.monotonic(), 0
        while not self._over.wait(_PATIENCE):
            line = f"refaudit: {self._text} ({time.monotonic() - began:.0f} s)"
            width = len(line)
            print(f"\r{line}", end="", file=sys.stderr, flush=True)
        if width:
            print(f"\r{' ' * width}\r", end="", file=sys.stderr, flush=True)
