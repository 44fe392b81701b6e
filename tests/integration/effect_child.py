"""Calls functions of the C API and looks what becomes of reference counts. Runs in a process of its own."""

from __future__ import annotations

import colorsys
import contextvars
import ctypes
import gc
import io
import json
import os
import sys
import time
import types
import weakref
from collections.abc import Callable
from typing import Any

from integration.effect_calls import CALLS
from refaudit import _refaudit as core

Told = tuple[str, list[str]]

#: Words whose object everybody uses.
SHARED = {"none", "break", "zero", "key", "modname", "name", "live", "plain", "structseq"}
HELD = 20
IMMORTAL = 100_000_000


class Plain:
    """An object whose attributes and comparisons work."""

    def __matmul__(self, other: object) -> object:
        return Plain()

    def __iter__(self) -> Plain:
        return self


def _function() -> Any:
    fresh: dict[str, Any] = {"__name__": "fresh"}
    exec("def f(*a, d=1) -> int: return None", fresh)
    function = types.FunctionType(fresh["f"].__code__, {"__name__": "fresh"}, "f", (1,))
    function.__kwdefaults__ = {}
    return function


def _name(text: str) -> str:
    return "".join(["fresh ", text, str(time.perf_counter_ns())])


FRESH: dict[str, Callable[[list[Any]], Any]] = {
    "obj": lambda _: Plain(),
    "mat": lambda _: Plain(),
    "list": lambda _: [Plain(), Plain()],
    "ints": lambda _: [3, 1, 2],
    "strs": lambda _: [_name("a"), _name("b")],
    "pairs": lambda _: [(Plain(), Plain())],
    "new": lambda _: [None, None],
    "dict": lambda _: {"k": Plain(), "l": Plain()},
    "globals": lambda _: {"__builtins__": {}},
    "key": lambda before: "k",
    "name": lambda _: "__dict__",
    "tuple": lambda _: tuple([Plain(), Plain()]),
    "none": lambda _: None,
    "zero": lambda _: 0,
    "set": lambda _: {Plain()},
    "str": lambda _: _name("text"),
    "break": lambda _: "\n",
    "lines": lambda _: _name("a\nb"),
    "digits": lambda _: "".join(["12", "34", "56"]),
    "bytes": lambda _: bytes([1, 2, 3]) + os.urandom(9).hex().encode(),
    "array": lambda _: bytearray(b"abcdef"),
    "int": lambda _: int("1" + "0" * 12) + time.perf_counter_ns() % 99,
    "float": lambda _: float("12345.5"),
    "type": lambda _: type("Fresh", (), {}),
    "plain": lambda _: int,
    "type_exc": lambda _: type("Wrong", (Exception,), {}),
    "exc": lambda _: ValueError(),
    "module": lambda _: types.ModuleType("fresh"),
    "live": lambda _: colorsys,
    "modname": lambda _: "".join(["js", "on"]),
    "func": lambda _: _function(),
    "method": lambda _: Plain().__iter__,
    "ref": lambda _: weakref.ref(types),
    "iter": lambda _: iter([Plain(), Plain()]),
    "cell": lambda _: types.CellType(Plain()),
    "code": lambda _: compile("1", "f", "exec"),
    "context": lambda _: contextvars.Context(),
    "var": lambda _: contextvars.ContextVar("v"),
    "structseq": lambda _: time.struct_time,
    "struct": lambda _: time.struct_time([Plain()] * 9),
    "file": lambda _: io.StringIO(),
    "reader": lambda _: io.StringIO("a\nb\n"),
}


def count(address: int) -> int:
    """The count itself: `sys.getrefcount` would need a reference."""
    return int(ctypes.c_int32.from_address(address).value)


def is_immortal(address: int) -> bool:
    """As the versions from 3.12 on mark it."""
    return sys.version_info >= (3, 12) and (count(address) < 0 or count(address) > IMMORTAL)


def arguments(words: list[str]) -> tuple[list[Any], list[int | None]]:
    """What is passed, and for each argument the object's address when it is one."""
    values: list[Any] = []
    addresses: list[int | None] = []
    before: list[Any] = []
    for word in words:
        if word in FRESH:
            before.append(FRESH[word](before))
            addresses.append(id(before[-1]))
            values.append(before[-1])
        else:
            addresses.append(None)
            values.append(
                None if word == "null" else word.strip("'").encode() if "'" in word else int(word)
            )
    return values, addresses


