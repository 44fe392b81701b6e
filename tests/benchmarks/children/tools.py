"""One snapshot by each tool, as a function without arguments."""

from __future__ import annotations

import functools
import gc
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


def _edges() -> Callable[[], Any]:
    from refaudit import _audit

    _audit.ensure_installed()
    return functools.partial(_audit.core()._benchmark_dominators, False)


def _dominators() -> Callable[[], Any]:
    from refaudit import _audit

    _audit.ensure_installed()
    return functools.partial(_audit.core()._benchmark_dominators, True)


def _sampled() -> list[Any]:
    """The first containers of the heap that is measured."""
    found = [one for one in gc.get_objects() if type(one).__name__ == "Node"]
    return found[:100]


def _guppy3_domisize() -> Callable[[], Any]:
    import guppy

    view = guppy.hpy()
    return lambda: view.iso(*_sampled()).domisize


def _guppy3_byrcs() -> Callable[[], Any]:
    import guppy

    view = guppy.hpy()
    return lambda: len(view.heap().byrcs.parts)


def _objgraph_chain() -> Callable[[], Any]:
    import objgraph

    return lambda: objgraph.find_backref_chain(_sampled()[-1], objgraph.is_proper_module)


_TOOLS = {
    "refaudit": _refaudit,
    "refaudit snapshot": _edges,
    "refaudit snapshot and dominators": _dominators,
    "guppy3, domisize of the first 100 objects": _guppy3_domisize,
    "guppy3 heap().byrcs": _guppy3_byrcs,
    "objgraph, chain to one object": _objgraph_chain,
    "objgraph typestats": _objgraph_typestats,
    "objgraph growth": _objgraph_growth,
    "guppy3 heap": _guppy3,
    "pympler muppy": _pympler,
    "pympler muppy + summary": _pympler_summary,
    "refcycle snapshot": _refcycle,
}
