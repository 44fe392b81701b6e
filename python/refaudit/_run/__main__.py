"""The child process of ``refaudit run``: audits one run of a target, writes the document."""

from __future__ import annotations

import argparse
import gc
import json
import sys
import threading
from pathlib import Path
from typing import Any

from refaudit import _audit
from refaudit._explain import explain
from refaudit._run.target import Target
from refaudit._scope import in_scope


def audit(target: Target, scope: list[str], explained: bool) -> dict[str, Any]:
    """The audit document of one run of ``target``, and a second one to explain what it shows."""
    words = ["-m"] if target.module else []
    subject = " ".join([*words, target.name, *target.arguments])
    threads, collector = threading.active_count(), gc.isenabled()
    layers = _audit.read_layers()

    def begin() -> _audit.Measurement:
        measurement = _audit.Measurement(subject, scope)
        measurement.expect_one_run()
        return measurement

    measurement = begin()
    _observed(measurement, target)
    found = [f for f in measurement.findings() if in_scope(f, scope)]
    findings = [f for f in found if _is_telling(f)]
    dominators = measurement.dominators()
    notes = _audit.watch_environment(threads, collector)
    if len(found) > len(findings):
        notes.append(
            f"{len(found) - len(findings)} things without a frame of an extension were left out: what"
            " the interpreter makes once looks like that in a single run"
        )
    if explained:
        explain(findings, measurement, begin, lambda second: _observed(second, target))
    test = {
        "id": subject,
        "outcome": _audit.outcome(findings),
        "warmup": 0,
        "runs": 1,
        "findings": len(findings),
    }
    return _audit.document(subject, findings, [test], notes, layers, dominators)


#: Types of objects that the interpreter makes once and keeps where nobody sees them: interned
#: names, characters, small numbers.
_MADE_ONCE = ("str", "bytes", "int", "tuple")


def _is_telling(finding: dict[str, Any]) -> bool:
    """Whether one run can tell: since an extension is to blame, or for certain."""
    if finding["site"] is not None:
        return True
    made_once = finding["kind"] == "object" and finding["type_name"] in _MADE_ONCE
    return finding["verdict"] != "maybe" and not (made_once and finding["total"] == 1)


def _observed(measurement: _audit.Measurement, target: Target) -> None:
    measurement.begin()
    measurement.open()
    try:
        target()
    finally:
        measurement.close()
    measurement.observe()


def _warm() -> None:
    """Let the interpreter make what it makes once: characters as text and as bytes, the names of `repr`."""
    repr([[chr(number), bytes([number])] for number in range(256)])


def main() -> int:
    """Audit what the command line names; the exit status is the target's own."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--document", type=Path, required=True)
    parser.add_argument("--scope", action="append", default=[])
    parser.add_argument("--explain", action="store_true")
    parser.add_argument("--module", action="store_true")
    parser.add_argument("target")
    parser.add_argument("arguments", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    # The folder that `-m refaudit._run` put there is none of the target's.
    sys.path.pop(0)
    _warm()
    target = Target(options.target, options.arguments, options.module)
    document = audit(target, options.scope, options.explain)
    options.document.write_text(json.dumps(document), encoding="utf-8")
    return target.status


if __name__ == "__main__":
    sys.exit(main())
