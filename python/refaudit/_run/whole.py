"""Audits of one run of a whole target: of what stays, and of the cycles that are left behind."""

from __future__ import annotations

import gc
import threading
from typing import TYPE_CHECKING, Any

from refaudit import _audit
from refaudit._explain import explain
from refaudit._known.caches import entry_of
from refaudit._scope import in_scope

if TYPE_CHECKING:
    from refaudit._run.target import Target

#: Where Python's import is written.
_IMPORT = "<frozen importlib._bootstrap>"


def audit(target: Target, subject: str, scope: list[str], explained: bool) -> dict[str, Any]:
    """The audit document of one run of ``target``, and a second one to explain what it shows."""
    threads, collector = threading.active_count(), gc.isenabled()
    layers = _audit.read_layers()

    def begin() -> _audit.Measurement:
        measurement = _audit.Measurement(subject, scope)
        measurement.expect_one_run()
        return measurement

    measurement = begin()
    _observed(measurement, target)
    findings, notes = telling(measurement, scope)
    dominators = measurement.dominators()
    notes += _audit.watch_environment(threads, collector)
    if explained:
        explain(findings, measurement, begin, lambda second: _observed(second, target))
    tests = [test_of(subject, findings)]
    return _audit.document(subject, findings, tests, notes, layers, dominators)


def telling(
    measurement: _audit.Measurement, scope: list[str]
) -> tuple[list[dict[str, Any]], list[str]]:
    """The findings that a single run can tell, and a note on how many were left out."""
    found = [f for f in measurement.findings() if in_scope(f, scope)]
    findings = [f for f in found if _is_telling(f)]
    if len(found) == len(findings):
        return findings, []
    note = (
        f"{len(found) - len(findings)} things were left out: what the interpreter and modules make once looks"
        " like that in a single run"
    )
    return findings, [note]


def test_of(subject: str, findings: list[dict[str, Any]]) -> dict[str, Any]:
    """The one entry of the table of tests."""
    outcome = _audit.outcome(findings)
    return {
        "id": subject,
        "outcome": outcome,
        "warmup": 0,
        "runs": 1,
        "findings": len(findings),
    }


def warm() -> None:
    """Let the interpreter make what it makes once: characters as text and as bytes, the names of `repr`."""
    repr([[chr(number), bytes([number])] for number in range(256)])


def _is_telling(finding: dict[str, Any]) -> bool:
    """Whether one run can tell: since an extension is to blame, or for certain."""
    of_imports = _is_of_imports(finding)
    if finding["site"] is not None:
        # What the code of a module makes when it is imported, and still holds, is the module's own.
        return finding["verdict"] != "maybe" or not of_imports
    once = of_imports or _is_static(finding) or entry_of(finding, "single-run")
    return finding["verdict"] != "maybe" and not once


def _is_of_imports(finding: dict[str, Any]) -> bool:
    """Whether all of it was made while modules were imported, which happens to each of them once."""
    return bool(finding["traces"]) and all(
        any(frame["file"] == _IMPORT for frame in trace["frames"]) for trace in finding["traces"]
    )


def _is_static(finding: dict[str, Any]) -> bool:
    """Whether it is one reference to an object that a library brought with it: its module has taken it, once."""
    roots = [path["root"] for path in finding["paths"] if len(path["links"]) == 1]
    return finding["rule"] == "RA101" and finding["total"] == 1 and "static" in roots


def _observed(measurement: _audit.Measurement, target: Target) -> None:
    measurement.begin()
    measurement.open()
    try:
        target()
    finally:
        measurement.close()
    measurement.observe()
