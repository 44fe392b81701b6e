"""One instance of a type: filled, traversed, dropped, and what that shows of what it holds."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import CodeType, FrameType
from typing import Any

from refaudit import _audit

#: Targets of one instance that are told at most.
_MOST_TARGETS = 200


class Specimen:
    """An instance that nobody else refers to, and its references."""

    def __init__(self, thing: Any) -> None:
        self.thing: Any = thing
        self.kind = type(thing)
        #: Member, and what was stored there with how many references to it were taken.
        self.probes: list[tuple[str, Any, int]] = []
        #: Address to how often `tp_traverse` visited it; None for a type without the collector.
        self.visited: dict[int, int] | None = None
        self.words: dict[int, list[int]] = {}
        self.facts: dict[str, Any] = {}
        self._held: list[Any] = []

    def fill(self, facts: dict[str, Any]) -> None:
        """Store a list of our own wherever one can be stored."""
        names = [member["name"] for member in facts["members"] if not member["readonly"]]
        names += facts["settable"]
        for name in [*dict.fromkeys(names), *(["__dict__"] if facts["dict"] else [])]:
            stored: list[Any] = [name]
            before = _counts([id(stored)])[0] or 0
            try:
                setattr(self.thing, "refaudit_probe" if name == "__dict__" else name, stored)
            except Exception:
                continue
            # Not within the call below, where the tuple would count as well.
            gained = (_counts([id(stored)])[0] or 0) - before
            self.probes.append((name, stored, gained))

    def traverse(self) -> None:
        """Call `tp_traverse` once, and look through the body."""
        calls: list[str] = []
        found, born = _watched(self.thing, calls)
        self.visited = found
        for offset, target in _audit.core().body_words(self.thing):
            self.words.setdefault(target, []).append(offset)
        own = {id(self.thing), id(self.kind)}
        self.facts = {
            "visits_type": (found or {}).get(id(self.kind), 0),
            "visits_itself": (found or {}).get(id(self.thing), 0),
            "python_calls": sorted(set(calls))[:10],
            "born": born,
            "dead": [],
            "targets": [],
        }
        probes = {id(stored) for _, stored, _ in self.probes}
        for target in [*dict.fromkeys([*(found or {}), *self.words, *probes])][:_MOST_TARGETS]:
            if target not in own:
                self._describe(target, found or {})

    def _describe(self, target: int, found: dict[int, int]) -> None:
        known = _audit.core().known_object(target)
        if known is None:
            self.facts["dead"].append(f"{target:#x}")
            return
        role, gained = next(
            ((name, gained) for name, stored, gained in self.probes if id(stored) == target),
            ("", None),
        )
        count = _counts([target])[0]
        self.facts["targets"].append(
            {
                "address": target,
                "type_name": known[0],
                "label": known[1],
                "gc": known[2],
                "visited": found.get(target, 0),
                "offsets": self.words.get(target, []),
                "role": role,
                "gained": gained,
                "count": count,
                "released": None,
            }
        )

    def hold(self) -> None:
        """Take a reference to everything it refers to, so that nothing but the instance dies with it."""
        addresses = [row["address"] for row in self.facts["targets"]]
        self._held = _audit.core().objects_at(addresses)
        self._note_dicts()

    def _note_dicts(self) -> None:
        """A dict that is visited speaks for what was stored in it."""
        for name, stored, _ in self.probes:
            if name == "__dict__":
                dicts = [held for held in self._held if type(held) is dict]
                inside = any(value is stored for held in dicts for value in held.values())
                self.facts["dict_visited"] = inside or bool((self.visited or {}).get(id(stored)))

    def drop(self) -> bool:
        """Let the instance go, and write down which references that gave back.

        False, and nothing is dropped, when somebody else refers to it.
        """
        rows = self.facts["targets"]
        if _counts([id(self.thing)])[0] != 1:
            return False
        addresses = [row["address"] for row in rows]
        addresses = [*addresses, id(self.kind)]
        before = _counts(addresses)
        # Not by storing None there, which would count as a reference to None.
        del self.thing
        pairs = zip(before, _counts(addresses), strict=True)
        released = [None if old is None or new is None else old - new for old, new in pairs]
        self.facts["type_released"] = released.pop()
        for row, number in zip(rows, released, strict=True):
            row["released"] = number
        return True


def _counts(addresses: list[int]) -> list[int | None]:
    return list(_audit.core().reference_counts(addresses))


def _watched(thing: Any, calls: list[str]) -> tuple[dict[int, int] | None, int]:
    """Call `tp_traverse` and note which Python functions it calls."""
    visits: Callable[[Any], Any] = _audit.core().visits

    def note(frame: FrameType, event: str, _: Any) -> None:
        if event == "call":
            code: CodeType = frame.f_code
            calls.append(code.co_name)

    old = sys.getprofile()
    sys.setprofile(note)
    try:
        found = visits(thing)
    finally:
        sys.setprofile(old)
    return (None, 0) if found is None else (dict(found[0]), found[1])
