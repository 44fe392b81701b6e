"""``refaudit types``: do the types of an extension module keep the collector's protocol?"""

from __future__ import annotations

import argparse
import pathlib
import sys
from typing import Any


def register(commands: Any) -> None:
    """Add the sub-command."""
    command = commands.add_parser(
        "types",
        help="check how the types of an extension module keep the collector's protocol",
        description="Makes, traverses and drops instances of every type in child processes. Exit status: 0 no"
        " defect, 1 a type has one, 2 usage, 3 they could not be audited.",
        epilog="example: refaudit types mypkg --make 'mypkg.Node=mypkg.Node(3)'",
    )
    command.add_argument("name", metavar="NAME", help="an extension module, or a package")
    command.add_argument(
        "--make",
        action="append",
        default=[],
        type=_factory,
        metavar="TYPE=EXPRESSION",
        help="how to make an instance of a type that cannot be called without arguments (repeatable)",
    )
    command.add_argument(
        "--json",
        type=pathlib.Path,
        nargs="?",
        const=pathlib.Path("-"),
        metavar="FILE",
        help="write the types document; without FILE, print it instead of the report",
    )
    command.add_argument(
        "-o",
        "--output",
        type=pathlib.Path,
        metavar="FILE",
        help="write the report to a file; its suffix says how: .html, .json, .txt",
    )
    command.add_argument(
        "--instances", type=_number, metavar="N", help="instances that are counted (default: 100)"
    )
    command.add_argument(
        "--patience",
        type=_seconds,
        metavar="SECONDS",
        help="how long one question to one type may take (default: 5)",
    )
    command.add_argument(
        "--timeout",
        type=_seconds,
        metavar="SECONDS",
        help="how long a child process may take (default: 60)",
    )
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Audit the types, print and write what was found; exit code by the verdict."""
    from refaudit._modules.process import TIMEOUT
    from refaudit._types import audit as types
    from refaudit._types.types_audit import format_of

    files = [(options.json, "json")] if options.json not in (None, pathlib.Path("-")) else []
    try:
        files += [(options.output, format_of(options.output))] if options.output else []
        for path, _ in files:
            if not path.parent.is_dir():
                raise ValueError(f"{path.parent}: no such folder")
        audit = types.audit_types(
            options.name,
            factories=dict(options.make),
            instances=options.instances or types.INSTANCES,
            patience=options.patience or types.PATIENCE,
            timeout=options.timeout or TIMEOUT,
        )
    except ValueError as error:
        print(f"refaudit: {error}", file=sys.stderr)
        return 2
    for path, form in files:
        path.write_text(audit.render(form), encoding="utf-8")
    print(audit.render("json" if options.json == pathlib.Path("-") else "text"), end="")
    if not audit.audited:
        print(f"refaudit: {audit.complaint}", file=sys.stderr)
        return 3
    return 0 if audit.ok else 1


def _factory(text: str) -> tuple[str, str]:
    name, equals, expression = text.partition("=")
    if not (name and equals and expression):
        raise argparse.ArgumentTypeError(f"{text!r} is not TYPE=EXPRESSION")
    return name.strip(), expression.strip()


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds < float("inf"):
        raise ValueError(text)
    return seconds


def _number(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number
