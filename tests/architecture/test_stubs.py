"""The stubs and the annotations tell what is there when the package runs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ALLOWED = Path(__file__).parents[1] / "stubtest-allowlist.txt"


def test_stubs_are_true() -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "mypy.stubtest",
            "refaudit",
            "--concise",
            "--allowlist",
            str(ALLOWED),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
