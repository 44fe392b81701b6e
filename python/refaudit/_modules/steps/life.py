"""One life, watched: import, record, drop, collect, look, ask the model, import again."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

from refaudit import _audit
from refaudit._modules import record as records
from refaudit._modules.package import Importer, import_beforehand, warm_up_finders
from refaudit._modules.record import Record
from refaudit._modules.survivors import Survivors

Tell = Callable[..., None]


def run(request: dict[str, Any], tell: Tell) -> dict[str, Any]:
    """Watch one life of the request's members. Parts ``members``, ``residue``, ``cost``, ``notes``."""
    tell("starting the hooks")
    measurement = _audit.Measurement(request["name"])
    if request.get("present"):
        return _in_use(request["members"], tell)
    _audit.core().watch_inits()
    failed = import_beforehand(request["dependencies"], request["package"], tell)
    warm_up_finders(request["package"])
    importer = Importer(request["name"], request["package"])
    # What refaudit itself or the interpreter imported of it stays with them: this is another import.
    importer.drop()
    measurement.begin()
    since = records.now()

    tell("importing it")
    measurement.open()
    try:
        importer.load()
    finally:
        measurement.close()
    # At once: until free lists are emptied, what is made here may stand where the import's was.
    measurement.observe()
    alive = json.loads(measurement.residues())[0]
    tell("looking at what it made")
    made = _records(request["members"], since)
    facts = {record.name: _facts(record) for record in made}
    cost = _cost(made, alive)

    tell("dropping it")
    importer.drop()
    measurement.observe()
    residue = json.loads(measurement.residues())[0]
    tell("looking for what keeps it")
    survivors = Survivors(made, facts, request["package"])
    members = [survivors.member(record) for record in made]

    notes = [f"the dependency {name} could not be imported beforehand" for name in failed]
    found = {"members": members, "residue": residue, "cost": cost, "notes": notes}
    # Not every module survives that.
    tell("importing it again", found)
    _import_again(importer, made, members)
    return found


def _in_use(members: list[dict[str, str]], tell: Tell) -> dict[str, Any]:
    """What can be said of modules that the interpreter itself needs: they are not dropped."""
    tell("looking at what holds it")
    made = [records.record(m["name"], m["file"], records.now()) for m in members]
    facts = {record.name: _facts(record) for record in made}
    survivors = Survivors(made, facts, "")
    alive = {"named": True, "module_alive": True, "dict_alive": True}
    notes = ["the interpreter uses it from its start on, so that it is not dropped"]
    return {"members": [{**survivors.member(r), **alive} for r in made], "notes": notes}


def _records(members: list[dict[str, str]], since: int) -> list[Record]:
    made = [
        records.record(member["name"], member["file"], since)
        for member in members
        if member["name"] in sys.modules
    ]
    records.add_hidden_types(made, since)
    return made


def _facts(record: Record) -> dict[str, Any]:
    """The module's definition: its address as ``def``, what it says as ``facts``."""
    core = _audit.core()
    found = [entry for entry in json.loads(core.inits()) if entry["library"] == record.file]
    last = record.name.rpartition(".")[2]
    # A library may define sub-modules of its own besides.
    named = [entry for entry in found if entry["name"] in (record.name, last)]
    meant = named or (found if len(found) == 1 else [])
    definition = meant[0]["def"] if meant and record.file else 0
    module = sys.modules[record.name]
    said = json.loads(core.module_facts(module, definition))
    return {"def": definition or core.module_def(module), "facts": said}


def _cost(made: list[Record], alive: dict[str, Any]) -> dict[str, Any]:
    """What importing it holds, while it is imported."""
    modules = [sys.modules[record.name] for record in made]
    shallow = sum(sys.getsizeof(m) + sys.getsizeof(getattr(m, "__dict__", ())) for m in modules)
    retained = _audit.core().retained([record.module[0] for record in made])
    return {
        "objects": alive["objects"],
        "blocks": alive["blocks"] + alive["native_blocks"],
        "bytes": alive["bytes"] + alive["native_bytes"],
        "shallow_bytes": shallow,
        "retained_bytes": retained[1],
    }


def _import_again(importer: Importer, made: list[Record], members: list[dict[str, Any]]) -> None:
    """Import a second time, and say for each member what that gave."""
    before = _calls()
    refused = ""
    try:
        importer.load()
    except Exception as error:
        refused = f"{type(error).__name__}: {error}"
    for record, member in zip(made, members, strict=True):
        again: dict[str, Any] = {"outcome": _outcome(record), "init_again": None, "detail": ""}
        if record.name not in sys.modules:
            again.update(outcome="refused", detail=refused or "it is not in sys.modules")
        if record.file in before:
            again["init_again"] = _calls()[record.file] > before[record.file]
        member["reimport"] = again


def _outcome(record: Record) -> str:
    """``same``, ``shared`` or ``fresh``."""
    module = sys.modules.get(record.name)
    if records.is_alive(record.module) and module is not None and id(module) == record.module[0]:
        return "same"
    namespace = getattr(module, "__dict__", {})
    now = {key: records.identify(namespace[key]) for key in record.values if key in namespace}
    shared = [key for key, identity in now.items() if identity == record.values[key]]
    return "shared" if shared and len(shared) == len(now) else "fresh"


def _calls() -> dict[str, int]:
    """How often the definitions of each library were given to the interpreter so far."""
    calls: dict[str, int] = {}
    for entry in json.loads(_audit.core().inits()):
        calls[entry["library"]] = calls.get(entry["library"], 0) + entry["calls"]
    return calls
