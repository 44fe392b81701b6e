"""``refaudit doctor``: can this interpreter be audited, and how well is it understood?"""

from __future__ import annotations

import argparse
import importlib
from typing import Any

from refaudit.cli import arguments, output, status


def register(commands: Any) -> None:
    """Add the sub-command."""
    command = arguments.add(
        commands,
        "doctor",
        run,
        help="check this interpreter and list every reference that the model cannot explain",
        description="\n\nExit status: 0 it can be audited, 2 usage, 3 it cannot.",
        examples=["refaudit doctor", "refaudit doctor --import asyncio --import typing"],
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


def run(options: argparse.Namespace) -> int:
    """Examine this process and print what was found."""
    from refaudit import _audit, _interpreter

    for module in options.modules:
        try:
            importlib.import_module(module)
        except ImportError as error:
            raise status.UsageError(f"--import {module}: {error}") from None
    _audit.ensure_installed()
    found = _audit.core().diagnose()
    interpreter = _interpreter.describe()
    lines = [
        f"{interpreter['implementation']} {interpreter['version']} ({interpreter['build']}):"
        " can be audited",
        "the canary was found; layouts fit",
        f"objects {found['objects']:,}, references {found['edges']:,}",
        f"garbage in the model: {found['garbage']}",
        f"unexplained references: {found['unexplained']:,},"
        f" {found['remaining']:,} when static areas are searched;"
        f" over-explained: {-found['negative']:,}",
    ]
    lines += [
        f"  {references - statics:+5d}  {type_name} {label}: {holder}"
        for type_name, label, references, statics, holder in found["unaccounted"]
        if options.all or references != statics
    ]
    output.say("\n".join(lines) + "\n")
    return status.CLEAN
