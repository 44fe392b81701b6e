"""The command ``refaudit``: one file for each sub-command.

Exit codes: 0 clean, 1 findings, 2 usage, 3 could not audit, 4 internal error.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Any

from refaudit.cli import (
    check,
    completion,
    cycles,
    demo,
    diff,
    doctor,
    explain,
    merge,
    module,
    report,
    run,
    types,
)
from refaudit.cli.arguments import Formatter
from refaudit.cli.output import complain
from refaudit.cli.status import INTERNAL, INTERRUPTED, NO_AUDIT, USAGE, UsageError
from refaudit.errors import DocumentError, RefauditError

#: In the order of the help: audits, then what is done with their documents, then the rest.
COMMANDS = (
    check, run, cycles, module, types, report, diff, merge, explain, doctor, demo, completion,
)  # fmt: skip


class _Version(argparse.Action):
    """Prints the version, which costs an import."""

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        from refaudit._audit import VERSION

        print(f"refaudit {VERSION}")
        parser.exit()


def parser() -> argparse.ArgumentParser:
    """The argument parser with every sub-command."""
    top = argparse.ArgumentParser(
        prog="refaudit",
        description="Names what a CPython extension module does not give back.",
        epilog="examples:\n  refaudit demo\n  refaudit check 'mypkg:parse(\"text\")' --explain\n"
        "  refaudit run -o leaks.html script.py\n"
        "Exit status: 0 clean, 1 findings, 2 usage, 3 could not audit, 4 internal error.",
        formatter_class=Formatter,
        allow_abbrev=False,
    )
    top.add_argument(
        "--version", action=_Version, nargs=0, default=argparse.SUPPRESS, help="show the version"
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command in COMMANDS:
        command.register(commands)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    if "refaudit._children" in sys.modules:
        # This process is ours: there is nothing in it to be audited.
        sys.modules["refaudit._children"].stand_down()
    options = parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except (UsageError, DocumentError, OSError) as error:
        complain(str(error))
        return USAGE
    except RefauditError as error:
        complain(str(error))
        return NO_AUDIT
    except KeyboardInterrupt:
        complain("interrupted")
        return INTERRUPTED
    except Exception as error:
        complain(f"internal error: {error!r}")
        return INTERNAL


def entry_point() -> None:
    """What the installed command calls."""
    sys.exit(main())
