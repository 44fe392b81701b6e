"""The study of one type, phase by phase."""

from __future__ import annotations

import gc
from collections.abc import Callable
from types import new_class
from typing import Any

from refaudit import _audit
from refaudit._types.ledger import Ledger, SameInstance
from refaudit._types.specimen import Specimen
from refaudit._types.watch import Watch

#: Instances that were there already which are looked at.
_FOUND = 3


class Refused(Exception):
    """No instance can be had; the message says why."""


class Study:
    """One type. After each phase what is known so far is handed over."""

    def __init__(
        self,
        key: str,
        kind: type,
        facts: dict[str, Any],
        watch: Watch,
        request: dict[str, Any],
        namespace: dict[str, Any],
    ) -> None:
        self._key, self._kind, self._facts, self._watch = key, kind, facts, watch
        self._most, self._subclasses = request["instances"], request["subclasses"]
        self._expression: str | None = request["factories"].get(key)
        self._make = self._factory(namespace) if self._expression else lambda: _called(kind)
        self._known: dict[str, Any] = {"key": key, "facts": facts, "source": "", "refused": ""}
        self._known["done"] = False

    def run(self) -> None:
        """Go through all phases that no process died in before."""
        specimen = self._first()
        if specimen is not None:
            self._look(specimen)
            if self._drop(specimen):
                self._count(specimen)
            del specimen
            if self._subclasses and self._facts["subclassable"] and not self._expression:
                self._subclass()
        self._known["done"] = True
        self._watch.done(self._key, self._part())

    def _part(self) -> dict[str, Any]:
        return {f"type {self._key}": self._known}

    def _phase(self, phase: str, what: str) -> Any:
        return self._watch.phase(self._key, phase, f"{what} {self._key}", self._part())

    def _may(self, *phases: str) -> bool:
        return all(self._watch.may(self._key, phase) for phase in phases)

    def _factory(self, namespace: dict[str, Any]) -> Callable[[], Any]:
        code = compile(self._expression or "", f"<factory of {self._key}>", "eval")
        return lambda: _checked(eval(code, namespace), self._kind)

    def _first(self) -> Specimen | None:
        """An instance of our own, else one that was there already."""
        if not self._may("make"):
            self._known["refused"] = "the process did not survive making one"
        elif not self._facts["instantiable"] and not self._expression:
            self._known["refused"] = "the type cannot be called"
        else:
            with self._phase("make", "making an instance of"):
                try:
                    specimen = Specimen(self._make())
                    self._known["source"] = "factory" if self._expression else "called"
                    return specimen
                except BaseException as error:
                    self._known["refused"] = _words(error)
        if self._may("make"):
            found = _audit.core().instances_of(self._kind, _FOUND)
            if found:
                self._known["source"] = "found"
                return Specimen(found.pop())
        return None

    def _look(self, specimen: Specimen) -> None:
        own = self._known["source"] != "found"
        if own and self._may("fill"):
            with self._phase("fill", "storing objects in an instance of"):
                specimen.fill(self._facts)
        if not self._may("traverse"):
            return
        with self._phase("traverse", "calling tp_traverse of"):
            tracked = gc.is_tracked(specimen.thing)
            specimen.traverse()
            self._known["instance"] = {"tracked": tracked, **specimen.facts}
            specimen.facts = self._known["instance"]

    def _drop(self, specimen: Specimen) -> bool:
        """Whether the instance went without harm."""
        if self._known["source"] == "found" or not self._may("drop"):
            # Its memory stays: nobody calls a deallocator that is known to kill.
            _KEPT.append(specimen)
            return False
        with self._phase("drop", "dropping an instance of"):
            if specimen.facts:
                specimen.hold()
                specimen.facts["dropped"] = specimen.drop()
            specimen.thing = None
        return True

    def _count(self, specimen: Specimen) -> None:
        # What gives back too much would lose its type in the middle of it.
        over_released = (specimen.facts.get("type_released") or 0) > 1
        if over_released or not self._may("ledger", "collect"):
            return
        rows = specimen.facts.get("targets", [])
        ledger = Ledger(self._kind, self._make, self._facts["gc"])
        with self._phase("ledger", "making and dropping instances of"):
            try:
                found = ledger.run(self._most, [row["address"] for row in rows])
            except SameInstance:
                self._known["same_instance"] = True
                return
            except BaseException as error:
                self._known["refused"] = _words(error)
                return
        for row, gained in zip(rows, found.pop("of_targets"), strict=True):
            if row["gained"] is None:
                row["gained"] = gained
        self._collect(ledger, found)
        self._known["ledger"] = found

    def _collect(self, ledger: Ledger, found: dict[str, Any]) -> None:
        if found["survivors"]:
            with self._phase("collect", "collecting instances of"):
                gc.collect()
            ledger.collected(found)

    def _subclass(self) -> None:
        """The same through a class that Python code derives."""
        over_released = (self._known.get("instance", {}).get("type_released") or 0) > 1
        if over_released or not self._may("subclass", "drop", "ledger"):
            return
        with self._phase("subclass", "making instances of a Python subclass of"):
            found: dict[str, Any] = {}
            try:
                derived = new_class("RefauditSubclass", (self._kind,))
                specimen = Specimen(_called(derived))
                if self._may("traverse"):
                    specimen.traverse()
                    found["visits_type"] = specimen.facts["visits_type"]
                    found["gc"] = specimen.visited is not None
                specimen.thing = None
                found.update(self._derived_ledger(derived))
            except SameInstance:
                found["refused"] = "it hands out one instance again and again"
            except BaseException as error:
                found["refused"] = _words(error)
            self._known["subclass"] = found

    def _derived_ledger(self, derived: type) -> dict[str, Any]:
        """What the subclass and the type itself gained."""
        counts = _audit.core().reference_counts
        before = counts([id(self._kind)])[0]
        ledger = Ledger(derived, lambda: _called(derived), True).run(self._most)
        ledger.pop("of_targets")
        after = counts([id(self._kind)])[0]
        left = None if before is None or after is None else after - before
        return {"ledger": ledger, "base_left": left}


#: Instances that must not be dropped.
_KEPT: list[Any] = []


def _called(kind: type) -> Any:
    return _checked(kind(), kind)


def _checked(made: Any, kind: type) -> Any:
    if type(made) is not kind:
        raise Refused(f"that gives an object of type {type(made).__name__}")
    return made


def _words(error: BaseException) -> str:
    try:
        text = str(error)
    except BaseException:
        text = ""
    name = type(error).__name__
    return text if isinstance(error, Refused) else f"{name}: {text}" if text else name
