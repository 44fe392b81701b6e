"""The start of an audit in a pytest process that runs tests."""

from __future__ import annotations

import pytest

from refaudit._pytest import xdist
from refaudit._pytest.hooks import InnerHooks, OuterHooks
from refaudit._pytest.loop import step_into
from refaudit._pytest.options import SETTINGS
from refaudit._pytest.record import COULD_NOT_AUDIT
from refaudit._pytest.session import AuditSession
from refaudit._pytest.settings import TestSettings

_SHOWING = ("setupshow", "setuponly", "setupplan")


def start(session: pytest.Session) -> None:
    """Install the hooks of the interpreter and those of pytest."""
    config = session.config
    if config.pluginmanager.hasplugin("dsession"):
        return  # the workers do it
    for name in _SHOWING:
        if config.getoption(name, False):
            raise pytest.UsageError(
                f"refaudit runs tests again in silence and cannot do so with --{_dashed(name)}"
            )
    for item in session.items:
        if item.get_closest_marker("refaudit"):
            TestSettings.of(item, config.stash[SETTINGS])  # a bad marker is told before the run
    audit = AuditSession(session, config.stash[SETTINGS])
    if config.getoption("reruns", None):
        audit.record.note("audited tests are not rerun by pytest-rerunfailures when they fail")
    # Registered last, they are called first: also before those of pytest-rerunfailures.
    config.pluginmanager.register(InnerHooks(audit), "refaudit-inner")
    config.pluginmanager.register(OuterHooks(audit), "refaudit-outer")
    running = xdist.worker(config)
    if running is not None:
        step_into(running, session, audit)
    try:
        from refaudit._audit import (
            ensure_installed,
            read_layers,
            set_memory_budget,
            set_stack_depth,
        )

        ensure_installed()
        set_stack_depth(audit.settings.python_frames, audit.settings.native_frames)
        set_memory_budget(audit.settings.memory or None)
        audit.record.layers = read_layers()
    except Exception as error:
        audit.record.invalidate(error)
        if not hasattr(config, "workerinput"):
            pytest.exit(f"refaudit could not audit: {error}", returncode=COULD_NOT_AUDIT)


def _dashed(name: str) -> str:
    return name.replace("setup", "setup-")
