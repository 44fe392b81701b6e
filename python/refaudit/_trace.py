"""`trace_refs`: a watch on the reference count of one object around a block of code."""

from __future__ import annotations

import json
from types import TracebackType
from typing import Any

from refaudit import _audit
from refaudit._scope import names_of


class trace_refs:
    """Watches the reference count of one object in the block of a ``with`` statement.

    Afterwards ``entries`` has each change of the count in order, ``notes`` what could not be seen,
    and ``str()`` is the history as text. The object is not kept alive: when it dies, so does its
    history. What the block's own Python code does to the object is in it as well.

    The watch is a hardware breakpoint, of which a process has four. An immortal object has no
    count that changes; `notes` says so. ``scope`` names the modules or distributions whose frames
    may be blamed.
    """

    def __init__(self, obj: object, scope: Any = None) -> None:
        self._address = id(obj)
        self._scope = names_of(scope)
        self._watch: Any = None
        self._ledger: dict[str, Any] | None = None

    def __enter__(self) -> trace_refs:
        if self._watch is not None or self._ledger is not None:
            raise RuntimeError("a watch cannot be used twice")
        _audit.ensure_installed()
        self._watch = _audit.core().RefTrace(self._address)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._ledger = json.loads(self._watch.finish(self._scope))
        self._watch = None

    @property
    def ledger(self) -> dict[str, Any]:
        """All that was seen, as in the audit document. Raises `RuntimeError` in the block."""
        if self._ledger is None:
            raise RuntimeError("the history is there when the block has ended")
        return self._ledger

    @property
    def entries(self) -> list[dict[str, Any]]:
        """Each change of the count, in order. As in the audit document."""
        return list(self.ledger["history"])

    @property
    def notes(self) -> list[str]:
        """What could not be seen, as sentences."""
        return list(self.ledger["notes"])

    @property
    def balance(self) -> int:
        """References more (or fewer) at the end of the block than at its beginning."""
        return sum(entry["change"] for entry in self.entries)

    def __str__(self) -> str:
        return str(_audit.core().render_history(json.dumps(self.ledger)))
