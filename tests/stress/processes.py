"""Runs one Python text in two fresh processes: as it is, and with objects in guarded memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

#: Sizes of the blocks that are guarded, in bytes.
LEAST, MOST = 48, 512
PATIENCE = 7200
SOURCE = Path(__file__).with_name("native") / "kernel_writes.c"

#: `guarded()` begins to guard when the process was told to; `say(answer)` ends that, and prints the answer and counts.
PRELUDE = """
import faulthandler, json, sys
faulthandler.enable()
least, most = int(sys.argv[1]), int(sys.argv[2])
def guarded():
    if most:
        from refaudit import _refaudit as core
        core.install()
        core._guard_all(least, most)
def say(answer):
    statistics, notes = {}, []
    if most:
        from refaudit import _refaudit as core
        statistics, notes = core._guard_statistics(), core._guard_end()
    print(json.dumps({"answer": answer, "statistics": statistics, "notes": notes}), flush=True)
"""


def preloaded(folder: Path) -> Path:
    """Compiles what lets the kernel write into guarded objects."""
    library = folder / "kernel_writes.so"
    command = ["cc", "-O1", "-shared", "-fPIC", SOURCE, "-o", library, "-ldl"]
    try:
        subprocess.run(command, check=True)
    except FileNotFoundError:
        sys.exit("a C compiler is missing: apt-get install gcc libc6-dev")
    return library


def both(
    text: str, *arguments: str, python: str = sys.executable, path: str | None = None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the text said without and with guarded memory. One that died has `died` instead."""
    with tempfile.TemporaryDirectory(prefix="guarded-") as folder:
        more = {"LD_PRELOAD": str(preloaded(Path(folder))), "PYTHONHASHSEED": "0"}
        if path is not None:
            more["PYTHONPATH"] = path
        plain = _said(python, text, (0, 0), arguments, more)
        return plain, _said(python, text, (LEAST, MOST), arguments, more)


def _said(
    python: str,
    text: str,
    limits: tuple[int, int],
    arguments: tuple[str, ...],
    more: dict[str, str],
) -> dict[str, Any]:
    began = time.perf_counter()
    done = subprocess.run(
        [python, "-c", PRELUDE + text, *map(str, limits), *arguments],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
        env={**os.environ, **more},
    )
    seconds = time.perf_counter() - began
    if done.returncode:
        words = done.stderr.strip().splitlines()[-12:]
        return {"died": "\n".join([f"ended with {done.returncode}", *words])}
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return {**said, "seconds": seconds}


def counts(said: dict[str, Any]) -> str:
    """How the writes to guarded memory were met, in words."""
    of = said["statistics"]
    return (
        f"{of['writes']:,} writes, {of['performed']:,} performed, {of['stepped']:,} stepped, "
        f"{of['given_up']} not understood"
    )


def is_whole(said: dict[str, Any]) -> bool:
    """Whether there were writes to guarded memory, and each was performed."""
    return said["statistics"]["writes"] > 0 and said["statistics"]["given_up"] == 0
