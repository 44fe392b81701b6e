"""Virtual environments, one per (interpreter, package, version), made once and kept."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import threading
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from .interpreters import Interpreter

#: Written last, so that a folder without it is a half-made environment.
_READY = "ready.txt"
_LOCKS: defaultdict[Path, threading.Lock] = defaultdict(threading.Lock)


class EnvironmentFailure(Exception):
    """An environment could not be made; the message holds what the tool said."""


@dataclass(frozen=True)
class Environment:
    """A ready environment: its Python, and extra import folders."""

    python: Path
    paths: tuple[Path, ...] = ()


def _run(command: list[str | Path], what: str) -> str:
    """Run a command, or fail with the end of what it said."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = (done.stdout + done.stderr).strip().splitlines()
        # pip lists every version there ever was on one line.
        tail = "\n".join(line[:300] for line in lines[-8:])
        raise EnvironmentFailure(f"{what} failed:\n{tail}")
    return done.stdout


def _pip(python: Path, *arguments: str | Path) -> list[str | Path]:
    """A pip command of this process's pip, working on another interpreter."""
    return [sys.executable, "-m", "pip", "--quiet", "--python", python, "install", *arguments]


def _install(python: Path, requirement: str) -> str:
    """Install a wheel, or build the source distribution where there is no wheel."""
    try:
        _run(_pip(python, "--only-binary", ":all:", requirement), f"pip install {requirement}")
    except EnvironmentFailure:
        _run(_pip(python, requirement), f"building {requirement}")
        return "sdist"
    return "wheel"


def package_environment(
    cache: Path, interpreter: Interpreter, package: str, version: str
) -> Environment:
    """The environment that holds one version of a package and what it depends on."""
    folder = cache / "venv" / f"{interpreter.version}-{package}-{version}"
    python = folder / "bin" / "python"
    with _LOCKS[folder]:
        if not (folder / _READY).exists():
            shutil.rmtree(folder, ignore_errors=True)
            _run([interpreter.executable, "-m", "venv", "--without-pip", folder], "python -m venv")
            origin = "interpreter"
            if package != "CPython":
                origin = _install(python, f"{package}=={version}")
            (folder / _READY).write_text(origin + "\n", encoding="utf-8")
    return Environment(python)


def origin_of(environment: Environment) -> str:
    """``wheel``, ``sdist`` or ``interpreter``: where the package came from."""
    return (environment.python.parents[1] / _READY).read_text(encoding="utf-8").strip()


def refaudit_folder(cache: Path, interpreter: Interpreter, wheels: Path) -> Path:
    """An import folder with the refaudit wheel of this interpreter, apart from the venvs.

    A new build of refaudit needs one installation per interpreter, not one per case.
    """
    tag = "cp" + interpreter.minor.replace(".", "")
    matching = sorted(wheels.glob(f"refaudit_cpython-*-{tag}-{tag}-*.whl"))
    if not matching:
        raise EnvironmentFailure(
            f"no refaudit wheel for Python {interpreter.minor} in {wheels}; "
            f"make one with: maturin build --release -i python{interpreter.minor} -o {wheels}"
        )
    wheel = max(matching, key=lambda path: path.stat().st_mtime)
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()[:12]
    folder = cache / "refaudit" / f"{interpreter.version}-{digest}"
    with _LOCKS[folder]:
        if not (folder / _READY).exists():
            shutil.rmtree(folder, ignore_errors=True)
            target: tuple[str | Path, ...] = ("--no-deps", "--no-index", "--target", folder, wheel)
            _run(_pip(interpreter.executable, *target), f"installing {wheel.name}")
            (folder / _READY).write_text(wheel.name + "\n", encoding="utf-8")
    return folder
