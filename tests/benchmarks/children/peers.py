"""``peers.py TOOL FUNCTION PATHS``: whether a tool says anything to 1,000 calls of a function of the fixtures.

``PATHS`` are compiled fixture modules. The last line printed is JSON: ``{"says": bool}``.
"""

from __future__ import annotations

import gc
import importlib.util
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

CALLS = 1000
#: What counts as said: nearly so many more objects, or bytes of them.
MANY = 900


class Marker:
    """Something to take references on."""

    value: object = None


def body(name: str, paths: list[str]) -> Callable[[], object]:
    """The function `module.function`, with its argument where it needs one."""
    module, _, function = name.partition(".")
    path = next(path for path in paths if Path(path).name.startswith(module + "."))
    spec = importlib.util.spec_from_file_location(module, path)
    assert spec and spec.loader
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    call = getattr(loaded, function)
    if module != "references":
        return call
    shared = Marker()
    shared.value = Marker()
    return lambda: call(shared)


def many(call: Callable[[], object], times: int = CALLS) -> None:
    """Call it so often, and let the collector do its part."""
    for _ in range(times):
        call()
    gc.collect()


def tracemalloc(call: Callable[[], object]) -> bool:
    import tracemalloc

    tracemalloc.start(5)
    many(call, 20)
    before = tracemalloc.take_snapshot()
    many(call)
    changes = tracemalloc.take_snapshot().compare_to(before, "lineno")
    return any(change.count_diff >= MANY for change in changes)


def objgraph(call: Callable[[], object]) -> bool:
    import objgraph

    objgraph.growth()
    many(call, 20)
    objgraph.growth()
    many(call)
    return any(more >= MANY for _, _, more in objgraph.growth())


def guppy3(call: Callable[[], object]) -> bool:
    from guppy import hpy

    heapy = hpy()
    heapy.heap()
    heapy.setrelheap()
    many(call)
    return heapy.heap().count >= MANY


def pympler(call: Callable[[], object]) -> bool:
    """Two equal rounds, one of them with nothing in it: Pympler's own objects are in both."""
    from pympler import muppy, summary

    def growth(times: int) -> dict[str, int]:
        before = summary.summarize(muppy.get_objects())
        many(call, times)
        after = summary.summarize(muppy.get_objects())
        return {name: count for name, count, _ in summary.get_diff(before, after)}

    growth(0), growth(0)
    alone, with_calls = growth(0), growth(CALLS)
    return any(count - alone.get(name, 0) >= MANY for name, count in with_calls.items())


def psleak(call: Callable[[], object]) -> bool:
    if os.environ.get("PYTHONMALLOC") != "malloc":  # it does not run without these
        wanted = {"PYTHONMALLOC": "malloc", "PYTHONUNBUFFERED": "1"}
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **wanted})
    import psleak

    try:
        psleak.MemoryLeakTestCase().execute(call)
    except psleak.Error:
        return True
    return False


_MEMRAY_TEST = """
import sys
import peers
import pytest

call = peers.body(sys.argv[2], sys.argv[3:])
peers.many(call, 20)


@pytest.mark.limit_leaks("10 KB")
def test_it():
    peers.many(call)
"""


def pytest_memray(call: Callable[[], object]) -> bool:
    import tempfile

    import pytest

    sys.path.insert(0, str(Path(__file__).parent))
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "test_it.py").write_text(_MEMRAY_TEST, encoding="utf-8")
        arguments = [
            "-q",
            "-p",
            "pytest_memray.plugin",
            "-p",
            "no:cacheprovider",
            "--memray",
            folder,
        ]
        status = pytest.main(arguments)
    if status not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        raise SystemExit(f"pytest ended with {status}")
    return status == pytest.ExitCode.TESTS_FAILED


def refaudit(call: Callable[[], object]) -> bool:
    import refaudit

    return bool(refaudit.check(call).findings)


def calls_alone(call: Callable[[], object]) -> bool:
    """For Valgrind, which looks from outside."""
    return False


TOOLS = (refaudit, tracemalloc, pytest_memray, psleak, objgraph, pympler, guppy3, calls_alone)


def main() -> None:
    """Ask one tool about one function."""
    tool, name, *paths = sys.argv[1:]
    call = body(name, paths)
    many(call, CALLS if tool == "calls_alone" else 20)
    says = next(ask for ask in TOOLS if ask.__name__ == tool)(call)
    print()
    print(json.dumps({"says": says}))


if __name__ == "__main__":
    main()
