"""Audits a process that nobody started by a command of refaudit: one run, from its start to its end.

`refaudit.pth` calls `begin` where the variable `REFAUDIT` is set, before the program begins.
The variable names the modules or distributions to blame, or is `all` (or `1`) for every extension.
"""

from __future__ import annotations

import atexit
import gc
import os
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from refaudit._audit import Measurement

#: The variables: who is to blame, and where the document goes, with `%p` for the process.
SCOPE, PATTERN = "REFAUDIT", "REFAUDIT_REPORT"
#: Values of the first one that name nobody, and that switch it off.
ALL, _EVERYBODY, _OFF = "all", ("1", "all"), ("", "0")
#: Where the document goes when the second one is not set.
DEFAULT_PATTERN = os.path.join("refaudit-reports", "%p.json")
#: Ending of the file that says that an audit has begun, as long as it has not ended.
_BEGUN = ".begun"


def scope(environment: Any = os.environ) -> list[str] | None:
    """The modules or distributions to blame, none for all; `None` when nothing is to be audited."""
    text = environment.get(SCOPE, "").strip()
    if text in _OFF:
        return None
    return [] if text in _EVERYBODY else text.replace(",", " ").split()


def report_path(environment: Any = os.environ) -> Path:
    """Where this process is to write its document."""
    pattern = environment.get(PATTERN) or DEFAULT_PATTERN
    return Path(os.path.abspath(pattern.replace("%p", str(os.getpid()))))


class Audit:
    """The audit of this process."""

    def __init__(self, scope: list[str], path: Path) -> None:
        self._scope, self._path, self._process = scope, path, os.getpid()
        self._measurement: Measurement | None = None
        self._state: tuple[int, bool, Any] = (0, True, None)

    def begin(self) -> None:
        """Take the baseline, and open the window. Raises what an audit may raise."""
        from refaudit import _audit
        from refaudit._run.whole import warm

        warm()
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._begun().write_text(" ".join(sys.orig_argv), encoding="utf-8", errors="replace")
        self._state = threading.active_count(), gc.isenabled(), _audit.read_layers()
        self._measurement = _audit.Measurement(_subject(), self._scope)
        self._measurement.expect_one_run()
        self._measurement.begin()
        self._measurement.open()

    def end(self) -> None:
        """Judge, and write the document; in a process that was forked from this one, nothing."""
        if self._measurement is None or os.getpid() != self._process:
            return
        measurement, self._measurement = self._measurement, None
        let_go_of_main()
        measurement.close()
        measurement.observe()
        from refaudit._report import Report

        Report(self._document(measurement)).write(self._path)
        self._begun().unlink(missing_ok=True)

    def cancel(self) -> None:
        """Give the audit up: another one will look at this process."""
        measurement, self._measurement = self._measurement, None
        if measurement is not None and os.getpid() == self._process:
            measurement.close()
            self._begun().unlink(missing_ok=True)

    def _begun(self) -> Path:
        return self._path.with_name(self._path.name + _BEGUN)

    def _document(self, measurement: Measurement) -> dict[str, Any]:
        from refaudit import _audit
        from refaudit._run.whole import telling, test_of

        subject = _subject()
        findings, notes = telling(measurement, self._scope)
        threads, collector, layers = self._state
        notes += _audit.watch_environment(threads, collector)
        dominators = measurement.dominators()
        tests = [test_of(subject, findings)]
        return _audit.document(subject, findings, tests, notes, layers, dominators)


def _subject() -> str:
    """The command line of this process, without the interpreter, and not endless."""
    return " ".join(" ".join(sys.orig_argv[1:]).split())[:200] or "python"


def let_go_of_main() -> None:
    """Do what the interpreter does next: clear `__main__`, names with one underscore first.

    Source: `_PyModule_ClearDict` in CPython's `Objects/moduleobject.c`.
    """
    if "__main__" not in sys.modules:
        return
    names = vars(sys.modules["__main__"])
    for name in list(names):
        if name.startswith("_") and not name.startswith("__"):
            names[name] = None
    for name in list(names):
        if not name.startswith("__"):
            names[name] = None
    sys.last_type = sys.last_value = sys.last_traceback = None
    gc.collect()


def gathered(folder: str) -> tuple[list[dict[str, Any]], list[str]]:
    """The documents in a folder, and the command lines of processes that left none."""
    import json

    found = sorted(Path(folder).glob("*.json"), key=lambda path: (len(path.name), path.name))
    lost = sorted(path.read_text(encoding="utf-8") for path in Path(folder).glob(f"*{_BEGUN}"))
    return [json.loads(path.read_text(encoding="utf-8")) for path in found], lost


#: Whether the start-up file called `begin`: processes that this one starts will do so, too.
started = False
_current: Audit | None = None


def stand_down() -> None:
    """Leave this process to another audit, which is about to begin: a command's, or pytest's."""
    global _current
    audit, _current = _current, None
    if audit is not None:
        atexit.unregister(_end)
        audit.cancel()


def begin() -> None:
    """Called by `refaudit.pth`. Never raises: what cannot be done is told on standard error."""
    global _current, started
    started = True
    found = scope()
    if found is None or sys.flags.ignore_environment:
        return
    audit = Audit(found, report_path())
    try:
        audit.begin()
    except Exception as error:
        _complain(error)
        return
    _current = audit
    # The first to be registered is the last to be called: the program's own come before it.
    atexit.register(_end)


def _end() -> None:
    try:
        if _current is not None:
            _current.end()
    except Exception as error:
        _complain(error)


def _complain(error: Exception) -> None:
    print(f"refaudit: this process could not be audited: {error}", file=sys.stderr)
