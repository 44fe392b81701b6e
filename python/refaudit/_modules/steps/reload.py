"""Import, drop, collect, repeated: what does each cycle not give back?"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from refaudit import _audit
from refaudit._modules.package import Importer, import_beforehand, warm_up_finders

#: Cycles that are not counted: the first fills what is filled once.
WARM_UP = 2


def run(request: dict[str, Any], tell: Callable[[str], None]) -> dict[str, Any]:
    """Cycle and count. The part of `Observed` called ``reload``."""
    if request.get("present"):
        return {}
    tell("starting the hooks")
    measurement = _audit.Measurement(f"reload of {request['name']}")
    import_beforehand(request["dependencies"], request["package"], tell)
    warm_up_finders(request["package"])
    importer = Importer(request["name"], request["package"])
    importer.drop()
    refused = _warm_up(importer, tell)
    if refused:
        return {"reload": {"refused": refused}}
    measurement.begin()
    for number in range(request["cycles"]):
        tell(f"importing it for the {number + 1 + WARM_UP}th time")
        _windowed(measurement, importer)
        measurement.observe()
    return {"reload": _result(measurement, request["cycles"])}


def _warm_up(importer: Importer, tell: Callable[[str], None]) -> str:
    """Cycle uncounted; the exception of a module that cannot be imported again."""
    tell("importing it for the first time")
    importer.cycle()
    for _ in range(WARM_UP - 1):
        tell("importing it again")
        try:
            importer.cycle()
        except Exception as error:
            return f"{type(error).__name__}: {error}"
    return ""


def _windowed(measurement: _audit.Measurement, importer: Importer) -> None:
    measurement.open()
    try:
        importer.cycle()
    finally:
        measurement.close()


def _result(measurement: _audit.Measurement, cycles: int) -> dict[str, Any]:
    certain = [f for f in measurement.findings() if f["verdict"] in ("leak", "over-released")]
    residues = json.loads(measurement.residues())
    return {
        "cycles": cycles,
        "objects": [residue["objects"] for residue in residues],
        "blocks": [residue["blocks"] + residue["native_blocks"] for residue in residues],
        "types": [residue["types"] for residue in residues],
        "bytes": [residue["bytes"] + residue["native_bytes"] for residue in residues],
        "findings": certain,
    }
