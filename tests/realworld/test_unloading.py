"""The independent observer is held against sample modules whose holder is in their source."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from support.modules import Sample, build, samples

from . import driver
from .environments import Environment
from .observation import KEPT, agrees, classify

_SAMPLES = [sample for sample in samples() if not sample.fails]


@pytest.mark.parametrize("sample", _SAMPLES, ids=lambda sample: sample.name)
def test_a_sample_is_seen_to_be_kept_by_what_its_source_says(sample: Sample) -> None:
    """And never only as "kept": these are simple enough to tell by whom."""
    environment = Environment(Path(sys.executable), (build(sample.name),))
    answer = driver.unloading(environment, sample.name)
    assert answer.content, answer.failure
    assert not answer.content["early"]
    seen = answer.content["members"][sample.name]
    assert classify(seen) != KEPT
    assert agrees(classify(seen), sample.verdict), seen


def test_a_second_import_is_told_by_identity_and_contents() -> None:
    """The three ways in which a module comes back."""
    outcomes = {}
    for name in ("single_basic", "single_cached", "multi_plain", "multi_refuses"):
        environment = Environment(Path(sys.executable), (build(name),))
        answer = driver.unloading(environment, name)
        assert answer.content, answer.failure
        outcomes[name] = answer.content["members"][name]["reimport"].partition(":")[0]
    assert outcomes == {
        "single_basic": "shared",
        "single_cached": "same",
        "multi_plain": "new",
        "multi_refuses": "refused",
    }


def test_a_package_that_cannot_be_imported_is_an_answer() -> None:
    """With the exception's last line."""
    answer = driver.unloading(Environment(Path(sys.executable)), "no_such_package")
    assert answer.content is None
    assert answer.failure == "exit 1: ModuleNotFoundError: No module named 'no_such_package'"
