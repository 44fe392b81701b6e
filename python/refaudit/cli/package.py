"""What the audits of a whole module or package share: where their reports go, and how they end."""

from __future__ import annotations

import argparse
import pathlib
from collections.abc import Callable, Sequence
from typing import Protocol

from refaudit.cli import output, status
from refaudit.cli.progress import Progress

#: Standard output, where a file may be named.
_STANDARD = pathlib.Path("-")


class Audit(Protocol):
    """An audit of a module or of its types."""

    @property
    def audited(self) -> bool:
        """Whether there is a verdict."""

    @property
    def complaint(self) -> str:
        """Why there is none."""

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""

    def render(self, format: str) -> str:
        """The report, or the document."""


def run(
    options: argparse.Namespace,
    audit: Callable[[], Audit],
    format_of: Callable[[pathlib.Path], str],
    more: Sequence[tuple[pathlib.Path, str]] = (),
) -> int:
    """Audit, print and write what was found; exit code by the verdict.

    Files are those of ``--json`` and ``--output``, and ``more`` with the format of each.
    """
    from refaudit._output import write

    files = list(more)
    if options.json not in (None, _STANDARD):
        files.append((options.json, "json"))
    try:
        if options.output is not None:
            files.append((options.output, format_of(options.output)))
        output.require_folders(path for path, _ in files)
        with Progress(f"auditing {options.name}"):
            found = audit()
    except ValueError as error:
        raise status.UsageError(str(error)) from None
    for path, form in files:
        write(path, found.render(form))
    output.say(found.render("json" if options.json == _STANDARD else "text"))
    if not found.audited:
        output.complain(found.complaint)
        return status.NO_AUDIT
    return status.CLEAN if found.ok else status.FINDINGS
