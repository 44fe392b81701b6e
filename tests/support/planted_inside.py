"""Runs inside a child interpreter: calls one planted bug, counts what it loses, or audits it.

Standard library (and refaudit, when it audits) only; no teardown, as what is given back too often
would crash there.
"""

from __future__ import annotations

import gc
import importlib.util
import json
import os
import sys
import types
from collections.abc import Callable

CALLS = 100
#: Atomic objects are in no list of the collector; each is one block of the allocator.
ATOMIC = ("int", "str", "bytes", "float")

PRELUDE = '''
class Marker:
    """What is lost."""

class Owner:
    """Holds one of them, and nobody else does."""
    def __init__(self):
        self.item = Marker()

class Factory:
    """Makes one when called, and can have attributes."""
    def __call__(self):
        return Marker()

class Failure(Exception):
    """An error of a kind that nothing else raises."""

def fail():
    raise Failure("on purpose")
'''

_KEPT: list[object] = []


def load(name: str, path: str) -> types.ModuleType:
    """The extension module at a path, imported under its own name."""
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def names_of(module: types.ModuleType, pattern: dict) -> dict:
    """What a pattern's statements find, after its setup."""
    names = {"m": module, "__name__": "case"}
    exec(PRELUDE + pattern["setup"], names)
    _KEPT.append(names)
    return names


def body_of(names: dict, pattern: dict, statements: str) -> Callable[[], None]:
    """A function of these statements."""
    exec(f"def {pattern['name']}():\n    {statements}\n", names)
    return names[pattern["name"]]


def _references(kind: type) -> int:
    """References to all objects of a type, without those of this function."""
    gc.collect()
    found = [thing for thing in gc.get_objects() if type(thing) is kind]
    # The list's, the loop's and the argument's, as far as this version counts them: 3.14 borrows.
    nobody_elses = 0
    for thing in [object()]:
        nobody_elses = sys.getrefcount(thing)
    total = 0
    for thing in found:
        total += sys.getrefcount(thing) - nobody_elses
    return total


def _atoms(_kind: type) -> int:
    gc.collect()
    sys._clear_type_cache()
    return sys.getallocatedblocks()


def witness(names: dict, pattern: dict) -> dict:
    """References that one call does not give back, by the word of `sys` and `gc`."""
    if pattern["inside"]:
        kind = names.get(pattern["inside"]) or getattr(__import__("builtins"), pattern["inside"])
        count = _atoms if pattern["inside"] in ATOMIC else _references
        body = body_of(names, pattern, _whole(pattern))
        return {"per_call": _growth(lambda: count(kind), body)}
    if pattern["thing"]:
        names["thing"] = eval(pattern["thing"], names)
    body = body_of(names, pattern, pattern["call"])
    watched = eval(pattern["watch"] or "thing", names)
    return {"per_call": _growth(lambda: sys.getrefcount(watched), body)}


def _growth(measure: Callable[[], int], body: Callable[[], None]) -> float:
    """By how much a call changes a number, without what measuring itself changes."""
    for _ in range(20):
        body()
    measure()
    start = measure()
    idle = measure() - start
    before = measure()
    for _ in range(CALLS):
        body()
    return (measure() - before - idle) / CALLS


def _whole(pattern: dict) -> str:
    thing = f"thing = {pattern['thing']}; " if pattern["thing"] else ""
    return thing + pattern["call"]


def explain(names: dict, pattern: dict) -> dict:
    """The audit document of one pattern, with its ledgers."""
    import refaudit

    body = body_of(names, pattern, _whole(pattern))
    report = refaudit.check(body, warmup=2, runs=3, explain=True)
    return {"document": report.document}


def main() -> None:
    """Do the job that standard input describes."""
    job = json.load(sys.stdin)
    names = names_of(load(job["module"], job["path"]), job["pattern"])
    ask = {"witness": witness, "explain": explain}[job["mode"]]
    try:
        answer = ask(names, job["pattern"])
    except Exception as error:
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), flush=True)
    os._exit(0)


if __name__ == "__main__":
    main()
