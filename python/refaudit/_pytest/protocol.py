"""How a test is run: as pytest does, but with its teardown report held back.

The only file that leans on pytest's private names: `call_and_report`, `Session._setupstate` and the
item's `_request` and `_instance`, which pytest-rerunfailures uses in the same way; and what is
needed to let a test's fixtures go.
"""

from __future__ import annotations

import io
import sys
import warnings
from typing import TYPE_CHECKING, Any, Literal

import pytest
from _pytest.runner import call_and_report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Phase = Literal["setup", "call", "teardown"]
_NO_LOG = io.StringIO()
_PHASES: tuple[Phase, ...] = ("setup", "call", "teardown")


class Sibling(pytest.Item):
    """A test that is never run, named as the next one: whatever is wider than a test stays up."""

    def runtest(self) -> None:
        """Never called."""
        raise AssertionError("a sibling is not run")

    def reportinfo(self) -> tuple[Any, int | None, str]:
        """Where its parent is."""
        return self.path, None, self.name


def sibling(item: pytest.Item) -> pytest.Item:
    """A stand-in for a next test beside `item`."""
    assert item.parent is not None  # only collectors have none
    return Sibling.from_parent(item.parent, name="refaudit-sibling")


def run_first(
    item: pytest.Item, choose_next: Callable[[], pytest.Item | None]
) -> tuple[str, pytest.TestReport]:
    """Run `item` for pytest. Setup and call are logged at once, the teardown report is returned.

    `choose_next` is asked before the teardown, when a failure may already have stopped the session.
    """
    _prepare(item)
    try:
        reports = [call_and_report(item, "setup", log=True)]
        if reports[0].passed:
            reports.append(call_and_report(item, "call", log=True))
        last = call_and_report(item, "teardown", log=False, nextitem=choose_next())
    finally:
        _forget(item)
    return outcome(reports), last


def run_again(item: pytest.Item) -> str:
    """Run `item` once more with fresh function-scoped fixtures, and let nobody see or hear it."""
    sections = len(item._report_sections)
    properties = len(item.user_properties)
    reports: list[pytest.TestReport] = []
    # Recorded here and dropped, they do not reach pytest's list of warnings a second time.
    with warnings.catch_warnings(record=True):
        _prepare(item)
        try:
            for when in _PHASES:
                if when != "call" or reports[0].passed:
                    reports.append(_phase(item, when))
        finally:
            _forget(item)
            del item._report_sections[sections:]
            del item.user_properties[properties:]
    return outcome(reports)


def outcome(reports: list[pytest.TestReport]) -> str:
    """How a test ended, in one word; its first report that has not just passed tells."""
    for report in reports:
        if hasattr(report, "wasxfail"):
            return "xpassed" if report.passed else "xfailed"
        if not report.passed:
            return report.outcome
    return "passed"


def tear_down_to(item: pytest.Item, nextitem: pytest.Item | None) -> pytest.TestReport | None:
    """Tear down what `nextitem` does not need; gives the report of `item` when that fails."""
    capture = item.config.pluginmanager.getplugin("capturemanager")

    def tear_down() -> None:
        if capture is None:
            item.session._setupstate.teardown_exact(nextitem)
            return
        with capture.item_capture("teardown", item):
            item.session._setupstate.teardown_exact(nextitem)

    call = pytest.CallInfo.from_call(
        tear_down, when="teardown", reraise=(pytest.exit.Exception, KeyboardInterrupt)
    )
    if call.excinfo is None:
        return None
    return _report(item, call)


def let_go(config: pytest.Config) -> None:
    """Drop what pytest keeps of the last test: its failure, with every frame in it, and its log."""
    for name in ("last_type", "last_value", "last_traceback", "last_exc"):
        sys.__dict__.pop(name, None)
    logging = config.pluginmanager.getplugin("logging-plugin")
    for name in ("caplog_handler", "report_handler"):
        handler = getattr(logging, name, None)
        if handler is not None:
            # A stream holds a list that its traverse function does not show.
            handler.stream, handler.records = _NO_LOG, []


def _phase(item: pytest.Item, when: Phase) -> pytest.TestReport:
    extra = {"nextitem": sibling(item)} if when == "teardown" else {}
    hook = getattr(item.ihook, f"pytest_runtest_{when}")
    call = pytest.CallInfo.from_call(
        lambda: hook(item=item, **extra),
        when=when,
        reraise=(pytest.exit.Exception, KeyboardInterrupt),
    )
    return _report(item, call)


def _report(item: pytest.Item, call: pytest.CallInfo[None]) -> pytest.TestReport:
    report: pytest.TestReport = item.ihook.pytest_runtest_makereport(item=item, call=call)
    return report


def _prepare(item: Any) -> None:
    if hasattr(item, "_request") and not item._request:
        item._initrequest()


def _forget(item: Any) -> None:
    """Drop what pytest keeps of a test until the session ends: fixture values and the instance."""
    used = list(_fixtures(item))
    if hasattr(item, "_request"):
        item._request = False
        item.funcargs = None
    if getattr(item, "_instance", None) is not None:
        del item._instance
        item._obj = None
    for fixture in used:
        fixture._finalizers[:] = [f for f in fixture._finalizers if not _is_over(f)]


def _fixtures(item: Any) -> Iterator[pytest.FixtureDef[Any]]:
    """The fixtures that `item` may have used, overridden ones among them."""
    named = item._fixtureinfo.name2fixturedefs
    for fixtures in named.values():
        yield from fixtures
    # From pytest 9 on those that it asked for with `getfixturevalue` are not entered there.
    request = getattr(item, "_request", None)
    for name in request._fixture_defs if request else ():
        if name not in named:
            yield from item.session._fixturemanager.getfixturedefs(name, item) or ()


def _is_over(finalizer: Any) -> bool:
    """Whether `finalizer` would finish a fixture that is finished.

    A wider fixture keeps one for each narrower one that ever used it, with its request.
    """
    fixture = getattr(getattr(finalizer, "func", None), "__self__", None)
    return isinstance(fixture, pytest.FixtureDef) and fixture.cached_result is None
