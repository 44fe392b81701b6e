"""What the session found, as strings and numbers, and the reports made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from refaudit._merge import joined
from refaudit.config import report_format

if TYPE_CHECKING:
    from refaudit._known.knowledge import Knowledge
    from refaudit._pytest.batch import Watched
    from refaudit.config import Config

#: Exit code of an audit that could not be made; the same as the `refaudit` command's.
COULD_NOT_AUDIT = 3


class Record:
    """Findings, tests and notes; at the end, the audit document."""

    def __init__(self, session: pytest.Session, settings: Config) -> None:
        self.pytest = session
        self.settings = settings
        self.findings: list[dict[str, Any]] = []
        #: What the survivors of each test with findings retain.
        self.dominators: list[list[dict[str, Any]]] = []
        self.tests: list[dict[str, Any]] = []
        self.notes: list[str] = []
        #: What each layer of memory held when the session began.
        self.layers: Any = None
        #: Baseline and suppressions; None while nobody needs to know.
        self.knowledge: Knowledge | None = None
        #: Why no verdict may be drawn from here on; empty while all is well.
        self.invalid = ""
        self.document: dict[str, Any] | None = None
        #: Sentences about the report files.
        self.written: list[str] = []
        #: Annotations for GitHub Actions, if asked for.
        self.commands = ""

    def add(self, test: Watched) -> None:
        """Leave out of a test what is suppressed, say what the baseline knows of the rest, and enter it."""
        if self.knowledge is not None:
            test.findings = self.knowledge.sift(test.findings)
        entry = {
            "id": test.item.nodeid,
            "outcome": test.verdict,
            "warmup": test.warmup,
            "runs": test.runs,
            "findings": len(test.findings),
        }
        self.tests.append(entry)
        self.findings += test.findings
        if test.findings:
            self.dominators.append(test.dominators)

    def note(self, text: str) -> None:
        """Say something in the trust block, once."""
        if text not in self.notes:
            self.notes.append(text)

    def invalidate(self, error: Exception | str) -> None:
        """Stop auditing: what follows cannot be trusted."""
        if not self.invalid:
            self.invalid = str(error) or type(error).__name__

    def finish(self) -> None:
        """Make the document; a worker hands it to the controller, everybody else writes it."""
        output = getattr(self.pytest.config, "workeroutput", None)
        try:
            from refaudit._audit import document

            self.document = document(
                "pytest",
                self.findings,
                self.tests,
                self.notes,
                self.layers,
                joined(self.dominators),
            )
        except Exception as error:
            self.invalidate(error)
        if self.document is not None:
            if self.invalid:
                mark_invalid(self.document, self.invalid)
            elif not self.document["trust"]["valid"]:
                self.invalidate(self.document["trust"]["reason"])
        if output is not None:
            tallies = None if self.knowledge is None else self.knowledge.tallies()
            handed = {"document": self.document, "invalid": self.invalid, "tallies": tallies}
            output["refaudit"] = handed
            return
        self.publish()

    def publish(self) -> None:
        """Enter what was known, write the report files and the baseline, and settle the exit code."""
        if self.document is not None:
            if self.knowledge is not None:
                self.knowledge.conclude(self.document)
                self._update(self.knowledge, self.document)
            for path in self.settings.report:
                self._write(path, self.document)
            if self.settings.html_dir:
                self._write_folder(self.settings.html_dir, self.document)
        if self.invalid:
            self.pytest.exitstatus = COULD_NOT_AUDIT

    def _update(self, knowledge: Knowledge, document: dict[str, Any]) -> None:
        """Take what was found into the baseline, if that was asked for."""
        baseline = knowledge.baseline
        if not knowledge.update or baseline is None:
            return
        if self.invalid or not document["trust"]["valid"]:
            self.written.append(f"baseline NOT updated: {baseline.path}: the audit is invalid")
            return
        try:
            knowledge.write(document)
        except OSError as error:
            self._not_written(f"baseline NOT written: {baseline.path}", error)
        else:
            self.written.append(f"baseline written to {baseline.path}")

    def _not_written(self, what: str, error: OSError) -> None:
        self.written.append(f"{what}: {error.strerror or error}")
        if self.pytest.exitstatus == pytest.ExitCode.OK:
            self.pytest.exitstatus = pytest.ExitCode.USAGE_ERROR

    def _write(self, path: str, document: dict[str, Any]) -> None:
        import json

        from refaudit import _github, _output
        from refaudit._audit import core

        text = json.dumps(document)
        root = str(self.pytest.config.rootpath)
        shown = core().render(text, report_format(path, "report"), root)
        if _github.is_asked(path):
            self.commands = shown
            if complaint := _github.summarise(core().render(text, "markdown", root)):
                self.written.append(complaint)
            return
        try:
            _output.write(path, shown)
        except OSError as error:
            self._not_written(f"report NOT written: {path}", error)
        else:
            self.written.append(f"report written to {path}")

    def _write_folder(self, path: str, document: dict[str, Any]) -> None:
        from refaudit._report import Report

        try:
            Report(document).write_dir(path)
        except OSError as error:
            self._not_written(f"report NOT written: {path}", error)
        else:
            self.written.append(f"report written to {path}")

    def print(self, reporter: Any) -> None:
        """The summary section."""
        from refaudit._pytest.terminal import summarise

        summarise(reporter, self)
        if self.commands:
            # GitHub reads commands at the beginning of a line.
            reporter.ensure_newline()
            for line in self.commands.splitlines():
                reporter.write_line(line)


def mark_invalid(document: dict[str, Any], reason: str) -> None:
    """Make `document` say that it must not be trusted."""
    document["outcome"] = "invalid"
    document["trust"]["valid"] = False
    document["trust"]["reason"] = reason
