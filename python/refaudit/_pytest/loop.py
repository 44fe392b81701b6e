"""The loop over the tests, with a step of ours between two of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pytest

    from refaudit._pytest.session import AuditSession


def run_all(session: pytest.Session, audit: AuditSession) -> None:
    """Run the tests of `session` one after the other."""
    items = session.items
    audit.upcoming = items[0] if items else None
    audit.between()
    try:
        for index, item in enumerate(items):
            audit.upcoming = items[index + 1] if index + 1 < len(items) else None
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=audit.upcoming)
            del item
            audit.between()
            if session.shouldfail:
                raise session.Failed(session.shouldfail)
            if session.shouldstop:
                raise session.Interrupted(session.shouldstop)
    except BaseException:
        audit.abandon("the session was interrupted")
        raise


def step_into(worker: Any, session: pytest.Session, audit: AuditSession) -> None:
    """Have an xdist worker take the step after each of its tests."""
    original = worker.run_one_test

    def upcoming() -> pytest.Item | None:
        number = worker.nextitem_index
        return session.items[number] if isinstance(number, int) else None

    def run_one_test() -> None:
        if audit.upcoming is None:
            audit.upcoming = upcoming()
            audit.between()
        try:
            original()
        except BaseException:
            audit.abandon("the session was interrupted")
            raise
        audit.upcoming = upcoming()
        audit.between()

    worker.run_one_test = run_one_test
