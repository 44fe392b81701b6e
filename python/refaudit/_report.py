"""`Report` and `Finding`: an audit document as Python objects."""

from __future__ import annotations

import json
import pathlib
from dataclasses import dataclass, field
from typing import Any

from refaudit.config import ConfigError, report_format
from refaudit.errors import DocumentError


@dataclass(frozen=True)
class Finding:
    """One thing that is not given back. Fields as in the audit document."""

    rule: str
    rule_name: str
    verdict: str
    kind: str
    type_name: str
    object_label: str
    address: str
    subject: str
    per_run: list[int]
    total: int
    since_run: int
    bytes: int
    holder: dict[str, str] | None
    keeps: list[dict[str, Any]]
    message: str
    fingerprint: str
    bytes_per_run: list[int] = field(default_factory=list)
    site: dict[str, Any] | None = None
    traces: list[dict[str, Any]] = field(default_factory=list)
    reach: str | None = None
    reached: dict[str, int] = field(default_factory=dict)
    paths: list[dict[str, Any]] = field(default_factory=list)
    cycle: dict[str, Any] | None = None
    ledger: dict[str, Any] | None = None
    retained: dict[str, int] = field(default_factory=dict)
    known: dict[str, str] | None = None

    def __str__(self) -> str:
        return f"{self.rule} {self.verdict}: {self.message}"


class Report:
    """What an audit found, and how far to trust it."""

    def __init__(self, document: dict[str, Any]) -> None:
        #: The audit document, as plain data.
        self.document = document

    @classmethod
    def from_json(cls, text: str) -> Report:
        """Read an audit document. Raises `DocumentError` for anything else."""
        from refaudit._audit import core

        try:
            return cls(json.loads(core().render(text, "json")))
        except ValueError as error:
            raise DocumentError(str(error)) from None

    @property
    def ok(self) -> bool:
        """Whether the audit is valid and found nothing."""
        return bool(self.document["outcome"] == "clean")

    @property
    def findings(self) -> list[Finding]:
        """Findings, most certain and most costly first."""
        return [Finding(**finding) for finding in self.document["findings"]]

    @property
    def cycles(self) -> list[dict[str, Any]]:
        """Reference cycles that were asked for, the worst fate first. As in the audit document."""
        return list(self.document["cycles"])

    @property
    def dominators(self) -> list[dict[str, Any]]:
        """What the survivors retain, as a table of rows. As in the audit document."""
        return list(self.document["dominators"])

    @property
    def trust(self) -> dict[str, Any]:
        """What was hooked, what could not be seen, and who else was there."""
        return dict(self.document["trust"])

    def to_json(self) -> str:
        """The audit document as JSON text."""
        return self.render("json")

    def render(self, format: str, root: str | pathlib.Path | None = None) -> str:
        """The report in a format of the page on report formats: ``text``, ``html``, ``sarif``, ...

        In the formats that programs show beside sources (``sarif``, ``github``, ``gitlab``, ``junit``,
        ``markdown``) paths begin at `root`, the folder of the sources; by default that is the current
        folder. With an empty `root` they are told as they were recorded.
        """
        from refaudit._audit import core
        from refaudit._output import sources

        return str(core().render(json.dumps(self.document), format, sources(root)))

    def write(self, path: str | pathlib.Path, root: str | pathlib.Path | None = None) -> None:
        """Write the report; the suffix says in which format, `root` as in `render`.

        The name `github` alone prints annotations and appends to the job's summary, as GitHub Actions
        wants them. A file is replaced as a whole: who reads it finds the old report or the new one. Raises
        `ValueError` for an unknown suffix, and `OSError`.
        """
        from refaudit import _github, _output

        path = pathlib.Path(path)
        try:
            form = report_format(path.name, "report")
        except ConfigError as error:
            raise ValueError(str(error).removeprefix("report: ")) from None
        text = self.render(form, root)
        if not _github.is_asked(path):
            _output.write(path, text)
            return
        _output.write("/dev/stdout", text)
        if complaint := _github.summarise(self.render("markdown", root)):
            raise OSError(complaint)

    def write_dir(self, path: str | pathlib.Path) -> None:
        """Write the page as a folder: `index.html`, and its style sheet and script as files of their own.

        For servers whose content policy forbids what stands inside a page. The folder is made if need be; each
        file is replaced as a whole, the page last. Raises `OSError`.
        """
        from refaudit._audit import core
        from refaudit._output import write_folder

        write_folder(path, core().render_folder(json.dumps(self.document)))

    def __str__(self) -> str:
        return self.render("text")

    def __repr__(self) -> str:
        return f"<Report {self.document['outcome']}: {len(self.document['findings'])} findings>"
