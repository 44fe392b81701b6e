"""Which findings a test's settings let through."""

from __future__ import annotations

import sys
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from refaudit._scope import in_scope

if TYPE_CHECKING:
    from refaudit._pytest.settings import TestSettings


def relevant(finding: dict[str, Any], settings: TestSettings) -> bool:
    """Whether `finding` is in scope, not ignored, and not pytest's own doing."""
    module = finding["type_name"].rpartition(".")[0]
    if module.partition(".")[0] in ("_pytest", "pytest", "pluggy"):
        return False
    if _is_of_the_tracer(finding):
        return False
    if not in_scope(finding, settings.scope):
        return False
    names = [finding[key] for key in ("rule", "rule_name", "type_name", "fingerprint")]
    return not any(fnmatchcase(name, mask) for name in names for mask in settings.ignore)


def _is_of_the_tracer(finding: dict[str, Any]) -> bool:
    """Whether coverage's C tracer did it: on 3.10 it leaks two references to None for each frame.

    Plain Python shows it too (``sys.getrefcount(None)`` grows by two a call), but it is not the
    doing of any test.
    """
    traced = type(sys.gettrace()).__module__.partition(".")[0] == "coverage"
    return traced and (finding["rule"], finding["type_name"]) == ("RA101", "NoneType")
