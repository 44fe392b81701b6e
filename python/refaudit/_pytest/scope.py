"""Which findings a test's settings let through."""

from __future__ import annotations

import sys
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from refaudit._known.caches import entry_of
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
    """Whether coverage's C tracer did it, on a version where it is known to: no test is to blame."""
    traced = type(sys.gettrace()).__module__.partition(".")[0] == "coverage"
    return traced and entry_of(finding, "coverage") is not None
