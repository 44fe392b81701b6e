"""Whether this machine lets a process set hardware breakpoints: kernels, containers and hypervisors may forbid it."""

from __future__ import annotations

from functools import cache

from integration.fresh import answer

_TRIED = """
import sys
from refaudit import _audit
_audit.ensure_installed()
core = _audit.core()
class Thing: pass
thing = Thing()
core._watch_counts([thing], sys.argv[1])
kept = [thing]
events, notes = core._watched_counts()
say(seen=len(events), notes=notes)
"""


@cache
def refusal(route: str = "") -> str:
    """Why no breakpoint can be set by a route (``perf``, ``registers``, any); empty when one can."""
    said = answer(_TRIED, route)
    return (
        "" if said["seen"] else "; ".join(said["notes"]) or "a breakpoint was set and saw nothing"
    )
