"""What the audits of a module and of types share: a document, a verdict, and how they are written."""

from __future__ import annotations

import pathlib
from typing import Any, ClassVar

from refaudit.config import format_among


class PackageAudit:
    """An audit of a module or package, as its document tells it."""

    #: What it is, with its article, and the formats that have no meaning for it.
    _what: ClassVar[str]
    _without: ClassVar[tuple[str, ...]]

    def __init__(self, document: dict[str, Any]) -> None:
        #: The document, as plain data.
        self.document = document
        #: The document's verdict.
        self.verdict: str = document["verdict"]
        #: The same in plain words.
        self.sentence: str = document["sentence"]
        self.name: str = document["observed"]["name"]

    @property
    def audited(self) -> bool:
        """Whether there is a verdict at all."""
        return self.verdict != "not-audited"

    @property
    def complaint(self) -> str:
        """Why there is no verdict, with what became of the child processes that did not succeed."""
        broken = [step for step in self.document["observed"]["steps"] if step["outcome"] != "ok"]
        told = [f"step {step['name']}: {step['outcome']}: {step['detail']}" for step in broken]
        return "\n".join([self.sentence, *told])

    def render(self, format: str) -> str:
        """The audit as ``text``, ``html``, ``json``, ``sarif``, ``junit``, ``markdown``, ... Raises `ValueError`
        for a format that has no meaning for it. Paths begin at the current folder.
        """
        raise NotImplementedError

    def write(self, path: str | pathlib.Path) -> None:
        """Write the audit; the suffix says how: `.html`, `.json`, `.txt`, `.md`, `.sarif`, `.xml`, ...

        A file is replaced as a whole. Raises `ValueError` for an unknown suffix, and `OSError`.
        """
        from refaudit import _output

        path = pathlib.Path(path)
        _output.write(path, self.render(self.format_of(path)))

    @classmethod
    def format_of(cls, path: pathlib.Path) -> str:
        """The format that a file's suffix asks for. Raises `ValueError` for an unknown one."""
        return format_among(path, cls._what, cls._without)

    def __str__(self) -> str:
        return self.render("text")

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}: {self.verdict}>"
