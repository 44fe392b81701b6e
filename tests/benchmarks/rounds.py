"""Interleaved rounds: every configuration once, then all again, and the minimum of each figure.

A neighbour's load then falls on every configuration alike, and a minimum forgets most of it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Container, Iterable
from typing import Any

from environment import ChildFailed

Figures = dict[str, float]


def interleaved(
    names: Iterable[str],
    rounds: int,
    measure: Callable[[str], dict[str, Any]],
    once: Container[str] = (),
) -> dict[str, Figures]:
    """The smallest figures of each configuration; one that fails is reported and left out.

    Those in ``once`` take part in the first round only: they are slow, and far from the others.
    """
    names = list(names)
    best: dict[str, Figures] = {}
    failed: dict[str, str] = {}
    for number in range(rounds):
        for name in names:
            if name in failed or (number > 0 and name in once):
                continue
            try:
                figures = measure(name)
            except ChildFailed as failure:
                failed[name] = str(failure)
                continue
            known = best.setdefault(name, dict(figures))
            for key, value in figures.items():
                known[key] = min(known[key], value)
    for name, reason in failed.items():
        best.pop(name, None)
        print(f"`{name}` failed and is left out:\n\n```\n{reason}\n```\n")
    return {name: best[name] for name in names if name in best}


def geometric_mean(ratios: Iterable[float]) -> float:
    """The mean that treats twice as fast and twice as slow alike."""
    logarithms = [math.log(ratio) for ratio in ratios]
    return math.exp(sum(logarithms) / len(logarithms))
