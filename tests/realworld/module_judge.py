"""Whether a module audit says of every extension module what plain Python has proven."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .module_table import Subject
from .observation import Seen, agrees, classify, describe

Document = dict[str, Any]


@dataclass(frozen=True)
class Line:
    """One extension module: what was predicted, audited and observed, and what is wrong with it."""

    module: str
    predicted: str = "-"
    verdict: str = "-"
    holder: str = "-"
    observation: str = "-"
    fault: str = ""

    @property
    def right(self) -> bool:
        """Nothing is wrong."""
        return not self.fault


def judge(subject: Subject, members: dict[str, Seen], document: Document | None) -> list[Line]:
    """A line for each module of the table or of the observation; without a document, of that alone."""
    audited = {} if document is None else {_name(m): m for m in document["members"]}
    lines = [
        _line(subject, name, members.get(name), audited.get(name), with_audit=document is not None)
        for name in dict.fromkeys((*subject.expect, *members))
    ]
    broken = [] if document is None else list(_broken(subject, document))
    return [*lines, *_strangers(audited, {*subject.expect, *members}), *broken]


def _line(
    subject: Subject, name: str, seen: Seen | None, member: Document | None, *, with_audit: bool
) -> Line:
    """One module; the first thing that is wrong is the one that is told."""
    observation = "-" if seen is None else f"**{classify(seen)}**: {describe(seen)}"
    predicted, verdict, holder = _audited(member)
    fault = _changed(subject.expect.get(name), seen)
    if with_audit and not fault:
        fault = _contradiction(subject.expect[name], member)
    return Line(name, predicted, verdict, holder, observation, fault)


def _changed(expected: str | None, seen: Seen | None) -> str:
    """The table itself must be what plain Python sees here and now."""
    if seen is None:
        return "in the table, but not loaded"
    if expected is None:
        return "not in the table"
    now = classify(seen)
    return "" if now == expected else f"the table says {expected}"


def _contradiction(expected: str, member: Document | None) -> str:
    """What refaudit says against what is proven."""
    if member is None:
        return "not audited"
    verdict = str(member["verdict"])
    return "" if agrees(expected, verdict) else f"refaudit says {verdict}, not {expected}"


def _strangers(audited: dict[str, Document], known: set[str]) -> Iterator[Line]:
    """Modules that only refaudit has seen."""
    for name, member in audited.items():
        if name not in known:
            yield Line(name, *_audited(member), fault="audited, but not observed")


def _broken(subject: Subject, document: Document) -> Iterator[Line]:
    """Steps that ended badly, unless the table knows that the module itself is at fault."""
    for step in document["observed"]["steps"]:
        if step["outcome"] not in ("ok", "skipped") and step["name"] not in subject.breaks:
            fault = f"step {step['name']} {step['outcome']}: {step['detail']}"
            yield Line(subject.name, fault=fault)


def _name(member: Document) -> str:
    return str(member["observed"]["name"])


def _audited(member: Document | None) -> tuple[str, str, str]:
    """Prediction, verdict and the first holder of a member of the document."""
    if member is None:
        return "-", "-", "-"
    holders = member["observed"]["holders"]
    return member["predicted"], member["verdict"], first_holder(holders)


def first_holder(holders: list[Document]) -> str:
    """A chain to the module, if there is one, that does not start at CPython's caches, if there is one."""
    if not holders:
        return "-"
    of_module = [c for c in holders if c["held"].startswith(("module ", "dict "))] or holders
    chain = ([c for c in of_module if c["root"] != "import-cache"] or of_module)[0]
    steps = "".join(
        f"{link['what']}{link['by'] and ' ' + link['by']} → " for link in chain["links"]
    )
    place = "" if chain["place"] in steps else f" {chain['place']}"
    return f"{chain['root']}{place}: {steps.removesuffix(' → ')}"
