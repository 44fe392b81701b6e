"""``refaudit demo``: finds the leaks of a small program that comes with refaudit."""

from __future__ import annotations

import argparse
import pathlib
from typing import Any

from refaudit.cli import arguments, output, status

#: Functions of `demo_leaks`, and the rule that each of them breaks.
LEAKS = {
    "borrowed_and_counted": "RA101",
    "made_and_forgotten": "RA103",
    "cache_without_end": "RA104",
    "buffer_not_freed": "RA105",
    "all_given_back": "",
}


def register(commands: Any) -> None:
    """Add the sub-command."""
    command = arguments.add(
        commands,
        "demo",
        run,
        help="find the leaks of a small program that comes with refaudit",
        description="Needs no compiler: the program makes the mistakes of C code through ctypes. Prints the report,"
        " and writes it as a web page beside a copy of the program.\n\nExit status: 0 when every leak was found, and no other; 2 usage, 3 when"
        " not, or when this interpreter cannot be audited.",
        examples=["refaudit demo", "refaudit demo --folder /tmp/leaks"],
    )
    command.add_argument(
        "--folder",
        type=pathlib.Path,
        default=pathlib.Path("refaudit-demo"),
        metavar="DIR",
        help="where the program and its report go (default: refaudit-demo)",
    )


def run(options: argparse.Namespace) -> int:
    """Audit each function of the program in a child; 0 when what is found is what is wrong with it."""
    from refaudit._report import Report

    folder = options.folder.absolute()
    program = _copied(folder)
    documents = []
    for function in LEAKS:
        document = _document(function, str(folder))
        if isinstance(document, int):
            return document
        documents.append(document)
    report = Report(_merged(documents))
    report.write(folder / "leaks.html")
    output.say(str(report))
    output.say(
        f"\nThe program is {program}\n"
        f"The report to read is {folder / 'leaks.html'}\n"
        "What a rule means: refaudit explain RA101\n"
    )
    return _judged(report.document)


def _copied(folder: pathlib.Path) -> pathlib.Path:
    """The program, in a folder of the user's: frames of refaudit's own files are in no stack."""
    from refaudit import _demo
    from refaudit._output import write

    folder.mkdir(parents=True, exist_ok=True)
    program = pathlib.Path(_demo.__path__[0]) / "demo_leaks.py"
    write(folder / program.name, program.read_text(encoding="utf-8"))
    return folder / program.name


def _document(function: str, folder: str) -> dict[str, Any] | int:
    """The audit of one function; the exit code where there is none, with the reason told."""
    from refaudit._run.request import FUNCTION, Request
    from refaudit.cli import child

    # Only of this one no stack of birth tells the line: nothing is born where it leaks.
    explain = LEAKS[function] == "RA101"
    target = f"demo_leaks:{function}"
    found = child.answer(Request(FUNCTION, target, answer="", folder=folder, explain=explain))
    if isinstance(found, int):
        return found
    if found.document is None or found.failure:
        output.complain(f"demo_leaks:{function}: {found.failure}")
        return status.NO_AUDIT
    return found.document


def _merged(documents: list[dict[str, Any]]) -> dict[str, Any]:
    from refaudit._merge import merge

    return {**merge(documents, []), "subject": "refaudit demo"}


def _judged(document: dict[str, Any]) -> int:
    """Whether each function has the finding that it should have, and no other."""
    if document["outcome"] == "invalid":
        return status.NO_AUDIT
    expected = {(f"check(demo_leaks.{name})", rule) for name, rule in LEAKS.items() if rule}
    found = {(finding["subject"], finding["rule"]) for finding in document["findings"]}
    for subject, rule in sorted(expected - found):
        output.complain(f"{rule} was not found in {subject}")
    for subject, rule in sorted(found - expected):
        output.complain(f"{rule} was found in {subject}, where nothing leaks in that way")
    return status.CLEAN if found == expected else status.NO_AUDIT
