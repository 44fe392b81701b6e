"""``refaudit report``: render audit documents in another format."""

from __future__ import annotations

import argparse
import pathlib
from collections.abc import Iterator
from typing import Any

from refaudit.cli import arguments, output, status


class _Formats:
    """The formats; looked up when somebody asks, since that costs an import."""

    def __iter__(self) -> Iterator[str]:
        from refaudit.config import REPORT_SUFFIXES

        return iter(sorted(set(REPORT_SUFFIXES.values())))

    def __contains__(self, name: object) -> bool:
        return name in list(self)


def register(commands: Any) -> None:
    """Add the sub-command."""
    command = arguments.add(
        commands,
        "report",
        run,
        help="render audit documents",
        description="Several documents are merged into one report.\n\nExit status: that of the audit: 0 nothing"
        " leaks, or nothing but what is known; 1 findings, 2 usage, 3 the audit is invalid.",
        examples=[
            "refaudit report leaks.json",
            "refaudit report leaks.json -o leaks.html",
            "refaudit report leaks.json --html-dir public/leaks",
            "refaudit report leaks.json -o leaks.sarif --root .",
            "refaudit report shard-1.json shard-2.json -f speedscope -o stacks.json",
        ],
    )
    command.add_argument(
        "documents", nargs="+", type=pathlib.Path, metavar="DOC", help="audit document (JSON)"
    )
    command.add_argument(
        "-f",
        "--format",
        choices=_Formats(),
        metavar="FORMAT",
        help="%(choices)s (default: what the ending of the file says, else text)",
    )
    command.add_argument(
        "-o",
        "--output",
        type=pathlib.Path,
        metavar="FILE",
        help="write to a file; its ending says the format, as .html, .sarif or .md;"
        " `github` prints annotations and appends to the summary of a GitHub job",
    )
    command.add_argument(
        "--html-dir",
        type=pathlib.Path,
        metavar="DIR",
        help="write the page as a folder, with style and script as files of their own, for servers"
        " with a strict content policy",
    )
    command.add_argument(
        "--root",
        metavar="DIR",
        help="folder of the sources: paths in sarif, github, gitlab, junit and markdown begin there"
        " (default: the current folder; empty: as they were recorded)",
    )


def run(options: argparse.Namespace) -> int:
    """Render the document; exit code by its outcome."""
    from refaudit import _github
    from refaudit._output import write
    from refaudit._report import Report
    from refaudit.cli.documents import read_merged

    path = options.output
    form = _format(options.format, path)
    if path is not None:
        output.require_folders([path])
    report = Report(read_merged(options.documents))
    if options.html_dir is not None:
        report.write_dir(options.html_dir)
        if path is None and options.format is None:
            return status.of_document(report.document)
    if path is not None and _github.is_asked(path) and options.format in (None, "github"):
        report.write(path, options.root)
        return status.of_document(report.document)
    text = report.render(form, options.root)
    if path is None:
        output.say(text)
    else:
        write(path, text)
    return status.of_document(report.document)


def _format(asked: str | None, path: pathlib.Path | None) -> str:
    """The format to write. Raises `UsageError` where option and ending contradict each other."""
    from refaudit.config import ConfigError, report_format

    if path is None:
        return asked or "text"
    try:
        told = report_format(path.name, "--output")
    except ConfigError as error:
        if asked is None:
            raise status.UsageError(str(error)) from None
        return asked
    # Any format may go into a file that is called .json or .txt: many are one of these.
    if asked not in (None, told) and told not in ("json", "text"):
        raise status.UsageError(f"--format {asked} contradicts the ending of {path}: {told}")
    return asked or told
