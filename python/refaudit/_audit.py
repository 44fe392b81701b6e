"""Audits: one measurement around a call or a block, and the document that comes of it.

Everything measured lives in Rust memory. This module keeps no object of the audited code, and
calls each snapshot from one small function, so that its own frames cancel between snapshots.
"""

from __future__ import annotations

import gc
import json
import sys
import threading
from typing import Any

from refaudit import _interpreter
from refaudit._scope import names_of
from refaudit.errors import InvalidAudit, NestedAudit, UnsupportedInterpreter

VERSION = "0.1.0"

_core: Any = None
_running = False


def core() -> Any:
    """The compiled module, loaded on first use."""
    global _core
    if _core is None:
        _interpreter.require_supported()
        try:
            from refaudit import _refaudit
        except ImportError as error:
            raise UnsupportedInterpreter(_interpreter.no_core(error)) from error

        _core = _refaudit
    return _core


_installed = False


def ensure_installed() -> None:
    """Check layouts, install hooks and let the canary out; once a process, cheap afterwards.

    Raises `UnsupportedInterpreter` when this interpreter cannot be audited, and `InvalidAudit`
    when what was leaked on purpose is not found.
    """
    global _installed
    if _installed:
        return
    try:
        core().self_check()
    except RuntimeError as error:
        raise UnsupportedInterpreter(f"this interpreter is not as expected: {error}") from None
    core().install()
    complaint = core().canary()
    if complaint is not None:
        # Once more: something may have been running that has ended now.
        complaint = core().canary()
    if complaint is not None:
        raise InvalidAudit(f"the canary failed: {complaint}")
    _installed = True


def set_stack_depth(python: int = 25, native: int = 64) -> None:
    """Set how many Python and native frames of a stack are recorded at most, from now on.

    0 records none of that kind. More than 128 native frames are not recorded. Deeper stacks are
    marked as truncated. Raises `ValueError` for a negative number.
    """
    if python < 0 or native < 0:
        raise ValueError("set_stack_depth() needs numbers from 0 on")
    core().set_stack_depth(python, native)


def set_memory_budget(megabytes: float | None = None) -> None:
    """Set how much memory the model heap may take; `None` for half of what the system has to spare.

    A heap that does not fit with its references is audited without them: what has too many
    references is still found, but not who holds it, and the report says so. One that does not fit
    at all makes the audit invalid. Raises `ValueError` for a budget that is not above zero.
    """
    if megabytes is not None and not megabytes > 0:
        raise ValueError("set_memory_budget() needs a number above 0, or None")
    core().set_memory_budget(0 if megabytes is None else max(1, int(megabytes * 1e6)))


class Measurement:
    """A baseline, runs, and what each of them did not give back.

    ``begin``, then for each run ``open`` and ``close`` around it, ``observe`` after it, and
    ``findings`` at the end. Between ``open`` and ``close`` every allocation of the process is
    booked on the run.
    """

    def __init__(self, subject: str = "", scope: Any = None) -> None:
        ensure_installed()
        self.subject = subject
        self._rust = core().Measurement(names_of(scope))
        self._freeze_count = 0

    def expect_one_run(self) -> None:
        """Say before `begin` that no other run can tell a stale word from a holder: note those of now."""
        self._rust.single()

    def watch(self, found: Measurement, wide: bool = False) -> None:
        """Say before `begin` that the counts of what an earlier measurement found are to be watched.

        With ``wide`` those of all that is as large, wherever it is born.
        """
        self._rust.watch(found._rust, wide)

    def begin(self, reuse: Measurement | None = None) -> None:
        """Settle and take the baseline, or take over the last snapshot of another measurement."""
        self._freeze_count = gc.get_freeze_count()
        if reuse is not None:
            self._rust.adopt(reuse._rust)
        else:
            _snapshot(self._rust)

    def open(self) -> int:
        """Open the window of the next run; return its number, from 0."""
        core().set_tracer(True)
        return int(self._rust.open())

    def close(self) -> None:
        """Close the window."""
        self._rust.close()
        core().set_tracer(False)

    def pause(self) -> None:
        """Make the window blind until `resume`."""
        self._rust.pause()

    def resume(self) -> None:
        """End a pause."""
        self._rust.resume()

    def observe(self, quick: bool = False) -> None:
        """Settle, take a snapshot, and book what changed on the latest run.

        A quick observation collects only once: enough to screen, when suspects are run again.
        """
        self._rust.quick = quick
        check_hooks([], frozen=gc.get_freeze_count() != self._freeze_count)
        _snapshot(self._rust)

    def survivor_runs(self) -> list[int]:
        """Numbers of the runs that have survivors."""
        return list(self._rust.survivor_runs())

    def gained(self) -> bool:
        """Whether an object that was there before gained or lost unexplained references."""
        return bool(self._rust.gained())

    def findings(self, subject: str | None = None) -> list[dict[str, Any]]:
        """Look for holders and judge. Nothing may have run since the last `observe`."""
        text = self._rust.findings(self.subject if subject is None else subject)
        return list(json.loads(text))

    def dominators(self) -> list[dict[str, Any]]:
        """What the survivors retained at the last `findings`; empty when there were none."""
        return list(json.loads(self._rust.dominators()))

    def residues(self) -> str:
        """What is alive of each run, leak or not, as JSON. Nothing may have run since `observe`."""
        return str(self._rust.residues())

    def alive(self, type_name: str) -> list[int]:
        """How many objects or blocks of a type were alive at the last `findings`, by run of birth."""
        return list(self._rust.alive(type_name))


