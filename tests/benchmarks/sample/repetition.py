"""A plugin that runs each test 5 + 4 times and compares collector objects, as leak runners do."""

from __future__ import annotations

import gc
import itertools

import pytest
from _pytest.runner import runtestprotocol

WARMUPS, RUNS = 5, 4


def _objects() -> int:
    gc.collect()
    return len(gc.get_objects())


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Run the test in silence, fixtures and all; pytest itself then runs it the last time."""
    counts = []
    for run in range(WARMUPS + RUNS - 1):
        runtestprotocol(item, log=False, nextitem=nextitem)
        if run >= WARMUPS - 1:
            counts.append(_objects())
    differences = [after - before for before, after in itertools.pairwise(counts)]
    item.user_properties.append(("object_differences", differences))
