"""``refaudit explain``: the page of a rule."""

from __future__ import annotations

import argparse
import re
from typing import Any

from refaudit.cli import arguments, output
from refaudit.cli.status import CLEAN, USAGE


def register(commands: Any) -> None:
    """Add the sub-command."""
    command = arguments.add(
        commands,
        "explain",
        run,
        help="print the page of a rule: what it means, an example, how to mend it",
        description="Without a rule, lists them all.\n\nExit status: 0, or 2 when there is no such rule.",
        examples=["refaudit explain RA101", "refaudit explain leaked-object", "refaudit explain"],
    )
    command.add_argument("rule", nargs="?", metavar="RULE", help="a rule by its code or its name")


def run(options: argparse.Namespace) -> int:
    """Print the page; where there is none, the list."""
    pages = _pages()
    if options.rule is None:
        output.say(_list(pages))
        return CLEAN
    asked = options.rule.strip().casefold()
    for code, text in pages.items():
        if asked in (code.casefold(), _name(text)):
            output.say(_readable(text))
            return CLEAN
    output.complain(f"there is no rule {options.rule}; these are all:\n{_list(pages)}".rstrip())
    return USAGE


def _pages() -> dict[str, str]:
    """The Markdown of each rule's page, by its code."""
    from importlib.resources import files

    found = [path for path in files("refaudit").joinpath("rules").iterdir()]
    pages = {
        path.name.removesuffix(".md"): path.read_text(encoding="utf-8")
        for path in found
        if path.name.endswith(".md")
    }
    return dict(sorted(pages.items()))


def _list(pages: dict[str, str]) -> str:
    return "".join(f"{code}  {_name(text)}\n" for code, text in pages.items())


def _name(text: str) -> str:
    """`leaked-reference` of the heading `# RA101 leaked-reference`."""
    return text.partition("\n")[0].rpartition(" ")[2]


def _readable(text: str) -> str:
    """Markdown for a terminal: a link without words is the name of its page."""
    text = re.sub(
        r"\[\]\([^)]*?([\w-]+)(?:\.md)?(?:#[\w-]+)?\)", r'the page "\1" of the documentation', text
    )
    return re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", text)
