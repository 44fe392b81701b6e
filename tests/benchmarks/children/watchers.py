"""Who watches allocations while the workloads run."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import refaudits


@contextlib.contextmanager
def watching(name: str) -> Iterator[None]:
    """Watch with one configuration for the length of the block."""
    with _WATCHERS[name]():
        yield


@contextlib.contextmanager
def _nobody() -> Iterator[None]:
    yield


@contextlib.contextmanager
def _tracemalloc(frames: int) -> Iterator[None]:
    import tracemalloc

    tracemalloc.start(frames)
    yield
    tracemalloc.stop()


@contextlib.contextmanager
def _memray(native: bool, python_allocators: bool) -> Iterator[None]:
    import memray

    with tempfile.TemporaryDirectory() as folder:
        capture = Path(folder) / "capture.bin"
        with memray.Tracker(
            capture, native_traces=native, trace_python_allocators=python_allocators
        ):
            yield


_WATCHERS: dict[str, Callable[[], contextlib.AbstractContextManager[None]]] = {
    "nobody": _nobody,
    "refaudit": lambda: refaudits.stacks(0, 0, tracer=False),
    "refaudit + reference tracer": lambda: refaudits.stacks(0, 0, tracer=True),
    "refaudit, asleep": refaudits.asleep,
    "refaudit, census only": lambda: refaudits.stacks(0, 0),
    "refaudit, 25 Python frames": lambda: refaudits.stacks(25, 0),
    "refaudit, hybrid stacks": lambda: refaudits.stacks(25, 64),
    "tracemalloc(1)": lambda: _tracemalloc(1),
    "tracemalloc(25)": lambda: _tracemalloc(25),
    "memray": lambda: _memray(False, False),
    "memray --native": lambda: _memray(True, False),
    "memray --trace-python-allocators": lambda: _memray(False, True),
    "memray --native --trace-python-allocators": lambda: _memray(True, True),
}
