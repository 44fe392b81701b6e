"""One snapshot by each tool, as a function without arguments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

#: Smallest figures of refaudit's parts so far.
PARTS: dict[str, float] = {}


def load(name: str) -> Callable[[], Any]:
    """Import a tool now, and return what is to be timed."""
    return _TOOLS[name]()


def _refaudit() -> Callable[[], Any]:
    from refaudit import _audit

    _audit.ensure_installed()
    benchmark = _audit.core()._benchmark_snapshot

    def snapshot() -> None:
        for key, value in benchmark().items():
            PARTS[key] = min(PARTS.get(key, value), value)

    return snapshot


def _objgraph_typestats() -> Callable[[], Any]:
    import objgraph

    return lambda: objgraph.typestats()


def _objgraph_growth() -> Callable[[], Any]:
    import objgraph

    return lambda: objgraph.growth(peak_stats={})


def _guppy3() -> Callable[[], Any]:
    import guppy

    view = guppy.hpy()
    return lambda: view.heap()


def _pympler() -> Callable[[], Any]:
    from pympler import muppy

    return lambda: muppy.get_objects()


def _pympler_summary() -> Callable[[], Any]:
    from pympler import muppy, summary

    return lambda: summary.summarize(muppy.get_objects())


def _refcycle() -> Callable[[], Any]:
    import refcycle

    return lambda: refcycle.snapshot()


_TOOLS = {
    "refaudit": _refaudit,
    "objgraph typestats": _objgraph_typestats,
    "objgraph growth": _objgraph_growth,
    "guppy3 heap": _guppy3,
    "pympler muppy": _pympler,
    "pympler muppy + summary": _pympler_summary,
    "refcycle snapshot": _refcycle,
}
