"""Step ``types``: asks every type of a package's extension modules how it keeps the collector's protocol.

The collector is off: it would call every ``tp_traverse`` in one go, and nobody would know which one
did not come back.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from refaudit import _audit
from refaudit._types.scope import import_all, types_of
from refaudit._types.study import Study
from refaudit._types.watch import Watch


def run(request: dict[str, Any], tell: Callable[..., None]) -> dict[str, Any]:
    """Study the types that are not in ``request["done"]``. A part ``type KEY`` for each, ``notes``."""
    tell("starting the hooks")
    gc.disable()
    # As long as it lives, births are recorded; nothing is measured.
    recording = _audit.Measurement(request["name"])
    # What is built into the interpreter is alive at a known place, unless no place can be looked at.
    _audit.core().known_object(id(None))
    watch = Watch(tell, request)
    notes = import_all(request["name"], watch)
    tell("listing the types", {"at": None, "imported": True, "notes": notes})
    namespace = {request["package"]: __import__(request["package"])}
    _make_lazy_types(request["factories"], namespace, watch)
    for key, kind, facts in _keyed(types_of(request["name"])):
        if key not in request["done"]:
            Study(key, kind, facts, watch, request, namespace).run()
    del recording
    return {"complete": True}


def _make_lazy_types(factories: dict[str, str], namespace: dict[str, Any], watch: Watch) -> None:
    """Make one instance with each factory: some types come into being with their first instance."""
    for key, expression in factories.items():
        if watch.may(key, "make"):
            with watch.phase(key, "make", f"making an instance of {key}", {}), suppress(Exception):
                eval(expression, dict(namespace))


def _keyed(found: list[tuple[type, dict[str, Any]]]) -> list[tuple[str, type, dict[str, Any]]]:
    """Types of one name are numbered."""
    seen: dict[str, int] = {}
    keyed = []
    for kind, facts in found:
        number = seen[facts["name"]] = seen.get(facts["name"], 0) + 1
        keyed.append((facts["name"] if number == 1 else f"{facts['name']}#{number}", kind, facts))
    return keyed
