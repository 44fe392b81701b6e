"""The pytest plugin: options, markers, the `refaudit` fixture, and nothing that costs anything.

What audits is in `refaudit._pytest`, and is imported when `--refaudit` or a marker asks for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from refaudit._pytest.fixture import BoundAudit

_MARKERS = (
    "refaudit(warmup=, runs=, scope=, ignore=, repeat=True): audit this test for leaks, with or "
    "without --refaudit; repeat=False says that it must not be run a second time",
    "no_refaudit(reason): never audit this test for leaks",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options and ini keys."""
    from refaudit._pytest.options import declare

    declare(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Read the settings; on an xdist controller, collect what the workers find."""
    for line in _MARKERS:
        config.addinivalue_line("markers", line)
    from refaudit._pytest.options import SETTINGS, read

    config.stash[SETTINGS] = read(config)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(
    session: pytest.Session, config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Add the tests of modules, for ``-k`` and all that comes after to see them as well."""
    from refaudit._pytest.options import SETTINGS

    if config.stash[SETTINGS].modules:
        from refaudit._pytest import modules

        items += modules.items(session, config.stash[SETTINGS].modules)


@pytest.hookimpl(trylast=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    """Start the audit when anything is to be audited; in every other process, do nothing."""
    config = session.config
    from refaudit._pytest.options import SETTINGS

    if config.option.collectonly:
        return
    if config.stash[SETTINGS].enabled or any(
        item.get_closest_marker("refaudit") for item in session.items
    ):
        from refaudit._pytest.start import start

        start(session)
    elif not hasattr(config, "workerinput"):
        option = config.option
        for name, wanted in (
            ("report", option.refaudit_report),
            ("update-baseline", option.refaudit_update_baseline),
        ):
            if wanted:
                raise pytest.UsageError(
                    f"refaudit: --refaudit-{name} has nothing to report; "
                    "add --refaudit, or mark a test with @pytest.mark.refaudit"
                )


@pytest.hookimpl(trylast=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """On an xdist controller, get ready to merge what the workers report."""
    if session.config.pluginmanager.hasplugin("dsession"):
        from refaudit._pytest.xdist import Controller

        session.config.pluginmanager.register(Controller(session), "refaudit-controller")


@pytest.fixture
def refaudit(request: pytest.FixtureRequest) -> BoundAudit:
    """Audit a part of a test: `check`, `assert_no_leaks` and `track`, with the test's settings."""
    from refaudit._pytest.fixture import BoundAudit

    return BoundAudit.of(request)
