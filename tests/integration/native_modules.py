"""Compiles the sources of `native/` in the ways that import tables differ."""

from __future__ import annotations

import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest

SOURCES = Path(__file__).with_name("native")

#: How a library's slots are filled: at the first call, all at once and then read-only, or
#: without a stub for each function.
BINDINGS = {
    "lazy": ("-Wl,-z,lazy,-z,norelro",),
    "relro": ("-Wl,-z,now,-z,relro",),
    "noplt": ("-fno-plt", "-Wl,-z,now,-z,relro"),
    "partial": ("-Wl,-z,lazy,-z,relro",),
    "stripped": ("-s", "-Wl,-z,now,-z,relro"),
}

#: Runs before the text of a child: hooks installed, the folder of the modules on the path.
PRELUDE = """
import gc, json, os, sys
sys.path.insert(0, sys.argv[1])
def say(**answer):
    print(json.dumps(answer), flush=True)
from refaudit import _refaudit as core
core.install()
def blocks():
    return sorted((size, route) for _, size, route in core._native_blocks())
def watch(*scope):
    notes = core._native_sync(list(scope))
    core._native_awake(True)
    return notes
"""


def compiled(source: str, output: Path, *flags: str) -> Path:
    """A source of `native/` as a shared object."""
    cpp = source.endswith(".cpp")
    compiler, package = ("c++", "g++") if cpp else ("cc", "gcc")
    if shutil.which(compiler) is None:
        pytest.fail(f"{compiler} is missing; install it with: apt-get install {package}")
    headers = f"-I{sysconfig.get_path('include')}"
    standard = ["-std=c++17", "-fsized-deallocation"] if cpp else ["-std=gnu11"]
    fixed = [*standard, "-O1", "-g", "-shared", "-fPIC", "-fno-builtin", "-pthread", headers]
    # The tests of unusual libraries give their own flags for the linker.
    command = [compiler, *fixed, *flags, str(SOURCES / source), "-o", str(output)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.fail(f"compiling {source} failed:\n{done.stderr[-3000:]}")
    return output


def module(source: str, folder: Path, name: str, *flags: str) -> Path:
    """A source of `native/` as an extension module."""
    folder.mkdir(parents=True, exist_ok=True)
    suffix = sysconfig.get_config_var("EXT_SUFFIX")
    return compiled(source, folder / f"{name}{suffix}", f"-DNAME={name}", *flags)
