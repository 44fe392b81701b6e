"""Tests that share one baseline and one observation."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pytest

    from refaudit._audit import Measurement
    from refaudit._pytest.settings import TestSettings


@dataclass(eq=False)
class Watched:
    """One test that was watched, and its teardown report, held back until the verdict is known."""

    item: pytest.Item
    settings: TestSettings
    #: Index of its run in the batch's measurement.
    run: int
    #: `passed`, `failed`, `skipped`, `xfailed`, `xpassed`; a repetition must end the same way.
    outcome: str
    report: pytest.TestReport
    #: What xdist's worker calls the test; other than with the test itself, it must be told.
    index: int | None = None
    findings: list[dict[str, Any]] = field(default_factory=list)
    #: What its survivors retain, as in the audit document.
    dominators: list[dict[str, Any]] = field(default_factory=list)
    warmup: int = 0
    runs: int = 1

    @property
    def verdict(self) -> str:
        """`leak`, `maybe`, `known` or `clean`, as the document's outcome of one test."""
        from refaudit._known.knowledge import outcome

        return outcome(self.findings)


class Batch:
    """The tests watched since the last snapshot."""

    def __init__(self, measurement: Measurement, size: int) -> None:
        self.measurement = measurement
        self.tests: list[Watched] = []
        #: Set by the test that ends the batch: its wider fixtures are still up.
        self.closing = False
        self._size = size

    def closes_with(self, settings: TestSettings, before_a_loner: bool) -> bool:
        """Whether a test that runs now is the last one.

        A test that must not be repeated has only its own evidence, and a batch of its own.
        """
        return len(self.tests) + 1 >= self._size or before_a_loner or not settings.repeat


def suspects(tests: list[Watched], measurement: Measurement) -> list[Watched]:
    """The tests that the last observation does not clear.

    A survivor is stamped with its test. A reference gained by an older object is not, so that
    everybody is a suspect then.
    """
    if measurement.gained():
        return [test for test in tests if test.outcome != "skipped"]
    runs = set(measurement.survivor_runs())
    return [test for test in tests if test.run in runs and test.outcome != "skipped"]
