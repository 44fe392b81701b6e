"""What of a module is alive after the drop, and what keeps it: the members of an observation."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from typing import Any

from refaudit import _audit
from refaudit._modules.record import Identity, Record, is_alive

#: So many types and functions of a module are explained by chains of their own.
EXPLAINED = 3
#: So many independent chains are looked for, for each survivor.
CHAINS = 3
#: So many names of survivors are told.
NAMES = 12


class Survivors:
    """What was alive at one moment, explained by one look at the model heap."""

    def __init__(self, made: list[Record], facts: dict[str, Any], package: str) -> None:
        self._facts = facts
        self._targets = [target for record in made for target in _targets(record)]
        core = _audit.core()
        self._inits = json.loads(core.inits())
        files = [record.file for record in made if record.file]
        # A library may have definitions besides that of its module.
        definitions = {entry["def"] for entry in self._inits if entry["library"] in files}
        definitions |= {said["def"] for said in facts.values() if said["def"]}
        known = sorted(definitions)
        addresses = [(label, identity[0]) for label, identity in self._targets]
        found = json.loads(core.examine(addresses, known, package, files, CHAINS))
        self._chains = found["chains"]
        self._what_if = {label: (unloads, rest) for label, unloads, rest in found["what_if"]}
        self._caches = json.loads(core.import_caches(known))

    def member(self, record: Record) -> dict[str, Any]:
        """One member of the observation."""
        facts = self._facts[record.name]["facts"]
        definition = self._facts[record.name]["def"]
        init = next((entry for entry in self._inits if entry["def"] == definition), None)
        single = facts["init"] == "single-phase"
        copies, entries = dict(self._caches["copies"]), dict(self._caches["entries"])
        return {
            "name": record.name,
            "file": record.file,
            "facts": facts,
            "init_calls": init and init["calls"],
            "free_calls": init and init["frees"],
            "named": record.name in sys.modules,
            "module_alive": is_alive(record.module),
            "dict_alive": None if record.namespace is None else is_alive(record.namespace),
            "types": _population(record.types),
            "functions": _population(record.functions),
            "copy_alive": bool(copies.get(definition))
            if single and facts["m_size"] == -1
            else None,
            "index_alive": bool(entries.get(definition)) if single else None,
            "holders": self._holders(record),
            "what_if": self._answer(record),
        }

    def _holders(self, record: Record) -> list[dict[str, Any]]:
        """The chains to the module, and one to each other survivor that does not go through it."""
        labels = [label for label, _ in _targets(record)]
        found = [chain for chain in self._chains if chain["held"] == _module(record)]
        for label in labels:
            others = (chain for chain in self._chains if chain["held"] == label)
            if label != _module(record):
                # Of the dict, which decides when the module is gone, all of them.
                most = CHAINS if label == _dict(record) else 1
                found += [chain for chain in others if not _passes(chain, _module(record))][:most]
        return found

    def _answer(self, record: Record) -> dict[str, Any] | None:
        """What the model says of the module, or of its dict when only that is left."""
        for label in (_module(record), _dict(record)):
            if label in self._what_if:
                unloads, rest = self._what_if[label]
                return {"unloads": unloads, "remaining": rest, "confirmed": None, "detail": ""}
        return None


def _passes(chain: dict[str, Any], what: str) -> bool:
    return any(link["what"] == what for link in chain["links"])


def _module(record: Record) -> str:
    return f"module `{record.name}`"


def _dict(record: Record) -> str:
    return f"dict of module `{record.name}`"


def _targets(record: Record) -> list[tuple[str, Identity]]:
    """What is alive of a module, the module itself first, each with a label of its own."""
    found = [(_module(record), record.module)]
    if record.namespace is not None:
        found.append((_dict(record), record.namespace))
    found += _some("type", record, record.types)
    found += _some("function", record, record.functions)
    return [(label, identity) for label, identity in found if is_alive(identity) is not False]


def _some(word: str, record: Record, made: dict[str, Identity]) -> list[tuple[str, Identity]]:
    alive = [(name, identity) for name, identity in made.items() if is_alive(identity)]
    return [(f"{word} `{record.name}.{name}`", identity) for name, identity in alive[:EXPLAINED]]


def _population(made: dict[str, Identity]) -> dict[str, Any]:
    alive: Iterable[str] = [name for name, identity in made.items() if is_alive(identity)]
    names = list(alive)
    return {"made": len(made), "alive": len(names), "names": names[:NAMES]}
