"""Whether an audit document says what the table says is true."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from .naming import how_named
from .table import Case

Finding = dict[str, Any]
Document = dict[str, Any]

#: Kinds of finding that are about memory which is no object.
_BLOCKS = ("block", "native-block")

#: Kinds of finding that plain Python can confirm with ``sys.getrefcount``.
_WITNESSED = ("reference", "type-reference")


@dataclass(frozen=True)
class Judgement:
    """One document judged: right or wrong, and the words for the table."""

    right: bool
    verdict: str
    detail: str = ""


def describe(finding: Finding) -> str:
    """A finding in a few words: rule, what, and its growth per run."""
    # Of a type that is leaked to, the name is in the label; its own type says little.
    what = finding["object_label" if finding["kind"] == "type-reference" else "type_name"]
    runs = "/".join(f"{n:+d}" for n in finding["per_run"])
    kept = ", ".join(f"{k['count']} {k['type_name']}" for k in finding["keeps"][:3])
    return f"{finding['rule']} {what} {runs}" + (f" (keeps {kept})" if kept else "")


def _is(name: str, wanted: str) -> bool:
    """The same type, with or without its module."""
    return name == wanted or name.endswith("." + wanted)


def names(finding: Finding, wanted: str) -> bool:
    """Whether a finding names a type: as its own, in its label, or among what it keeps alive."""
    kept = [k["type_name"] for k in finding["keeps"]]
    if any(_is(name, wanted) for name in (finding["type_name"], *kept)):
        return True
    label = finding["object_label"]
    return re.search(rf"(?<!\w){re.escape(wanted)}(?!\w)", label) is not None


def _are_blocks(findings: list[Finding], size: int) -> bool:
    """Plain memory of about the right size in every run, in one or in several places."""
    if not all(finding["kind"] in _BLOCKS for finding in findings):
        return False
    per_run = sum(finding["bytes"] / len(finding["per_run"]) for finding in findings)
    return bool(abs(per_run - size) <= max(16, size / 8))


def _fits(case: Case, finding: Finding) -> bool:
    """Whether this one finding is the case's leak."""
    verdict = "over-released" if case.kind == "overdecref" else "leak"
    if finding["verdict"] != verdict:
        return False
    if case.kind == "shared-reference" and finding["kind"] not in _WITNESSED:
        return False
    if case.block_bytes:
        return _are_blocks([finding], case.block_bytes)
    return any(names(finding, wanted) for wanted in case.expect)


def invalid(document: Document) -> Judgement | None:
    """A document that cannot be trusted is wrong, whatever it found."""
    trust = document["trust"]
    return None if trust["valid"] else Judgement(False, "invalid", trust["reason"])


def judge_bad(case: Case, document: Document) -> Judgement:
    """The bad version must be flagged, and by one finding that names what leaks."""
    broken = invalid(document)
    if broken:
        return broken
    findings = document["findings"]
    for fitting in candidates(case, findings):
        wrong = _wrong_cycle(case, fitting)
        if wrong:
            return Judgement(False, "wrong cycle", f"{wrong}: {describe(fitting[0])}")
        named = how_named(case.functions, fitting)
        words = "; ".join([*map(describe, fitting), *filter(None, [named])])
        if named == "not named":
            return Judgement(
                False, "not on the stack", f"none of {', '.join(case.functions)}: {words}"
            )
        return Judgement(True, fitting[0]["verdict"], words)
    if not findings:
        return Judgement(False, "missed", f"nothing found; expected {_wanted(case)}")
    seen = "; ".join(describe(f) for f in findings[:4])
    return Judgement(False, "not named", f"expected {_wanted(case)}; found {seen}")


def _wrong_cycle(case: Case, findings: list[Finding]) -> str:
    """What is wrong with the cycle and the class that were told; empty when nothing is."""
    if not case.closed_by:
        return ""
    for finding in findings:
        cycle = finding.get("cycle")
        if not cycle or cycle["fate"] != "invisible":
            return "no cycle that the collector cannot see"
        closing = cycle["steps"][cycle["closed_by"]]["type_name"]
        if not _is(closing, case.closed_by):
            return f"closed by {closing}, not by {case.closed_by}"
        if finding["reach"] != "definitely-lost":
            return f"{finding['reach']}, not definitely lost"
    return ""


def candidates(case: Case, findings: list[Finding]) -> Iterator[list[Finding]]:
    """Findings that are the case's leak: each alone, or, of native memory, all that there is.

    A structure of many blocks is taken in many places, each a finding of its own.
    """
    for finding in findings:
        if _fits(case, finding):
            yield [finding]
    native = [f for f in findings if f["kind"] == "native-block" and f["verdict"] == "leak"]
    if case.allocator == "malloc" and native and _are_blocks(native, case.block_bytes):
        yield native


def _wanted(case: Case) -> str:
    """What a finding should have named."""
    return f"{case.block_bytes} B" if case.block_bytes else " or ".join(case.expect)


def needs_witness(document: Document) -> bool:
    """Whether plain Python has to be asked about some finding."""
    return any(f["kind"] in _WITNESSED for f in document["findings"])


def _confirmed(finding: Finding, references: Iterable[dict[str, Any]]) -> bool:
    """Whether plain Python sees an object of that name grow by the same number."""
    if finding["kind"] not in _WITNESSED:
        return False
    return any(
        _same_object(finding, seen) and abs(seen["per_call"] - finding["per_run"][-1]) < 0.1
        for seen in references
    )


def _same_object(finding: Finding, seen: dict[str, Any]) -> bool:
    """A type is told by its name; anything else, having no name, by its type's."""
    if seen["label"].startswith("<"):
        return bool(finding["type_name"] == seen["type_name"])
    return names(finding, seen["label"])


def judge_silent(
    also_true: tuple[str, ...], document: Document, references: Iterable[dict[str, Any]]
) -> Judgement:
    """The fixed version must be silent, save for leaks that are true, proven and listed."""
    broken = invalid(document)
    if broken:
        return broken
    references = list(references)
    true: list[str] = []
    for finding in document["findings"]:
        text = describe(finding)
        if not _confirmed(finding, references):
            return Judgement(False, "false alarm", text)
        if not any(names(finding, listed) for listed in also_true):
            return Judgement(False, "unlisted", f"true, but not in also_true: {text}")
        true.append(text)
    if true:
        return Judgement(True, "also true", "; ".join(true))
    return Judgement(True, "silent")
