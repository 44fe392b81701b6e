"""What tests of guard pages run in a fresh interpreter."""

from __future__ import annotations

from typing import Any

from integration.fresh import answer as fresh_answer
from integration.native_modules import PRELUDE

GUARD = (
    PRELUDE
    + """
class Watched:
    # Of a size that nothing else has.
    __slots__ = ("first", *(f"slot_{number}" for number in range(50)))

SIZE = Watched.__basicsize__ + 16

def guarded(most=1):
    # The collector's two words stand before the object.
    core._guard_births(SIZE, 16, most)
    watched = Watched()
    assert core._guard_watches(id(watched))
    core._watch_forget()
    return watched

def changes(address):
    return [(before, after) for object, before, after, _, _ in core._watch_events() if object == address]
"""
)


def answer(code: str, *arguments: object) -> dict[str, Any]:
    return fresh_answer(GUARD + code, *map(str, arguments))
