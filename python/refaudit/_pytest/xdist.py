"""pytest-xdist: workers audit and hand over their documents, the controller merges them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from refaudit._merge import merge
from refaudit._pytest.known import of_controller
from refaudit._pytest.options import SETTINGS
from refaudit._pytest.record import Record
from refaudit._pytest.report import teststatus

if TYPE_CHECKING:
    from refaudit._pytest.batch import Watched


def current_index(config: pytest.Config) -> int | None:
    """Number of the test that this worker is running; None without xdist."""
    running = worker(config)
    return None if running is None else int(running.item_index)


def log(test: Watched) -> None:
    """Log a report that was held back, as if its test had just ended."""
    item = test.item
    running = worker(item.config)
    if running is None:
        _show_file(test)
        item.ihook.pytest_runtest_logreport(report=test.report)
        return
    # The worker takes every report for one of the test that it runs now.
    current, running.item_index = running.item_index, test.index
    try:
        item.ihook.pytest_runtest_logreport(report=test.report)
    finally:
        running.item_index = current


def _show_file(test: Watched) -> None:
    """A letter that comes late belongs behind the name of its own file."""
    reporter = test.item.config.pluginmanager.getplugin("terminalreporter")
    if test.report.failed and reporter is not None and reporter.showfspath:
        reporter.write_fspath_result(test.item.nodeid, "")


def worker(config: pytest.Config) -> Any:
    """The plugin by which xdist runs this process; None without xdist."""
    if not hasattr(config, "workerinput"):
        return None
    for plugin in config.pluginmanager.get_plugins():
        if hasattr(plugin, "run_one_test") and hasattr(plugin, "sendevent"):
            return plugin
    return None


class Controller:
    """Hooks of the controller, which runs no test and audits nothing."""

    def __init__(self, session: pytest.Session) -> None:
        self.pytest = session
        self.settings = session.config.stash[SETTINGS]
        self.record = Record(session, self.settings)
        self.record.knowledge = of_controller(session.config)
        self.documents: list[dict[str, Any]] = []

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        """Take over what a worker found."""
        name = node.gateway.id
        handed = getattr(node, "workeroutput", {}).get("refaudit")
        if handed is None:
            if error:
                self.record.note(f"worker {name} went down, what it audited is lost: {error}")
            return
        if handed["document"] is not None:
            self.documents.append(handed["document"])
        if handed["tallies"] is not None and self.record.knowledge is not None:
            self.record.knowledge.add(handed["tallies"])
        if handed["invalid"]:
            self.record.invalidate(f"{handed['invalid']} (worker {name})")

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Hand over what is known: a worker may be in another folder, or on another machine."""
        knowledge = self.record.knowledge
        node.workerinput["refaudit"] = None if knowledge is None else knowledge.to_text()

    def pytest_report_teststatus(self, report: Any) -> tuple[str, str, Any] | None:
        """Letter and word of a leak."""
        return teststatus(report)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self) -> None:
        """Merge and publish."""
        record = self.record
        if self.documents:
            record.document = merge(self.documents, record.notes)
            if record.invalid:
                record.document["trust"].update(valid=False, reason=record.invalid)
                record.document["outcome"] = "invalid"
        elif self.settings.enabled and self.pytest.testscollected:
            record.invalidate("no worker handed over an audit document")
        record.publish()

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Print the findings of all workers."""
        if self.record.document is not None or self.record.invalid:
            self.record.print(terminalreporter)
