"""`cycles`: the reference cycles that a call leaves behind, found without collecting them."""

from __future__ import annotations

import gc
import json
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, overload

from refaudit import _audit
from refaudit._body import Body, name_of, warm_up
from refaudit._report import Report
from refaudit._scope import names_of
from refaudit.errors import InvalidAudit, LeakError

#: Fates in which the members are never freed.
LASTING = {"invisible", "uncollectable"}


@dataclass(frozen=True)
class Cycle:
    """Equal reference cycles. Fields as in the audit document."""

    subject: str
    fate: str
    reason: str
    count: int
    steps: list[dict[str, Any]]
    closed_by: int
    members: list[dict[str, Any]]
    retained: dict[str, int]
    message: str
    fingerprint: str

    @property
    def types(self) -> list[str]:
        """Types of the members on the shortest cycle, in order."""
        return [step["type_name"] for step in self.steps]

    def __str__(self) -> str:
        return self.message


class Cycles(Sequence[Cycle]):
    """Reference cycles, the worst fate and the most costly first. Keeps no object of the audited code."""

    def __init__(self, report: Report) -> None:
        #: The audit that they come from; its document has them in `cycles`.
        self.report = report
        self._cycles = [Cycle(**cycle) for cycle in report.document["cycles"]]

    @overload
    def __getitem__(self, index: int) -> Cycle: ...
    @overload
    def __getitem__(self, index: slice) -> list[Cycle]: ...
    def __getitem__(self, index: int | slice) -> Cycle | list[Cycle]:
        return self._cycles[index]

    def __len__(self) -> int:
        return len(self._cycles)

    def __repr__(self) -> str:
        return f"<Cycles: {len(self)} kinds, {sum(cycle.count for cycle in self)} in all>"


def cycles(
    func: Callable[..., Any],
    *args: Any,
    warmup: int = 1,
    runs: int = 1,
    scope: Any = None,
    raises: Any = None,
    **kwargs: Any,
) -> Cycles:
    """Call ``func`` and list the reference cycles that it leaves behind, collectable ones included.

    ``func(*args, **kwargs)`` is called ``warmup`` times, and after a collection ``runs`` times with
    automatic collection off. What is in a cycle then, and reached from nowhere else, is listed: equal
    cycles once, with a count over all runs. Nothing is collected for that: no finalizer, weak reference
    callback or other Python code runs, and nothing is freed. Automatic collection is on again afterwards
    if it was before.

    ``scope`` names the modules or distributions to look for (a string or a list of them), ``raises`` an
    exception that the calls must raise. Any other exception propagates after the search, with the report
    in its attribute ``refaudit_report``.

    Raises `TypeError` when ``func`` is not callable, `ValueError` for impossible counts, `NestedAudit`,
    `UnsupportedInterpreter` and `InvalidAudit`.
    """
    if not callable(func):
        raise TypeError(f"cycles() needs a callable, not {type(func).__name__}")
    if warmup < 0 or runs < 1:
        raise ValueError("cycles() needs warmup >= 0 and runs >= 1")
    subject = f"cycles({name_of(func)})"
    with _audit.exclusively():
        return cycles_of(subject, Body(func, args, kwargs, raises), warmup, runs, scope)


def assert_no_cycles(func: Callable[..., Any], *args: Any, **kwargs: Any) -> Cycles:
    """`cycles`, and raise `LeakError` with the list unless it is empty; return it otherwise.

    Raises `InvalidAudit` when the audit cannot be trusted.
    """
    found = cycles(func, *args, **kwargs)
    if found.report.document["outcome"] == "invalid":
        raise InvalidAudit(found.report.trust["reason"])
    if found:
        lines = [f"  {number}. {cycle}" for number, cycle in enumerate(found, 1)]
        heading = f"{found.report.document['subject']}: reference cycles are left behind"
        raise LeakError(found.report, "\n".join([heading, *lines]))
    return found


def cycles_of(subject: str, run: Body, warmup: int, runs: int, scope: Any) -> Cycles:
    """`cycles` of a body, under a name of its own; the caller sees to it that no audit is running."""
    _audit.ensure_installed()
    threads, collector = threading.active_count(), gc.isenabled()
    window = _audit.core().CycleWindow(names_of(scope))
    failure: BaseException | None = warm_up(run, warmup)
    frozen = gc.get_freeze_count()
    gc.disable()
    try:
        failure = _run(window, run, runs) or failure
        found = json.loads(_found(window, subject))
        notes = _notes(threads, failure)
    finally:
        if collector:
            gc.enable()
    _audit.check_hooks([], frozen=gc.get_freeze_count() != frozen)
    found = [cycle for cycle in found if _in_scope(cycle, scope)]
    report = Report(_document(subject, found, warmup, runs, notes))
    if failure is not None:
        failure.refaudit_report = report  # type: ignore[attr-defined]
        try:
            raise failure
        finally:
            # It refers to this frame now: we leave no cycle ourselves.
            del failure
    return Cycles(report)


def _run(window: Any, run: Body, runs: int) -> BaseException | None:
    """Call the function in the window; its exception ends that."""
    _audit.core().set_tracer(True)
    window.open()
    try:
        for _ in range(runs):
            run()
    except BaseException as error:
        return error
    finally:
        window.close()
        _audit.core().set_tracer(False)
    return None


def _found(window: Any, subject: str) -> str:
    return str(window.cycles(subject))


def _notes(threads: int, failure: BaseException | None) -> list[str]:
    notes = _audit.watch_environment(threads, False)
    if failure is not None:
        notes.append(
            "the function raised: what its traceback refers to is held, and in no cycle here"
        )
    return notes


def _document(
    subject: str, found: list[dict[str, Any]], warmup: int, runs: int, notes: list[str]
) -> dict[str, Any]:
    fates = {cycle["fate"] for cycle in found}
    outcome = "leak" if fates & LASTING else "clean"
    test = {"id": subject, "outcome": outcome, "warmup": warmup, "runs": runs, "findings": 0}
    document = _audit.document(subject, [], [test], notes)
    document["cycles"] = found
    if document["outcome"] != "invalid":
        document["outcome"] = outcome
    return document


def _in_scope(cycle: dict[str, Any], scope: Any) -> bool:
    """Whether a type of a member, or what made one on the shortest cycle, is of a module in scope.

    A cycle of the interpreter's types alone that no extension is seen to have made is in scope, too.
    """
    names = names_of(scope)
    if not names or any(step["site"] for step in cycle["steps"]):
        return True
    modules = {name.replace("-", "_") for name in names}
    types = [kept["type_name"] for kept in cycle["members"]]
    foreign = [name for name in types if "." in name]
    if any(
        name == module or name.startswith(module + ".") for name in foreign for module in modules
    ):
        return True
    frames = [frame for step in cycle["steps"] for frame in (step["trace"] or {}).get("frames", ())]
    return not foreign and not any(frame["origin"] == "extension" for frame in frames)
