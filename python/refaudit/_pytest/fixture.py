"""The object behind the `refaudit` fixture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from refaudit._pytest.options import SETTINGS
from refaudit._pytest.settings import TestSettings

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    import pytest

    import refaudit


class BoundAudit:
    """`refaudit.check` and its kin, with the settings of the test that asked for the fixture."""

    def __init__(self, subject: str, settings: TestSettings) -> None:
        self._subject = subject
        self._settings = settings

    @classmethod
    def of(cls, request: pytest.FixtureRequest) -> BoundAudit:
        """The object for the test that `request` is about."""
        settings = TestSettings.of(request.node, request.config.stash[SETTINGS])
        return cls(request.node.nodeid, settings)

    def check(self, func: Callable[..., Any], *args: Any, **kwargs: Any) -> refaudit.Report:
        """`refaudit.check(func, *args, ...)`: gives the report, never raises for a leak."""
        import refaudit

        return refaudit.check(func, *args, **self._bound(kwargs))

    def assert_no_leaks(self, func: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
        """`refaudit.assert_no_leaks(func, *args, ...)`: raises `LeakError` for a leak."""
        import refaudit

        refaudit.assert_no_leaks(func, *args, **self._bound(kwargs))

    def cycles(self, func: Callable[..., Any], *args: Any, **kwargs: Any) -> refaudit.Cycles:
        """`refaudit.cycles(func, *args, ...)`: the reference cycles that the calls leave behind."""
        import refaudit

        return refaudit.cycles(func, *args, **self._scoped(kwargs))

    def assert_no_cycles(self, func: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
        """`refaudit.assert_no_cycles(func, *args, ...)`: raises `LeakError` for a cycle."""
        import refaudit

        refaudit.assert_no_cycles(func, *args, **self._scoped(kwargs))

    def track(self, **kwargs: Any) -> AbstractContextManager[Any]:
        """`refaudit.track()` that fails the test for what its block leaves behind."""
        import refaudit

        kwargs.setdefault("subject", self._subject)
        kwargs.setdefault("fail", True)
        audit: AbstractContextManager[Any] = refaudit.track(**kwargs)
        return audit

    def _bound(self, kwargs: dict[str, Any]) -> dict[str, Any]:
        settings = self._settings
        kwargs.setdefault("warmup", settings.warmup)
        kwargs.setdefault("runs", settings.runs)
        kwargs.setdefault("explain", settings.explain)
        return self._scoped(kwargs)

    def _scoped(self, kwargs: dict[str, Any]) -> dict[str, Any]:
        kwargs.setdefault("scope", list(self._settings.scope) or None)
        return kwargs
