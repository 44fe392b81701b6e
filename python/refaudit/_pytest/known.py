"""What a pytest session knows before it begins: its baseline and its suppressions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from refaudit._pytest.options import SETTINGS
from refaudit.config import ConfigError

if TYPE_CHECKING:
    from refaudit._known.knowledge import Knowledge


def of_process(config: pytest.Config) -> Knowledge | None:
    """For a process that runs tests: of an xdist worker, what its controller read."""
    if hasattr(config, "workerinput"):
        from refaudit._known.knowledge import Knowledge

        text = config.workerinput.get("refaudit")
        return None if text is None else Knowledge.from_text(text)
    return _read(config)


def of_controller(config: pytest.Config) -> Knowledge | None:
    """For a process that only merges. Without any audit in sight, nothing that is wrong matters.

    Whether a test bears a marker only the workers know.
    """
    try:
        return _read(config)
    except pytest.UsageError:
        if config.stash[SETTINGS].enabled:
            raise
        return None


def _read(config: pytest.Config) -> Knowledge | None:
    settings = config.stash[SETTINGS]
    if not (
        settings.baseline or settings.suppressions or settings.ignore or settings.update_baseline
    ):
        return None
    from refaudit._known.baseline import DEFAULT_NAME
    from refaudit._known.knowledge import Knowledge

    try:
        return Knowledge.read(
            settings.baseline
            or (str(config.rootpath / DEFAULT_NAME) if settings.update_baseline else ""),
            settings.suppressions,
            settings.ignore,
            settings.update_baseline,
        )
    except ConfigError as error:
        raise pytest.UsageError(f"refaudit: {error}") from None
