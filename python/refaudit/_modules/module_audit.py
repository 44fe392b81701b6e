"""`ModuleAudit`: the document of a module audit as Python objects."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from refaudit._package_audit import PackageAudit

_FINE = ("unloads", "not-applicable")
#: From the worst on, as the compiled core orders them.
_ORDER = (
    "not-audited",
    "kept-by-module",
    "kept-by-caches",
    "kept-by-program",
    "unloads",
    "not-applicable",
)


@dataclass(frozen=True)
class Level:
    """One rung of the ladder from "name gone" to "library unmapped"."""

    name: str
    title: str
    #: ``yes``, ``no``, ``not-applicable`` or ``not-seen``.
    answer: str
    detail: str
    #: Numbers of the member's holders that explain a no.
    holders: list[int]


@dataclass(frozen=True)
class Holder:
    """A chain of references from a root to what it keeps alive."""

    root: str
    held: str
    place: str
    file: str
    line: int
    #: From the root to the survivor: pairs of ``what`` and ``by``.
    links: list[dict[str, str]]

    def __str__(self) -> str:
        where = f" ({self.file}:{self.line})" if self.file else ""
        chain = " -> ".join(link["what"] + link["by"] for link in self.links)
        return f"{self.held}: {self.root} {self.place}{where}".rstrip() + f": {chain}"


@dataclass(frozen=True)
class Advice:
    """What to do, and where that is documented."""

    text: str
    link: str


class Member:
    """One extension module of an audit, with what was concluded about it."""

    def __init__(self, document: dict[str, Any]) -> None:
        #: Its part of the module document, as plain data.
        self.document = document
        self.name: str = document["observed"]["name"]
        self.file: str = document["observed"]["file"]
        self.kind: str = document["kind"]
        self.verdict: str = document["verdict"]
        self.sentence: str = document["sentence"]

    @property
    def levels(self) -> list[Level]:
        """The ladder, from the name to the library."""
        return [Level(**level) for level in self.document["levels"]]

    @property
    def holders(self) -> list[Holder]:
        """What keeps its survivors."""
        return [Holder(**chain) for chain in self.document["observed"]["holders"]]

    @property
    def advice(self) -> list[Advice]:
        """What to do about it."""
        return [Advice(**advice) for advice in self.document["advice"]]

    def __repr__(self) -> str:
        return f"<Member {self.name}: {self.verdict}>"


class ModuleAudit(PackageAudit):
    """Whether a module unloads, and why not.

    ``levels``, ``holders``, ``kind`` and ``advice`` are those of the member with the worst verdict,
    the first of these; a single module is its own only member.
    """

    _what = "a module audit"
    _without = ("speedscope", "collapsed")
    #: ``unloads``, ``kept-by-caches``, ``kept-by-module``, ``kept-by-program``,
    #: ``not-applicable`` (no extension module) or ``not-audited``.
    verdict: str

    @property
    def ok(self) -> bool:
        """Whether everything unloads, or there is nothing that would have to."""
        return self.verdict in _FINE

    @property
    def members(self) -> list[Member]:
        """The extension modules that were audited, the one asked for first."""
        return [Member(member) for member in self.document["members"]]

    @property
    def _worst(self) -> Member | None:
        return min(self.members, key=lambda m: _ORDER.index(m.verdict), default=None)

    @property
    def kind(self) -> str:
        """Kind of module in the model of CPython's import caches; ``unknown`` when there is none."""
        return self._worst.kind if self._worst else "unknown"

    @property
    def levels(self) -> list[Level]:
        """The ladder, from the name to the library."""
        return self._worst.levels if self._worst else []

    @property
    def holders(self) -> list[Holder]:
        """What keeps the survivors."""
        return self._worst.holders if self._worst else []

    @property
    def advice(self) -> list[Advice]:
        """What to do about it."""
        return self._worst.advice if self._worst else []

    def render(self, format: str) -> str:
        """The audit in a format of the page on report formats, but no stacks: it has none. Raises `ValueError`
        for another one. Paths begin at the current folder.
        """
        from refaudit._audit import core
        from refaudit._output import sources

        return str(core().render_module(json.dumps(self.document), format, sources(None)))
