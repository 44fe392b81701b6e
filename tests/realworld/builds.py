"""Compiles the few cases that are a header's fault and need a module of their own."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

from .environments import Environment, EnvironmentFailure
from .table import Build

_QUESTION = (
    "import sysconfig, pybind11, os; "
    "print(sysconfig.get_path('include')); "
    "print(os.path.join(os.path.dirname(pybind11.__file__), 'include')); "
    "print(sysconfig.get_config_var('EXT_SUFFIX'))"
)


def _answers(environment: Environment) -> list[str]:
    """The environment's include folders and the suffix of an extension module."""
    done = subprocess.run(
        [environment.python, "-c", _QUESTION], capture_output=True, text=True, check=True
    )
    return done.stdout.split()


def with_module(environment: Environment, build: Build) -> Environment:
    """The environment with the module compiled against its pybind11, once per source text."""
    digest = hashlib.sha256(build.source.encode()).hexdigest()[:12]
    folder = environment.python.parents[1] / f"build-{digest}"
    python_headers, headers, suffix = _answers(environment)
    target = folder / f"{build.module}{suffix}"
    if not target.exists():
        _compile(folder, build, (python_headers, headers), target)
    return Environment(environment.python, (*environment.paths, folder))


def _compile(folder: Path, build: Build, headers: tuple[str, ...], target: Path) -> None:
    compiler = shutil.which("g++")
    if not compiler:
        raise EnvironmentFailure("no C++ compiler; install one with: apt-get install -y g++")
    folder.mkdir(exist_ok=True)
    source = folder / f"{build.module}.cpp"
    source.write_text(build.source, encoding="utf-8")
    made = target.with_suffix(".tmp")
    includes = [f"-I{header}" for header in headers]
    command = [compiler, "-O2", "-g", "-std=c++14", "-fPIC", "-shared", "-fvisibility=hidden"]
    done = subprocess.run(
        [*command, *includes, source, "-o", made], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise EnvironmentFailure(f"compiling {build.module} failed:\n{done.stderr[-2000:]}")
    made.rename(target)
