"""The document of a session says how much each layer of memory grew in it."""

from __future__ import annotations

import pytest

KEPT_ALIVE = """
@pytest.mark.refaudit(repeat=False)
def test_one(): KEPT.append(bytes(3_000_000))
@pytest.mark.refaudit(repeat=False)
def test_two(): KEPT.append(bytes(4_000_000))
"""


@pytest.mark.parametrize("arguments", [(), ("-n2",)], ids=["alone", "workers"])
def test_growth_of_all_processes_together(inner, arguments):
    inner.write(test_growth=KEPT_ALIVE)
    inner.run(*arguments)
    layers = inner.document["layers"]
    assert 7_000_000 <= layers["objects"] < 9_000_000
    assert layers["heap_in_use"] >= 7_000_000
    assert layers["native"] == 0


def test_what_a_test_frees_is_no_growth(inner):
    inner.write(test_frees="def test_frees(): bytes(30_000_000)\n")
    assert inner.run().ret == 0
    assert inner.document["layers"]["objects"] < 1_000_000
