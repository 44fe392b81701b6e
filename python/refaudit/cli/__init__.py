"""The command ``refaudit``: one file for each sub-command.

Exit codes: 0 clean, 1 findings, 2 usage, 3 could not audit, 4 internal error.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from refaudit._audit import VERSION
from refaudit.cli import doctor, module, report, run, types
from refaudit.errors import DocumentError, RefauditError

CLEAN, FINDINGS, USAGE, NO_AUDIT, INTERNAL = range(5)


def parser() -> argparse.ArgumentParser:
    """The argument parser with every sub-command."""
    top = argparse.ArgumentParser(
        prog="refaudit", description="Names what a CPython extension module does not give back."
    )
    top.add_argument("--version", action="version", version=f"refaudit {VERSION}")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command in (doctor, module, report, run, types):
        command.register(commands)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    options = parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except DocumentError as error:
        print(f"refaudit: {error}", file=sys.stderr)
        return USAGE
    except RefauditError as error:
        print(f"refaudit: {error}", file=sys.stderr)
        return NO_AUDIT
    except OSError as error:
        print(f"refaudit: {error}", file=sys.stderr)
        return USAGE
    except Exception as error:
        print(f"refaudit: internal error: {error!r}", file=sys.stderr)
        return INTERNAL


def entry_point() -> None:
    """What the installed command calls."""
    sys.exit(main())
