"""Which findings belong to the modules that are to blame."""

from __future__ import annotations

from typing import Any


def names_of(scope: Any) -> list[str]:
    """Names of modules or distributions: of one name, of a collection of them, or of nothing."""
    if not scope:
        return []
    return [scope] if isinstance(scope, str) else [str(name) for name in scope]


def in_scope(finding: dict[str, Any], scope: Any) -> bool:
    """Whether a finding is about one of the modules or distributions in ``scope``.

    Either a frame of such a module is blamed, or the object is of one of its types. Where neither
    tells, as of a string to which a reference was taken, the finding is in scope unless it was
    born in another extension.
    """
    names = names_of(scope)
    if not names or finding.get("site"):
        return True
    modules = {name.replace("-", "_") for name in names}
    type_name = finding["type_name"]
    if finding["kind"] == "type-reference":
        type_name = finding["object_label"].partition("'")[2].partition("'")[0] or type_name
    if "." in type_name:
        return any(type_name == module or type_name.startswith(module + ".") for module in modules)
    return not _is_born_elsewhere(finding)


def _is_born_elsewhere(finding: dict[str, Any]) -> bool:
    """Whether every stack of birth leads through an extension: none of them is in scope."""
    traces = finding.get("traces") or []
    return bool(traces) and all(
        any(frame["origin"] == "extension" for frame in trace["frames"]) for trace in traces
    )
