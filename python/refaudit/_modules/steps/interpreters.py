"""Step ``interpreters``: sub-interpreters of one kind that import the module, use it and end.

Measured with refaudit's hooks: what was allocated while one was created, used and ended and is
alive afterwards, less what the same leaves when everything is done but importing the module.
``bytes`` are those of objects, of the blocks of all three allocator domains and of native blocks;
``blocks`` is the number of all these.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

from refaudit import _audit
from refaudit._modules import inside, subinterpreters
from refaudit._modules.package import import_beforehand, warm_up_finders

#: Sub-interpreters that are not counted: the first fills what is filled once.
WARM_UP = 1

Tell = Callable[[str], None]


def run(request: dict[str, Any], tell: Tell) -> dict[str, Any]:
    """One row for ``request["kind"]``, ``legacy`` or ``isolated``. Part ``interpreters``."""
    kind, name = request["kind"], request["name"]
    lacking = subinterpreters.lacking(kind)
    if lacking:
        return {"interpreters": [{"kind": kind, "outcome": "unavailable", "detail": lacking}]}
    tell("starting the hooks")
    _audit.ensure_installed()
    # Only sums are asked for: nobody will look at where things were born.
    _audit.set_stack_depth(0, 0)
    import_beforehand(request["dependencies"], request["package"], tell)
    warm_up_finders(request["package"])
    members = [member["name"] for member in request["members"]]
    life = subinterpreters.Life(kind, request["dependencies"], members)
    tell("importing it in the main interpreter")
    __import__(name)
    # Read before a sub-interpreter ends: one that has our module empties it then.
    ours = {name: inside.contents(sys.modules[name]) for name in members if name in sys.modules}
    theirs = life.live(name, tell)
    row = {"kind": kind, "outcome": theirs["outcome"], "detail": theirs["detail"]}
    if row["outcome"] == "loads":
        row["shared"] = _shared(ours, theirs["contents"])
        control = _rounds(life, "", request["cycles"], tell)
        row.update(_beyond(control, _rounds(life, name, request["cycles"], tell)))
    return {"interpreters": [row]}


def _shared(ours: dict[str, dict[str, int]], theirs: dict[str, dict[str, int]]) -> list[str]:
    """Names of what is one object in the main interpreter and in the sub-interpreter.

    Ours were alive when the other addresses were read: equal ones are one object.
    """
    return [
        f"{member}.{name}"
        for member, addresses in ours.items()
        for name, address in addresses.items()
        if address in theirs.get(member, {}).values()
    ]


def _rounds(life: subinterpreters.Life, name: str, cycles: int, tell: Tell) -> list[dict[str, int]]:
    """What each of so many sub-interpreters leaves behind."""
    for _ in range(WARM_UP):
        life.live(name, tell)
    measurement = _audit.Measurement(f"sub-interpreters with {name or 'the dependencies'}")
    measurement.begin()
    for _ in range(cycles):
        measurement.open()
        try:
            life.live(name, tell)
        finally:
            measurement.close()
    # What is kept until the next one comes is kept of the last one alone: one more, not counted.
    life.live(name, tell)
    measurement.observe()
    return [_sum(residue) for residue in json.loads(measurement.residues())]


def _sum(residue: dict[str, Any]) -> dict[str, int]:
    return {
        "bytes": residue["bytes"] + residue["native_bytes"],
        "blocks": residue["objects"] + residue["blocks"] + residue["native_blocks"],
    }


def _beyond(control: list[dict[str, int]], module: list[dict[str, int]]) -> dict[str, list[int]]:
    """By how much the module's rounds exceed the typical control round."""
    beyond = {}
    for key in ("bytes", "blocks"):
        typical = sorted(row[key] for row in control)[len(control) // 2]
        beyond[key] = [row[key] - typical for row in module]
    return beyond
