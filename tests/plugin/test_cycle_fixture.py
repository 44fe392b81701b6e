"""The fixture's searches for reference cycles."""

from __future__ import annotations

CYCLES = """
def leaves():
    one = Thing(); one.me = one

def test_lists(refaudit):
    (cycle,) = refaudit.cycles(leaves)
    assert (cycle.fate, cycle.count) == ("collectable", 1)
    assert "test_fixture.Thing" in cycle.types

def test_passes(refaudit):
    refaudit.assert_no_cycles(list, range(10))

def test_fails(refaudit):
    refaudit.assert_no_cycles(leaves)

@pytest.mark.refaudit(scope="elsewhere")
def test_scope_is_that_of_the_test(refaudit):
    assert not refaudit.cycles(leaves)
    assert refaudit.cycles(leaves, scope="test_fixture")
"""


def test_the_fixture_finds_cycles(inner):
    inner.write(test_fixture=CYCLES)
    result = inner.plain()
    assert result.parseoutcomes() == {"passed": 3, "failed": 1}
    result.stdout.fnmatch_lines(
        ["*LeakError: cycles(test_fixture.leaves): reference cycles are left behind*"]
    )
