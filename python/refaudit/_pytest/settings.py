"""What the markers of one test say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from refaudit.config import Config, ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True)
class TestSettings:
    """How one test is audited."""

    __test__ = False  # pytest would collect the name

    warmup: int
    runs: int
    scope: tuple[str, ...]
    #: Of its markers alone; what the whole session leaves out is counted elsewhere.
    ignore: tuple[str, ...]
    #: Which line took a leaked reference is to be told.
    explain: bool = False
    #: False: the test must not be run a second time, and what one run cannot tell is `maybe`.
    repeat: bool = True

    @classmethod
    def of(cls, item: pytest.Item, config: Config) -> TestSettings:
        """The settings of `item`: its markers, the closest last, over the session's."""
        values: dict[str, object] = {}
        for marker in reversed(list(item.iter_markers("refaudit"))):
            if marker.args:
                raise pytest.UsageError(f"{item.nodeid}: refaudit marker takes keywords only")
            values.update(marker.kwargs)
        repeat = values.pop("repeat", True)
        allowed = {"warmup", "runs", "scope", "ignore", "explain"}
        if not isinstance(repeat, bool) or not allowed.issuperset(values):
            unknown = ", ".join(sorted(set(values) - allowed)) or "repeat"
            raise pytest.UsageError(
                f"{item.nodeid}: refaudit marker does not understand {unknown}; it takes "
                "warmup=, runs=, scope=, ignore=, explain=True and repeat=True or False"
            )
        try:
            source = f"{item.nodeid}: refaudit marker"
            ignore = _masks(values.pop("ignore", ()), source)
            merged = config.updated(values, source)
        except ConfigError as error:
            raise pytest.UsageError(str(error)) from None
        # Sub-test reports are logged by the test itself, so that a silent second run is impossible.
        repeat = repeat and "subtests" not in getattr(item, "fixturenames", ())
        return cls(merged.warmup, merged.runs, merged.scope, ignore, merged.explain, repeat)


def _masks(value: object, source: str) -> tuple[str, ...]:
    """What a marker leaves out: strings; tables are for files."""
    ignored = Config().updated({"ignore": value}, source).ignore
    for _, mask in ignored:
        if not isinstance(mask, str):
            raise ConfigError(f"{source}: ignore is `{mask}`, expected a text")
    return tuple(mask for _, mask in ignored)


def audited(item: pytest.Item, config: Config) -> bool:
    """Whether `item` is to be audited at all."""
    if not isinstance(item, pytest.Function) or item.get_closest_marker("no_refaudit"):
        return False
    if "refaudit" in item.fixturenames:
        return False  # it audits itself, and audits do not nest
    return config.enabled or item.get_closest_marker("refaudit") is not None


def unaudited_notes(items: Iterable[pytest.Item], config: Config) -> list[str]:
    """Sentences about the tests that nobody looks at."""
    notes = []
    items = list(items)
    excluded = sum(1 for item in items if item.get_closest_marker("no_refaudit"))
    if excluded:
        notes.append(f"{excluded} test(s) excluded by the no_refaudit marker")
    if config.enabled:
        foreign = sum(1 for item in items if not isinstance(item, pytest.Function))
        if foreign:
            notes.append(f"{foreign} test(s) that are no Python functions were not audited")
    return notes
