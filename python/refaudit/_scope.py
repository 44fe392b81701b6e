"""Which findings belong to the modules that are to blame."""

from __future__ import annotations

import sys
from typing import Any

#: Rules about references that were taken and not given back, or the other way round.
_REFERENCES = ("RA101", "RA103", "RA201")
#: Endings of extension modules; `importlib.machinery` has more of them, which all end so.
_ENDINGS = (".so", ".pyd")


def names_of(scope: Any) -> list[str]:
    """Names of modules or distributions: of one name, of a collection of them, or of nothing."""
    if not scope:
        return []
    return [scope] if isinstance(scope, str) else [str(name) for name in scope]


def in_scope(finding: dict[str, Any], scope: Any) -> bool:
    """Whether a finding is about one of the modules or distributions in ``scope``.

    Either a frame of such a module is blamed, or the object is of one of its types. Where neither
    tells, as of a string or an instance of a Python class to which a reference was taken, the finding
    is in scope unless it was born in another extension.
    """
    names = names_of(scope)
    if not names or finding.get("site"):
        return True
    modules = {name.replace("-", "_") for name in names}
    type_name = finding["type_name"]
    if finding["kind"] == "type-reference":
        type_name = finding["object_label"].partition("'")[2].partition("'")[0] or type_name
    if "." in type_name:
        if any(type_name == module or type_name.startswith(module + ".") for module in modules):
            return True
        # Python code takes no reference too many: a module in scope did, if there is one.
        if (
            finding["rule"] not in _REFERENCES
            or _is_of_extension(type_name)
            or not _are_loaded(modules)
        ):
            return False
    return not _is_born_elsewhere(finding)


def _is_of_extension(type_name: str) -> bool:
    """Whether an extension module has made the type, one that is built into the interpreter included."""
    module = type_name.rpartition(".")[0]
    while module and module not in sys.modules:
        module = module.rpartition(".")[0]
    path = getattr(sys.modules.get(module), "__file__", None)
    return module in sys.builtin_module_names or (isinstance(path, str) and path.endswith(_ENDINGS))


def _are_loaded(modules: set[str]) -> bool:
    """Whether one of these modules, or one inside of it, has been imported."""
    return any(name.partition(".")[0] in modules or name in modules for name in list(sys.modules))


def _is_born_elsewhere(finding: dict[str, Any]) -> bool:
    """Whether every stack of birth leads through an extension: none of them is in scope."""
    traces = finding.get("traces") or []
    return bool(traces) and all(
        any(frame["origin"] == "extension" for frame in trace["frames"]) for trace in traces
    )
