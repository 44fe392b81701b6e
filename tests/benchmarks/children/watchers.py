"""Who watches allocations while the workloads run."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path


@contextlib.contextmanager
def watching(name: str) -> Iterator[None]:
    """Watch with one configuration for the length of the block."""
    with _WATCHERS[name]():
        yield


@contextlib.contextmanager
def _nobody() -> Iterator[None]:
    yield


@contextlib.contextmanager
def _refaudit(tracer: bool) -> Iterator[None]:
    """Hooks and census in an open window, as during an audited run."""
    from refaudit import _audit

    measurement = _audit.Measurement("benchmark")
    measurement.begin()
    measurement.open()
    _audit.core().set_tracer(tracer)
    yield
    measurement.close()


@contextlib.contextmanager
def _tracemalloc() -> Iterator[None]:
    import tracemalloc

    tracemalloc.start(1)
    yield
    tracemalloc.stop()


@contextlib.contextmanager
def _memray(python_allocators: bool) -> Iterator[None]:
    import memray

    with tempfile.TemporaryDirectory() as folder:
        capture = Path(folder) / "capture.bin"
        with memray.Tracker(capture, trace_python_allocators=python_allocators):
            yield


_WATCHERS: dict[str, Callable[[], contextlib.AbstractContextManager[None]]] = {
    "nobody": _nobody,
    "refaudit": lambda: _refaudit(False),
    "refaudit + reference tracer": lambda: _refaudit(True),
    "tracemalloc(1)": _tracemalloc,
    "memray": lambda: _memray(False),
    "memray --trace-python-allocators": lambda: _memray(True),
}
