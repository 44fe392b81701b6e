"""`TypesAudit`: the document of a type audit as Python objects."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from refaudit._package_audit import PackageAudit


@dataclass(frozen=True)
class Check:
    """One rule of the collector's protocol, asked of one type."""

    name: str
    #: ``ok``, ``defect``, ``advice``, ``not-applicable`` or ``not-seen``.
    answer: str
    detail: str


class AuditedType:
    """One type of an audit, with what was concluded about it."""

    def __init__(self, document: dict[str, Any]) -> None:
        #: Its part of the types document, as plain data.
        self.document = document
        #: ``module.qualname``, with a number when there are several of that name.
        self.name: str = document["observed"]["key"]
        #: ``ok``, ``partly-seen``, ``not-seen`` or ``defect``.
        self.verdict: str = document["verdict"]
        #: The same in plain words.
        self.sentence: str = document["sentence"]

    @property
    def checks(self) -> list[Check]:
        """Every rule with its answer."""
        return [Check(**check) for check in self.document["checks"]]

    @property
    def defects(self) -> list[Check]:
        """The rules that it breaks."""
        return [check for check in self.checks if check.answer == "defect"]

    @property
    def instances_made(self) -> int:
        """How many instances the ledger counted in each of its two rounds; 0 without one."""
        return int((self.document["observed"]["ledger"] or {}).get("made", 0))

    @property
    def references_gained(self) -> int | None:
        """References to the type that are left of these instances after both rounds.

        None when nobody counts them: the type is immortal, or no instance could be made.
        """
        ledger = self.document["observed"]["ledger"]
        if ledger is None or ledger["left"] is None or ledger["left_again"] is None:
            return None
        return int(ledger["left"] + ledger["left_again"])

    def __repr__(self) -> str:
        return f"<AuditedType {self.name}: {self.verdict}>"


class TypesAudit(PackageAudit):
    """How the types of a module or package keep the collector's protocol."""

    _what = "a type audit"
    _without = ("speedscope", "collapsed", "dot")
    #: ``clean``, ``defects``, ``no-types`` or ``not-audited``.
    verdict: str

    @property
    def ok(self) -> bool:
        """Whether no type has a defect, and there was something to see or nothing to ask."""
        return self.verdict in ("clean", "no-types")

    @property
    def types(self) -> list[AuditedType]:
        """The types, those with defects first."""
        return [AuditedType(one) for one in self.document["types"]]

    @property
    def defects(self) -> list[AuditedType]:
        """Those with defects."""
        return [one for one in self.types if one.verdict == "defect"]

    def __getitem__(self, name: str) -> AuditedType:
        """The type of this name. Raises `KeyError` when the audit has none."""
        for one in self.types:
            if one.name == name:
                return one
        raise KeyError(name)

    def render(self, format: str) -> str:
        """The audit in a format of the page on report formats, but no stacks and no paths: it has none. Raises
        `ValueError` for another one.
        """
        from refaudit._audit import core

        return str(core().render_types(json.dumps(self.document), format))
