"""Sample extension modules of every kind: their table, and how to build them."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from .building import EXTENSIONS, BuildFailure, build_c, build_program

if sys.version_info >= (3, 11):
    import tomllib
else:  # pytest itself needs tomli there
    import tomli as tomllib

FOLDER = EXTENSIONS / "modules"


@dataclass(frozen=True)
class Sample:
    """One row of `modules.toml`, which says what the fields mean."""

    name: str
    file: str
    kind: str
    verdict: str
    about: str
    defines: tuple[str, ...] = ()
    since: int = 10

    @property
    def fails(self) -> bool:
        """Its init function never gives a module."""
        return self.kind == "unknown"


@cache
def _table() -> dict[str, Sample]:
    with (FOLDER / "modules.toml").open("rb") as file:
        rows = tomllib.load(file)["module"]
    read = [Sample(**{**row, "defines": tuple(row.get("defines", ()))}) for row in rows]
    return {sample.name: sample for sample in read}


def samples(minor: int = sys.version_info.minor) -> list[Sample]:
    """Every sample that can be built for a minor version of Python 3, those that fail included."""
    return [sample for sample in _table().values() if sample.since <= minor]


def sample(name: str) -> Sample:
    """The sample of this name; KeyError when there is none."""
    return _table()[name]


def library(name: str, executable: str = sys.executable) -> Path:
    """The shared library of a sample, built if it is not there yet."""
    if name not in _table():
        raise BuildFailure(f"there is no sample module {name!r} in {FOLDER / 'modules.toml'}")
    row = _table()[name]
    flags = (f"-DNAME={name}", *(f"-D{define}" for define in row.defines))
    return build_c(name, FOLDER / row.file, executable, flags)


def build(name: str, executable: str = sys.executable) -> Path:
    """The folder to put on `sys.path` for a sample."""
    return library(name, executable).parent


def host(executable: str = sys.executable) -> Path:
    """A Python whose builtins are the shared libraries that SAMPLE_BUILTINS names (`name=path:…`).

    Run it with PYTHONHOME set to the `sys.base_prefix` of the interpreter.
    """
    return build_program("host", FOLDER / "host.c", executable)
