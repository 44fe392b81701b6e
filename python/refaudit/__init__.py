"""refaudit: names what a CPython extension module does not give back.

>>> import refaudit
>>> report = refaudit.check(lambda: [].append(1))
>>> report.ok
True
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from refaudit._audit import VERSION as __version__
from refaudit._audit import check, set_stack_depth
from refaudit._report import Finding, Report
from refaudit._snapshot import Snapshot, Statistic, snapshot
from refaudit._track import track
from refaudit.errors import (
    DocumentError,
    InvalidAudit,
    LeakError,
    NestedAudit,
    RefauditError,
    UnsupportedInterpreter,
)

__all__ = [
    "DocumentError",
    "Finding",
    "InvalidAudit",
    "LeakError",
    "NestedAudit",
    "RefauditError",
    "Report",
    "Snapshot",
    "Statistic",
    "UnsupportedInterpreter",
    "__version__",
    "assert_no_leaks",
    "check",
    "set_stack_depth",
    "snapshot",
    "track",
]


def assert_no_leaks(func: Callable[..., Any], *args: Any, **kwargs: Any) -> Report:
    """`check`, and raise `LeakError` unless nothing leaks; return the report otherwise.

    Raises `InvalidAudit` when the audit cannot be trusted.
    """
    report = check(func, *args, **kwargs)
    if report.document["outcome"] == "invalid":
        raise InvalidAudit(report.trust["reason"])
    if not report.ok:
        raise LeakError(report)
    return report
