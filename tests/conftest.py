"""What all tests share."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from support.building import BuildFailure, build

# Reports are laid out for the terminal; children inherit it.
os.environ["COLUMNS"] = "80"


@pytest.fixture(scope="session")
def extension() -> Callable[[str], Path]:
    """Path of a compiled fixture module by name, built when it is first asked for."""

    def ready(name: str) -> Path:
        try:
            return build(name)
        except BuildFailure as failure:
            pytest.fail(str(failure), pytrace=False)

    return ready
