"""What is done to a module in whatever interpreter it is imported in.

`subinterpreters` runs the text of this file there: it uses nothing but what every interpreter has.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

#: `Py_TPFLAGS_HEAPTYPE`. Source: CPython 3.12 `Include/object.h`.
_HEAP_TYPE = 1 << 9
#: Less than any reference count of an immortal object. Source: `Include/refcount.h` of 3.14 and
#: `Include/object.h` of 3.12, `_Py_IMMORTAL_REFCNT`.
_IMMORTAL = 1 << 28
#: Entries of a container that are looked at.
_ENTRIES = 1000
#: Numbers, texts and modules: made for sharing, or each interpreter's own by the import system.
_PLAIN = (str, bytes, int, float, complex, type(None), type(...), type(sys))
_IMPORT_SYSTEM = ("__builtins__", "__loader__", "__spec__")


def contents(module: Any) -> dict[str, int]:
    """Addresses of the objects in a module, and of those in its lists, tuples and dicts, by name.

    Only mortal objects that are the module's own, and neither plain values nor static types.
    """
    found = {}
    for name, value in list(module.__dict__.items()):
        if name in _IMPORT_SYSTEM:
            continue
        for label, entry in ((name, value), *_entries(name, value)):
            if _is_mortal(entry) and _is_own(entry, module.__name__):
                found[label] = id(entry)
    return found


def _entries(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    if type(value) is dict:
        for key, entry in list(value.items())[:_ENTRIES]:
            if isinstance(key, (str, int)):
                yield f"{name}[{key!r}]", entry
    elif type(value) in (list, tuple):
        for index, entry in enumerate(value[:_ENTRIES]):
            yield f"{name}[{index}]", entry


def _is_mortal(value: Any) -> bool:
    if isinstance(value, _PLAIN) or (isinstance(value, (tuple, frozenset)) and not value):
        return False
    if isinstance(value, type) and not value.__flags__ & _HEAP_TYPE:
        return False
    return sys.getrefcount(value) < _IMMORTAL


def _is_own(value: Any, module: str) -> bool:
    """Whether a value is not one of the standard library, which looks after itself."""
    try:
        owner = value.__module__
    except Exception:
        return True
    top = owner.partition(".")[0] if isinstance(owner, str) else ""
    return top == module.partition(".")[0] or top not in sys.stdlib_module_names


def use(module: Any) -> None:
    """Touch every attribute."""
    for name in dir(module):
        try:
            getattr(module, name)
        except Exception:
            continue


def answer(
    path: list[str], dependencies: list[str], name: str, members: list[str], descriptor: int
) -> None:
    """Import ``name`` (nothing if empty) and write down what that gave."""
    import marshal
    import os

    sys.path[:] = path
    for dependency in dependencies:
        try:
            __import__(dependency)
        except Exception:
            continue
    said: dict[str, Any] = {"outcome": "loads", "detail": "", "contents": {}}
    try:
        if name:
            __import__(name)
            for member in members:
                if member in sys.modules:
                    use(sys.modules[member])
                    said["contents"][member] = contents(sys.modules[member])
    except BaseException as error:
        refused = isinstance(error, ImportError) and not isinstance(error, ModuleNotFoundError)
        said["outcome"] = "refused" if refused else "failed"
        said["detail"] = f"{type(error).__name__}: {error}"
    data = marshal.dumps(said)
    while data:
        data = data[os.write(descriptor, data) :]
