"""Every planted bug loses what its table says, by plain Python's word and nobody else's."""

from __future__ import annotations

import pytest
from support.building import BuildFailure
from support.planted import Pattern, ask, guilty, load

PATTERNS = load()


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda p: p.id)
def test_bug_is_as_the_table_says(pattern: Pattern) -> None:
    build = "O2" if "O2" in pattern.builds else next(iter(pattern.builds))
    try:
        answer = ask("witness", pattern, build)
    except BuildFailure as failure:
        pytest.fail(str(failure), pytrace=False)
    assert "error" not in answer, answer["error"]
    expected = -pattern.per_call if pattern.kind == "over-release" else pattern.per_call
    # Blocks of the whole interpreter are counted for atomic objects; now and then it takes one.
    assert answer["per_call"] == pytest.approx(expected, abs=0.05)


def test_guilty_lines_are_marked() -> None:
    assert all(guilty(pattern) for pattern in PATTERNS)


def test_halves_are_halves() -> None:
    exam = sum(pattern.half == "exam" for pattern in PATTERNS)
    assert {pattern.half for pattern in PATTERNS} == {"exam", "training"}
    assert abs(len(PATTERNS) - 2 * exam) <= len({pattern.language for pattern in PATTERNS})
    assert len({pattern.id for pattern in PATTERNS}) == len(PATTERNS)
