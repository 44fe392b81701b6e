"""``refaudit run``: audit a whole script or command, in a process of its own."""

from __future__ import annotations

import argparse
from typing import Any

from refaudit.cli import arguments, known


def register(commands: Any) -> None:
    """Add the sub-command."""
    command = arguments.add(
        commands,
        "run",
        run,
        help="run a script or a module, and tell what is not given back at its end",
        description="Runs the target in a child process as Python itself would. What is still alive at its"
        " end, or has references too many, is a finding; one run can tell only some of them for certain."
        "\n\nExit status: 0 nothing leaks, 1 findings or the target failed, 2 usage, 3 could not audit.",
        examples=[
            "refaudit run convert.py data/large.xml",
            "refaudit run --explain -o leaks.html -m mypkg.selftest --quick",
            "refaudit run --children --scope mypkg -m unittest",
        ],
    )
    arguments.add_explain(command)
    arguments.add_scope(command)
    command.add_argument(
        "--children",
        action="store_true",
        help="audit the Python processes that the target starts, too, and report on all together",
    )
    known.add(command)
    arguments.add_output(command)
    command.add_argument("-m", dest="module", action="store_true", help="the target is a module")
    command.add_argument("target", metavar="TARGET", help="a script, or with -m a module")
    command.add_argument(
        "arguments", metavar="...", nargs=argparse.REMAINDER, help="arguments of the target"
    )


def run(options: argparse.Namespace) -> int:
    """Audit the target, print and write the report; exit code by its outcome."""
    from refaudit._run.request import MODULE, SCRIPT, Request
    from refaudit.cli import child

    request = Request(
        MODULE if options.module else SCRIPT,
        options.target,
        answer="",
        arguments=options.arguments,
        scope=options.scope,
        explain=options.explain,
        children=options.children,
    )
    return child.run(request, options.output, known.read(options))
