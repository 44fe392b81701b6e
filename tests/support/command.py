"""Runs the command ``refaudit`` as a user does."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def command(
    *arguments: str, cwd: Path | None = None, path: Path | None = None, **variables: str
) -> subprocess.CompletedProcess[str]:
    """``refaudit arguments…`` in a folder; modules are looked for in ``path``, too."""
    environment = {**os.environ, **variables}
    if path is not None:
        environment["PYTHONPATH"] = os.pathsep.join([str(path), os.environ.get("PYTHONPATH", "")])
    return subprocess.run(
        [sys.executable, "-m", "refaudit", *arguments],
        capture_output=True, text=True, timeout=300, check=False, cwd=cwd, env=environment,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
