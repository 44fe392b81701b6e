"""Runs inside a child interpreter: calls functions of one fixture module and measures them.

Standard library (and refaudit, when it audits) only. Reads a job as JSON from standard input,
prints the results as JSON, and leaves without tearing anything down: a module that over-releases
would crash there.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib.util
import itertools
import json
import mmap
import os
import sys
import tracemalloc
import types
from collections.abc import Callable

CALLS = 100

#: Calls under valgrind.
FEW_CALLS = 20


class NeverRaised(Exception):
    """What a case without an exception is expected to raise."""


#: Everything that a setup made stays alive; what an over-release touched must not be freed.
_KEPT: list[object] = []


def load(name: str, path: str) -> types.ModuleType:
    """The extension module at a path, imported under its own name."""
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def body_of(module: types.ModuleType, case: dict) -> Callable[[], None]:
    """A function that makes the call of a case, after its setup."""
    namespace = {"m": module, "__name__": "case"}
    exec(case["prelude"] + case["setup"], namespace)
    exec(f"def {case['function']}():\n    {case['call']}\n", namespace)
    _KEPT.append(namespace)
    return namespace[case["function"]]


def exception_of(case: dict) -> type[BaseException] | None:
    """The exception that a case raises, if it raises."""
    return getattr(__import__("builtins"), case["raises"]) if case["raises"] else None


def audit(body: Callable[[], None], case: dict) -> dict:
    """What refaudit says about a case."""
    import refaudit

    report = refaudit.check(
        body, warmup=case["warmup"], runs=case["runs"], raises=exception_of(case)
    )
    return {"ok": report.ok, "document": report.document}


def _call_often(body: Callable[[], None], expected: type[BaseException], calls: int) -> None:
    for _ in itertools.repeat(None, calls):
        with contextlib.suppress(expected):
            body()
    gc.collect()


def _change(measure: Callable[[], int], body: Callable[[], None], case: dict, calls: int) -> int:
    """By how much a number grows over some calls."""
    expected = exception_of(case) or NeverRaised
    before = measure()
    _call_often(body, expected, calls)
    return measure() - before


def totals(body: Callable[[], None], case: dict) -> dict:
    """What a call does not give back, by the word of CPython and of the C library.

    `refs`: of all references (debug builds only); `watched`: of those of one object; `bytes`: of
    CPython's allocators; `heap`: that malloc has given out; `mapped`: of the address space.
    """
    _call_often(body, exception_of(case) or NeverRaised, 20)
    found = {
        "heap": _per_call(_heap, body, case),
        "mapped": _per_call(_mapped, body, case),
    }
    if hasattr(sys, "gettotalrefcount"):
        found["refs"] = _per_call(sys.gettotalrefcount, body, case)
    if case["watch"]:
        watched = eval(case["watch"], body.__globals__)
        found["watched"] = _per_call(lambda: sys.getrefcount(watched), body, case)
    tracemalloc.start()
    found["bytes"] = _per_call(_traced, body, case)
    tracemalloc.stop()
    return found


def _per_call(measure: Callable[[], int], body: Callable[[], None], case: dict) -> float:
    """By how much a call changes a number, without what measuring itself changes."""
    _change(measure, body, case, 20)
    idle = _change(measure, body, case, 0)
    return (_change(measure, body, case, CALLS) - idle) / CALLS


def _traced() -> int:
    """Bytes of all domains, without those of names in the type cache."""
    sys._clear_type_cache()
    return tracemalloc.get_traced_memory()[0]


class _Mallinfo2(ctypes.Structure):
    """What the C library's own header calls so: ten numbers."""

    _fields_ = tuple(
        (name, ctypes.c_size_t)
        for name in (
            *("arena", "ordblks", "smblks", "hblks", "hblkhd"),
            *("usmblks", "fsmblks", "uordblks", "fordblks", "keepcost"),
        )
    )


_mallinfo2 = ctypes.CDLL(None).mallinfo2
_mallinfo2.restype = _Mallinfo2


def _heap() -> int:
    """Bytes that malloc has given out in all its arenas, those of mappings of its own included."""
    sys._clear_type_cache()
    info = _mallinfo2()
    return info.uordblks + info.hblkhd


def _mapped() -> int:
    """Bytes of the process's address space."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[0]) * mmap.PAGESIZE


def calls(body: Callable[[], None], case: dict) -> None:
    """A few calls and nothing else, for a witness that looks from outside.

    Free lists are emptied first: what they hold was born somewhere else.
    """
    gc.collect()
    _call_often(body, exception_of(case) or NeverRaised, FEW_CALLS)


def main() -> None:
    """Do the job that standard input describes."""
    job = json.load(sys.stdin)
    for name, path in job["beside"].items():
        load(name, path)
    module = load(job["module"], job["path"])
    measure = {"audit": audit, "totals": totals, "calls": calls}[job["mode"]]
    results = []
    for case in job["cases"]:
        try:
            results.append(measure(body_of(module, case), case))
        except Exception as error:
            results.append({"error": f"{type(error).__name__}: {error}"})
    print(json.dumps(results), flush=True)
    os._exit(0)


if __name__ == "__main__":
    main()