def _snapshot(rust: Any) -> None:
    # The one place from which snapshots are taken: what stands on its value stack is the same
    # each time.
    rust.snapshot()


def check_hooks(notes: list[str], frozen: bool = False) -> None:
    """Look whether the hooks are still ours; what is found goes into the trust block."""
    tracemalloc = sys.modules.get("tracemalloc")
    tracing = tracemalloc is not None and tracemalloc.is_tracing()
    core().check_hooks(tracing, gc.get_freeze_count() if frozen else 0, notes)


def document(
    subject: str,
    findings: list[dict[str, Any]],
    tests: list[dict[str, Any]],
    notes: list[str] | None = None,
    layers: Any = None,
    dominators: list[dict[str, Any]] | None = None,
    cycles: list[dict[str, Any]] | None = None,
) -> dict[str, Any]:
    """The audit document of a session; ``layers`` is what `read_layers` gave at its beginning.

    Where no finding is left, nobody asks what survivors retain: ``dominators`` are left out then.
    """
    check_hooks([])
    trust = json.loads(core().trust(bool(findings)))
    # Of this document only: what the core keeps it keeps for the whole process.
    trust["notes"] += notes or []
    return {
        "format": "refaudit-audit",
        "version": 1,
        "tool": {"name": "refaudit", "version": VERSION},
        "interpreter": _interpreter.describe(),
        "subject": subject,
        "outcome": outcome(findings) if trust["valid"] else "invalid",
        "findings": findings,
        "cycles": cycles or [],
        "dominators": (dominators or []) if findings else [],
        "tests": tests,
        "baseline": None,
        "suppressions": [],
        "layers": None if layers is None else json.loads(layers.growth()),
        "trust": trust,
    }


def read_layers() -> Any:
    """What each layer of memory holds now, for `document` to tell by how much that grew."""
    ensure_installed()
    return core().Layers()


def outcome(findings: list[dict[str, Any]]) -> str:
    """``leak``, ``maybe`` or ``clean``."""
    verdicts = {finding["verdict"] for finding in findings}
    if verdicts & {"leak", "over-released"}:
        return "leak"
    return "maybe" if verdicts else "clean"


def is_running() -> bool:
    """Whether an audit is running in this process, and another one would be nested."""
    return _running


class exclusively:
    """Guards against an audit within an audit: their windows would overlap."""

    def __enter__(self) -> None:
        global _running
        if _running:
            raise NestedAudit("an audit is running already; audits cannot be nested")
        if "refaudit._children" in sys.modules:
            # The audit of the whole process gives way to one that was asked for in it.
            sys.modules["refaudit._children"].stand_down()
        _running = True

    def __exit__(self, *_: object) -> None:
        global _running
        _running = False


def watch_environment(threads_before: int, collector_before: bool) -> list[str]:
    """Notes on what the body left behind."""
    notes = []
    if threading.active_count() > threads_before:
        notes.append(
            "threads that the body started were still running at its end: what they hold counts"
            " as held, and what they allocate as survivors"
        )
    if gc.isenabled() != collector_before:
        notes.append("the body enabled or disabled the collector; it was left as the body left it")
    return notes
