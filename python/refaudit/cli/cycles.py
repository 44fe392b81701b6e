"""``refaudit cycles``: which reference cycles are left to the collector?"""

from __future__ import annotations

import argparse
from typing import Any

from refaudit.cli import arguments
from refaudit.cli.check import add_function
from refaudit.cli.status import FINDINGS, UsageError


def register(commands: Any) -> None:
    """Add the sub-command."""
    command = arguments.add(
        commands,
        "cycles",
        run,
        help="list the reference cycles that a script, module or function leaves behind",
        description="Runs the target in a child process with automatic collection off. Nothing is collected to"
        " find out.\n\nExit status: 0 every cycle goes when the collector runs, 1 one stays for ever or the target"
        " failed, 2 usage, 3 could not audit.",
        examples=[
            "refaudit cycles script.py data.xml",
            "refaudit cycles -m mypkg.selftest",
            "refaudit cycles 'mypkg:parse(\"text\")' --runs 10 --strict",
        ],
    )
    command.add_argument(
        "--strict",
        action="store_true",
        help="exit status 1 for any cycle, even if the collector frees it",
    )
    add_function(command, warmup=1, runs=1)
    arguments.add_scope(command)
    arguments.add_output(command)
    command.add_argument("-m", dest="module", action="store_true", help="the target is a module")
    command.add_argument(
        "target", metavar="TARGET", help="a script, with -m a module, or pkg.mod:function"
    )
    command.add_argument(
        "arguments", metavar="...", nargs=argparse.REMAINDER, help="arguments of a script or module"
    )
    command.set_defaults(parser=command)


def run(options: argparse.Namespace) -> int:
    """Audit the target; exit code by the fates of its cycles."""
    from refaudit.cli import child

    if options.arguments and not options.module and _is_function(options.target):
        _read_rest(options)
    request = _request(options)
    child.prepare(request, options.output)
    answer = child.answer(request)
    if isinstance(answer, int):
        return answer
    code = child.conclude(answer, options.output)
    found = (answer.document or {})["cycles"]
    return code or (FINDINGS if options.strict and found else code)


def _request(options: argparse.Namespace) -> Any:
    """What is asked for. Raises `UsageError` for options that do not go together."""
    from refaudit._run.request import CYCLES, FUNCTION, MODULE, SCRIPT, Request

    kind = MODULE if options.module else FUNCTION if _is_function(options.target) else SCRIPT
    of_function = {
        "--setup": options.setup,
        "--warmup": options.warmup is not None,
        "--runs": options.runs,
    }
    for name, given in of_function.items():
        if given and kind != FUNCTION:
            raise UsageError(f"{name} goes with pkg.mod:function, not with a {kind}")
    return Request(
        kind,
        options.target,
        answer="",
        arguments=options.arguments,
        asked=CYCLES,
        scope=options.scope,
        setup=options.setup,
        warmup=1 if options.warmup is None else options.warmup,
        runs=options.runs or 1,
    )


def _read_rest(options: argparse.Namespace) -> None:
    """Options that stand behind a function: they can be nobody else's. Raises `UsageError`."""
    target, rest = options.target, options.arguments
    options.parser.parse_args([*rest, target], namespace=options)
    if options.arguments:
        raise UsageError(
            f"{target}: arguments are for a script; write the call: 'pkg.mod:function(data)'"
        )


def _is_function(target: str) -> bool:
    """A colon makes it one, unless there is a file of that name."""
    import os

    return ":" in target and not os.path.exists(target)
