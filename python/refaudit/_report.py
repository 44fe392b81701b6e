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

    def render(self, format: str) -> str:
        """The report as ``text``, ``json``, ``html``, ``speedscope`` or ``collapsed``."""
        from refaudit._audit import core

        return str(core().render(json.dumps(self.document), format))

    def write(self, path: str | pathlib.Path) -> None:
        """Write the report; the suffix says in which format.

        `.html`, `.json` and `.txt` are the report; `.speedscope.json`, and `.collapsed` or
        `.folded`, are its stacks for other programs.
        """
        path = pathlib.Path(path)
        try:
            form = report_format(path.name, "report")
        except ConfigError:
            raise ValueError(
                f"{path.name}: a report is written as .html, .json or .txt,"
                " its stacks as .speedscope.json, .collapsed or .folded"
            ) from None
        path.write_text(self.render(form), encoding="utf-8")

    def __str__(self) -> str:
        return self.render("text")

    def __repr__(self) -> str:
        return f"<Report {self.document['outcome']}: {len(self.document['findings'])} findings>"
