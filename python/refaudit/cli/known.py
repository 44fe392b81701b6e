"""The options about what is known before: baseline and suppressions."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from refaudit.cli.status import UsageError

if TYPE_CHECKING:
    from refaudit._known.knowledge import Knowledge


def add(command: argparse.ArgumentParser) -> None:
    """``--baseline``, ``--update-baseline`` and ``--suppressions``."""
    command.add_argument(
        "--baseline", metavar="PATH", default="", help="fail only for what is not in it, or worse"
    )
    command.add_argument(
        "--update-baseline",
        action="store_true",
        help="take what is found into the baseline (default: refaudit.baseline.json)",
    )
    command.add_argument(
        "--suppressions",
        action="append",
        default=[],
        metavar="PATH",
        help="leave out what this file of suppressions names (repeatable)",
    )


def read(options: argparse.Namespace) -> Knowledge | None:
    """What the options name; None when they name nothing. Raises `UsageError`, before any audit."""
    if not (options.baseline or options.update_baseline or options.suppressions):
        return None
    from refaudit._known.knowledge import Knowledge
    from refaudit.config import ConfigError

    try:
        return Knowledge.read(
            options.baseline, options.suppressions, update=options.update_baseline
        )
    except ConfigError as error:
        raise UsageError(str(error).replace("--refaudit-update", "--update")) from None


def apply(knowledge: Knowledge | None, document: dict[str, Any]) -> None:
    """Judge a document by what is known, and update the baseline if asked to. Raises `OSError`."""
    if knowledge is None:
        return
    knowledge.apply(document)
    if knowledge.update and document["outcome"] != "invalid":
        knowledge.write(document)
