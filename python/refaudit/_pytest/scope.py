"""Which findings a test's settings let through."""

from __future__ import annotations

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
    if not in_scope(finding, settings.scope):
        return False
    names = [finding[key] for key in ("rule", "rule_name", "type_name", "fingerprint")]
    return not any(fnmatchcase(name, mask) for name in names for mask in settings.ignore)
