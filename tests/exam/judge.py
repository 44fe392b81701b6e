"""Whether the ledger of an audit document names a planted bug: in its history, and first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from support.planted import Pattern

Frame = dict[str, Any]
Finding = dict[str, Any]
Lines = frozenset[tuple[str, int]]

#: What gcc's link-time optimisation writes for the source of the first function of a file.
_ARTIFICIAL = "<artificial>"


@dataclass(frozen=True)
class Mark:
    """What one audit of one pattern is worth."""

    #: There is a finding about what leaks, and it has a ledger.
    found: bool
    #: A guilty line took (of an over-release: gave back) a reference in the history that is shown.
    in_history: bool = False
    #: The first place is a guilty line, or was inlined into one.
    first: bool = False
    #: The first place is a function that a guilty line calls: it is shown, as the caller.
    through: bool = False
    #: Some place is.
    among: bool = False
    #: The ledger itself says that it could be several places.
    ambiguous: bool = False
    #: What was said instead.
    words: str = ""

    @property
    def cell(self) -> str:
        """The mark in the table."""
        if not self.found:
            return f"**missed** ({self.words})"
        place = "**not named**"
        for name, holds in (("among", self.among), ("caller", self.through), ("first", self.first)):
            place = name if holds else place
        unsure = " (ambiguous)" if self.ambiguous else ""
        history = "" if self.in_history else ", **not in history**"
        instead = "" if self.first else f" ({self.words})"
        return place + unsure + history + instead


def _is(name: str, wanted: str) -> bool:
    return name == wanted or name.endswith("." + wanted)


def _about(pattern: Pattern, finding: Finding) -> bool:
    """Whether a finding is about what the pattern loses; of a type, its name is in the label."""
    over = finding["verdict"] == "over-released"
    if over != (pattern.kind == "over-release") or finding["verdict"] == "not":
        return False
    if _is(finding["type_name"], pattern.type):
        return True
    return finding["kind"] == "type-reference" and pattern.type in finding["object_label"]


def _line(frame: Frame) -> tuple[str, int]:
    """File name without its folder, and line."""
    return frame["file"].rpartition("/")[2], frame["line"]


def _is_guilty(frame: Frame, guilty: Lines, function: str) -> bool:
    """Whether a frame is at a guilty line; without a file's name the function's must do."""
    file, number = _line(frame)
    if file == _ARTIFICIAL and frame["function"] == function:
        return any(number == line for _, line in guilty)
    return (file, number) in guilty


def _chain(frame: Frame, callers: Iterable[Frame]) -> list[Frame]:
    """A frame, and those that the compiler put it into: one place in the machine code."""
    chain = [frame]
    for caller in callers:
        if not chain[-1]["inlined"]:
            break
        chain.append(caller)
    return chain


def _blames(place: dict[str, Any], guilty: Lines, function: str) -> bool:
    chain = _chain(place["frame"], place["callers"])
    return any(_is_guilty(frame, guilty, function) for frame in chain)


def _in_history(pattern: Pattern, ledger: dict[str, Any], guilty: Lines) -> bool:
    """Whether a change of the right sign was made at a guilty line or below it."""
    sign = -1 if pattern.kind == "over-release" else 1
    return any(
        _is_guilty(frame, guilty, pattern.name)
        for entry in ledger["history"]
        if entry["change"] * sign > 0
        for frame in ledger["stacks"][entry["stack"]]
    )


def _words(ledger: dict[str, Any]) -> str:
    """What the ledger says in place of the truth."""
    if not ledger["places"]:
        return "; ".join([ledger["reason"], *ledger["notes"]]) or ledger["account"]
    frame = ledger["places"][0]["frame"]
    name, line = _line(frame)
    return f"{frame['function'] or frame['offset']} {name}:{line}"


def judge(pattern: Pattern, guilty: Lines, answer: dict[str, Any]) -> Mark:
    """The mark for one audit; a process that died or an invalid audit is a miss."""
    if "error" in answer:
        return Mark(False, words=answer["error"].splitlines()[-1][:160])
    document = answer["document"]
    if not document["trust"]["valid"]:
        return Mark(False, words=f"invalid: {document['trust']['reason']}")
    findings = [finding for finding in document["findings"] if _about(pattern, finding)]
    if not findings:
        return Mark(False, words="no finding about it")
    ledgers = [finding["ledger"] for finding in findings if finding.get("ledger")]
    if not ledgers:
        return Mark(False, words="a finding without a ledger")
    ledger = ledgers[0]
    blamed = [_blames(place, guilty, pattern.name) for place in ledger["places"]]
    return Mark(
        True,
        in_history=_in_history(pattern, ledger, guilty),
        first=blamed[:1] == [True],
        through=any(
            _is_guilty(frame, guilty, pattern.name)
            for place in ledger["places"][:1]
            for frame in place["callers"]
        ),
        among=any(blamed),
        ambiguous=ledger["account"] == "ambiguous",
        words=_words(ledger),
    )
