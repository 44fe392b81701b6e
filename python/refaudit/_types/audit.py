"""The course of a type audit: one child process after the other until all types were asked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from refaudit import _audit, _interpreter
from refaudit._modules import process
from refaudit._types.types_audit import TypesAudit

#: Instances of each type that a ledger counts.
INSTANCES = 100
#: Seconds that one question to one type may take.
PATIENCE = 5.0
#: Processes that may die, each of one type, before the audit gives up.
_MOST_DEATHS = 60
#: Phases of one type that may be fatal before it is left alone.
_MOST_OF_ONE = 4


def audit_types(
    name: str,
    *,
    factories: Mapping[str, str] | None = None,
    instances: int = INSTANCES,
    subclasses: bool = True,
    timeout: float = process.TIMEOUT,
    patience: float = PATIENCE,
) -> TypesAudit:
    """Ask every type that an extension module or a package defines how it keeps the collector's protocol.

    Types are called without arguments; ``factories`` gives for the name of a type (as in the report)
    a Python expression that makes a new instance, in which the package may be named. ``instances``
    are made and dropped, also of a Python subclass unless ``subclasses=False``. Everything happens in
    child processes: one question to one type may take ``patience`` seconds, a process ``timeout``.
    A type that kills its process is named, and the others are asked all the same.

    Raises `TypeError` and `ValueError` for impossible arguments, `UnsupportedInterpreter`.
    """
    if not isinstance(name, str):
        raise TypeError(f"audit_types() needs the name of a module, not {type(name).__name__}")
    if not all(part and not set(part) & set("/\0 \t\n") for part in name.split(".")):
        raise ValueError(f"audit_types() needs the name of a module: {name!r} is none")
    if timeout <= 0 or patience <= 0 or instances < 1:
        raise ValueError("audit_types() needs timeout > 0, patience > 0 and instances >= 1")
    _interpreter.require_supported()
    request = {
        "name": name,
        "package": name.partition(".")[0],
        "factories": _expressions(factories or {}),
        "instances": instances,
        "subclasses": subclasses,
        "patience": float(patience),
        "seconds": float(timeout),
    }
    return _judged(_Course(request, timeout).observed())


def _expressions(factories: Mapping[str, str]) -> dict[str, str]:
    for name, expression in factories.items():
        try:
            compile(expression, f"<factory of {name}>", "eval")
        except (SyntaxError, TypeError, ValueError) as error:
            raise ValueError(f"factory of {name}: not a Python expression: {error}") from None
    return dict(factories)


class _Course:
    """Children until one comes to the end."""

    def __init__(self, request: dict[str, Any], timeout: float) -> None:
        self._request, self._timeout = request, timeout
        self._types: dict[str, dict[str, Any]] = {}
        self._ended: dict[str, list[dict[str, str]]] = {}
        self._steps: list[dict[str, Any]] = []
        self._notes: list[str] = []
        self._imported = False

    def observed(self) -> dict[str, Any]:
        """The observation of one subject, as the compiled core knows it."""
        complete = self._run()
        for key, endings in self._ended.items():
            if key in self._types:
                self._types[key]["ended"] = endings
        unknown = sorted(set(self._request["factories"]) - set(self._types))
        self._notes += [f"there is a factory for {name}, but no such type" for name in unknown]
        return {
            "name": self._request["name"],
            "package": self._request["package"],
            "imported": self._imported,
            "complete": complete,
            "steps": self._steps,
            "types": [self._types[key] for key in sorted(self._types)],
            "notes": self._notes,
        }

    def _run(self) -> bool:
        """Run children; whether one came to the end."""
        for _ in range(_MOST_DEATHS):
            ended = self._one_child()
            if ended.outcome == "ok":
                return True
            if not self._blame(ended):
                break
        return False

    def _one_child(self) -> process.Ended:
        """Run one, for the types that are not done, and take over what it found."""
        done = [key for key, known in self._types.items() if known.get("done")]
        skip = {
            key: [ending["phase"] for ending in endings] for key, endings in self._ended.items()
        }
        ended = process.run("types", {**self._request, "done": done, "skip": skip}, self._timeout)
        self._steps.append(ended.step)
        self._types.update(
            {key[5:]: known for key, known in ended.data.items() if key.startswith("type ")}
        )
        self._imported = self._imported or bool(ended.data.get("imported"))
        self._notes = list(ended.data.get("notes", self._notes))
        return ended

    def _blame(self, ended: process.Ended) -> bool:
        """Write down which type the process died of; False when it was none."""
        key, phase = ended.data.get("at") or ("", "")
        endings = self._ended.setdefault(key, [])
        if ended.outcome == "failed" or not key or any(e["phase"] == phase for e in endings):
            return False
        detail = ended.step["detail"]
        outcome = ended.outcome
        if "SIGALRM" in detail:
            outcome = "timeout"
            detail = f"it did not return within {self._request['patience']:g} s"
        endings.append({"phase": phase, "outcome": outcome, "detail": detail})
        if len(endings) >= _MOST_OF_ONE:
            self._types.setdefault(key, {"key": key})["done"] = True
        return True


def _judged(observed: dict[str, Any]) -> TypesAudit:
    tool = {"name": "refaudit", "version": _audit.VERSION}
    texts = [_text(part) for part in (observed, tool, _interpreter.describe())]
    return TypesAudit(json.loads(_audit.core().judge_types(*texts)))


def _text(part: dict[str, Any]) -> str:
    """As JSON that every reader takes: a name or a message may have lone surrogates."""
    return json.dumps(part, ensure_ascii=False).encode("utf-8", "replace").decode()
