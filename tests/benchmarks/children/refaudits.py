"""refaudit as the measured processes use it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any


def core(*needed: str) -> Any:
    """The compiled module, hooks installed; it must have the named functions."""
    from refaudit import _audit

    for name in needed:
        if not hasattr(_audit.core(), name):
            raise SystemExit(f"this build of refaudit has no _refaudit.{name}: build it anew")
    _audit.ensure_installed()
    return _audit.core()


@contextlib.contextmanager
def window(tracer: bool | None = None) -> Iterator[None]:
    """An open window, as during an audited run; `tracer` overrides the reference tracer."""
    from refaudit import _audit

    measurement = _audit.Measurement("benchmark")
    measurement.begin()
    measurement.open()
    if tracer is not None:
        _audit.core().set_tracer(tracer)
    yield
    measurement.close()


@contextlib.contextmanager
def stacks(python_frames: int, native_frames: int, tracer: bool | None = None) -> Iterator[None]:
    """A window with stacks of at most so many frames of each kind; 0 of both is the census alone."""
    core("set_stack_depth").set_stack_depth(python_frames, native_frames)
    with window(tracer):
        yield


@contextlib.contextmanager
def asleep() -> Iterator[None]:
    """After an audit: everything is hooked, and nothing is audited."""
    core()
    with window():
        pass
    yield


@contextlib.contextmanager
def native() -> Iterator[None]:
    """Import tables redirected and births of native blocks recorded, but no window open."""
    hooks = core("_native_sync", "_native_awake")
    hooks._native_sync([])
    hooks._native_awake(True)
    yield
    hooks._native_awake(False)
