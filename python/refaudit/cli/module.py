"""``refaudit module``: does an extension module unload, and if not, why?"""

from __future__ import annotations

import argparse
import pathlib
from typing import Any

from refaudit.cli import arguments


def register(commands: Any) -> None:
    """Add the sub-command."""
    command = arguments.add(
        commands,
        "module",
        run,
        help="find out whether an extension module unloads, and what keeps it",
        description="Imports the module in child processes and drops it again.\n\nExit status: 0 it unloads,"
        " 1 it does not, 2 usage, 3 it could not be audited.",
        examples=[
            "refaudit module mypkg._native --html unload.html",
            "refaudit module mypkg --json unload.json --timeout 120",
        ],
    )
    command.add_argument("name", metavar="NAME", help="an extension module, or a package")
    command.add_argument(
        "--html", type=pathlib.Path, metavar="FILE", help="write the report as a web page"
    )
    arguments.add_json(command, "module")
    command.add_argument(
        "-o",
        "--output",
        type=pathlib.Path,
        metavar="FILE",
        help="write the report to a file; its ending says how: .html, .json, .txt",
    )
    arguments.add_timeout(command)
    command.add_argument(
        "--no-interpreters",
        dest="interpreters",
        action="store_false",
        help="leave out the sub-interpreters, which take longest",
    )


def run(options: argparse.Namespace) -> int:
    """Audit the module; exit code by the verdict."""
    from refaudit._modules.audit import audit_module
    from refaudit._modules.module_audit import ModuleAudit
    from refaudit._modules.process import TIMEOUT
    from refaudit.cli import package

    return package.run(
        options,
        lambda: audit_module(
            options.name, timeout=options.timeout or TIMEOUT, interpreters=options.interpreters
        ),
        ModuleAudit.format_of,
        [(options.html, "html")] if options.html else [],
    )
