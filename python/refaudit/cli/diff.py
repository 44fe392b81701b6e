"""``refaudit diff``: what is new, grown and gone between two audits."""

from __future__ import annotations

import argparse
import pathlib
from typing import TYPE_CHECKING, Any

from refaudit.cli import arguments, output, status

if TYPE_CHECKING:
    from refaudit._diff import Change, Difference

_SECTIONS = (
    ("new", "New"),
    ("grown", "Grown"),
    ("gone", "Gone"),
    ("unchanged", "Unchanged"),
    ("not_run", "Not run any more, so that nothing can be said"),
)


def register(commands: Any) -> None:
    """Add the sub-command."""
    command = arguments.add(
        commands,
        "diff",
        run,
        help="tell what is new, grown, gone and unchanged between two audits",
        description="Findings are compared by their fingerprints.\n\nExit status: 0 nothing is new or grown, 1"
        " something is, 2 usage, 3 one of the audits is invalid.",
        examples=[
            "refaudit diff main.json branch.json",
            'refaudit diff main.json branch.json -f markdown >> "$GITHUB_STEP_SUMMARY"',
        ],
    )
    command.add_argument("before", type=pathlib.Path, metavar="A", help="audit document before")
    command.add_argument("after", type=pathlib.Path, metavar="B", help="audit document after")
    command.add_argument(
        "-f",
        "--format",
        choices=("text", "json", "markdown"),
        default="text",
        help="format (default: text)",
    )
    command.add_argument(
        "-o", "--output", type=pathlib.Path, metavar="FILE", help="write to a file"
    )


def run(options: argparse.Namespace) -> int:
    """Compare, print; exit code 1 when the second audit is worse."""
    from refaudit._diff import difference
    from refaudit._output import write
    from refaudit.cli.documents import read

    before, after = read(options.before), read(options.after)
    if options.output is not None:
        output.require_folders([options.output])
    for path, document in ((options.before, before), (options.after, after)):
        if document["outcome"] == "invalid":
            output.complain(f"{path}: the audit is invalid: {document['trust']['reason']}")
            return status.NO_AUDIT
    found = difference(before, after)
    text = _rendered(found, options)
    if options.output is None:
        output.say(text)
    else:
        write(options.output, text)
    return status.FINDINGS if found.worse else status.CLEAN


def _rendered(found: Difference, options: argparse.Namespace) -> str:
    if options.format == "json":
        import json

        return json.dumps(found.to_document(), indent=2) + "\n"
    names = [_visible(str(path)) for path in (options.before, options.after)]
    if options.format == "markdown":
        return _markdown(found, names)
    return _text(found, names)


def sentence(found: Difference) -> str:
    """The verdict in one sentence."""
    counts = [
        f"{len(changes)} {name.replace('_', ' ')}"
        for name, _ in _SECTIONS
        if (changes := getattr(found, name))
    ]
    verdict = "It got worse" if found.worse else "Nothing is new or grown"
    return f"{verdict}: {', '.join(counts)}." if counts else "Neither audit found anything."


def _text(found: Difference, names: list[str]) -> str:
    lines = [sentence(found), f"{names[0]} -> {names[1]}"]
    for name, title in _SECTIONS:
        changes = getattr(found, name)
        if changes:
            lines += ["", title.upper()]
            lines += [line for change in changes for line in _entry(change)]
    return "\n".join(lines) + "\n"


def _entry(change: Change) -> list[str]:
    head = f"  {change.rule} {change.rule_name}, {change.verdict}: {_visible(change.message)}"
    return [head, f"      in {_visible(change.subject)}: {_amount(change)} [{change.fingerprint}]"]


def _amount(change: Change) -> str:
    """Per run, before and after."""
    if change.before == change.after and change.bytes_before == change.bytes_after:
        return f"{change.after:g} per run, {change.bytes_after:g} bytes"
    return (
        f"{change.before:g} -> {change.after:g} per run,"
        f" {change.bytes_before:g} -> {change.bytes_after:g} bytes"
    )


def _markdown(found: Difference, names: list[str]) -> str:
    lines = [
        "## refaudit: what changed",
        "",
        f"**{sentence(found)}**",
        "",
        f"{_plain(names[0])} → {_plain(names[1])}",
    ]
    for name, title in _SECTIONS:
        changes = getattr(found, name)
        if not changes:
            continue
        lines += ["", f"### {title}", "", "| rule | where | what | per run |", "|---|---|---|---|"]
        lines += [
            f"| {change.rule} {change.rule_name} | {_plain(change.subject)} | {_plain(change.message)}"
            f" | {_plain(_amount(change))} |"
            for change in changes
        ]
    return "\n".join(lines) + "\n"


#: What Markdown, or HTML within it, would take for its own.
_MARKUP = str.maketrans(
    {mark: f"\\{mark}" for mark in "\\`*_{}[]()#+-!|~>"} | {"<": "&lt;", "&": "&amp;"}
)


def _plain(text: str) -> str:
    """A text of the audited code as data in a Markdown table."""
    return _visible(text).translate(_MARKUP)


def _visible(text: str) -> str:
    """A name of the audited code in one line: what cannot be printed, or turns the line round, escaped."""
    return "".join(
        mark if mark.isprintable() else mark.encode("unicode_escape").decode("ascii")
        for mark in text
    )
