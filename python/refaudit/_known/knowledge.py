"""Baseline and suppressions of a session: which findings are told, and which make it fail."""

from __future__ import annotations

import datetime
import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from refaudit._known import pattern_file
from refaudit._known.baseline import DEFAULT_NAME, Baseline
from refaudit._known.suppression import Suppression, of_table, of_text
from refaudit.config import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable

Finding = dict[str, Any]


class Knowledge:
    """What is known before a session.

    `sift` the findings of each test, then `conclude` the document; `apply` does both to a document
    that is there already.
    """

    def __init__(
        self,
        baseline: Baseline | None = None,
        suppressions: Iterable[Suppression] = (),
        update: bool = False,
        today: str = "",
    ) -> None:
        self.baseline = baseline
        self.suppressions = list(suppressions)
        #: The baseline is to take in what is found: then nothing fails.
        self.update = update
        self.today = today or day()
        #: How many findings each suppression took out.
        self._counts = [0] * len(self.suppressions)
        #: What was taken out is there all the same: it is not gone.
        self._suppressed: set[str] = set()

    @classmethod
    def read(
        cls,
        baseline: str = "",
        suppressions: Iterable[str] = (),
        ignore: Iterable[tuple[str, Any]] = (),
        update: bool = False,
    ) -> Knowledge:
        """Read the files. ``ignore`` has pairs of a source and a string or table. Raises `ConfigError`."""
        rules = [_ignored(value, source) for source, value in ignore]
        for path in suppressions:
            rules += pattern_file.read(path)
        if update and not baseline:
            baseline = DEFAULT_NAME
        return cls(Baseline.read(baseline, update) if baseline else None, rules, update)

    def sift(self, findings: list[Finding]) -> list[Finding]:
        """Those that are not suppressed, each with what the baseline says of it in ``known``."""
        kept = []
        for finding in findings:
            if self._is_suppressed(finding):
                self._suppressed.add(finding["fingerprint"])
                continue
            if self.baseline is not None:
                finding["known"] = self._state(self.baseline, finding)
            kept.append(finding)
        return kept

    def conclude(self, document: dict[str, Any]) -> None:
        """Enter what was known into a document whose findings have been sifted, and judge it."""
        # Those that the parts of a merged document were judged by stay.
        document["suppressions"] = document.get("suppressions", []) + [
            {
                **{key: getattr(one, key) for key in ("name", "reason", "source", "expires")},
                "expired": one.is_over(self.today),
                "findings": count,
            }
            for one, count in zip(self.suppressions, self._counts, strict=True)
        ]
        if self.baseline is not None:
            found = {finding["fingerprint"] for finding in document["findings"]}
            document["baseline"] = self.baseline.compared(ran(document), found | self._suppressed)
        if document["outcome"] != "invalid":
            document["outcome"] = outcome(document["findings"])

    def apply(self, document: dict[str, Any]) -> None:
        """`sift` and `conclude` a document that knew of nothing, and count its tests' findings anew."""
        document["findings"] = self.sift(document["findings"])
        by_test: dict[str, list[Finding]] = {}
        for finding in document["findings"]:
            by_test.setdefault(finding["subject"], []).append(finding)
        for test in document["tests"]:
            found = by_test.get(test["id"], [])
            test["findings"] = len(found)
            if test["outcome"] != "invalid":
                test["outcome"] = outcome(found)
        if not document["findings"]:
            document["dominators"] = []
        self.conclude(document)

    def write(self, document: dict[str, Any]) -> None:
        """Take the findings of a concluded document into the baseline's file. Raises `OSError`."""
        assert self.baseline is not None
        self.baseline.updated(document["findings"], ran(document), self.today).write()

    def tallies(self) -> dict[str, Any]:
        """What `sift` counted, for `add` in another process."""
        return {"counts": self._counts, "suppressed": sorted(self._suppressed)}

    def add(self, tallies: dict[str, Any]) -> None:
        """Count what another process took out with the same suppressions."""
        for number, count in enumerate(tallies["counts"]):
            self._counts[number] += count
        self._suppressed.update(tallies["suppressed"])

    def to_text(self) -> str:
        """All of it as text, for a process that may not have the files."""
        baseline = self.baseline
        return json.dumps(
            {
                "baseline": None if baseline is None else [baseline.path, baseline.entries],
                "suppressions": [asdict(one) for one in self.suppressions],
                "update": self.update,
                "today": self.today,
            }
        )

    @classmethod
    def from_text(cls, text: str) -> Knowledge:
        """What `to_text` wrote."""
        plain = json.loads(text)
        rules = [_revived(one) for one in plain["suppressions"]]
        baseline = None if plain["baseline"] is None else Baseline(*plain["baseline"])
        return cls(baseline, rules, plain["update"], plain["today"])

    def _is_suppressed(self, finding: Finding) -> bool:
        covering = [number for number, one in enumerate(self.suppressions) if one.covers(finding)]
        valid = [n for n in covering if not self.suppressions[n].is_over(self.today)]
        for number in valid:
            self._counts[number] += 1
        return bool(valid)

    def _state(self, baseline: Baseline, finding: Finding) -> dict[str, str]:
        known = baseline.known(finding)
        if not self.update:
            return known
        return {"state": "unchanged", "first_seen": known["first_seen"] or self.today}


def day() -> str:
    """Today in UTC, or the day of `SOURCE_DATE_EPOCH` where that is set, for what is to be repeatable."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    seconds = int(epoch) if epoch.isascii() and epoch.isdigit() else None
    zone = datetime.timezone.utc
    now = (
        datetime.datetime.now(zone)
        if seconds is None
        else datetime.datetime.fromtimestamp(seconds, zone)
    )
    return now.date().isoformat()


def is_unchanged(finding: Finding) -> bool:
    """Whether the baseline knows a finding, and it is not worse."""
    return (finding.get("known") or {}).get("state") == "unchanged"


def outcome(findings: list[Finding]) -> str:
    """``leak``, ``maybe``, ``known`` or ``clean``: what the baseline knows makes nothing fail."""
    verdicts = {finding["verdict"] for finding in findings if not is_unchanged(finding)}
    if verdicts & {"leak", "over-released"}:
        return "leak"
    if verdicts:
        return "maybe"
    return "known" if findings else "clean"


def ran(document: dict[str, Any]) -> set[str]:
    """The tests that were audited."""
    return {test["id"] for test in document["tests"]}


def _ignored(value: Any, source: str) -> Suppression:
    short = Path(source.split(" [")[0]).name or source
    if isinstance(value, str):
        return of_text(value, short)
    if isinstance(value, dict):
        return of_table(value, short)
    raise ConfigError(f"{source}: ignore: `{value}` is neither a text nor a table")


def _revived(plain: dict[str, Any]) -> Suppression:
    criteria = tuple((key, mask) for key, mask in plain["criteria"])
    return Suppression(**{**plain, "criteria": criteria, "lines": tuple(plain["lines"])})
