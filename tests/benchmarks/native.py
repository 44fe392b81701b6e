"""Native code that benchmarks compile, each once."""

from __future__ import annotations

import os
import subprocess
import sysconfig
from pathlib import Path

from environment import ChildFailed


def tool(command: list[str | Path], needs: str, cwd: Path | None = None) -> str:
    """Run a tool, and return what it prints; when it is missing, say how to get it."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd)
    except FileNotFoundError:
        raise SystemExit(f"{command[0]} is missing: {needs}") from None
    if done.returncode:
        raise ChildFailed(f"{command[0]} failed:\n{done.stderr[-2000:]}")
    return done.stdout


def compiled(source: Path, to: Path, python: bool = False, define: str = "") -> Path:
    """A shared library of a C file; made anew when the file is newer."""
    if not to.exists() or to.stat().st_mtime < source.stat().st_mtime:
        to.parent.mkdir(exist_ok=True)
        extra = [f"-I{sysconfig.get_paths()['include']}"] if python else []
        extra += [f"-D{define}"] if define else []
        command = [os.environ.get("CC", "cc"), "-O2", "-g", "-shared", "-fPIC", *extra]
        tool([*command, source, "-o", to], "apt-get install gcc libc6-dev")
    return to
