"""``refaudit merge``: one audit document out of those of several jobs."""

from __future__ import annotations

import argparse
import pathlib
from typing import Any

from refaudit.cli import arguments, known, output, status


def register(commands: Any) -> None:
    """Add the sub-command."""
    command = arguments.add(
        commands,
        "merge",
        run,
        help="make one audit document out of several",
        description="All findings and tests; of everything that says how far to trust them, the worst.\n\n"
        "Exit status: that of the whole: 0 nothing leaks, or nothing but what is known; 1 findings, 2 usage,"
        " 3 one of the audits is invalid.",
        examples=[
            "refaudit merge shard-*.json -o leaks.json",
            "refaudit merge unit.json integration.json | refaudit report /dev/stdin",
        ],
    )
    command.add_argument(
        "documents", nargs="+", type=pathlib.Path, metavar="DOC", help="audit document (JSON)"
    )
    command.add_argument(
        "-o",
        "--output",
        type=pathlib.Path,
        metavar="FILE",
        help="write to a file (default: standard output); -o may be one of the documents",
    )
    known.add(command)


def run(options: argparse.Namespace) -> int:
    """Merge; exit code by the outcome of the whole."""
    from refaudit._output import write
    from refaudit._report import Report
    from refaudit.cli.documents import read_merged

    if options.output is not None:
        output.require_folders([options.output])
    knowledge = known.read(options)
    report = Report(read_merged(options.documents))
    known.apply(knowledge, report.document)
    text = report.to_json()
    if options.output is None:
        output.say(text)
    else:
        write(options.output, text)
    return status.of_document(report.document)
