"""The catalogue of deliberate leaks: every defect and its clean twin as a case to audit."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

if sys.version_info >= (3, 11):
    import tomllib
else:  # pytest itself needs tomli there
    import tomli as tomllib

CATALOGUE = Path(__file__).parents[1] / "extensions" / "catalogue.toml"

#: Counted runs of every audit.
RUNS = 3

#: What every setup finds: a plain class, so that findings can name a type of our own.
PRELUDE = "class Marker:\n    value = None\n"


@dataclass(frozen=True)
class Case:
    """One function to audit, and what the audit must say."""

    module: str
    language: str
    function: str
    call: str
    defect: str
    expected: str
    twin: str | None = None
    setup: str = ""
    watch: str = ""
    type: str = ""
    per_run: int | None = None
    refs_per_call: int | None = None
    versions: tuple[str | None, str | None] = (None, None)
    raises: str | None = None
    keeps: tuple[str, ...] = ()
    bytes: int = 0
    holder: str | None = None
    reach: str | None = None
    root: str | None = None
    alone: bool = True
    warmup: int = 2
    beside: tuple[str, ...] = ()
    site: str = ""
    site_file: str = ""
    site_mark: str = ""
    #: Version and the site there, where that is another one.
    site_on: tuple[tuple[str, str], ...] = ()
    threaded: bool = False

    @property
    def id(self) -> str:
        """`references.leaky_argument`."""
        return f"{self.module}.{self.function}"

    @property
    def clean(self) -> bool:
        """Whether nothing must be found."""
        return self.expected == "clean"

    def on(self, version: tuple[int, ...]) -> Case:
        """The case as this Python version sees it: clean where the defect does not show."""
        low, high = (_numbers(bound) if bound else None for bound in self.versions)
        if (low and version[:2] < low) or (high and version[:2] > high):
            return replace(self, expected="clean", site="", refs_per_call=0)
        site = dict(self.site_on).get(".".join(map(str, version[:2])), self.site)
        return replace(self, site=site)

    def clean_twin(self) -> Case | None:
        """The same call of the function without the defect."""
        if self.twin is None:
            return None

        def renamed(text: str) -> str:
            return text.replace(f"m.{self.function}", f"m.{self.twin}")

        return replace(
            self,
            function=self.twin,
            call=renamed(self.call),
            watch=renamed(self.watch),
            expected="clean",
            twin=None,
            site="",
            site_on=(),
            refs_per_call=None if self.refs_per_call is None else 0,
        )


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _case(table: dict[str, object]) -> Case:
    """A case from its table; an unknown key is an error."""
    versions = table.pop("versions", {})
    lists = {name: tuple(table.pop(name, ())) for name in ("keeps", "beside")}
    site_on = tuple(table.pop("site_on", {}).items())
    bounds = (versions.get("min"), versions.get("max"))
    return Case(**table, site_on=site_on, **lists, versions=bounds)


def load() -> list[Case]:
    """The tables of the catalogue, in order, without the twins."""
    with CATALOGUE.open("rb") as file:
        return [_case(table) for table in tomllib.load(file)["case"]]


def with_twins(cases: list[Case]) -> Iterator[Case]:
    """Every case followed by its clean twin."""
    for case in cases:
        yield case
        twin = case.clean_twin()
        if twin is not None:
            yield twin


def everything(version: tuple[int, ...] = tuple(sys.version_info[:2])) -> list[Case]:
    """All that can be audited, as this Python version sees it."""
    return [case.on(version) for case in with_twins(load())]


def of_module(cases: list[Case], module: str) -> list[Case]:
    """The cases of one extension module; both sides of a subprocess agree on the order."""
    return [case for case in cases if case.module == module]
