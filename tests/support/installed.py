"""An environment in which refaudit is installed as from its wheel: with the file that starts it."""

from __future__ import annotations

import os
import site
import subprocess
import sys
from pathlib import Path

import refaudit

PACKAGE = Path(refaudit.__file__).parent
START = Path(__file__).parents[2] / "python/startup/purelib/refaudit.pth"


class Installed:
    """A virtual environment made by hand, in a moment: it borrows the packages of this one."""

    def __init__(self, folder: Path) -> None:
        real = Path(sys.executable).resolve()
        version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
        packages = folder / "lib" / version / "site-packages"
        packages.mkdir(parents=True)
        (folder / "bin").mkdir()
        (folder / "pyvenv.cfg").write_text(
            f"home = {real.parent}\ninclude-system-site-packages = false\n", encoding="utf-8"
        )
        self.python = folder / "bin/python"
        self.python.symlink_to(real)
        borrowed = [str(PACKAGE.parent), *site.getsitepackages()]
        (packages / "borrowed.pth").write_text("\n".join(borrowed), encoding="utf-8")
        (packages / START.name).write_text(START.read_text(encoding="utf-8"), encoding="utf-8")

    def run(self, *arguments: str, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
        """``python arguments…`` in a folder, with some variables."""
        environment = {
            name: value
            for name, value in os.environ.items()
            if name not in ("PYTHONPATH", "REFAUDIT", "REFAUDIT_REPORT")
        }
        return subprocess.run(
            [str(self.python), *arguments],
            capture_output=True, text=True, timeout=300, check=False, cwd=cwd,
            env={**environment, **variables},
        )  # fmt: skip
