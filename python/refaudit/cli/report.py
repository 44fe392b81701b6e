"""``refaudit report``: render an audit document in another format."""

from __future__ import annotations

import argparse
import pathlib
import sys
from typing import Any


def register(commands: Any) -> None:
    """Add the sub-command."""
    command = commands.add_parser(
        "report",
        help="render an audit document",
        epilog="example: refaudit report leaks.json -o leaks.html",
    )
    command.add_argument("document", type=pathlib.Path, help="audit document (JSON)")
    command.add_argument(
        "-f",
        "--format",
        choices=("text", "json", "html", "speedscope", "collapsed"),
        default="text",
        help="format on standard output (default: text)",
    )
    command.add_argument(
        "-o",
        "--output",
        type=pathlib.Path,
        help="write to a file; its suffix says how: .html, .json, .txt, .speedscope.json, .collapsed",
    )
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Render the document; exit code by its outcome."""
    from refaudit._report import Report
    from refaudit.errors import DocumentError

    try:
        text = options.document.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise DocumentError(f"{options.document}: not an audit document: not UTF-8") from None
    loaded = Report.from_json(text)
    if options.output is not None:
        try:
            loaded.write(options.output)
        except ValueError as error:
            print(f"refaudit: {error}", file=sys.stderr)
            return 2
    else:
        print(loaded.render(options.format), end="")
    return {"clean": 0, "invalid": 3}.get(loaded.document["outcome"], 1)
