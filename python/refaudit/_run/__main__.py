"""The child process of ``refaudit run``, ``check`` and ``cycles``: audits a target, writes an answer."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from refaudit import _children
from refaudit._audit import exclusively
from refaudit._run.request import CYCLES, FUNCTION, MODULE, Answer, Impossible, Request
from refaudit.errors import RefauditError


def main() -> int:
    """Do what the only argument asks for; the exit status is the target's own."""
    _children.stand_down()
    request = Request.from_text(sys.argv[1])
    # The folder that `-m refaudit._run` put there is none of the target's.
    if not getattr(sys.flags, "safe_path", False):
        sys.path.pop(0)
    status = 0
    try:
        if request.children and not _children.started:
            raise Impossible(
                "--children needs the file refaudit.pth beside the installed package, by which"
                " processes start their own audit: install refaudit from its wheel"
            )
        document, status, failure = _audited(request)
        answer = Answer(document, failure=failure)
    except Impossible as error:
        answer = Answer(None, str(error), error.usage)
    except RefauditError as error:
        answer = Answer(None, str(error))
    Path(request.answer).write_text(answer.to_text(), encoding="utf-8")
    return status


def _audited(request: Request) -> tuple[dict[str, Any], int, str]:
    """The document, the target's exit status, and what the target itself failed of."""
    if request.kind == FUNCTION:
        document, failure = _function(request)
        return document, 0, failure
    from refaudit._run import whole
    from refaudit._run.target import Target

    whole.warm()
    target = Target(request.target, request.arguments, request.kind == MODULE)
    if request.asked == CYCLES:
        document = _cycles(request, target)
    else:
        with exclusively():
            document = whole.audit(target, request.subject, request.scope, request.explain)
    failure = f"ended with status {target.status}" if target.status else ""
    return document, target.status, failure


def _cycles(request: Request, target: Any) -> dict[str, Any]:
    """What a script leaves to the collector. Its global names are held until that is known."""
    from refaudit._body import Body
    from refaudit._cycles import cycles_of

    body = Body(target.run, (), {}, None)
    with exclusively():
        found = cycles_of(request.subject, body, 0, 1, request.scope)
    return found.report.document


def _function(request: Request) -> tuple[dict[str, Any], str]:
    """The audit of a function; where that raises, of what could be seen until then."""
    from refaudit._run.function import find

    if request.folder or not getattr(sys.flags, "safe_path", False):
        sys.path.insert(0, request.folder)
    function = find(request.target, request.setup)
    counts: dict[str, Any] = {"warmup": request.warmup, "runs": request.runs}
    try:
        if request.asked == CYCLES:
            from refaudit._cycles import cycles

            report = cycles(function, scope=request.scope, **counts).report
        else:
            from refaudit._check import check

            report = check(function, scope=request.scope, explain=request.explain, **counts)
    except BaseException as error:
        found = getattr(error, "refaudit_report", None)
        if found is None:
            raise
        import traceback

        traceback.print_exc()
        return found.document, f"raised {type(error).__name__}: {error}"
    return report.document, ""


if __name__ == "__main__":
    sys.exit(main())
