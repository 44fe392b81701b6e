"""Whether the ledger of a bad version names the function that the fix changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .judge import candidates, invalid
from .naming import is_any, place_of
from .table import Case

Frame = dict[str, Any]

#: Where the function is, from the best to the worst. ``missing`` is not ``first``: the first place took the reference
#: in another function, and the same sentence says that the release is missing in this one.
PLACES = ("first", "missing", "caller", "shown", "in history", "absent", "no ledger", "no finding")


@dataclass(frozen=True)
class Explained:
    """Where the function is in the ledger, and the first place in words."""

    where: str
    ambiguous: bool = False
    detail: str = ""

    @property
    def shown(self) -> bool:
        """Among the places, first or not, or where a release is said to be missing."""
        return self.where in PLACES[:4]


def judge_explained(case: Case, document: dict[str, Any]) -> Explained:
    """The best that a finding about the case's leak says; only its ledger counts."""
    assert case.fix is not None
    broken = invalid(document)
    if broken:
        return Explained("no finding", detail=f"{broken.verdict}: {broken.detail}")
    fitting = [f for group in candidates(case, document["findings"]) for f in group]
    if not fitting:
        return Explained("no finding")
    judged = [_ledger(case.fix.functions, f["ledger"]) for f in fitting if f.get("ledger")]
    if not judged:
        return Explained("no ledger")
    return min(judged, key=lambda explained: PLACES.index(explained.where))


def _ledger(functions: tuple[str, ...], ledger: dict[str, Any]) -> Explained:
    """Where one ledger has one of the functions."""
    places = ledger["places"]
    where = "absent"
    if places and _named(functions, _inlined(places[0])):
        where = "first"
    elif places and ledger["missing"] and _named(functions, [ledger["missing"]]):
        where = "missing"
    elif places and _named(functions, places[0]["callers"]):
        where = "caller"
    elif any(_named(functions, (p["frame"], *p["callers"])) for p in places):
        where = "shown"
    elif any(_named(functions, stack) for stack in ledger["stacks"]):
        where = "in history"
    ambiguous = ledger["account"] == "ambiguous"
    return Explained(where, ambiguous, _words(ledger))


def _inlined(place: dict[str, Any]) -> Iterator[Frame]:
    """The frame of a place and those that it was inlined into: one place in the machine code."""
    for frame in (place["frame"], *place["callers"]):
        yield frame
        if not frame["inlined"]:
            return


def _named(functions: tuple[str, ...], frames: Any) -> bool:
    return any(is_any(frame["function"], functions) for frame in frames)


def _words(ledger: dict[str, Any]) -> str:
    if not ledger["places"]:
        return "; ".join([ledger["reason"], *ledger["notes"]])
    frame = ledger["places"][0]["frame"]
    named = place_of(frame) or f"{frame['module']}+{frame['offset']}"
    if ledger["missing"]:
        named += f"; missing in {place_of(ledger['missing'])}"
    return f"{named}, as the nearest symbol" if frame["guess"] else named
