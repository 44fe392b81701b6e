"""Step ``survey``: imports the module as a program would, and says what it is and what it loads.

No hooks and no core of refaudit: what this step measures is the plain import.
"""

from __future__ import annotations

import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

Module = type(sys)


def run(request: dict[str, Any], tell: Callable[..., None]) -> dict[str, Any]:
    """Import ``request["name"]``.

    Gives ``subject`` (what the name is), ``file``, ``members`` (name and file of the extension
    modules to audit, the one asked for first), ``dependencies`` (modules outside of the package,
    in order of import), ``milliseconds``, ``present`` (it was there before: the interpreter needs
    it at start) and ``notes``. Raises what the import raises.
    """
    name, package = request["name"], request["package"]
    before = set(sys.modules)
    tell(f"importing {name}")
    start = time.perf_counter()
    __import__(name)
    milliseconds = (time.perf_counter() - start) * 1000
    tell(f"looking at {name}")
    new = [key for key in list(sys.modules) if key not in before]
    found = _described(name, package, [*new, *(key for key in before if _within(key, package))])
    found["milliseconds"] = milliseconds
    found["present"] = name in before
    found["dependencies"] = [key for key in new if not _within(key, package) and _spec(key)]
    found["notes"] += _notes(found)
    return found


def _described(name: str, package: str, names: list[str]) -> dict[str, Any]:
    """Subject, file, members and notes, from what is in `sys.modules` now."""
    own = [key for key in names if _within(key, package) and key != name and _is_extension(key)]
    members = [{"name": key, "file": _file(key)} for key in sorted(own)]
    found: dict[str, Any] = {"file": _file(name), "members": members, "notes": []}
    module = sys.modules.get(name)
    if not isinstance(module, Module):
        found["subject"] = "not-a-module"
        kind = (
            "nothing" if name not in sys.modules else f"an object of type {type(module).__name__}"
        )
        found["notes"].append(f"importing {name} leaves {kind} in sys.modules")
        return found
    found["subject"] = _subject(name)
    if found["subject"] in ("extension", "builtin"):
        # A package may itself be an extension: then the others are its own.
        others = members if hasattr(module, "__path__") else []
        found["members"] = [{"name": name, "file": _file(name)}, *others]
    elif members:
        found["subject"] = "package"
    return found


def _subject(name: str) -> str:
    """What a module is by its loader, which tells more than its attributes."""
    loaders = {cls.__name__ for cls in _classes(getattr(_spec(name), "loader", None))}
    if "BuiltinImporter" in loaders:
        return "builtin"
    if "FrozenImporter" in loaders:
        return "frozen"
    if _is_extension(name):
        return "extension"
    if loaders & {"NamespaceLoader", "_NamespaceLoader"}:
        return "namespace-package"
    return "python"


def _classes(loader: Any) -> tuple[type, ...]:
    """A loader is a class for builtins, an instance otherwise."""
    return (loader if isinstance(loader, type) else type(loader)).__mro__


def _is_extension(name: str) -> bool:
    """Whether a shared library was loaded under this very name: an alias of another is none."""
    spec = _spec(name)
    if spec is None or getattr(spec, "name", name) != name:
        return False
    loaders = {cls.__name__ for cls in _classes(getattr(spec, "loader", None))}
    return "ExtensionFileLoader" in loaders or _file(name).endswith(_suffixes())


def _suffixes() -> tuple[str, ...]:
    from importlib.machinery import EXTENSION_SUFFIXES  # only now: it is no part of the import

    return tuple(EXTENSION_SUFFIXES)


def _spec(name: str) -> Any:
    """``__spec__`` of a module, without running its ``__getattr__``."""
    module = sys.modules.get(name)
    return module.__dict__.get("__spec__") if isinstance(module, Module) else None


def _file(name: str) -> str:
    """Path of a module's file; empty for a builtin."""
    module = sys.modules.get(name)
    if not isinstance(module, Module):
        return ""
    spec = _spec(name)
    origin = getattr(spec, "origin", None) if getattr(spec, "has_location", False) else None
    path = origin or module.__dict__.get("__file__")
    return path if isinstance(path, str) else ""


def _within(name: object, package: str) -> bool:
    return isinstance(name, str) and (name == package or name.startswith(package + "."))


def _notes(found: dict[str, Any]) -> list[str]:
    """What else is to know about the subject."""
    notes = []
    if found["present"]:
        notes.append("the interpreter itself imports it at start, before anything can look")
    if not found["members"]:
        libraries = [key for key in found["dependencies"] if _is_extension(key)]
        strangers = [key for key in libraries if key.partition(".")[0] not in _standard()]
        if strangers:
            notes.append(
                f"it loads extension modules of other packages, which can be audited by name:"
                f" {', '.join(strangers[:10])}"
            )
    return notes


def _standard() -> frozenset[str]:
    return sys.stdlib_module_names
