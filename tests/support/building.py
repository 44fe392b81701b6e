"""Compiles the extension modules that leak on purpose, each once, into `build/fixtures/`."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
EXTENSIONS = ROOT / "tests" / "extensions"
CACHE = ROOT / "build" / "fixtures"

COMMON = ("-O2", "-g", "-shared", "-fPIC", "-pthread", "-fno-strict-aliasing")

_PROBE = """
import json, sys, sysconfig
paths = sysconfig.get_paths()
print(json.dumps({
    "includes": sorted({paths["include"], paths["platinclude"]}),
    "suffix": sysconfig.get_config_var("EXT_SUFFIX"),
    "version": sys.version,
}))
"""


class BuildFailure(Exception):
    """A fixture could not be built; the message says what to do."""


@dataclass(frozen=True)
class Target:
    """The interpreter that a module is built for."""

    executable: str
    includes: tuple[str, ...]
    suffix: str
    version: str

    @property
    def tag(self) -> str:
        """`cpython-311-x86_64-linux-gnu` of `.cpython-311-x86_64-linux-gnu.so`."""
        return self.suffix.strip(".").removesuffix(".so")

    @property
    def header_flags(self) -> list[str]:
        """Not `-isystem`: gcc resolves the links of such headers, and Debian's debug headers are
        links to the release ones beside another `pyconfig.h`."""
        return [f"-I{folder}" for folder in self.includes]


@cache
def target(executable: str = sys.executable) -> Target:
    """Ask an interpreter how its extension modules are built."""
    facts = json.loads(_run([executable, "-I", "-c", _PROBE], "asking the interpreter"))
    headers = Path(facts["includes"][0], "Python.h")
    if not headers.exists():
        raise BuildFailure(f"{headers} is missing: install the headers of {executable}")
    return Target(executable, tuple(facts["includes"]), facts["suffix"], facts["version"])


def _run(command: list[str], what: str, **environment: str) -> str:
    """Run a command, or fail with what it said."""
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, **environment}
    )
    if done.returncode:
        raise BuildFailure(f"{what} failed:\n{(done.stdout + done.stderr).strip()[-4000:]}")
    return done.stdout


def _tool(variable: str, name: str, help_command: str) -> str:
    """A program of the path, or the one command that installs it."""
    wanted = os.environ.get(variable, name)
    if shutil.which(wanted) is None:
        raise BuildFailure(f"{wanted} is missing; install it with: {help_command}")
    return wanted


def _compiler(variable: str, name: str) -> str:
    return _tool(variable, name, "apt-get install gcc g++")


def _package(name: str) -> object:
    """A Python package that only building needs."""
    try:
        return __import__(name)
    except ImportError:
        message = f"{name} is missing; install it with: python -m pip install {name}"
        raise BuildFailure(message) from None


def _build_c(source: Path, module: Path, to: Target, *more: str) -> None:
    strict = ["-Wall", "-Wextra", "-Werror"]
    command = [_compiler("CC", "cc"), *COMMON, *strict, *to.header_flags, *more]
    _run([*command, str(source), "-o", str(module)], f"compiling {source.name}")


def _build_cython(source: Path, module: Path, to: Target, *more: str) -> None:
    """Beside a copy of the source, as build tools do: the generated file only knows its name."""
    _package("Cython")
    generated = module.with_suffix(".c")
    copy = shutil.copy(source, module.parent / source.name)
    cython = [sys.executable, "-m", "cython", "-3", str(copy), "-o", str(generated)]
    _run(cython, f"cython {source.name}")
    command = [_compiler("CC", "cc"), *COMMON, *to.header_flags]
    _run([*command, *more, str(generated), "-o", str(module)], f"compiling {generated.name}")


def _build_cpp(source: Path, module: Path, to: Target, *more: str) -> None:
    command = [_compiler("CXX", "c++"), "-std=c++17", "-fvisibility=hidden", *COMMON]
    command += [*to.header_flags, *more, str(source), "-o", str(module)]
    _run(command, f"compiling {source.name}")


def _build_pybind11(source: Path, module: Path, to: Target, *more: str) -> None:
    _build_cpp(source, module, to, "-isystem", _package("pybind11").get_include(), *more)


def _build_nanobind(source: Path, module: Path, to: Target, *more: str) -> None:
    """nanobind's own library is compiled into the module, as its CMake function does."""
    nanobind = _package("nanobind")
    library = Path(nanobind.source_dir())
    robin = library.parent / "ext" / "robin_map" / "include"
    includes = ["-isystem", nanobind.include_dir(), "-isystem", str(robin)]
    combined = str(library / "nb_combined.cpp")
    _build_cpp(source, module, to, "-DNB_COMPACT_ASSERTIONS", *includes, *more, combined)


