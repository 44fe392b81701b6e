"""Which findings a test's settings let through."""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from refaudit._pytest.settings import TestSettings


def relevant(finding: dict[str, Any], settings: TestSettings) -> bool:
    """Whether `finding` is in scope, not ignored, and not pytest's own doing."""
    module = finding["type_name"].rpartition(".")[0]
    if module.partition(".")[0] in ("_pytest", "pytest", "pluggy"):
        return False
    # A leaked str or block carries no module: it is in every scope rather than in none.
    if settings.scope and module and not any(_within(module, name) for name in settings.scope):
        return False
    names = [finding[key] for key in ("rule", "rule_name", "type_name", "fingerprint")]
    return not any(fnmatchcase(name, mask) for name in names for mask in settings.ignore)


def _within(module: str, name: str) -> bool:
    return any(module == top or module.startswith(top + ".") for top in (name, *_modules_of(name)))


@cache
def _modules_of(distribution: str) -> tuple[str, ...]:
    """Top-level modules that a distribution installs; none when there is no such distribution."""
    from importlib.metadata import packages_distributions

    wanted = distribution.replace("-", "_").lower()
    return tuple(
        module
        for module, names in packages_distributions().items()
        if any(name.replace("-", "_").lower() == wanted for name in names)
    )
