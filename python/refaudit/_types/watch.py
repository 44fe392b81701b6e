"""What is being asked of which type, told to the parent before, and for how long."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


class Watch:
    """Enters phases one by one, and leaves out those that a process did not survive before."""

    def __init__(self, tell: Callable[..., None], request: dict[str, Any]) -> None:
        self._tell = tell
        self._skip: dict[str, list[str]] = request["skip"]
        self._patience: float = request["patience"]
        self._end = time.monotonic() + request["seconds"]
        # Whoever does not return is ended by the signal's default action, and told by it.
        signal.signal(signal.SIGALRM, signal.SIG_DFL)

    def may(self, key: str, phase: str) -> bool:
        """Whether nothing died in this phase of this type yet."""
        return phase not in self._skip.get(key, ())

    @contextmanager
    def phase(self, key: str, phase: str, what: str, known: dict[str, Any]) -> Iterator[None]:
        """A phase that may never end. ``known`` of the type is handed over before."""
        self._tell(what, {"at": [key, phase], **known})
        signal.setitimer(signal.ITIMER_REAL, self._patience)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, max(1.0, self._end - time.monotonic()))

    def done(self, key: str, known: dict[str, Any]) -> None:
        """Hand over what is known of a type, for good.

        A heap that it damaged may break only later: what dies until the next question is told of it.
        """
        self._tell(f"going on from {key} to the next type", {"at": [key, "after"], **known})
