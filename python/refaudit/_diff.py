"""What changed between two audits: findings by their fingerprints, which stay from run to run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

#: Name and version of the difference as JSON.
FORMAT, VERSION = "refaudit-diff", 1


#: What a change takes over from its finding, the later one where there are two.
_COPIED = ("fingerprint", "rule", "rule_name", "verdict", "subject", "message")


@dataclass(frozen=True)
class Change:
    """One finding of both audits, or of one of them. Amounts are for one counted run."""

    fingerprint: str
    rule: str
    rule_name: str
    verdict: str
    subject: str
    message: str
    #: References, objects or blocks that are not given back, before and after; 0 where there is none.
    before: float
    after: float
    #: The same in bytes.
    bytes_before: float
    bytes_after: float


@dataclass
class Difference:
    """The findings of two audits, sorted out; in each list the most costly first."""

    new: list[Change] = field(default_factory=list)
    grown: list[Change] = field(default_factory=list)
    gone: list[Change] = field(default_factory=list)
    unchanged: list[Change] = field(default_factory=list)
    #: In the first audit, and their tests did not run in the second: nothing can be said.
    not_run: list[Change] = field(default_factory=list)

    @property
    def worse(self) -> bool:
        """Whether the second audit has anything that the first had not."""
        return bool(self.new or self.grown)

    def to_document(self) -> dict[str, Any]:
        """As plain data."""
        return {"format": FORMAT, "version": VERSION, "worse": self.worse, **asdict(self)}


def difference(before: dict[str, Any], after: dict[str, Any]) -> Difference:
    """Compare the findings of two audit documents.

    One is grown when more references, objects or blocks are not given back in each run. Bytes do not
    count there: the same objects may be larger for another reason.
    """
    old, new = _by_fingerprint(before), _by_fingerprint(after)
    ran = {test["id"] for test in after["tests"]}
    found = Difference()
    for fingerprint in {**old, **new}:
        change = _change(old.get(fingerprint), new.get(fingerprint))
        if fingerprint not in old:
            found.new.append(change)
        elif fingerprint in new:
            grown = round(change.after, 6) > round(change.before, 6)
            (found.grown if grown else found.unchanged).append(change)
        else:
            (found.gone if change.subject in ran else found.not_run).append(change)
    for changes in (found.new, found.grown, found.gone, found.unchanged, found.not_run):
        changes.sort(key=_cost)
    return found


def _cost(change: Change) -> tuple[Any, ...]:
    largest = max(change.bytes_before, change.bytes_after)
    return -largest, change.subject, change.rule, change.fingerprint


def _by_fingerprint(document: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Findings of the same fingerprint are one: two stacks of one site, the same test in two shards."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for finding in document["findings"]:
        groups.setdefault(finding["fingerprint"], []).append(finding)
    return groups


def _change(old: list[dict[str, Any]] | None, new: list[dict[str, Any]] | None) -> Change:
    first = (new or old or [])[0]
    return Change(
        **{name: first[name] for name in _COPIED},
        before=_each_run(old or [], "total"),
        after=_each_run(new or [], "total"),
        bytes_before=_each_run(old or [], "bytes"),
        bytes_after=_each_run(new or [], "bytes"),
    )


def _each_run(findings: Iterable[dict[str, Any]], name: str) -> float:
    """What is too much in each run; references too few count, too."""
    return float(sum(abs(finding[name]) / max(1, len(finding["per_run"])) for finding in findings))
