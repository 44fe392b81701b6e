"""What a module made, by address and order of birth; nothing of it is kept alive."""

from __future__ import annotations

import gc
import sys
import types
from dataclasses import dataclass, field
from typing import Any

from refaudit import _audit

#: Address, and number of birth of the block there: re-used memory has another number.
Identity = tuple[int, int]

_HEAP_TYPE = 1 << 9  # Py_TPFLAGS_HEAPTYPE


@dataclass
class Record:
    """One module as it was right after its import."""

    name: str
    file: str
    module: Identity
    namespace: Identity | None = None
    #: Qualified name to identity.
    types: dict[str, Identity] = field(default_factory=dict)
    functions: dict[str, Identity] = field(default_factory=dict)
    #: Values of its dict that were born in its import.
    values: dict[str, Identity] = field(default_factory=dict)


def identify(thing: Any) -> Identity:
    """Address and number of birth of an object."""
    address, serial = _audit.core().identify(thing)
    return int(address), int(serial)


def is_alive(identity: Identity) -> bool | None:
    """Whether that very object is still there; `None` when its birth was not seen."""
    return bool(_audit.core().is_alive(*identity)) if identity[1] else None


def now() -> int:
    """Number of birth of an object made now."""
    return identify([])[1]


def record(name: str, file: str, since: int) -> Record:
    """Write down what the imported module `name` made since a number of birth."""
    module: Any = sys.modules[name]
    made = Record(name, file, identify(module))
    if not isinstance(module, types.ModuleType):
        return made
    namespace = module.__dict__
    made.namespace = identify(namespace)
    for name_there, value in namespace.items():
        identity, key = identify(value), _copy(name_there)
        if identity[1] <= since or isinstance(value, (str, int, float, types.ModuleType)):
            continue
        if not key.startswith("__"):
            # `__spec__` and its like are the import system's, and new each time.
            made.values[key] = identity
        if _is_heap_type(value):
            if _home(value) in (name, name.rpartition(".")[2], None):
                made.types[key] = identity
        elif _is_native_function(value) and _belongs(value, module, name):
            made.functions[key] = identity
    return made


def add_hidden_types(records: list[Record], since: int) -> None:
    """Add heap types that a module made and does not show in its dict."""
    by_name = {record.name: record for record in records}
    known = {identity[0] for record in records for identity in record.types.values()}
    for thing in gc.get_objects():
        if id(thing) in known or not _is_heap_type(thing):
            continue
        owner = by_name.get(_home(thing) or "")
        if owner is not None:
            identity = identify(thing)
            if identity[1] > since:
                owner.types[_copy(thing.__qualname__)] = identity


def _copy(text: str) -> str:
    """The same text in a string of our own, so that the module's is not kept alive."""
    return text.encode("utf-8", "replace").decode()


def _is_heap_type(value: Any) -> bool:
    return _is_type(value) and bool(type.__dict__["__flags__"].__get__(value) & _HEAP_TYPE)


def _is_type(value: Any) -> bool:
    # Not `isinstance`, which believes `__class__`: up to 3.10, `list[int]` says that it is a type.
    return issubclass(type(value), type)


def _is_native_function(value: Any) -> bool:
    return callable(value) and not isinstance(value, types.FunctionType)


def _home(kind: type) -> str | None:
    home = type.__dict__["__dict__"].__get__(kind).get("__module__")
    return home if isinstance(home, str) else None


def _belongs(value: Any, module: types.ModuleType, name: str) -> bool:
    if getattr(value, "__self__", None) is module:
        return True
    return getattr(value, "__module__", None) in (name, name.rpartition(".")[2])
