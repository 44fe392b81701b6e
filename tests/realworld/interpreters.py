"""Which CPython interpreters this machine has, and which of them serves a case."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

#: refaudit supports nothing older; the facts also name 3.9 for some cases.
OLDEST = (3, 10)

_PROBE = (
    "import sys, platform; "
    "print(platform.python_implementation(), platform.python_version(), sys.executable)"
)


@dataclass(frozen=True, order=True)
class Interpreter:
    """One installed CPython: its full version and its executable."""

    version: str
    executable: Path

    @property
    def minor(self) -> str:
        """``3.12`` of ``3.12.1``."""
        return minor_of(self.version)


def minor_of(version: str) -> str:
    """The first two numbers of a version."""
    return ".".join(version.split(".")[:2])


def supported(version: str) -> bool:
    """Whether refaudit can audit this version at all."""
    numbers = tuple(int(part) for part in minor_of(version).split("."))
    return numbers >= OLDEST


def _candidates() -> list[Path]:
    """Executables worth asking: pyenv's first (exact patch releases), then those on the path."""
    root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    found = sorted(root.glob("versions/3.*/bin/python"))
    for minor in range(OLDEST[1], 16):
        on_path = shutil.which(f"python3.{minor}")
        if on_path:
            found.append(Path(on_path))
    return found


def _probe(executable: Path) -> Interpreter | None:
    """Ask an executable who it is; a pyenv shim without its version answers with an error."""
    done = subprocess.run(
        [executable, "-I", "-c", _PROBE], capture_output=True, text=True, check=False
    )
    words = done.stdout.split(maxsplit=2)
    if done.returncode or len(words) != 3 or words[0] != "CPython" or not supported(words[1]):
        return None
    return Interpreter(words[1], Path(words[2].strip()))


@functools.lru_cache(maxsize=1)
def installed() -> tuple[Interpreter, ...]:
    """Every usable interpreter, the first found for each full version."""
    by_version: dict[str, Interpreter] = {}
    for candidate in _candidates():
        interpreter = _probe(candidate)
        if interpreter:
            by_version.setdefault(interpreter.version, interpreter)
    return tuple(by_version.values())


def find(version: str, *, exact: bool = False) -> Interpreter | None:
    """The interpreter of exactly this version, else (unless ``exact``) one of its minor version."""
    for interpreter in installed():
        if interpreter.version == version:
            return interpreter
    if exact:
        return None
    same_minor = [i for i in installed() if i.minor == minor_of(version)]
    return same_minor[0] if same_minor else None


def choose(versions: Sequence[str], *, every: bool = False) -> list[Interpreter]:
    """The first interpreter of a list that is here, or every one of them."""
    found = [i for v in versions if supported(v) and (i := find(v))]
    unique = list(dict.fromkeys(found))
    return unique if every else unique[:1]
