"""The same fixture linked, stripped and split in the ways in which extensions are shipped."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from .building import BuildFailure, build

#: How calls of the C library are made, and what the loader does with the table of their addresses.
LINKED = {
    "lazy": ("-Wl,-z,lazy", "-Wl,-z,norelro"),
    "full-relro": ("-Wl,-z,now", "-Wl,-z,relro"),
    "no-plt": ("-fno-plt", "-Wl,-z,now", "-Wl,-z,relro"),
}


@dataclass(frozen=True)
class Shipped:
    """A module as it would be installed, and its debug information when that is a file of its own."""

    module: Path
    debug: Path | None = None


def linked(name: str, how: str) -> Path:
    """A module in C linked in one of these ways."""
    return build(name, sys.executable, LINKED[how])


def stripped(name: str) -> Shipped:
    """Without debug information and without any symbol but the exported ones."""
    module = _copy(name, "stripped")
    _run("strip", "-s", module)
    return Shipped(module)


def split(name: str) -> Shipped:
    """Debug information in a file beside it, which `.gnu_debuglink` names."""
    module = _copy(name, "split")
    debug = module.with_name(f"{module.name}.debug")
    _run("objcopy", "--only-keep-debug", build(name), debug)
    _run("strip", "-s", module)
    _run("objcopy", f"--add-gnu-debuglink={debug}", module)
    return Shipped(module, debug)


def build_id(module: Path) -> str:
    """The build id in hexadecimal digits."""
    notes = _run("readelf", "-n", module)
    return notes.partition("Build ID:")[2].split()[0]


def _copy(name: str, how: str) -> Path:
    """The built module again, in a folder of its own."""
    original = build(name)
    folder = original.parent / f"{how}-{os.getpid()}"
    folder.mkdir(exist_ok=True)
    return Path(shutil.copy(original, folder))


def _run(program: str, *arguments: str | Path) -> str:
    if shutil.which(program) is None:
        raise BuildFailure(f"{program} is missing; install it with: apt-get install binutils")
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise BuildFailure(f"{program} failed:\n{done.stderr.strip()}")
    return done.stdout
