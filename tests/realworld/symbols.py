"""Whether the files of an environment have names for C functions at all."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from .environments import Environment, EnvironmentFailure
from .naming import is_any

#: From the most that a file can tell of a function to the least.
KNOWLEDGE = ("lines", "symbols", "inlined away", "stripped")


def knowledge(environment: Environment, functions: tuple[str, ...], *, interpreter: bool) -> str:
    """One of `KNOWLEDGE`: the most that any file of the environment tells of any of the functions."""
    ranks = [_of_file(path, functions) for path in _files(environment, interpreter)]
    return min(ranks, key=KNOWLEDGE.index, default="stripped")


def named(word: str) -> bool:
    """Whether this much lets a tool name the function."""
    return word in ("lines", "symbols")


def _files(environment: Environment, interpreter: bool) -> Iterable[Path]:
    """The extension modules and libraries installed there, those compiled for the case, or Python."""
    if interpreter:
        yield environment.python.resolve()
        yield from environment.python.resolve().parents[1].glob("lib/libpython3.*.so.*")
        return
    for folder in (environment.python.parents[1], *environment.paths):
        yield from (path for path in folder.rglob("*.so*") if path.is_file())


def _of_file(path: Path, functions: tuple[str, ...]) -> str:
    names = _names(path)
    known = any(is_any(name, functions) for name in names)
    if b".debug_info\0" in (content := path.read_bytes()):
        # An inlined function has no symbol, but its name is among the strings of its description.
        if known or any(_is_string_of(content, function) for function in functions):
            return "lines"
        return "inlined away"
    if known:
        return "symbols"
    return "inlined away" if names else "stripped"


def _is_string_of(content: bytes, function: str) -> bool:
    """Whether the bare name is a string of its own in a file."""
    bare = re.escape(function.rpartition("::")[2].encode())
    return re.search(rb"(?<![A-Za-z0-9_])" + bare + rb"[\0<]", content) is not None


def _names(path: Path) -> list[str]:
    """Demangled names of the file's full symbol table; of a stripped one there are none."""
    if shutil.which("nm") is None:
        raise EnvironmentFailure("nm is missing; install it with: apt-get install binutils")
    command = ["nm", "-C", "--defined-only", "--no-sort", path]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    parts = (line.split(maxsplit=2) for line in done.stdout.splitlines())
    return [part[2] for part in parts if len(part) == 3 and part[1] in "tTwW"]
