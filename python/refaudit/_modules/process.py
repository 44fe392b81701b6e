"""Runs one step of a module audit in a child process, and tells what became of it."""

from __future__ import annotations

import marshal
import os
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from threading import Event

#: Seconds that a step may take.
TIMEOUT = 60.0
#: Variables by which other tools start themselves in every Python process.
_INTRUDERS = ("COVERAGE_PROCESS_START", "COVERAGE_PROCESS_CONFIG", "COV_CORE_SOURCE", "REFAUDIT")
_FLAGS = {
    "isolated": "-I",
    "ignore_environment": "-E",
    "no_user_site": "-s",
    "no_site": "-S",
    "optimize": "-O",
    "dont_write_bytecode": "-B",
    "bytes_warning": "-b",
    "safe_path": "-P",
}


@dataclass(frozen=True)
class Ended:
    """What became of a child process."""

    #: Fields of a step in the module document: name, outcome, seconds, detail.
    step: dict[str, Any]
    #: What it found; only a part of that, or nothing, unless the outcome is ``ok``.
    data: dict[str, Any]
    #: The last thing that it said it was about to do.
    told: str = ""
    #: Its standard error, the end of it.
    errors: str = field(default="", repr=False)

    @property
    def outcome(self) -> str:
        """``ok``, ``failed``, ``exited``, ``died`` or ``timeout``."""
        return str(self.step["outcome"])


def run(
    step: str, request: dict[str, Any], timeout: float = TIMEOUT, stop: Event | None = None
) -> Ended:
    """Run a step in a child process of its own session, and take it down with its process group.

    ``request`` is plain data for the step's ``run``. The child has this process's interpreter,
    flags, environment, working directory and ``sys.path``. Never raises for what happens in there.
    May be called from several threads; another one may set ``stop`` to end the child at once.
    """
    from refaudit._modules.child import Child

    started = time.monotonic()
    child = Child(_command(step), _environment())
    try:
        child.ask(
            marshal.dumps({**request, "timeout": timeout, "sys.path": list(map(str, sys.path))})
        )
        in_time = child.listen(started + timeout, stop)
    finally:
        status = child.end()
    seconds = time.monotonic() - started
    outcome, detail = _judge(child, status, None if in_time else timeout)
    return Ended(
        {"name": step, "outcome": outcome, "seconds": seconds, "detail": detail},
        child.answers.data,
        child.answers.told,
        child.errors.text(),
    )


def _command(step: str) -> list[str]:
    return [sys.executable, *interpreter_flags(), _entry(), step]


def _entry() -> str:
    return os.path.join(os.path.dirname(os.path.abspath(__file__)), "__main__.py")


def interpreter_flags() -> list[str]:
    """The command line flags that this interpreter was started with, as far as they matter."""
    flags = []
    for name, letter in _FLAGS.items():
        flags += [letter] * int(getattr(sys.flags, name, 0))
    flags += [f"-W{option}" for option in sys.warnoptions]
    for name, value in getattr(sys, "_xoptions", {}).items():
        flags += ["-X", name if value is True else f"{name}={value}"]
    return flags


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in _INTRUDERS}


def _judge(child: Any, status: int, timeout: float | None) -> tuple[str, str]:
    """Outcome and detail of an ended child; ``timeout`` when it had to be ended."""
    answers = child.answers
    during = f" while {answers.told}" if answers.told else ""
    if answers.ending == "data":
        return "ok", ""
    if answers.ending:
        told = f" (while {answers.told})" if answers.told else ""
        return answers.ending, f"{answers.detail}{told}"
    if timeout is not None:
        return "timeout", f"not done after {timeout:g} s{during}"
    if status < 0:
        return "died", f"{signal_name(-status)}{during}{_last_words(child)}"
    return "exited", f"exit code {status}{during}{_last_words(child)}"


def signal_name(number: int) -> str:
    """What the signal did that ended a process."""
    import signal

    try:
        return f"killed by {signal.Signals(number).name}"
    except ValueError:
        return f"killed by signal {number}"


def _last_words(child: Any) -> str:
    """What CPython says before it aborts, else the last line of standard error."""
    lines = [line.strip() for line in child.errors.text().splitlines() if line.strip()]
    fatal = [line for line in lines if line.startswith("Fatal Python error")]
    said = (fatal or lines[-1:])[:1]
    return f" (standard error: {said[0][:300]})" if said else ""
