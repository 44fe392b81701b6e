"""Six workloads that allocate in different ways, timed under one configuration.

``python workloads.py CONFIGURATION CALLS``; prints the least CPU seconds of each as JSON.
"""

from __future__ import annotations

import json
import re
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import watchers

USERS = json.dumps(
    [
        {"id": n, "name": f"user {n}", "tags": [f"t{k}" for k in range(5)], "at": {"x": n / 2}}
        for n in range(20_000)
    ]
)
PROSE = " ".join(f"word{n}, other-{n * 7};" for n in range(20_000))
WORD = re.compile(r"(\w+)[,;-]")


@dataclass
class Point:
    """Two numbers."""

    x: int
    y: int


class Chain:
    """An instance with a list, replaced by its successor."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.trail = [number]

    def successor(self) -> Chain:
        """The next one."""
        return Chain(self.number + 1)


def build() -> int:
    """Nested containers that all stay alive."""
    records: list[dict[str, Any]] = [
        {"id": n, "name": f"n{n}", "tags": [str(n), str(n + 1)], "value": (n * 1.5, n)}
        for n in range(60_000)
    ]
    return sum(len(record["name"]) for record in records)


def parse() -> int:
    """A document of 20,000 entries."""
    return len(json.loads(USERS))


def text() -> int:
    """Short strings that die at once, and a regular expression."""
    length = sum(len(word.upper().replace("O", "0").strip(",;")) for word in PROSE.split())
    return length + len(WORD.findall(PROSE))


def objects() -> int:
    """Instances that die at once: free lists at work."""
    total = 0
    for number in range(100_000):
        point = Point(number, number + 1)
        total += point.x + point.y
    chain = Chain(0)
    for _ in range(60_000):
        chain = chain.successor()
    return total + chain.number


def fibonacci(number: int = 23) -> int:
    """Calls, and next to no allocation."""
    return number if number < 2 else fibonacci(number - 1) + fibonacci(number - 2)


def deep(depth: int = 60) -> int:
    """Allocation below 60 calls."""
    if depth:
        return deep(depth - 1)
    return len([{"id": n, "name": f"x{n}", "tags": [str(n)]} for n in range(20_000)])


WORKLOADS = {
    "build": build,
    "json": parse,
    "text": text,
    "obj": objects,
    "fib": fibonacci,
    "deep": deep,
}


def peak() -> int:
    """Peak resident memory in bytes."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) * 1024  # type: ignore[index]


def main() -> None:
    """Measure and print."""
    figures: dict[str, Any] = {}
    with watchers.watching(sys.argv[1]):
        for name, workload in WORKLOADS.items():
            taken = []
            for _ in range(int(sys.argv[2])):
                began = time.process_time()
                workload()
                taken.append(time.process_time() - began)
            figures[name] = min(taken)
    figures["peak"] = peak()
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
