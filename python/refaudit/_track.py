"""`track`: an audit around a block of code."""

from __future__ import annotations

import gc
import threading
from types import TracebackType
from typing import Any

from refaudit import _audit
from refaudit._report import Report
from refaudit._scope import in_scope
from refaudit.errors import LeakError


class track:
    """Audits the block of a ``with`` statement; afterwards ``report`` has the result.

    A block runs once, so only exact evidence is a leak; the rest is ``maybe``. With ``fail`` a
    leak raises `LeakError` at the end of the block. An exception of the block propagates after
    the audit is finished.
    """

    def __init__(self, subject: str = "track()", scope: Any = None, fail: bool = False) -> None:
        self.subject, self.scope, self.fail = subject, scope, fail
        self._guard = _audit.exclusively()
        self._report: Report | None = None

    @property
    def report(self) -> Report:
        """The result. Raises `RuntimeError` while the block still runs."""
        if self._report is None:
            raise RuntimeError("the report is there when the block has ended")
        return self._report

    def __enter__(self) -> track:
        self._guard.__enter__()
        try:
            self._threads, self._collector = threading.active_count(), gc.isenabled()
            self._layers = _audit.read_layers()
            self._measurement = _audit.Measurement(self.subject, self.scope)
            self._measurement.expect_one_run()
            self._measurement.begin()
            self._measurement.open()
        except BaseException:
            self._guard.__exit__()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        # Nothing but this first: what the rest allocates is not the block's.
        self._measurement.close()
        try:
            self._report = self._conclude(error)
        finally:
            self._guard.__exit__()
        if self.fail and error is None and self._report.document["outcome"] == "leak":
            raise LeakError(self._report)

    def _conclude(self, error: BaseException | None) -> Report:
        self._measurement.observe()
        findings = [f for f in self._measurement.findings() if in_scope(f, self.scope)]
        if error is not None:
            # The traceback holds the frames of the block.
            findings = [f for f in findings if f["holder"]["kind"] == "nothing"]
            findings = [f for f in findings if not _is_in_flight(f, error)]
        dominators = self._measurement.dominators()
        notes = _audit.watch_environment(self._threads, self._collector)
        test = {
            "id": self.subject,
            "outcome": _audit.outcome(findings),
            "warmup": 0,
            "runs": 1,
            "findings": len(findings),
        }
        return Report(
            _audit.document(self.subject, findings, [test], notes, self._layers, dominators)
        )


def _is_in_flight(finding: dict[str, Any], error: BaseException) -> bool:
    """Whether a finding is only what stands on the value stack of the frame that runs the block.

    That is the exception, its traceback, and (from 3.11) the number of an instruction.
    """
    if finding["kind"] != "object" or finding["total"] != 1:
        return False
    own = {hex(id(error)), hex(id(error.__traceback__))}
    return finding["address"] in own or finding["type_name"] == "int"
