"""The destructive proof: with CPython's import caches cleared, does the module go?

Needs no hooks: weak references tell. So it is also where the import is timed undisturbed.
"""

from __future__ import annotations

import gc
import json
import sys
import time
import weakref
from collections.abc import Callable
from typing import Any

from refaudit import _audit
from refaudit._modules.package import Importer, import_beforehand, warm_up_finders


def run(request: dict[str, Any], tell: Callable[[str], None]) -> dict[str, Any]:
    """Import, drop, clear the caches, look. Parts ``confirmed`` and ``own_milliseconds``."""
    if request.get("present"):
        return {}
    core = _audit.core()
    core.watch_inits()
    import_beforehand(request["dependencies"], request["package"], tell)
    warm_up_finders(request["package"])
    importer = Importer(request["name"], request["package"])
    # What refaudit or the interpreter imported of it already is not what is timed and watched here.
    importer.drop()
    tell("importing it")
    began = time.perf_counter()
    importer.load()
    own = (time.perf_counter() - began) * 1000
    watched = {member["name"]: _watch(member["name"]) for member in request["members"]}
    tell("dropping it")
    importer.drop()
    for _ in range(3):
        gc.collect()
    dropped = {name: _is_gone(reference) for name, reference in watched.items()}
    definitions = json.loads(core.inits())
    confirmed = {}
    for member in request["members"]:
        tell(f"clearing the import caches of {member['name']}")
        confirmed[member["name"]] = _clear(core, member, definitions)
    for _ in range(3):
        gc.collect()
    for name, reference in watched.items():
        proof = confirmed[name]
        proof["dropped"] = dropped[name]
        proof["gone"] = _is_gone(reference) if proof.pop("cleared") else None
    return {"confirmed": confirmed, "own_milliseconds": own}


def _watch(name: str) -> Any:
    try:
        return weakref.ref(sys.modules[name])
    except (KeyError, TypeError):
        return None


def _is_gone(reference: Any) -> bool | None:
    return None if reference is None else reference() is None


def _clear(core: Any, member: dict[str, str], definitions: list[dict[str, Any]]) -> dict[str, Any]:
    """Clear what the caches have of every definition in the member's library.

    Without a definition in sight (builtin modules, exported slots) nothing can be cleared, and
    nothing is proven.
    """
    said, failed = [], False
    for definition in definitions:
        if definition["library"] != member["file"]:
            continue
        name = member["name"]
        try:
            said.append(core.forget_import(name, member["file"], definition["def"]))
        except RuntimeError as error:
            said.append(f"could not be cleared: {error}")
            failed = True
    detail = "; ".join(dict.fromkeys(said)) or "its definition was not in sight of the hooks"
    return {"detail": detail, "cleared": bool(said) and not failed}
