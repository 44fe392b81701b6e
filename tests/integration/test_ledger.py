"""A second look at what is leaked names the line; `make exam` asks of all planted bugs and builds."""

from __future__ import annotations

import pytest
from exam.judge import judge
from support.building import BuildFailure
from support.planted import Pattern, ask, guilty, load

#: Of the half that the rules may be tuned on: one for each way to lose a reference.
NAMES = (
    "append_after_incref",
    "build_value_of_own",
    "sequence_item_dropped",
    "one_turn_of_three",
    "conversion_fails",
    "return_from_loop",
    "returned_twice",
    "helper_counts_too",
)
PATTERNS = [p for p in load() if p.language == "c" and p.half == "training" and p.name in NAMES]


def test_all_of_them_are_for_training() -> None:
    assert {pattern.name for pattern in PATTERNS} == set(NAMES)


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda p: p.name)
def test_guilty_line_is_in_the_history_and_named_first(pattern: Pattern) -> None:
    try:
        answer = ask("explain", pattern, "O2")
    except BuildFailure as failure:
        pytest.fail(str(failure), pytrace=False)
    mark = judge(pattern, guilty(pattern), answer)
    assert mark.found and mark.in_history, mark.cell
    assert mark.first, mark.cell
