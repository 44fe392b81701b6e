"""A model heap that may not take the memory that it needs: a partial answer, or none, never a wrong one."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest
import refaudit
from refaudit._refaudit import _leak_block, _leak_reference


class Thing:
    """Leaked."""


KEPT: list[Thing] = []


@pytest.fixture(autouse=True)
def budget() -> Iterator[None]:
    yield
    refaudit.set_memory_budget(None)


def containers() -> int:
    """So many containers, roughly, does the process have."""
    # What an earlier test left to the collector is gone by the time of a snapshot.
    gc.collect()
    return len(gc.get_objects())


def test_without_room_for_references_a_leak_is_still_found():
    # 35 bytes a container fit, 70 do not.
    refaudit.set_memory_budget(containers() * 50 / 1e6)
    report = refaudit.check(lambda: _leak_reference(Thing()))
    assert report.trust["valid"]
    assert any("who holds what" in text for text in report.trust["unseen"])
    (finding,) = [f for f in report.findings if f.type_name.endswith("Thing")]
    assert (finding.verdict, finding.per_run) == ("leak", [1] * len(finding.per_run))
    assert [f.rule for f in refaudit.check(_leak_block, 640).findings] == ["RA105"]


def test_what_a_container_may_hold_is_neither_called_lost_nor_clean():
    refaudit.set_memory_budget(containers() * 50 / 1e6)
    report = refaudit.check(lambda: KEPT.append(Thing()))
    assert not report.findings
    assert report.document["outcome"] == "invalid"
    assert "who holds what" in report.trust["reason"]
    # What leaves nothing behind needs no holder.
    assert refaudit.check(list).ok


def test_without_any_room_the_audit_is_invalid():
    refaudit.set_memory_budget(0.001)
    report = refaudit.check(lambda: _leak_reference(Thing()))
    assert report.document["outcome"] == "invalid"
    assert "the model heap would take" in report.trust["reason"]
    with pytest.raises(refaudit.InvalidAudit, match="set_memory_budget"):
        refaudit.assert_no_leaks(list)
    refaudit.set_memory_budget(None)
    assert refaudit.check(list).ok


@pytest.mark.parametrize("wrong", [0, -1, float("nan")])
def test_a_budget_is_above_zero(wrong):
    with pytest.raises(ValueError, match="above 0"):
        refaudit.set_memory_budget(wrong)
