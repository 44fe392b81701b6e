"""The drawings in the documentation are those of the model."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

TOOL = Path(__file__).parents[2] / "tools" / "drawings"


def test_the_page_has_the_drawings_of_the_model() -> None:
    run = subprocess.run([sys.executable, str(TOOL), "--check"], capture_output=True, text=True)
    assert run.returncode == 0, f"run {TOOL.name}: the model has changed\n{run.stderr}"
