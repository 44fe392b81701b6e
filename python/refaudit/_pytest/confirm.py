"""From suspicion to finding: a suspected test is run again, and the innocent ones drop out.

First all suspects together, which clears those that only filled a cache. When an older object
gained a reference, which bears no test's stamp, they are then looked at one by one. What is left
is measured on its own, run by run.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from refaudit._pytest.protocol import let_go
from refaudit._pytest.scope import relevant

if TYPE_CHECKING:
    from refaudit._audit import Measurement
    from refaudit._pytest.batch import Batch, Watched
    from refaudit._pytest.session import AuditSession


def confirm(session: AuditSession, batch: Batch, suspected: list[Watched]) -> None:
    """Give each suspected test of `batch` its findings, if any."""
    repeatable = []
    for test in suspected:
        if test.settings.repeat:
            repeatable.append(test)
        else:  # it is alone in its batch
            found = batch.measurement.findings(subject=test.item.nodeid)
            test.dominators = batch.measurement.dominators()
            test.findings = _doubtful(_relevant(found, test), "the test must not be repeated")
    if repeatable:
        # Twice, for a table that happens to grow in one of them would cost a whole measurement.
        for test in _screen(session, batch, _screen(session, batch, repeatable)):
            _measure(session, test, batch.measurement)


def _screen(session: AuditSession, batch: Batch, tests: list[Watched]) -> list[Watched]:
    """Those of `tests` that leave something behind when they run again."""
    if not tests:
        return tests
    measurement, changed = begin("pytest", batch.measurement, session.settings.scope), set()
    for turn in (tests[:0], tests):  # the baseline is taken on the same line as the observation
        for test in turn:
            if session.repeat(test.item, measurement) != test.outcome:
                changed.add(test)
        if turn:
            # Once more, unwatched: what only keeps the last value keeps this one now.
            session.repeat(tests[-1].item, None)
        let_go(session.pytest.config)
        measurement.observe(quick=True)
    if measurement.gained():
        kept = _narrow(session, tests, measurement) if len(tests) > 1 else tests
    else:
        runs = set(measurement.survivor_runs())
        kept = [test for run, test in enumerate(tests) if run in runs]
    for test in changed.difference(kept):
        session.record.note(
            f"{test.item.nodeid} is not cleared: it ended in another way when it was repeated"
        )
    return kept


def _narrow(session: AuditSession, tests: list[Watched], last: Measurement) -> list[Watched]:
    """Those of `tests` during which something is gained or survives, measured one by one.

    The end of one measurement is the baseline of the next.
    """
    kept = []
    for turn in (None, *tests):
        measurement = begin("pytest", last, session.settings.scope)
        if turn is not None:
            session.repeat(turn.item, measurement)
        let_go(session.pytest.config)
        measurement.observe(quick=True)
        if turn is not None and (measurement.gained() or measurement.survivor_runs()):
            kept.append(turn)
        last = measurement
    return kept


def _measure(session: AuditSession, test: Watched, last: Measurement) -> None:
    """Run `test` as often as its settings say, with an observation after each run."""
    settings, name = test.settings, test.item.nodeid
    for _ in range(settings.warmup):
        session.repeat(test.item, None)
    measurement = begin(name, last, settings.scope)
    same = _observed(session, test, measurement)
    test.warmup, test.runs = settings.warmup, settings.runs
    found = _relevant(measurement.findings(subject=name), test)
    test.dominators = measurement.dominators()
    if same:
        found = _lasting(session, test, measurement, found)
    if settings.explain:
        _explain(session, test, measurement, found)
    reason = "its repetitions did not all end the same way"
    test.findings = found if same else _doubtful(found, reason)


def _observed(session: AuditSession, test: Watched, measurement: Measurement) -> bool:
    """Observe once before the runs of `test`, then after each; whether all ended as the first did."""
    same = True
    for run in range(test.settings.runs + 1):
        if run:
            same &= session.repeat(test.item, measurement) == test.outcome
        let_go(session.pytest.config)
        measurement.observe()
    return same


def _explain(
    session: AuditSession, test: Watched, measurement: Measurement, found: list[dict[str, Any]]
) -> None:
    """Give what was found its ledger: the runs once more, with a watch."""
    from refaudit._audit import Measurement
    from refaudit._explain import explain

    name, scope = test.item.nodeid, test.settings.scope

    def again(second: Measurement) -> None:
        second.begin(reuse=measurement)
        _observed(session, test, second)

    explain(found, measurement, lambda: Measurement(name, scope), again)


def _lasting(
    session: AuditSession, test: Watched, measurement: Measurement, found: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """`found` without bounded caches: the test goes on, for a while, until they would be full."""
    from refaudit._caches import EXTENSION_RUNS, PATIENCE, alive, grows, lasting

    if len(found) == 0 or test.runs < 2 or not grows(found):
        return found
    before, deadline = alive(found, measurement), time.monotonic() + PATIENCE
    for _ in range(EXTENSION_RUNS):
        session.repeat(test.item, measurement)
        if time.monotonic() > deadline:
            break
    let_go(session.pytest.config)
    measurement.observe()
    return lasting(found, before, measurement)


def _relevant(found: list[dict[str, Any]], test: Watched) -> list[dict[str, Any]]:
    return [finding for finding in found if relevant(finding, test.settings)]


def _doubtful(found: list[dict[str, Any]], reason: str) -> list[dict[str, Any]]:
    """The same findings, as far as one run can tell. An over-release needs no second look."""
    for finding in found:
        if finding["verdict"] != "over-released":
            finding["verdict"] = "maybe"
            finding["message"] += f" (maybe: {reason})"
    return found


def begin(
    subject: str, last: Measurement | None = None, scope: tuple[str, ...] = ()
) -> Measurement:
    """A measurement with its baseline taken: a snapshot, or where `last` ended."""
    from refaudit._audit import Measurement

    measurement = Measurement(subject, scope)
    if last is None:
        measurement.begin()
    else:
        measurement.begin(reuse=last)
    return measurement