def _build_pyo3(source: Path, module: Path, to: Target, *more: str) -> None:
    """`more`: further arguments for cargo; other features have a target folder of their own."""
    cargo = _tool("CARGO", "cargo", "apt-get install cargo (or rustup)")
    manifest = source / "Cargo.toml"
    name = re.search(r'^name = "(\w+)"', manifest.read_text(encoding="utf-8"), re.MULTILINE)[1]
    output = CACHE / to.tag / "-".join(["cargo", *more])
    command = [cargo, "build", "--release", "--locked", "-j1", "--quiet", *more]
    command += ["--manifest-path", str(manifest), "--target-dir", str(output)]
    _run(command, f"building {source.name}", PYO3_PYTHON=to.executable)
    shutil.copy(output / "release" / f"lib{name}.so", module)


#: Module name of each binding, its source, and how it is built; every other name is a C file.
_BINDINGS: dict[str, tuple[str, Callable[..., None]]] = {
    "cppleaks": ("cpp/cppleaks.cpp", _build_cpp),
    "vectors": ("cpp/vectors.cpp", _build_cpp),
    "cyleaks": ("cython/cyleaks.pyx", _build_cython),
    "pbleaks": ("pybind11/pbleaks.cpp", _build_pybind11),
    "nbleaks": ("nanobind/nbleaks.cpp", _build_nanobind),
    "pyo3leaks": ("pyo3", _build_pyo3),
}


#: How a source is built, by its language.
LANGUAGES: dict[str, Callable[..., None]] = {
    "c": _build_c,
    "cpp": _build_cpp,
    "cython": _build_cython,
    "pybind11": _build_pybind11,
    "nanobind": _build_nanobind,
    "pyo3": _build_pyo3,
    "pyo3-abi3": _build_pyo3,
}


def _inputs(source: Path) -> list[Path]:
    """Every file that a change of must rebuild the module: the source, and headers beside it."""
    if source.is_dir():
        return sorted([*source.glob("Cargo.*"), *source.glob("src/*.rs")])
    return [source, *sorted(source.parent.glob("*.h")), Path(__file__)]


def _digest(source: Path, to: Target, *flags: str) -> str:
    content = hashlib.sha256(f"{to.version}{to.includes}{flags}".encode())
    for path in _inputs(source):
        content.update(path.read_bytes())
    return content.hexdigest()[:12]


def source_of(name: str) -> Path:
    """The source of a fixture module; a folder for the Rust one."""
    relative, _ = _BINDINGS.get(name, (f"c/{name}.c", _build_c))
    source = EXTENSIONS / relative
    if not source.exists():
        raise BuildFailure(f"there is no fixture module {name!r} at {relative}")
    return source


def build(name: str, executable: str = sys.executable, flags: tuple[str, ...] = ()) -> Path:
    """The compiled module of this name for an interpreter, built if it is not there yet.

    `flags` are further ones for the compiler, for a module in C or plain C++.
    """
    _, builder = _BINDINGS.get(name, ("", _build_c))
    return _built(name, source_of(name), builder, executable, flags)


def build_c(name: str, source: Path, executable: str, flags: tuple[str, ...]) -> Path:
    """A module of this name from any C source, built if it is not there yet."""
    return _built(name, source, _build_c, executable, flags)


def build_from(
    language: str, name: str, source: Path, executable: str, flags: tuple[str, ...]
) -> Path:
    """A module of this name from a source in one of `LANGUAGES`, built if it is not there yet."""
    return _built(name, source, LANGUAGES[language], executable, flags)


def build_program(name: str, source: Path, executable: str) -> Path:
    """A program with an interpreter in it, from a C source, built if it is not there yet."""
    script = "import sysconfig; print(*map(sysconfig.get_config_var, ('LIBDIR', 'LDVERSION')))"
    where, version = _run([executable, "-I", "-c", script], "asking the interpreter").split()
    flags = ("-fPIE", f"-L{where}", f"-Wl,-rpath,{where}", f"-lpython{version}", "-ldl")
    return _built(name, source, _build_program, executable, flags)


def _build_program(source: Path, program: Path, to: Target, *more: str) -> None:
    strict = ["-O2", "-g", "-Wall", "-Wextra", "-Werror"]
    command = [_compiler("CC", "cc"), *strict, *to.header_flags, str(source)]
    _run([*command, "-o", str(program), *more], f"compiling {source.name}")


def _built(
    name: str, source: Path, builder: Callable[..., None], executable: str, flags: tuple[str, ...]
) -> Path:
    to = target(executable)
    folder = CACHE / to.tag / f"{name}-{_digest(source, to, *flags)}"
    module = folder / f"{name}{to.suffix}"
    if not module.exists():
        folder.mkdir(parents=True, exist_ok=True)
        # Another process may build the same: whoever is last replaces an equal file.
        half_made = folder / f"{os.getpid()}-{module.name}"
        builder(source, half_made, to, *flags)
        half_made.replace(module)
    return module
