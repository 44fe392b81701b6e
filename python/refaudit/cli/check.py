"""``refaudit check``: does a function give back what it takes?"""

from __future__ import annotations

import argparse
from typing import Any

from refaudit.cli import arguments, known


def register(commands: Any) -> None:
    """Add the sub-command."""
    command = arguments.add(
        commands,
        "check",
        run,
        help="call a function again and again, and tell what it does not give back",
        description="Calls it in a child process: first uncounted, then counted, with a look at the whole heap"
        " after each call.\n\nExit status: 0 nothing leaks, 1 findings or the function failed, 2 usage,"
        " 3 could not audit.",
        examples=[
            "refaudit check mypkg:make_node",
            "refaudit check 'mypkg:parse(text)' --setup 'text = \"a b c\"' --explain",
            "refaudit check 'json:dumps({})' --scope _json --runs 5 -o leaks.html",
        ],
    )
    add_function(command, warmup=2, runs=3)
    arguments.add_scope(command)
    arguments.add_explain(command)
    known.add(command)
    arguments.add_output(command)
    command.add_argument(
        "target",
        metavar="TARGET",
        help="pkg.mod:function, called without arguments, or a call: 'pkg.mod:function(data)'",
    )


def add_function(command: argparse.ArgumentParser, warmup: int, runs: int) -> None:
    """The options that go with a function: ``--setup``, ``--warmup`` and ``--runs``."""
    command.add_argument(
        "--setup",
        default="",
        metavar="CODE",
        help="Python code that is run once before; the call sees its names",
    )
    command.add_argument(
        "--warmup",
        type=arguments.count_or_none,
        metavar="N",
        help=f"calls that are not counted (default: {warmup})",
    )
    command.add_argument(
        "--runs",
        type=arguments.count,
        metavar="N",
        help=f"calls that are counted (default: {runs})",
    )


def run(options: argparse.Namespace) -> int:
    """Audit the function; exit code by the outcome."""
    from refaudit._run.request import FUNCTION, Request
    from refaudit.cli import child

    request = Request(
        FUNCTION,
        options.target,
        answer="",
        scope=options.scope,
        explain=options.explain,
        setup=options.setup,
        warmup=2 if options.warmup is None else options.warmup,
        runs=options.runs or 3,
    )
    return child.run(request, options.output, known.read(options))
