"""Growth of the resident set while small blocks, and then distinct stacks, come to life.

``python memory.py CONFIGURATION``; prints bytes and counts as JSON.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from pathlib import Path
from typing import Any

import watchers

BLOCKS = 1_000_000
DEPTH = 15


def resident() -> int:
    """Resident memory in bytes."""
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * os.sysconf("SC_PAGESIZE")


def blocks() -> list[bytes]:
    """Small blocks of many sizes, all alive."""
    return [bytes(number % 96) for number in range(BLOCKS)]


def stacks(depth: int, kept: list[Any]) -> None:
    """Allocates at the end of every way through `depth` calls, each from one of two lines."""
    if depth == 0:
        kept.append(bytearray())
        return
    stacks(depth - 1, kept)
    stacks(depth - 1, kept)


def main() -> None:
    """Measure and print."""
    gc.disable()
    # Their storage and the first use of everything are not measured.
    room: list[Any] = [None] * BLOCKS
    kept: list[Any] = [None] * 2**DEPTH
    kept.clear()
    with watchers.watching(sys.argv[1]):
        stacks(2, [])
        before = resident()
        room[:] = blocks()
        after_blocks = resident()
        stacks(DEPTH, kept)
        after_stacks = resident()
    granules = sum(-(-sys.getsizeof(block) // 16) for block in room)
    figures = {
        "blocks": after_blocks - before,
        "stacks": after_stacks - after_blocks,
        "granules": granules,
        "distinct": len(kept),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
