"""The commands and their options as data: for shells to complete, and for the reference page."""

from __future__ import annotations

import argparse
from dataclasses import dataclass

FILE, FOLLOWS, WORD = "file", "follows", "word"


@dataclass(frozen=True)
class Option:
    """An option, or an operand when it has no ``names``."""

    names: tuple[str, ...]
    #: What stands for its value; empty for a switch.
    value: str
    help: str
    choices: tuple[str, ...] = ()
    #: The value may be left out.
    optional: bool = False
    #: There may be several, one after the other.
    many: bool = False


@dataclass(frozen=True)
class Command:
    """A sub-command."""

    name: str
    help: str
    description: str
    examples: tuple[str, ...]
    options: tuple[Option, ...]
    operands: tuple[Option, ...]


def commands(parser: argparse.ArgumentParser) -> list[Command]:
    """Every sub-command of ``parser``, in the order of its help."""
    (group,) = (a for a in parser._actions if isinstance(a, argparse._SubParsersAction))
    helps = {choice.dest: choice.help or "" for choice in group._choices_actions}
    return [_command(name, helps[name], sub) for name, sub in group.choices.items()]


def _command(name: str, help: str, parser: argparse.ArgumentParser) -> Command:
    options = [_option(action) for action in parser._actions]
    epilog = (parser.epilog or "").splitlines()
    return Command(
        name,
        help,
        parser.description or "",
        tuple(line.strip() for line in epilog if line.startswith("  ")),
        tuple(option for option in options if option.names),
        tuple(option for option in options if not option.names),
    )


def _option(action: argparse.Action) -> Option:
    takes = action.nargs != 0
    choices = tuple(map(str, action.choices or ()))
    value = action.metavar or ("" if choices else action.dest.upper())
    return Option(
        tuple(action.option_strings),
        str(value) if takes else "",
        (action.help or "").replace("%(choices)s", ", ".join(choices)).replace("%%", "%"),
        choices if takes else (),
        action.nargs in ("?", "*", argparse.REMAINDER),
        action.nargs in ("+", "*", argparse.REMAINDER),
    )
