"""The environment that the measured processes run in: this Python, the peers, and refaudit.

Apart from the development environment, whose pytest plugins would be measured too.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import refaudit

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1] / "build" / "bench"
REQUIREMENTS = HERE / "requirements.txt"
CHILDREN = HERE / "children"


class ChildFailed(Exception):
    """A measured process failed; the message is the end of what it said."""


@dataclass(frozen=True)
class Bench:
    """A ready environment."""

    folder: Path
    #: Requirements that could not be installed for this Python.
    missing: tuple[str, ...]

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.folder / "venv" / "bin" / "python"

    def has(self, package: str) -> bool:
        """Whether a package of the requirements was installed."""
        return not any(line.lower().startswith(package.lower() + "==") for line in self.missing)

    def execute(
        self, *arguments: str | Path, cwd: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run the interpreter, with refaudit importable and no plugin loaded unasked."""
        surroundings = os.environ | {
            "PYTHONPATH": str(self.folder / "refaudit-only"),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONHASHSEED": "0",
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        }
        # Allocators and options of the caller would be measured too.
        for name in ("PYTHONMALLOC", "PYTHONTRACEMALLOC", "PYTHONDEVMODE", "PYTEST_ADDOPTS"):
            surroundings.pop(name, None)
        return subprocess.run(
            [self.python, *arguments],
            capture_output=True, text=True, check=False, env=surroundings, cwd=cwd or self.folder,
        )  # fmt: skip

    def measure(self, script: str, *arguments: str) -> dict[str, Any]:
        """What a script of `children/` measured; its last line is JSON."""
        done = self.execute(CHILDREN / script, *arguments)
        if done.returncode:
            raise ChildFailed("\n".join((done.stdout + done.stderr).strip().splitlines()[-6:]))
        return dict(json.loads(done.stdout.splitlines()[-1]))


def prepare() -> Bench:
    """Make the environment, or take the one made before from the same requirements."""
    folder = ROOT / f"{sysconfig.get_python_version()}"
    bench = Bench(folder, ())
    wanted = hashlib.sha256(REQUIREMENTS.read_bytes() + sys.version.encode()).hexdigest()
    ready = folder / "ready.json"
    known = json.loads(ready.read_text(encoding="utf-8")) if ready.exists() else {}
    if known.get("made_from") != wanted:
        shutil.rmtree(folder, ignore_errors=True)
        missing = _install(bench)
        known = {"made_from": wanted, "missing": missing}
        ready.write_text(json.dumps(known), encoding="utf-8")
    _link_refaudit(folder / "refaudit-only")
    for line in known["missing"]:
        print(f"Not installable on this Python, so left out: {line}\n")
    return Bench(folder, tuple(known["missing"]))


def _install(bench: Bench) -> list[str]:
    """Install every requirement that can be; return the others."""
    print(f"Making an environment for the peers in {os.path.relpath(bench.folder)}\n", flush=True)
    subprocess.run([sys.executable, "-m", "venv", bench.folder / "venv"], check=True)
    missing = []
    for line in REQUIREMENTS.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            pip = bench.execute("-m", "pip", "--quiet", "install", line)
            if pip.returncode:
                missing.append(line)
    return missing


def _link_refaudit(folder: Path) -> None:
    """An import folder with the refaudit of this process and nothing else of its environment."""
    folder.mkdir(exist_ok=True)
    link = folder / "refaudit"
    link.unlink(missing_ok=True)
    link.symlink_to(Path(refaudit.__file__).resolve().parent, target_is_directory=True)
