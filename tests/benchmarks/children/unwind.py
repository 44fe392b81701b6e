"""Times `_refaudit._benchmark_unwind` below a native stack of a given number of frames.

``python unwind.py FRAMES``; prints nanoseconds for each method as JSON. The function answers with
the number of native frames up to the innermost eval loop in `frames`, and everything else in
nanoseconds: `refaudit`, and peers under their own names.
"""

from __future__ import annotations

import ctypes
import functools
import json
import sys
from pathlib import Path

import refaudits

ITERATIONS = 200_000


def main() -> None:
    """Find the depth at which the stack has the frames, measure and print."""
    benchmark = refaudits.core("_benchmark_unwind")._benchmark_unwind
    nest = ctypes.PyDLL(str(Path.cwd() / "native" / "nesting.so")).nest
    nest.argtypes, nest.restype = [ctypes.c_long, ctypes.py_object], ctypes.py_object
    wanted = int(sys.argv[1])
    for depth in range(wanted):
        frames = nest(depth, functools.partial(benchmark, 100))["frames"]
        if frames >= wanted:
            break
    if frames != wanted:
        raise SystemExit(f"no depth gives {wanted} native frames; {depth} gives {frames:.0f}")
    figures = nest(depth, functools.partial(benchmark, ITERATIONS))
    print(json.dumps({**figures, "depth": depth}))


if __name__ == "__main__":
    main()
