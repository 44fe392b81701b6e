"""refaudit: names what a CPython extension module does not give back.

>>> import refaudit
>>> report = refaudit.check(lambda: [].append(1))
>>> report.ok
True
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from refaudit._audit import VERSION as __version__
    from refaudit._audit import set_memory_budget, set_stack_depth
    from refaudit._check import check
    from refaudit._cycles import Cycle, Cycles, assert_no_cycles, cycles
    from refaudit._model import (
        Edge,
        Event,
        LiveObject,
        ModelHeap,
        WhatIf,
        live_objects,
        total_refcount,
    )
    from refaudit._modules.audit import assert_unloads, audit_module
    from refaudit._modules.module_audit import ModuleAudit
    from refaudit._report import Finding, Report
    from refaudit._snapshot import Snapshot, Statistic, snapshot
    from refaudit._trace import trace_refs
    from refaudit._track import track
    from refaudit._types.audit import audit_types
    from refaudit._types.types_audit import TypesAudit
    from refaudit.errors import (
        DocumentError,
        InvalidAudit,
        LeakError,
        ModuleKept,
        NestedAudit,
        RefauditError,
        UnsupportedInterpreter,
    )

__all__ = [
    "Cycle",
    "Cycles",
    "DocumentError",
    "Edge",
    "Event",
    "Finding",
    "InvalidAudit",
    "LeakError",
    "LiveObject",
    "ModelHeap",
    "ModuleAudit",
    "ModuleKept",
    "NestedAudit",
    "RefauditError",
    "Report",
    "Snapshot",
    "Statistic",
    "TypesAudit",
    "UnsupportedInterpreter",
    "WhatIf",
    "__version__",
    "assert_no_cycles",
    "assert_no_leaks",
    "assert_unloads",
    "audit_module",
    "audit_types",
    "check",
    "cycles",
    "live_objects",
    "set_memory_budget",
    "set_stack_depth",
    "snapshot",
    "total_refcount",
    "trace_refs",
    "track",
]

#: Where each name is. Imported when it is first used: the child processes of a module audit are
#: to have nothing in them that the audited module might need as well.
_PLACES = {
    "__version__": "_audit",
    "check": "_check",
    "set_memory_budget": "_audit",
    "set_stack_depth": "_audit",
    "Edge": "_model",
    "Event": "_model",
    "LiveObject": "_model",
    "ModelHeap": "_model",
    "WhatIf": "_model",
    "live_objects": "_model",
    "total_refcount": "_model",
    "Cycle": "_cycles",
    "Cycles": "_cycles",
    "assert_no_cycles": "_cycles",
    "cycles": "_cycles",
    "ModuleAudit": "_modules.module_audit",
    "assert_unloads": "_modules.audit",
    "audit_module": "_modules.audit",
    "Finding": "_report",
    "Report": "_report",
    "Snapshot": "_snapshot",
    "Statistic": "_snapshot",
    "snapshot": "_snapshot",
    "trace_refs": "_trace",
    "track": "_track",
    "TypesAudit": "_types.types_audit",
    "audit_types": "_types.audit",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    module = import_module(f"{__name__}.{_PLACES.get(name, 'errors')}")
    value = getattr(module, "VERSION" if name == "__version__" else name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def assert_no_leaks(func: Callable[..., Any], *args: Any, **kwargs: Any) -> Report:
    """`check`, and raise `LeakError` unless nothing leaks; return the report otherwise.

    Raises `InvalidAudit` when the audit cannot be trusted.
    """
    from refaudit._check import check
    from refaudit.errors import InvalidAudit, LeakError

    report = check(func, *args, **kwargs)
    if report.document["outcome"] == "invalid":
        raise InvalidAudit(report.trust["reason"])
    if not report.ok:
        raise LeakError(report)
    return report
