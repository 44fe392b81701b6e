"""``refaudit completion``: what a shell needs to complete command lines."""

from __future__ import annotations

import argparse
import re
from typing import TYPE_CHECKING, Any

from refaudit.cli import arguments, output
from refaudit.cli.status import CLEAN

if TYPE_CHECKING:
    from refaudit.cli.grammar import Command, Option

#: Values that are files, by what stands for them in the help.
_FILES = ("FILE", "DOC", "A", "B", "TARGET", "...")


def register(commands: Any) -> None:
    """Add the sub-command."""
    command = arguments.add(
        commands,
        "completion",
        run,
        help="print what a shell needs to complete the command line",
        examples=[
            'eval "$(refaudit completion bash)"',
            'eval "$(refaudit completion zsh)"',
            "refaudit completion fish | source",
        ],
    )
    command.add_argument("shell", choices=sorted(_WRITERS), help="bash, zsh or fish")


def run(options: argparse.Namespace) -> int:
    """Print the script."""
    from refaudit.cli import parser
    from refaudit.cli.grammar import commands

    output.say(_WRITERS[options.shell](commands(parser())))
    return CLEAN


def _bash(commands: list[Command]) -> str:
    names = " ".join(command.name for command in commands)
    lines = [
        "_refaudit() {",
        '    local word="${COMP_WORDS[COMP_CWORD]}" before="${COMP_WORDS[COMP_CWORD-1]}"',
        "    COMPREPLY=()",
        "    if [[ $COMP_CWORD -eq 1 ]]; then",
        f'        mapfile -t COMPREPLY < <(compgen -W "{names} --help --version" -- "$word")',
        "        return",
        "    fi",
        '    case "${COMP_WORDS[1]}:$before" in',
    ]
    for command in commands:
        lines += [
            f"        {_any_of(f'{command.name}:{name}' for name in option.names)})"
            f" {_bash_values(option)}; return ;;"
            for option in command.options
            if option.value or option.choices
        ]
    lines += ["    esac", '    case "${COMP_WORDS[1]}" in']
    for command in commands:
        words = " ".join(name for option in command.options for name in option.names)
        choices = " ".join(choice for operand in command.operands for choice in operand.choices)
        files = any(operand.value in _FILES for operand in command.operands)
        given = f"{choices} ".lstrip() + f"$([[ $word == -* ]] && echo '{words}')"
        lines.append(
            f"        {command.name}) mapfile -t COMPREPLY < <(compgen {'-f ' if files else ''}"
            f'-W "{given}" -- "$word") ;;'
        )
    return "\n".join([*lines, "    esac", "}", "complete -o filenames -F _refaudit refaudit", ""])


def _bash_values(option: Option) -> str:
    words = f'-W "{" ".join(option.choices)}"' if option.choices else ""
    kind = words or ("-f" if option.value in _FILES else "")
    return f'mapfile -t COMPREPLY < <(compgen {kind} -- "$word")' if kind else ":"


def _any_of(patterns: Any) -> str:
    return "|".join(patterns)


def _zsh(commands: list[Command]) -> str:
    described = " ".join(_quoted(f"{command.name}:{command.help}") for command in commands)
    lines = [
        "#compdef refaudit",
        "_refaudit() {",
        "    if (( CURRENT == 2 )); then",
        f"        local -a commands=({described})",
        "        _describe command commands",
        "        return",
        "    fi",
        "    local name=$words[2]",
        "    shift words; (( CURRENT-- ))",
        "    case $name in",
    ]
    for command in commands:
        words = [word for option in command.options for word in _zsh_option(option)]
        words += [_quoted(_zsh_operand(operand)) for operand in command.operands]
        lines.append(f"        {command.name}) _arguments -S {' '.join(words)} ;;")
    return "\n".join([*lines, "    esac", "}", "compdef _refaudit refaudit", ""])


def _zsh_option(option: Option) -> list[str]:
    """One word for each name; all may be repeated."""
    told = re.sub(r"([\[\]:\\])", r"\\\1", option.help)
    colons = "::" if option.optional else ":"
    value = (
        f"{colons}{option.value or 'value'}:{_zsh_values(option)}"
        if option.value or option.choices
        else ""
    )
    return [_quoted(f"*{name}[{told}]{value}") for name in option.names]


def _zsh_operand(option: Option) -> str:
    many = "*" if option.many else ""
    return f"{many}:{option.value or 'value'}:{_zsh_values(option)}"


def _zsh_values(option: Option) -> str:
    if option.choices:
        return f"({' '.join(option.choices)})"
    return "_files" if option.value in _FILES else " "


def _fish(commands: list[Command]) -> str:
    names = " ".join(command.name for command in commands)
    first = f"not __fish_seen_subcommand_from {names}"
    lines = [
        "complete -c refaudit -f",
        f"complete -c refaudit -n '{first}' -l help -s h -d 'show a help'",
        f"complete -c refaudit -n '{first}' -l version -d 'show the version'",
    ]
    for command in commands:
        there = f"complete -c refaudit -n '__fish_seen_subcommand_from {command.name}'"
        lines.append(
            f"complete -c refaudit -n '{first}' -a {command.name} -d {_fish_quoted(command.help)}"
        )
        lines += [
            f"{there} {_fish_names(option)}{_fish_values(option)} -d {_fish_quoted(option.help)}"
            for option in command.options
        ]
        lines += [f"{there}{_fish_values(operand)}" for operand in command.operands]
    return "\n".join([*(line for line in lines), ""])


def _fish_names(option: Option) -> str:
    return " ".join(
        f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" for name in option.names
    )


def _fish_values(option: Option) -> str:
    if option.choices:
        return f"{' -x' if option.names else ''} -a '{' '.join(option.choices)}'"
    if option.value in _FILES:
        return " -F" if option.optional or not option.names else " -r -F"
    return " -x" if option.value and option.names else ""


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def _fish_quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


_WRITERS = {"bash": _bash, "zsh": _zsh, "fish": _fish}
