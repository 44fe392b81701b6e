"""Whether a type audit says of every type what plain Python has proven."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .type_table import PROVABLE, Types

Document = dict[str, Any]


@dataclass(frozen=True)
class TypeLine:
    """One type: what was expected, proven and audited, and what is wrong with that."""

    name: str
    proven: str = "-"
    audited: str = "-"
    fault: str = ""

    @property
    def right(self) -> bool:
        """Nothing is wrong."""
        return not self.fault


def proven(seen: dict[str, Any]) -> set[str]:
    """Rules that plain Python sees broken: references left of every instance, a type not visited
    once, instances that the collector is not told of."""
    broken = set()
    if seen["gained"] >= seen["rounds"]:
        broken.add("type-reference")
    if seen["visits"] not in (None, 1):
        broken.add("type-visit")
    if seen["untracked"]:
        broken.add("tracked")
    return broken


def judge(
    subject: Types, witness: dict[str, dict[str, Any]], document: Document | None
) -> list[TypeLine]:
    """A line for each type of the table; without a document, of the witness alone."""
    audited = {} if document is None else {one["observed"]["key"]: one for one in document["types"]}
    return [_line(subject, name, witness[name], audited, document) for name in subject.make]


def _line(
    subject: Types,
    name: str,
    seen: dict[str, Any],
    audited: dict[str, Any],
    document: Document | None,
) -> TypeLine:
    facts, expected = proven(seen), set(subject.defects.get(name, ()))
    text = f"{seen['gained']} of {seen['rounds']}, visits {seen['visits']}"
    if facts != expected:
        return TypeLine(name, text, fault=f"plain Python sees {sorted(facts)} broken")
    if document is None:
        return TypeLine(name, text)
    if name not in audited:
        return TypeLine(name, text, fault="the audit does not list it")
    checks = audited[name]["checks"]
    defects = {check["name"] for check in checks if check["answer"] == "defect"}
    unseen = {check["name"] for check in checks if check["answer"] == "not-seen"} & set(PROVABLE)
    found = f"{audited[name]['verdict']}: {', '.join(sorted(defects)) or 'no defect'}"
    if unseen:
        return TypeLine(name, text, found, f"not seen: {sorted(unseen)}")
    if defects & set(PROVABLE) != expected:
        return TypeLine(name, text, found, "the audit says otherwise")
    return TypeLine(name, text, found)
