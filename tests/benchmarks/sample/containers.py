"""Ten tests of containers, generators and the session's data."""

from __future__ import annotations

import collections
import functools
import heapq
import itertools
from typing import Any

import pytest


@pytest.fixture
def numbers() -> list[int]:
    """Forty numbers out of order."""
    return [(number * 17) % 41 for number in range(1, 41)]


def test_sorted(numbers: list[int]) -> None:
    assert sorted(numbers) == list(range(1, 41))


def test_heap(numbers: list[int]) -> None:
    heapq.heapify(numbers)
    assert [heapq.heappop(numbers) for _ in range(3)] == [1, 2, 3]


def test_counter(numbers: list[int]) -> None:
    assert collections.Counter(number % 4 for number in numbers)[0] == 10


def test_deque(numbers: list[int]) -> None:
    last = collections.deque(numbers, maxlen=5)
    last.rotate(2)
    assert set(last) == set(numbers[-5:])


def test_groups(numbers: list[int]) -> None:
    groups = itertools.groupby(sorted(numbers), key=lambda number: number // 10)
    assert [key for key, _ in groups] == [0, 1, 2, 3, 4]


def test_cycle() -> None:
    parent: dict[str, Any] = {"children": []}
    parent["children"].append({"parent": parent})
    assert parent["children"][0]["parent"] is parent


def test_generator(numbers: list[int]) -> None:
    def running() -> Any:
        total = 0
        while True:
            total += yield total

    total = running()
    next(total)
    assert [total.send(number) for number in numbers][-1] == sum(numbers)


def test_session_data(catalogue: list[dict[str, Any]]) -> None:
    assert catalogue[-1]["before"] is catalogue[-2]["name"]


@pytest.mark.parametrize("function", [min, functools.partial(max, key=lambda n: -n)])
def test_smallest(function: Any, numbers: list[int]) -> None:
    assert function(numbers) == 1
