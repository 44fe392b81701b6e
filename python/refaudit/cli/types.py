"""``refaudit types``: do the types of an extension module keep the collector's protocol?"""

from __future__ import annotations

import argparse
import pathlib
from typing import Any

from refaudit.cli import arguments


def register(commands: Any) -> None:
    """Add the sub-command."""
    command = arguments.add(
        commands,
        "types",
        run,
        help="check how the types of an extension module keep the collector's protocol",
        description="Makes, traverses and drops instances of every type in child processes.\n\nExit status: 0 no"
        " defect, 1 a type has one, 2 usage, 3 they could not be audited.",
        examples=[
            "refaudit types mypkg --make 'mypkg.Node=mypkg.Node(3)'",
            "refaudit types mypkg._native --json types.json",
        ],
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
    arguments.add_json(command, "types")
    command.add_argument(
        "-o",
        "--output",
        type=pathlib.Path,
        metavar="FILE",
        help="write the report to a file; its ending says how: .html, .json, .txt",
    )
    command.add_argument(
        "--instances",
        type=arguments.count,
        metavar="N",
        help="instances that are counted (default: 100)",
    )
    command.add_argument(
        "--patience",
        type=arguments.seconds,
        metavar="SECONDS",
        help="how long one question to one type may take (default: 5)",
    )
    arguments.add_timeout(command)


def run(options: argparse.Namespace) -> int:
    """Audit the types; exit code by the verdict."""
    from refaudit._modules.process import TIMEOUT
    from refaudit._types import audit as types
    from refaudit._types.types_audit import TypesAudit
    from refaudit.cli import package

    return package.run(
        options,
        lambda: types.audit_types(
            options.name,
            factories=dict(options.make),
            instances=options.instances or types.INSTANCES,
            patience=options.patience or types.PATIENCE,
            timeout=options.timeout or TIMEOUT,
        ),
        TypesAudit.format_of,
    )


def _factory(text: str) -> tuple[str, str]:
    name, equals, expression = text.partition("=")
    if not (name and equals and expression):
        raise argparse.ArgumentTypeError(f"{text!r} is not TYPE=EXPRESSION")
    return name.strip(), expression.strip()
