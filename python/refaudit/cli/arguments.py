"""Arguments that several commands take, and how each is read."""

from __future__ import annotations

import argparse
import pathlib
import re
import textwrap
from collections.abc import Callable, Sequence
from typing import Any


class Formatter(argparse.HelpFormatter):
    """Fills paragraphs, and leaves lines that are indented, as examples are."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        lines = []
        for line in text.splitlines():
            example = line.startswith("  ") or not line
            lines += [line] if example else textwrap.wrap(line, max(width, 30))
        return "\n".join(indent + line for line in lines)


def add(
    commands: Any,
    name: str,
    run: Callable[[argparse.Namespace], int],
    *,
    help: str,
    examples: Sequence[str],
    description: str = "",
) -> argparse.ArgumentParser:
    """A sub-command that calls ``run``; its help ends with the examples."""
    epilog = "\n".join(["examples:", *(f"  {example}" for example in examples)])
    sentence = help[0].upper() + help[1:] + "."
    command: argparse.ArgumentParser = commands.add_parser(
        name,
        help=help,
        description=f"{sentence} {description}".rstrip(),
        epilog=epilog,
        formatter_class=Formatter,
        allow_abbrev=False,
    )
    command.set_defaults(run=run)
    return command


def add_output(command: argparse.ArgumentParser) -> None:
    """``-o FILE``, as often as one likes; the ending says the format."""
    command.add_argument(
        "-o",
        "--output",
        action="append",
        default=[],
        type=pathlib.Path,
        metavar="FILE",
        help="write a report; its ending says the format, as .html, .json or .txt (repeatable)",
    )


def add_scope(command: argparse.ArgumentParser) -> None:
    """``--scope NAME``, as often as one likes."""
    command.add_argument(
        "--scope",
        action="append",
        default=[],
        metavar="NAME",
        help="module or distribution to blame (default: every extension; repeatable)",
    )


def add_explain(command: argparse.ArgumentParser) -> None:
    """``--explain``."""
    command.add_argument(
        "--explain",
        action="store_true",
        help="run it once more with a watch on what leaked: which line took each reference",
    )


def add_json(command: argparse.ArgumentParser, noun: str) -> None:
    """``--json [FILE]``; `pathlib.Path("-")` where no file is named."""
    command.add_argument(
        "--json",
        type=pathlib.Path,
        nargs="?",
        const=pathlib.Path("-"),
        metavar="FILE",
        help=f"write the {noun} document; without FILE, print it instead of the report",
    )


def add_timeout(command: argparse.ArgumentParser) -> None:
    """``--timeout SECONDS``."""
    command.add_argument(
        "--timeout",
        type=seconds,
        metavar="SECONDS",
        help="how long a child process may take (default: 60)",
    )


def seconds(text: str) -> float:
    """A time above 0."""
    try:
        number = float(text)
    except ValueError:
        number = 0
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds above 0")
    return number


def count(text: str) -> int:
    """A number from 1 on."""
    return _whole(text, 1)


def count_or_none(text: str) -> int:
    """A number from 0 on."""
    return _whole(text, 0)


def _whole(text: str, least: int) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", text) or int(text) < least:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from {least} on")
    return int(text)
