"""The hooks of a session that audits. They hold nothing: everything is in the `AuditSession`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from refaudit._pytest import xdist
from refaudit._pytest.loop import run_all
from refaudit._pytest.report import teststatus

if TYPE_CHECKING:
    from collections.abc import Generator

    from refaudit._pytest.session import AuditSession


class OuterHooks:
    """Around the tests: the loop, the end, and what is printed."""

    def __init__(self, session: AuditSession) -> None:
        self.session = session

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        """Run the tests as pytest does, with a step of ours between two of them."""
        config = session.config
        if xdist.worker(config) is not None:
            return None  # it has a loop of its own, which `start` has seen to
        if session.testsfailed and not config.option.continue_on_collection_errors:
            return None  # pytest says it best
        run_all(session, self.session)
        return True

    def pytest_report_teststatus(self, report: Any) -> tuple[str, str, Any] | None:
        """Letter and word of a leak."""
        return teststatus(report)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Make the document and the reports, before the terminal prints its summary."""
        self.session.finish()

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Print the findings."""
        self.session.record.print(terminalreporter)


class InnerHooks:
    """Around a test: run it, and say what belongs to it."""

    def __init__(self, session: AuditSession) -> None:
        self.session = session

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> object:
        """Run an audited test in place of pytest."""
        return self.session.run(item, nextitem)

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_fixture_setup(self, fixturedef: Any) -> Generator[None, object, object]:
        """A function-scoped fixture belongs to its test, a wider one to nobody."""
        window = self.session.window
        before = window.switch(fixturedef.scope == "function")
        try:
            return (yield)
        finally:
            window.switch(before)

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_pyfunc_call(self) -> Generator[None, object, object]:
        """The test function, innermost, so that other plugins stay outside."""
        window = self.session.window
        before = window.switch(True)
        try:
            return (yield)
        finally:
            window.switch(before)

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, object, object]:
        """`unittest` methods are not called through `pytest_pyfunc_call`."""
        window = self.session.window
        before = window.switch(getattr(item, "nofuncargs", False))
        try:
            return (yield)
        finally:
            window.switch(before)

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtest_teardown(self) -> Generator[None, object, object]:
        """The test's own teardown; whatever is wider is torn down elsewhere."""
        window = self.session.window
        before = window.switch(True)
        try:
            return (yield)
        finally:
            window.switch(before)
