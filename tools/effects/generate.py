"""Writes `src/heap/effects/facts.tsv` from CPython's documentation data.

    python tools/effects/generate.py <folder of CPython's sources>

Reads `Doc/data/refcounts.dat` and the `c:function` lines of `Doc/c-api/*.rst` there, and `corrections.tsv`
here, which wins. With `--silent` lists the functions that take or return objects and of which neither says
anything. Only facts are written: a function's name, what its result is, what becomes of its arguments.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

HERE = Path(__file__).parent
FACTS = HERE.parents[1] / "src" / "heap" / "effects" / "facts.tsv"
CORRECTIONS = HERE / "corrections.tsv"

#: Refcount field of a result, and of an argument: see the head of refcounts.dat.
RESULTS = {"+1": "N", "0": "B", "null": "-", "": "-"}
ARGUMENTS = {"+1": "K", "0": "-", "-1": "S", "": "-"}

_DIRECTIVE = re.compile(r"^\.\. c:function:: (.+?)((?:\\\n.+?)*)$", re.MULTILINE)
_PROTOTYPE = re.compile(r"^(.*?[\s*])(\w+)\s*\((.*)\)$")

Effect = tuple[str, str]


def documented(data: str) -> dict[str, Effect]:
    """Name to (result, arguments) of every block of refcounts.dat."""
    results: dict[str, str] = {}
    arguments: dict[str, str] = {}
    for line in data.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        name, kind, parameter, count = (line.split(":", 4) + [""] * 4)[:4]
        if name not in results:
            if parameter:
                raise SystemExit(f"{name} has an argument before its result")
            results[name], arguments[name] = RESULTS[count.strip()], ""
        elif kind.strip() != "..." and parameter.strip() != "...":
            # What a `PyObject **` is filled with counts as a result.
            filled = kind.replace(" ", "").endswith("**") and count.strip() == "+1"
            arguments[name] += "N" if filled else ARGUMENTS[count.strip()]
    return {name: (result, arguments[name]) for name, result in results.items()}


def corrections() -> dict[str, Effect]:
    """Name to (result, arguments) of every line of corrections.tsv, each with a reason."""
    found = {}
    for line in CORRECTIONS.read_text().splitlines():
        if line and not line.startswith("#"):
            name, result, arguments, reason = line.split("\t")
            if not reason.strip() or name in found:
                raise SystemExit(f"corrections.tsv: {name} twice, or without a reason")
            found[name] = (result, "" if arguments == "." else arguments)
    return found


def prototypes(folder: Path) -> dict[str, str]:
    """Name to prototype of every function in the reference manual."""
    found = {}
    for page in sorted(folder.glob("*.rst")):
        for match in _DIRECTIVE.finditer(page.read_text()):
            text = " ".join(match.group(0)[len(".. c:function:: ") :].replace("\\\n", " ").split())
            if prototype := _PROTOTYPE.match(text):
                found[prototype.group(2)] = text
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("sources", type=Path)
    parser.add_argument("--silent", action="store_true")
    options = parser.parse_args()
    effects = documented((options.sources / "Doc/data/refcounts.dat").read_text())
    manual = prototypes(options.sources / "Doc/c-api")
    effects |= corrections()
    if options.silent:
        for name, prototype in sorted(manual.items()):
            if name not in effects and re.search(
                r"Py(Object|TypeObject|CodeObject|FrameObject) ?\*", prototype
            ):
                sys.stdout.write(prototype + "\n")
        return
    lines = [
        f"{name}\t{result}\t{arguments or '.'}\n"
        for name, (result, arguments) in sorted(effects.items())
    ]
    FACTS.write_text("".join(lines))
    sys.stdout.write(f"{len(lines)} functions\n")


if __name__ == "__main__":
    main()