def call(name: str, values: list[Any], addresses: list[int | None]) -> tuple[int, bool]:
    """The result as a word, and whether it raised."""
    function = getattr(ctypes.pythonapi, name)
    function.restype = ctypes.c_void_p
    passed = [
        ctypes.c_void_p(address)
        if address
        else ctypes.c_char_p(value)
        if isinstance(value, bytes)
        else ctypes.c_void_p(value)
        for value, address in zip(values, addresses, strict=True)
    ]
    try:
        return function(*passed) or 0, False
    except Exception:
        return 0, True


def hold(address: int, times: int) -> None:
    for _ in range(times):
        ctypes.pythonapi.Py_IncRef(ctypes.c_void_p(address))


def release(address: int, times: int = 1) -> None:
    for _ in range(times):
        ctypes.pythonapi.Py_DecRef(ctypes.c_void_p(address))


def of_argument(
    name: str, words: list[str], subject: int, told: Told
) -> tuple[int, int, bool] | None:
    """Change of the count of one argument after the call, and after all else is gone."""
    result_is, effects = told
    values, addresses = arguments(words)
    address = addresses[subject]
    if address is None or is_immortal(address):
        return None
    hold(address, HELD)
    for place, other in enumerate(addresses):
        # What is stolen was ours: the arguments that are not looked at must survive it.
        stolen = any(effect.startswith("stolen") for effect in effects[place : place + 1])
        if other is not None and place != subject and stolen:
            hold(other, 1)
    before = count(address)
    result, raised = call(name, values, addresses)
    after = count(address)
    if result == address and result_is == "new":
        after -= 1
    if result and result_is == "new":
        release(result)
    own = values[subject]
    # Everything else goes: what a container kept or stole, it gives back now.
    for place, other in enumerate(values):
        if place != subject and isinstance(other, list | dict | set):
            other.clear()
    values = other = None  # type: ignore[assignment]
    gc.collect()
    end = count(address)
    del own
    return after - before, end - before, raised


def of_result(name: str, words: list[str]) -> str | None:
    """`new`, `borrowed`, or None where that cannot be told."""
    values, addresses = arguments(words)
    for address in addresses:
        if address is not None:
            hold(address, HELD)
    first, raised = call(name, values, addresses)
    if raised or not first:
        return None
    if is_immortal(first) or first in {
        id(shared) for shared in (None, True, False, *range(-5, 257))
    }:
        return None
    before = count(first)
    second, _ = call(name, values, addresses)
    if second != first:
        return "new"
    return {0: "borrowed", 1: "new"}.get(count(first) - before, f"{count(first) - before:+}")


def is_as_told(effect: str, after: int, end: int, raised: bool) -> bool:
    """Whether a count changed as the table says. What was raised is taken from the thread before one can look."""
    if effect == "kept":
        # What the process keeps, it has still at the end.
        return 0 <= end <= after and (after > 0 or raised)
    if effect.startswith("stolen"):
        return end == -1 and after in (0, -1)
    return effect != "untouched" or (end == 0 and (after == 0 or raised))


def main() -> None:
    """Says as JSON what was compared, what differs, and what could not be called."""
    gc.disable()
    wrong, called, missing, untold = [], set(), [], []
    results = passed = 0
    for line in CALLS.strip().splitlines():
        name, *words = line.split()
        told = core._effect(name)
        if not hasattr(ctypes.pythonapi, name):
            missing.append(name)
            continue
        if told is None:
            untold.append(name)
            continue
        called.add(name)
        print(name, file=sys.stderr, flush=True)
        returned, effects = told
        for place in range(len(words)):
            if words[place] in SHARED:
                continue
            seen = of_argument(name, words, place, told)
            if seen is None:
                continue
            effect = effects[min(place, len(effects) - 1)] if effects else "untouched"
            passed += 1
            if not is_as_told(effect, *seen):
                wrong.append(
                    f"{line}: argument {place} is {effect}, but changed by {seen[0]:+} and then {seen[1]:+}"
                )
        if returned != "nothing":
            what = of_result(name, words)
            results += what is not None
            if what not in (None, returned):
                wrong.append(f"{line}: result is {returned}, but was {what}")
    print(
        json.dumps(
            {
                "wrong": wrong,
                "called": sorted(called),
                "missing": missing,
                "untold": untold,
                "results": results,
                "passed": passed,
            }
        )
    )


if __name__ == "__main__":
    main()
