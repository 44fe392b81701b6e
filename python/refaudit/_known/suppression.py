"""One suppression: what a project decided not to be told of, why, and until when."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from refaudit._known.pattern import fits, matches, names_function
from refaudit.config import ConfigError

#: Keys of a table that say what is meant; each is a text with `*` and `?`, and all of them must hold.
CRITERIA = ("rule", "type", "function", "module", "test", "fingerprint")
_ABOUT = ("name", "reason", "expires")


@dataclass(frozen=True)
class Suppression:
    """What must hold of a finding. Every part that is empty holds of all."""

    name: str
    reason: str
    #: Where it is written.
    source: str
    #: Last day, `2026-12-31`; empty for no end.
    expires: str = ""
    #: A rule, type or fingerprint as `ignore` always took them.
    mask: str = ""
    #: Pairs out of `CRITERIA` and what is expected there.
    criteria: tuple[tuple[str, str], ...] = ()
    #: Lines of a stack pattern.
    lines: tuple[str, ...] = ()

    def is_over(self, today: str) -> bool:
        """Whether its last day is before ``today``."""
        return bool(self.expires) and self.expires < today

    def covers(self, finding: dict[str, Any]) -> bool:
        """Whether a finding is meant. Of several stacks all must be as the pattern says."""
        if self.mask:
            names = [finding[key] for key in ("rule", "rule_name", "type_name", "fingerprint")]
            return any(fnmatchcase(name, self.mask) for name in names)
        if not all(_CRITERIA[key](mask, finding) for key, mask in self.criteria):
            return False
        return not self.lines or all(fits(self.lines, frames) for frames in _stacks(finding))


def of_text(mask: str, source: str) -> Suppression:
    """A string of `ignore`: rule code, rule name, type name or fingerprint, with `*` and `?`."""
    return Suppression(name=mask, reason="", source=source, mask=mask)


def of_table(table: dict[str, Any], source: str) -> Suppression:
    """A table of `[tool.refaudit] ignore`. Raises `ConfigError`."""
    shown = f"{source}: ignore: {table}"
    if unknown := set(table) - {*CRITERIA, *_ABOUT}:
        known = ", ".join((*CRITERIA, *_ABOUT))
        raise ConfigError(f"{shown}: unknown key `{min(unknown)}`; known keys are {known}")
    texts = {key: str(value) for key, value in table.items()}
    if any(not isinstance(value, (str, datetime.date)) for value in table.values()):
        raise ConfigError(f"{shown}: every value is a text")
    criteria = tuple((key, texts[key]) for key in CRITERIA if texts.get(key))
    if not criteria:
        raise ConfigError(f"{shown}: says nothing of what to leave out; use {', '.join(CRITERIA)}")
    name = texts.get("name") or " ".join(f"{key}={mask}" for key, mask in criteria)
    return checked(
        name, texts.get("reason", ""), source, texts.get("expires", ""), criteria, (), shown
    )


def checked(
    name: str,
    reason: str,
    source: str,
    expires: str,
    criteria: tuple[tuple[str, str], ...],
    lines: tuple[str, ...],
    shown: str,
) -> Suppression:
    """A suppression whose reason is there and whose date is one. Raises `ConfigError`."""
    if not reason.strip():
        raise ConfigError(f"{shown}: has no reason; say why it is left out")
    if expires and not _is_day(expires):
        raise ConfigError(f"{shown}: expires is `{expires}`, expected a day as 2026-12-31")
    return Suppression(name, reason.strip(), source, expires, "", criteria, lines)


def _is_day(text: str) -> bool:
    try:
        datetime.date.fromisoformat(text)
    except ValueError:
        return False
    return re.fullmatch(r"\d{4}-\d\d-\d\d", text) is not None


def _rule(mask: str, finding: dict[str, Any]) -> bool:
    return any(
        matches(one.strip(), finding[key])
        for one in mask.split(",")
        for key in ("rule", "rule_name")
    )


def _module(mask: str, finding: dict[str, Any]) -> bool:
    """The library of the blamed frame, with or without its ending, or the module of the type."""
    frame = (finding.get("site") or {}).get("frame") or {}
    library = frame.get("module", "")
    of_type = finding["type_name"].rpartition(".")[0]
    names = [library, library.partition(".")[0], of_type, of_type.partition(".")[0]]
    return any(name and matches(mask, name) for name in names)


def _function(mask: str, finding: dict[str, Any]) -> bool:
    site: Any = finding.get("site")
    return bool(site) and names_function(mask, site["frame"]["function"])


def _stacks(finding: dict[str, Any]) -> list[list[dict[str, Any]]]:
    """Stacks of birth; where none was recorded, the blamed frame alone."""
    stacks = [trace["frames"] for trace in finding.get("traces") or []]
    if not stacks:
        stacks = [[finding["site"]["frame"]]] if finding.get("site") else [[]]
    return stacks


_CRITERIA: dict[str, Callable[[str, dict[str, Any]], bool]] = {
    "rule": _rule,
    "type": lambda mask, finding: matches(mask, finding["type_name"]),
    "function": _function,
    "module": _module,
    "test": lambda mask, finding: matches(mask, finding["subject"]),
    "fingerprint": lambda mask, finding: matches(mask, finding["fingerprint"]),
}
