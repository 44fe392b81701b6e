"""The course of a module audit: steps in child processes, their parts put together, the judgement."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from refaudit import _audit, _interpreter
from refaudit._modules import observed as parts
from refaudit._modules import process
from refaudit._modules.module_audit import ModuleAudit
from refaudit.errors import InvalidAudit, ModuleKept

if TYPE_CHECKING:
    from threading import Event

#: Cycles of import, drop and collect that are counted.
CYCLES = 3
#: Children that run at the same time.
_AT_A_TIME = 2
#: Dependencies that import the package themselves and are left to the package's own import.
_ENTANGLED = 8


def audit_module(
    name: str,
    *,
    timeout: float = process.TIMEOUT,
    cycles: int = CYCLES,
    interpreters: bool = True,
) -> ModuleAudit:
    """Find out whether an extension module, or a package with all that it loads, unloads.

    Everything happens in child processes: this process imports nothing of it, and loses nothing
    when the module crashes. A child may take ``timeout`` seconds; ``cycles`` reloads are counted;
    ``interpreters=False`` leaves the sub-interpreters out. Never raises for what the module does:
    what could not be seen is said to be unseen.

    Raises `TypeError` and `ValueError` for impossible arguments, `UnsupportedInterpreter`.
    """
    if not isinstance(name, str):
        raise TypeError(f"audit_module() needs the name of a module, not {type(name).__name__}")
    # Not `isidentifier`: mypyc names its libraries by a hash, which may begin with a digit.
    if not all(part and not set(part) & set("/\0 \t\n") for part in name.split(".")):
        raise ValueError(f"audit_module() needs the name of a module: {name!r} is none")
    if timeout <= 0 or cycles < 1:
        raise ValueError("audit_module() needs timeout > 0 and cycles >= 1")
    _interpreter.require_supported()
    request = {"name": name, "package": name.partition(".")[0], "cycles": cycles}
    survey = process.run("survey", request, timeout)
    ended = []
    if survey.outcome == "ok" and survey.data["members"]:
        request.update({key: survey.data[key] for key in ("members", "dependencies", "present")})
        ended = _all_steps(request, timeout, interpreters)
    observed = parts.merged(request, survey, ended)
    if survey.outcome != "ok":
        observed["notes"] += _of_this_process(name)
    return judged(observed)


def assert_unloads(name: str, **options: Any) -> ModuleAudit:
    """`audit_module`, and raise `ModuleKept` unless the module unloads; return the audit otherwise.

    A module without any extension has nothing that could stay, and passes. Raises `InvalidAudit`
    when the audit could not be done, and what `audit_module` raises.
    """
    audit = audit_module(name, **options)
    if not audit.audited:
        raise InvalidAudit(audit.complaint)
    if not audit.ok:
        raise ModuleKept(audit)
    return audit


def judged(observed: dict[str, Any]) -> ModuleAudit:
    """What follows from an observation."""
    tool = {"name": "refaudit", "version": _audit.VERSION}
    texts = [_text(part) for part in (observed, tool, _interpreter.describe())]
    return ModuleAudit(json.loads(_audit.core().judge_module(*texts)))


def _text(part: dict[str, Any]) -> str:
    """As JSON that every reader takes: a name or a message may have lone surrogates."""
    return json.dumps(part, ensure_ascii=False).encode("utf-8", "replace").decode()


def _all_steps(request: dict[str, Any], timeout: float, interpreters: bool) -> list[process.Ended]:
    """What became of every step after the survey, in their usual order."""
    from concurrent.futures import ThreadPoolExecutor
    from threading import Event

    stop = Event()
    jobs = [(step, request) for step in ("life", "reload", "confirm")]
    if interpreters:
        jobs += [("interpreters", {**request, "kind": kind}) for kind in parts.KINDS]
    with ThreadPoolExecutor(_AT_A_TIME) as pool:
        # The longest ones, which come last, are begun first.
        running = [
            pool.submit(_disentangled, step, asked, timeout, stop) for step, asked in reversed(jobs)
        ]
        try:
            ended = [future.result() for future in reversed(running)]
        except BaseException:
            # Interrupted: the children have sessions of their own, and are not.
            stop.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    for (_, asked), end in zip(jobs, ended, strict=True):
        end.data.setdefault("kind", asked.get("kind"))
    return ended


def _disentangled(step: str, request: dict[str, Any], timeout: float, stop: Event) -> process.Ended:
    """Run a step, again without those dependencies that import the package themselves."""
    dependencies = list(request["dependencies"])
    for _ in range(_ENTANGLED):
        ended = process.run(step, {**request, "dependencies": dependencies}, timeout, stop)
        if not ended.step["detail"].startswith("DependencyImportsPackage"):
            break
        culprit = ended.told.rpartition(" ")[2]
        if culprit not in dependencies:
            break
        dependencies.remove(culprit)
    return ended


def _of_this_process(name: str) -> list[str]:
    """What is here under a name that a fresh process cannot import."""
    if name not in sys.modules:
        return []
    value = sys.modules[name]
    if not isinstance(value, type(sys)):
        return [
            f"sys.modules['{name}'] of the calling process is an object of type"
            f" {type(value).__name__}, not a module"
        ]
    return [
        f"{name} is imported in the calling process, but a fresh process cannot import it:"
        " only what the import system finds by itself can be audited"
    ]
