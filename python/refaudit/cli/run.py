"""``refaudit run``: audit a whole script or command, in a process of its own."""

from __future__ import annotations

import argparse
import os
import pathlib
import subprocess
import sys
import tempfile
from typing import Any


def register(commands: Any) -> None:
    """Add the sub-command."""
    command = commands.add_parser(
        "run",
        help="run a script or a module, and tell what is not given back at its end",
        description="Runs the target in a child process as Python itself would. What is still alive at its"
        " end, or has references too many, is a finding; one run can tell only some of them for certain."
        " Exit status: 0 nothing leaks, 1 findings or the target failed, 2 usage, 3 could not audit.",
        epilog="example: refaudit run --explain -o leaks.html -m mypkg.selftest --quick",
    )
    command.add_argument(
        "--explain",
        action="store_true",
        help="run the target once more with a watch on what leaked: which line took each reference",
    )
    command.add_argument(
        "--scope",
        action="append",
        default=[],
        metavar="NAME",
        help="module or distribution to blame (default: every extension); may be given several times",
    )
    command.add_argument(
        "-o",
        "--output",
        action="append",
        default=[],
        type=pathlib.Path,
        metavar="FILE",
        help="write a report; its suffix says how: .html, .json, .txt, .speedscope.json, .collapsed;"
        " may be given several times",
    )
    command.add_argument("-m", dest="module", action="store_true", help="the target is a module")
    command.add_argument("target", help="a script, or with -m the name of a module")
    command.add_argument("arguments", nargs=argparse.REMAINDER, help="arguments of the target")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Audit the target, print and write the report; exit code by its outcome."""
    from refaudit._report import Report
    from refaudit.config import ConfigError, report_format

    try:
        for path in options.output:
            report_format(path.name, "--output")
    except ConfigError as error:
        print(f"refaudit: {error}", file=sys.stderr)
        return 2
    if not options.module and not os.path.exists(options.target):
        print(f"refaudit: {options.target}: no such script", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="refaudit-") as folder:
        document = pathlib.Path(folder) / "document.json"
        status = subprocess.call(_command(options, document))
        if not document.exists():
            print(f"refaudit: no audit: the target's process {_ended(status)}", file=sys.stderr)
            return 3
        report = Report.from_json(document.read_text(encoding="utf-8"))
    for path in options.output:
        report.write(path)
    print(report, end="")
    if report.document["outcome"] == "invalid":
        return 3
    if status:
        print(f"refaudit: the target itself {_ended(status)}", file=sys.stderr)
    return 0 if report.ok and not status else 1


def _command(options: argparse.Namespace, document: pathlib.Path) -> list[str]:
    words = [sys.executable, "-m", "refaudit._run", "--document", str(document)]
    words += [word for name in options.scope for word in ("--scope", name)]
    words += ["--explain"] if options.explain else []
    words += ["--module"] if options.module else []
    return [*words, options.target, *options.arguments]


def _ended(status: int) -> str:
    return f"died of signal {-status}" if status < 0 else f"ended with status {status}"
