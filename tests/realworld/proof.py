"""Checks the table itself: plain Python must measure the growth that each row claims."""

from __future__ import annotations

from typing import Any

from .judge import Judgement
from .table import Case


def measured(case: Case, facts: dict[str, Any]) -> float:
    """The number that the case's growth is about."""
    if not case.growth.measure.startswith("references"):
        return float(facts[case.growth.measure])
    for seen in facts["references"]:
        if seen["type_name"] in case.expect:
            return float(seen["per_call"])
    return 0.0


def judge_facts(case: Case, facts: dict[str, Any], claimed: float) -> Judgement:
    """Agreement within a twentieth, or within a tenth of a unit for the small numbers."""
    number = measured(case, facts)
    scale = abs(case.growth.bad)
    right = abs(number - claimed) <= max(0.1, scale / 20)
    verdict = "agrees" if right else "differs"
    return Judgement(right, verdict, f"{case.growth.measure} {number:+.3g}, claimed {claimed:+.3g}")
