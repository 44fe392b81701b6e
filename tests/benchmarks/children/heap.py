"""Builds a heap of container objects and times one tool on it against ``gc.collect()``.

``python heap.py TOOL OBJECTS ORDER ROUNDS``; prints one line of JSON.
"""

from __future__ import annotations

import gc
import json
import os
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import tools


class Node:
    """An ordinary instance with two attributes."""

    def __init__(self, left: Any, right: Any) -> None:
        self.left = left
        self.right = right


def build(objects: int, order: str) -> list[Any]:
    """Instances, dicts, lists and tuples in equal parts, each with two or three references.

    In the order ``sequential`` they refer to their neighbours, as freshly parsed data does; in the
    order ``shuffled`` to any other, so that every edge misses the cache.
    """
    chance = random.Random(7)
    everything: list[Any] = [[]]
    for number in range(objects // 4):
        last = everything[-1]
        if order == "shuffled":
            last, other = chance.choice(everything), chance.choice(everything)
        else:
            other = last
        node = Node(last, other)
        entry = {"node": node, "number": number, "other": other}
        row = [entry, last, number]
        everything += (node, entry, row, (row, other))
        # A cycle in every group, as parents and children have.
        node.right = row
    return everything


def peak() -> int:
    """Peak resident memory in bytes since the last reset."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError("no VmHWM in /proc/self/status")


def reset_peak() -> None:
    """Make the peak start again from what is resident now."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def cpu_seconds(function: Callable[[], Any]) -> float:
    """CPU time of one call; what it returns is dropped within."""
    began = time.process_time()
    function()
    return time.process_time() - began


def main() -> None:
    """Measure and print."""
    name, objects, order, rounds = sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4])
    tool = tools.load(name)
    gc.disable()
    everything = build(objects, order)
    gc.collect()
    gc.collect()
    figures: dict[str, float] = {"tracked": len(gc.get_objects())}
    reset_peak()
    before = peak()
    collect, used = [], []
    for number in range(rounds):
        used.append(cpu_seconds(tool))
        if number == 0:
            figures["peak_growth"] = peak() - before
        collect.append(cpu_seconds(gc.collect))
    figures |= {"collect": min(collect), "tool": min(used)} | tools.PARTS
    print(json.dumps(figures))
    sys.stdout.flush()
    # Taking the heap apart is not measured, and would take longer than all the rest.
    os._exit(0 if everything else 1)


if __name__ == "__main__":
    main()
