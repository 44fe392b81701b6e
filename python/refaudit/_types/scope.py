"""Which types a package's extension modules define."""

from __future__ import annotations

import importlib
import json
import os
import sys
from collections.abc import Iterator
from importlib.machinery import EXTENSION_SUFFIXES
from typing import Any

from refaudit import _audit
from refaudit._types.watch import Watch

#: Extension modules below a package that are imported at most.
_MOST_MODULES = 200


class _Sample:
    """Any class that a ``class`` statement makes."""


def import_all(name: str, watch: Watch) -> list[str]:
    """Import a module, and every extension module in the folders of a package; notes on failures."""
    notes = []
    with watch.phase("", "import", f"importing {name}", {}):
        importlib.import_module(name)
    for module in list(_extensions_below(name))[:_MOST_MODULES]:
        if module in sys.modules:
            continue
        if not watch.may(module, "import"):
            notes.append(f"{module} was left out: a process died while importing it")
            continue
        with watch.phase(module, "import", f"importing {module}", {}):
            try:
                importlib.import_module(module)
            except BaseException as error:
                notes.append(f"{module} could not be imported: {type(error).__name__}: {error}")
    return notes


def _folders(name: str) -> list[str]:
    module = sys.modules[name]
    return [os.path.realpath(folder) for folder in getattr(module, "__path__", ())]


def _extensions_below(name: str) -> Iterator[str]:
    for top in _folders(name):
        for folder, inner, files in os.walk(top):
            inner[:] = sorted(i for i in inner if i.isidentifier() and i not in ("tests", "test"))
            parts = os.path.relpath(folder, top).split(os.sep) if folder != top else []
            for file in sorted(files):
                stem = next((file[: -len(s)] for s in EXTENSION_SUFFIXES if file.endswith(s)), "")
                if stem.isidentifier():
                    yield ".".join([name, *parts, stem])


def types_of(name: str) -> list[tuple[type, dict[str, Any]]]:
    """Every type that a library of the module or package defines, with its facts, in order of name.

    Classes that a ``class`` statement made are none of them: their protocol is the interpreter's.
    """
    files, folders = _libraries(name), _folders(name)
    found = []
    for kind in _all_types():
        facts = json.loads(_audit.core().type_facts(kind, _Sample))
        facts["library"] = facts["library"] or _file_of_module(kind)
        library = os.path.realpath(facts["library"]) if facts["library"] else ""
        below = any(library.startswith(folder + os.sep) for folder in folders)
        if library and not facts["made_by_type"] and (library in files or below):
            found.append((kind, facts))
    found.sort(key=lambda pair: pair[1]["name"])
    return found


def _file_of_module(kind: type) -> str:
    """Where a type may come from that has no function of its own."""
    module = type.__dict__["__dict__"].__get__(kind).get("__module__")
    file = getattr(sys.modules.get(module), "__file__", None) if isinstance(module, str) else None
    return file if isinstance(file, str) and file.endswith(tuple(EXTENSION_SUFFIXES)) else ""


def _libraries(name: str) -> set[str]:
    """The files of the module, or of all modules of the package. mypyc puts a library beside it."""
    own = [
        key
        for key in list(sys.modules)
        if key == name or key.startswith(name + ".") or key.endswith("__mypyc")
    ]
    files = (getattr(sys.modules[key], "__file__", None) for key in own)
    return {os.path.realpath(file) for file in files if isinstance(file, str)}


def _all_types() -> list[type]:
    seen: dict[int, type] = {}
    pending: list[type] = [object]
    while pending:
        kind = pending.pop()
        if id(kind) not in seen:
            seen[id(kind)] = kind
            pending += type.__subclasses__(kind)
    return list(seen.values())
