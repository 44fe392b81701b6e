"""The child process in which a command audits its target."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys
import tempfile
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from refaudit.cli import known, output, status
from refaudit.cli.output import complain
from refaudit.cli.progress import Progress

if TYPE_CHECKING:
    from refaudit._known.knowledge import Knowledge
    from refaudit._run.request import Answer, Request


def require_target(kind: str, target: str) -> None:
    """Refuse a target that cannot be read, before anything is started. Raises `UsageError`."""
    from refaudit._run.request import FUNCTION, SCRIPT

    if kind == FUNCTION:
        module, _, name = target.partition(":")
        if not name or not all(part.isidentifier() for part in module.split(".")):
            raise status.UsageError(f"{target}: is not written as pkg.mod:function")
    elif kind == SCRIPT:
        path = pathlib.Path(target)
        if not path.exists():
            raise status.UsageError(f"{target}: no such script")
        if not path.is_dir():
            try:
                with path.open("rb") as file:
                    file.read(1)
            except OSError as error:
                raise status.UsageError(f"{target}: {error.strerror}") from None


def run(request: Request, paths: list[pathlib.Path], knowledge: Knowledge | None = None) -> int:
    """Audit in a child, print and write the report; exit code by its outcome."""
    prepare(request, paths)
    found = answer(request)
    return found if isinstance(found, int) else conclude(found, paths, knowledge)


def prepare(request: Request, paths: list[pathlib.Path]) -> None:
    """Refuse what cannot be run or written. Raises `UsageError`."""
    require_target(request.kind, request.target)
    output.require_reports(paths)


def conclude(answer: Answer, paths: list[pathlib.Path], knowledge: Knowledge | None = None) -> int:
    """Print and write the report of an answer with a document; exit code by its outcome."""
    from refaudit._report import Report

    assert answer.document is not None
    known.apply(knowledge, answer.document)
    report = Report(answer.document)
    for path in paths:
        report.write(path)
    output.say(str(report))
    code = status.of_document(report.document)
    if answer.failure:
        complain(f"the target itself {answer.failure}")
        return code or status.FINDINGS
    return code


def answer(request: Request) -> Answer | int:
    """What the child found; where it found nothing, the exit code, with the reason told."""
    from refaudit._run.request import FUNCTION, Answer

    with tempfile.TemporaryDirectory(prefix="refaudit-") as folder:
        path = pathlib.Path(folder) / "answer.json"
        request = replace(request, answer=str(path))
        command = _command(request)
        if request.kind == FUNCTION:
            with Progress(f"auditing {request.target}"):
                ended = subprocess.call(command)
        else:
            # The target has the terminal.
            ended = subprocess.call(command, env=_environment(request, folder))
        if not path.exists():
            complain(f"no audit: the target's process {_ended(ended)}")
            return status.NO_AUDIT
        found = Answer.from_text(path.read_text(encoding="utf-8"))
        if found.document is None:
            complain(found.complaint)
            return status.USAGE if found.usage else status.NO_AUDIT
        if request.children:
            found = replace(found, document=_with_children(found.document, folder))
    return found


def _command(request: Request) -> list[str]:
    from refaudit._modules.process import interpreter_flags

    return [sys.executable, *interpreter_flags(), "-m", "refaudit._run", request.to_text()]


def _environment(request: Request, folder: str) -> dict[str, str]:
    if not request.children:
        return dict(os.environ)
    from refaudit._children import ALL, PATTERN, SCOPE

    pattern = os.path.join(folder, "children", "%p.json")
    return {**os.environ, SCOPE: ",".join(request.scope) or ALL, PATTERN: pattern}


def _with_children(document: dict[str, Any], folder: str) -> dict[str, Any]:
    """The document of the target and those of the processes that it started, as one."""
    from refaudit._children import gathered
    from refaudit._merge import merge

    documents, lost = gathered(os.path.join(folder, "children"))
    merged = merge([document, *documents], [])
    if lost:
        reason = f"processes that the target started left no audit: {'; '.join(lost)}"
        merged["outcome"] = "invalid"
        merged["trust"].update(valid=False, reason=merged["trust"]["reason"] or reason)
    return merged


def _ended(ended: int) -> str:
    """In words how a process ended."""
    if ended >= 0:
        return f"ended with status {ended}"
    from refaudit._modules.process import signal_name

    return f"was {signal_name(-ended)}"
