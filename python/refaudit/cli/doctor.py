"""``refaudit doctor``: can this interpreter be audited, and how well is it understood?"""

from __future__ import annotations

import argparse
import importlib
import sys
from typing import Any


def register(commands: Any) -> None:
    """Add the sub-command."""
    command = commands.add_parser(
        "doctor",
        help="check this interpreter and list every reference that the model cannot explain",
        epilog="example: refaudit doctor --import asyncio --import typing",
    )
    command.add_argument(
        "--import",
        dest="modules",
        action="append",
        default=[],
        metavar="MODULE",
        help="import a module first (repeatable)",
    )
    command.add_argument("--all", action="store_true", help="list explained objects as well")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Examine this process and print what was found."""
    from refaudit import _audit, _interpreter

    for module in options.modules:
        try:
            importlib.import_module(module)
        except ImportError as error:
            print(f"refaudit: --import {module}: {error}", file=sys.stderr)
            return 2
    _audit.ensure_installed()
    found = _audit.core().diagnose()
    interpreter = _interpreter.describe()
    print(
        f"{interpreter['implementation']} {interpreter['version']} ({interpreter['build']}): can be audited"
    )
    print("the canary was found; layouts fit")
    print(f"objects {found['objects']:,}, references {found['edges']:,}")
    print(f"garbage in the model: {found['garbage']}")
    print(
        f"unexplained references: {found['unexplained']:,},"
        f" {found['remaining']:,} when static areas are searched;"
        f" over-explained: {-found['negative']:,}"
    )
    for type_name, label, references, statics, holder in found["unaccounted"]:
        if options.all or references != statics:
            print(f"  {references - statics:+5d}  {type_name} {label}: {holder}")
    return 0
