"""Caches among findings: what a bounded one holds is pushed out when the calls go on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from refaudit._audit import Measurement

#: Calls that may be added to tell a bounded cache from growth.
EXTENSION_RUNS = 160
#: Seconds that these may take.
PATIENCE = 5.0
#: Part of all these runs that a leak leaves something of.
LASTING = 0.9


def grows(findings: list[dict[str, Any]]) -> bool:
    """Whether something is held by what may be a cache that is not full yet."""
    return any(_may_be_cached(finding) for finding in findings)


def _may_be_cached(finding: dict[str, Any]) -> bool:
    """Whether something that may be a cache holds what a finding is about.

    What holds native memory is often native memory from before the audit, which nobody saw: the
    ring of errors that OpenSSL keeps for each thread.
    """
    if finding["kind"] == "object":
        return finding["holder"]["kind"] in ("native", "static", "block", "container")
    return finding["kind"] in ("growth", "native-block")


def alive(findings: list[dict[str, Any]], measurement: Measurement) -> dict[str, list[int]]:
    """By type of what ``findings`` are about: how many are alive, by run of birth. For `lasting`."""
    return {f["type_name"]: measurement.alive(f["type_name"]) for f in findings}


def lasting(
    findings: list[dict[str, Any]], before: dict[str, list[int]], measurement: Measurement
) -> list[dict[str, Any]]:
    """``findings`` without caches: what the later runs pushed out of one is alive no more.

    ``before`` is what was `alive` when the findings were made.
    """

    def identity(finding: dict[str, Any]) -> tuple[str, str, str]:
        return finding["rule"], finding["type_name"], finding["holder"]["kind"]

    again = {identity(finding): finding["per_run"] for finding in measurement.findings()}

    def still_there(finding: dict[str, Any]) -> bool:
        runs = len(finding["per_run"])
        if finding["kind"] == "growth" and all(again.get(identity(finding), [0])[:runs]):
            return True
        # By type, whoever is to blame by then: to native memory that moves, or that only borrows,
        # the same leak may be put down another time, and the newest link of a chain is held by
        # another thing than those before it. A ring of buffers that are used again keeps those of
        # the first runs, and has none of most later ones.
        alive = measurement.alive(finding["type_name"]) or [0]
        lasts = all(alive[:runs]) and sum(map(bool, alive)) >= LASTING * len(alive)
        if finding["kind"] == "growth":
            # Whatever else is of this type: nothing of it may have gone.
            return lasts and alive[:runs] == before[finding["type_name"]][:runs]
        return lasts

    return [f for f in findings if not _may_be_cached(f) or still_there(f)]
