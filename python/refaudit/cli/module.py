"""``refaudit module``: does an extension module unload, and if not, why?"""

from __future__ import annotations

import argparse
import pathlib
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from refaudit._modules.module_audit import ModuleAudit


def register(commands: Any) -> None:
    """Add the sub-command."""
    command = commands.add_parser(
        "module",
        help="find out whether an extension module unloads, and what keeps it",
        description="Imports the module in child processes and drops it again. Exit status: 0 it unloads,"
        " 1 it does not, 2 usage, 3 it could not be audited.",
        epilog="example: refaudit module mypkg._native --html unload.html",
    )
    command.add_argument("name", metavar="NAME", help="an extension module, or a package")
    command.add_argument(
        "--html", type=pathlib.Path, metavar="FILE", help="write the report as a web page"
    )
    command.add_argument(
        "--json",
        type=pathlib.Path,
        nargs="?",
        const=pathlib.Path("-"),
        metavar="FILE",
        help="write the module document; without FILE, print it instead of the report",
    )
    command.add_argument(
        "-o",
        "--output",
        type=pathlib.Path,
        metavar="FILE",
        help="write the report to a file; its suffix says how: .html, .json, .txt",
    )
    command.add_argument(
        "--timeout",
        type=_seconds,
        metavar="SECONDS",
        help="how long a child process may take (default: 60)",
    )
    command.add_argument(
        "--no-interpreters",
        dest="interpreters",
        action="store_false",
        help="leave out the sub-interpreters, which take longest",
    )
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Audit the module, print and write what was found; exit code by the verdict."""
    from refaudit._modules.audit import audit_module
    from refaudit._modules.process import TIMEOUT

    complaint = _wrong_destination(options)
    if complaint:
        print(f"refaudit: {complaint}", file=sys.stderr)
        return 2
    try:
        audit = audit_module(
            options.name, timeout=options.timeout or TIMEOUT, interpreters=options.interpreters
        )
    except ValueError as error:
        print(f"refaudit: {error}", file=sys.stderr)
        return 2
    _write(audit, options)
    print(audit.render("json" if options.json == pathlib.Path("-") else "text"), end="")
    if not audit.audited:
        print(f"refaudit: {audit.complaint}", file=sys.stderr)
        return 3
    return 0 if audit.ok else 1


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds < float("inf"):
        raise ValueError(text)
    return seconds


def _destinations(options: argparse.Namespace) -> list[tuple[pathlib.Path, str]]:
    """Files to write, each with its format. Raises `ValueError` for an unknown suffix."""
    from refaudit._modules.module_audit import format_of

    found = []
    if options.html is not None:
        found.append((options.html, "html"))
    if options.json not in (None, pathlib.Path("-")):
        found.append((options.json, "json"))
    if options.output is not None:
        found.append((options.output, format_of(options.output)))
    return found


def _wrong_destination(options: argparse.Namespace) -> str:
    """Told before the audit, which takes seconds: what cannot be written."""
    try:
        folders = [path.parent for path, _ in _destinations(options)]
    except ValueError as error:
        return str(error)
    return "".join(f"{folder}: no such folder" for folder in folders if not folder.is_dir())


def _write(audit: ModuleAudit, options: argparse.Namespace) -> None:
    for path, form in _destinations(options):
        path.write_text(audit.render(form), encoding="utf-8")
