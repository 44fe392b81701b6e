"""Samples that make the interpreter move its own storage: bounded, so nothing leaks.

Each does in every run what ordinary code does now and then, and what then looks like a new block.
"""

from __future__ import annotations

import collections
import itertools
from collections.abc import Callable

_dicts: list[dict[object, None]] = [{} for _ in range(6)]
for _phase, _dict in enumerate(_dicts):
    for _number in range(_phase):
        _dict[_number] = None
        del _dict[_number]

_lists: list[list[int]] = [[] for _ in range(8)]
_sets: list[set[int]] = [set() for _ in range(8)]
_deques: list[collections.deque[int]] = [collections.deque(range(8 * n)) for n in range(8)]
_numbers = itertools.count(10**6)


def _make(number: int) -> Callable[[], object]:
    """A function with code of its own."""
    namespace: dict[str, Callable[[], object]] = {}
    exec(f"def function_{number}():\n    return len\n", namespace)
    return namespace[f"function_{number}"]


_functions = iter([_make(number) for number in range(64)])


def sample_dict_tables() -> None:
    """A dict that is filled and emptied takes a new table every few insertions."""
    for table in _dicts:
        key = next(_numbers)
        table[key] = None
        del table[key]


def sample_list_buffers() -> None:
    """A list that grows and is emptied takes another buffer; some list does so in every run."""
    for bound, items in enumerate(_lists, 4):
        items.append(1)
        if len(items) > bound:
            items.clear()


def sample_set_tables() -> None:
    """The same for sets."""
    for bound, items in enumerate(_sets, 4):
        items.add(next(_numbers))
        if len(items) > bound:
            items.clear()


def sample_deque_blocks() -> None:
    """A deque that moves along takes a new block and gives back an old one."""
    for items in _deques:
        items.extend(range(24))
        for _ in range(24):
            items.popleft()


def sample_code_caches() -> None:
    """On 3.10 a function gets a cache for its globals at its 1024th call."""
    function = next(_functions)
    for _ in range(1100):
        function()
