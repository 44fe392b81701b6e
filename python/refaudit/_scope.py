"""Which findings belong to the modules that are to blame."""

from __future__ import annotations

from typing import Any


def in_scope(finding: dict[str, Any], scope: Any) -> bool:
    """Whether a finding is about one of the modules or distributions in ``scope``.

    Objects of builtin types belong to nobody in particular and are always in scope: which
    extension made them is known only with a backtrace.
    """
    if not scope:
        return True
    names = [scope] if isinstance(scope, str) else list(scope)
    modules = {name.replace("-", "_") for name in names}
    type_name = finding["type_name"]
    if finding["kind"] == "type-reference":
        type_name = finding["object_label"].partition("'")[2].partition("'")[0] or type_name
    if "." not in type_name:
        return True
    return any(type_name == module or type_name.startswith(module + ".") for module in modules)
