"""Session data of the measured suite, and marks for pytest-memray."""

from __future__ import annotations

import gc
from typing import Any

import pytest

TRACKED = 100_000


def _catalogue() -> list[dict[str, Any]]:
    """Dicts that hold lists, so that the collector tracks both."""
    entries: list[dict[str, Any]] = []
    before: list[str] = []
    for number in range(TRACKED // 2):
        name = [f"entry {number}"]
        entries.append({"name": name, "before": before})
        before = name
    return entries


CATALOGUE = _catalogue()


@pytest.fixture(scope="session")
def catalogue() -> list[dict[str, Any]]:
    """What stays alive all the time."""
    return CATALOGUE


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With pytest-memray, watch every test for leaks."""
    if config.getoption("memray", default=False):
        for item in items:
            item.add_marker(pytest.mark.limit_leaks("1 GB"))


def pytest_report_header() -> str:
    """Say how many objects are alive, so that nobody measures an empty process."""
    return f"{len(gc.get_objects())} tracked objects"
