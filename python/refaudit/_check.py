"""`check`: an audit of repeated calls."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable
from typing import Any

from refaudit import _explain
from refaudit._audit import (
    Measurement,
    document,
    ensure_installed,
    exclusively,
    outcome,
    read_layers,
    watch_environment,
)
from refaudit._body import Body, name_of, warm_up, windowed
from refaudit._caches import EXTENSION_RUNS, PATIENCE, alive, grows, lasting
from refaudit._report import Report
from refaudit._scope import in_scope


def check(
    func: Callable[..., Any],
    *args: Any,
    warmup: int = 2,
    runs: int = 3,
    scope: Any = None,
    raises: Any = None,
    explain: bool = False,
    **kwargs: Any,
) -> Report:
    """Call ``func`` and report what it does not give back. Never raises for a leak.

    ``func(*args, **kwargs)`` is called ``warmup`` times, then ``runs`` counted times with a
    snapshot after each. When survivors are held by something visible, up to 160 calls more tell
    a bounded cache from growth. With ``raises`` the calls must raise that exception, which audits
    error paths. Any other exception propagates after the audit is finished, with the report in
    its attribute ``refaudit_report``.

    ``scope`` names the modules or distributions to blame (a string or a list of them); findings
    about other modules' types are left out. With ``explain`` the runs are repeated for what was
    found, with a watch on the reference counts: which line took the reference is then in the
    ``ledger`` of a finding.

    Raises `TypeError` when ``func`` is not callable, `ValueError` for impossible counts,
    `NestedAudit`, `UnsupportedInterpreter` and `InvalidAudit`.
    """
    if not callable(func):
        raise TypeError(f"check() needs a callable, not {type(func).__name__}")
    if warmup < 0 or runs < 1:
        raise ValueError("check() needs warmup >= 0 and runs >= 1")
    subject = f"check({name_of(func)})"
    with exclusively():
        run = Body(func, args, kwargs, raises)
        return _check(subject, run, warmup, runs, scope, explain)


def _check(subject: str, run: Body, warmup: int, runs: int, scope: Any, explain: bool) -> Report:
    ensure_installed()
    threads, collector = threading.active_count(), gc.isenabled()
    # There from now on, so that what the warm-ups make is known.
    measurement = Measurement(subject, scope)
    failed_early = warm_up(run, warmup)
    layers = read_layers()
    done, failure = _observed(measurement, run, runs)
    failure = failure or failed_early
    if failure is not None:
        # Its traceback holds the frames of the body: only what nothing visible holds counts.
        findings = [f for f in measurement.findings() if f["holder"]["kind"] == "nothing"]
    else:
        findings = measurement.findings()
    dominators = measurement.dominators()
    if failure is None and runs > 1 and grows(findings):
        findings = _extended(measurement, run, findings)
    notes = watch_environment(threads, collector)
    findings = [f for f in findings if in_scope(f, scope)]
    if explain:
        _explain.explain(
            findings,
            measurement,
            lambda: Measurement(subject, scope),
            lambda second: _observed(second, run, runs),
        )
    test = {
        "id": subject,
        "outcome": outcome(findings),
        "warmup": warmup,
        "runs": done,
        "findings": len(findings),
    }
    report = Report(document(subject, findings, [test], notes, layers, dominators))
    if failure is not None:
        failure.refaudit_report = report  # type: ignore[attr-defined]
        raise failure
    return report


def _observed(measurement: Measurement, run: Body, runs: int) -> tuple[int, BaseException | None]:
    """Take the baseline, then call and observe until a call fails: how many calls, and the failure."""
    measurement.begin()
    failure = None
    done = 0
    while done < runs and failure is None:
        failure = windowed(measurement, run)
        measurement.observe()
        done += 1
    return done, failure


def _extended(
    measurement: Measurement, run: Body, findings: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Go on until a bounded cache would have dropped what the first runs put into it."""
    before, deadline = alive(findings, measurement), time.monotonic() + PATIENCE
    for _ in range(EXTENSION_RUNS):
        if windowed(measurement, run) is not None:
            return findings
        if time.monotonic() > deadline:
            break
    measurement.observe()
    return lasting(findings, before, measurement)
