"""Planted reference bugs: the table of them, their guilty lines, and how each is built and called."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from .building import EXTENSIONS, build_from

if sys.version_info >= (3, 11):
    import tomllib
else:  # pytest itself needs tomli there
    import tomli as tomllib

FOLDER = EXTENSIONS / "planted"
TABLE = EXTENSIONS / "planted.toml"
INSIDE = Path(__file__).with_name("planted_inside.py")
PATIENCE = 600

#: How the modules of a language are built, by the name of the build.
OPTIMISATIONS = {"O0": ("-O0",), "O2": ("-O2",), "O3-lto": ("-O3", "-flto")}
#: Languages whose build systems settle it: cargo's release profile, and what their users take.
FIXED = {
    "pybind11": {"O2": ()},
    "nanobind": {"O2": ()},
    "pyo3": {"release": ()},
    "pyo3-abi3": {"release": ("--features=abi3",)},
}
#: Names of the modules of crates, by folder.
CRATES = {"pyo3": "forgetful"}


@dataclass(frozen=True)
class Pattern:
    """One bug; the keys are explained in the table."""

    name: str
    language: str
    file: str
    half: str
    call: str
    setup: str = ""
    thing: str = ""
    watch: str = ""
    inside: str = ""
    type: str = "Marker"
    kind: str = "leak"
    per_call: int = 1

    @property
    def id(self) -> str:
        """`c.append_after_incref`."""
        return f"{self.language}.{self.name}"

    @property
    def module(self) -> str:
        """Name of the extension module; that of a crate is in its manifest."""
        return CRATES.get(self.file) or Path(self.file).stem

    @property
    def builds(self) -> dict[str, tuple[str, ...]]:
        """The builds of it, and their compiler's flags."""
        return FIXED.get(self.language, OPTIMISATIONS)


def load() -> list[Pattern]:
    """Every planted bug, in the order of the table."""
    with TABLE.open("rb") as file:
        return [Pattern(**row) for row in tomllib.load(file)["pattern"]]


@cache
def marked(folder: Path, name: str) -> frozenset[tuple[str, int]]:
    """File names and numbers of the lines below a folder that bear the mark of a bug."""
    mark = re.compile(rf"\bLEAK {re.escape(name)}(?!\w)")
    found = set()
    for path in folder.rglob("*.*"):
        for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if mark.search(text):
                found.add((path.name, number))
    return frozenset(found)


def guilty(pattern: Pattern) -> frozenset[tuple[str, int]]:
    """The lines to blame, as file names and line numbers; never empty."""
    lines = marked(FOLDER / Path(pattern.file).parts[0], pattern.name)
    if not lines:
        raise ValueError(f"no line of {pattern.file} is marked LEAK {pattern.name}")
    return lines


def module_path(pattern: Pattern, build: str, executable: str = sys.executable) -> Path:
    """The compiled module of a pattern, built if it is not there yet."""
    source = FOLDER / pattern.file
    return build_from(pattern.language, pattern.module, source, executable, pattern.builds[build])


def ask(
    mode: str,
    pattern: Pattern,
    build: str,
    executable: str = sys.executable,
    environment: dict[str, str] | None = None,
) -> dict:
    """What a child interpreter says of one pattern: `witness` or `explain`.

    A child that dies is an answer too: a table with `error`.
    """
    job = {
        "mode": mode,
        "path": str(module_path(pattern, build, executable)),
        "module": pattern.module,
    }
    job["pattern"] = {name: getattr(pattern, name) for name in pattern.__dataclass_fields__}
    try:
        done = subprocess.run(
            # As pytest has it: a watch must get along with its handler and its small stack.
            [executable, "-X", "faulthandler", str(INSIDE)],
            input=json.dumps(job),
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
            env={**os.environ, **(environment or {})},
        )
    except subprocess.TimeoutExpired:
        return {"error": f"no answer after {PATIENCE} s"}
    if done.returncode:
        return {"error": f"exit {done.returncode}: {done.stderr[-2000:].strip()}"}
    return json.loads(done.stdout.splitlines()[-1])
