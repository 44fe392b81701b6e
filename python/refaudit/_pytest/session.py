"""The one object that knows the state of an auditing pytest session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from refaudit._pytest import known, protocol, xdist
from refaudit._pytest.batch import Batch, Watched, suspects
from refaudit._pytest.confirm import begin, confirm
from refaudit._pytest.record import Record
from refaudit._pytest.report import attach
from refaudit._pytest.settings import TestSettings, audited, unaudited_notes
from refaudit._pytest.window import Window

if TYPE_CHECKING:
    import pytest

    from refaudit._audit import Measurement
    from refaudit.config import Config


class AuditSession:
    """Runs tests in batches, judges them, and keeps strings and numbers about them."""

    def __init__(self, session: pytest.Session, settings: Config) -> None:
        self.pytest = session
        self.settings = settings
        self.record = Record(session, settings)
        self.record.knowledge = known.of_process(session.config)
        self.record.notes += unaudited_notes(session.items, settings)
        self.window = Window()
        #: A test runs again, silently: no batch, no log. Its measurement and how it ended.
        self.repeating = False
        self._again: Measurement | None = None
        self._ended = ""
        self._batch: Batch | None = None
        #: The test that comes next, told by the loop.
        self.upcoming: pytest.Item | None = None

    def watches(self, item: pytest.Item | None) -> bool:
        """Whether `item` is audited, in this session as it stands."""
        return item is not None and not self.record.invalid and audited(item, self.settings)

    def run(self, item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
        """Run `item` as `pytest_runtest_protocol` does; None when it is not ours."""
        if self.repeating:
            self._run_again(item)
            return True
        if self._batch is None or not self.watches(item):
            return None
        item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
        self._run_first(item, nextitem, self._batch)
        if not self._batch.closing:
            item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
        return True

    def _run_first(self, item: pytest.Item, nextitem: pytest.Item | None, batch: Batch) -> None:
        settings = TestSettings.of(item, self.settings)
        beside = nextitem is not None and nextitem.parent is item.parent

        def choose_next() -> pytest.Item | None:
            batch.closing = self._closes(batch, settings, nextitem)
            return nextitem if beside and not batch.closing else protocol.sibling(item)

        run = self.window.open(batch.measurement)
        try:
            ended, report = protocol.run_first(item, choose_next)
        finally:
            self.window.close()
        if not beside and not batch.closing:
            report = self._widen(item, nextitem, report)
        index = xdist.current_index(item.config)
        batch.tests.append(Watched(item, settings, run, ended, report, index))

    def _closes(self, batch: Batch, settings: TestSettings, nextitem: pytest.Item | None) -> bool:
        """Whether a test with `settings` that runs now is the batch's last one."""
        alone = not self.watches(nextitem)
        if nextitem is not None and not alone:
            alone = not TestSettings.of(nextitem, self.settings).repeat
        return batch.closes_with(settings, alone) or self._stopping()

    def _widen(
        self, item: pytest.Item, nextitem: pytest.Item | None, report: pytest.TestReport
    ) -> pytest.TestReport:
        """Tear down the wider fixtures that `nextitem` does not need, outside of the window.

        Gives the report to log for the teardown; two failures are logged one by one.
        """
        failed = protocol.tear_down_to(item, nextitem)
        if failed is None:
            return report
        if report.failed:
            item.ihook.pytest_runtest_logreport(report=report)
        return failed

    def repeat(self, item: pytest.Item, measurement: Measurement | None) -> str:
        """Run `item` again under every plugin's wrappers; gives how it ended."""
        failed = protocol.tear_down_to(item, protocol.sibling(item))
        if failed is not None:
            self.record.note(f"a wider fixture failed in its teardown before {item.nodeid}")
        self.repeating, self._again, self._ended = True, measurement, "unknown"
        try:
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=protocol.sibling(item))
        finally:
            self.repeating, self._again = False, None
        return self._ended

    def _run_again(self, item: pytest.Item) -> None:
        self.window.open(self._again)
        try:
            self._ended = protocol.run_again(item)
        finally:
            self.window.close()

    def _stopping(self) -> bool:
        return bool(self.pytest.shouldfail or self.pytest.shouldstop)

    def between(self) -> None:
        """What is due between two tests: judge the batch that has ended, open the next one.

        Called by the loop, above every hook, with nothing on its hands: what an interpreter frame
        has on its value stack cannot be seen, and would be taken for a leaked reference. For the
        same reason every snapshot is taken on the same line.
        """
        batch = self._batch
        if batch is not None and not (batch.closing or self._stopping()):
            return
        if batch is None and not self.watches(self.upcoming):
            return
        try:
            scope = self.settings.scope
            measurement = begin("pytest", None, scope) if batch is None else batch.measurement
            while True:
                protocol.let_go(self.pytest.config)
                measurement.observe(quick=True)
                if self._batch is None or not self._close(self._batch):
                    break
                if not self.watches(self.upcoming):
                    break
                measurement = begin("pytest", measurement, scope)
            if self.watches(self.upcoming):
                self._batch = Batch(begin("pytest", measurement, scope), self.settings.batch)
        except Exception as error:  # ours, not the tests': they keep their reports
            self.record.invalidate(error)
            self.abandon("the audit failed")

    def _close(self, batch: Batch) -> bool:
        """Judge `batch` and let it go; whether that left the interpreter another than observed."""
        suspected = suspects(batch.tests, batch.measurement)
        if suspected:
            confirm(self, batch, suspected)
        for test in batch.tests:
            if test.outcome != "skipped":
                self.record.add(test)
        self._batch = None
        nextitem = None if self._stopping() else self.upcoming
        wider = nextitem is None or nextitem.parent is not batch.tests[-1].item.parent
        self._release(batch, nextitem)
        return bool(suspected) or wider

    def _release(self, batch: Batch, nextitem: pytest.Item | None) -> None:
        """Log the reports that were held back, after the teardown that `nextitem` calls for."""
        last = batch.tests[-1]
        if batch.closing:
            last.report = self._widen(last.item, nextitem, last.report)
        for test in batch.tests:
            attach(test)
            xdist.log(test)
        item = last.item
        if batch.closing:
            item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)

    def abandon(self, reason: str) -> None:
        """Log what was held back without a verdict: the session ends here."""
        batch, self._batch = self._batch, None
        if batch is None or not batch.tests:
            return
        self.record.note(f"{reason}: {len(batch.tests)} test(s) were run but not judged")
        for test in batch.tests:
            xdist.log(test)

    def finish(self) -> None:
        """Hand over the document."""
        self.abandon("the session stopped")
        self.record.finish()
