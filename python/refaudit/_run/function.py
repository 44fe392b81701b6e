"""A function by its name, or a call of it, as something that can be called without arguments."""

from __future__ import annotations

import builtins
import traceback
from collections.abc import Callable
from importlib import import_module
from types import CodeType
from typing import Any

from refaudit._run.request import Impossible


def find(text: str, setup: str) -> Callable[[], Any]:
    """What ``pkg.mod:function`` or ``pkg.mod:function(data)`` stands for.

    The text after the colon is an expression over the names of the module and those that
    ``setup`` makes, which is run once before. Without a call at its end, what it gives is
    called. Raises `Impossible` for what is not there.
    """
    name, _, expression = text.partition(":")
    asked = _compiled(expression.strip() or "0", f"<{text}>", "eval")
    prepared = _compiled(setup, "<setup>", "exec")
    names = dict(vars(_imported(name)))
    if setup:
        try:
            exec(prepared, names)
        except Exception as error:
            traceback.print_exc()
            raise Impossible(f"--setup raised {_named(error)}") from None
    # Only what is used: the rest of the module is to change as it likes.
    used = {key: names[key] for key in _names(asked) if key in names}
    used["__builtins__"] = builtins
    if expression.rstrip().endswith(")"):
        missing = [
            key for key in asked.co_names[:1] if key not in used and not hasattr(builtins, key)
        ]
        if missing:
            raise Impossible(f"{name} has no `{missing[0]}`", usage=True)
        return _Call(asked, used)
    try:
        function = eval(asked, used)
    except (AttributeError, NameError):
        raise Impossible(f"{name} has no `{expression}`", usage=True) from None
    if not callable(function):
        raise Impossible(f"{text} is no function but of type {type(function).__name__}", usage=True)
    return function  # type: ignore[no-any-return]


class _Call:
    """Evaluates an expression, and keeps nothing of it."""

    def __init__(self, code: CodeType, names: dict[str, Any]) -> None:
        self._code, self._names = code, names
        # For the name of the audit.
        self.__module__, self.__qualname__ = "", code.co_filename.strip("<>")

    def __call__(self) -> None:
        eval(self._code, self._names)


def _imported(name: str) -> Any:
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        missing = error.name or ""
        if name == missing or name.startswith(missing + "."):
            raise Impossible(str(error), usage=True) from None
        traceback.print_exc()
        raise Impossible(f"importing {name} raised {_named(error)}") from None
    except (Exception, SystemExit) as error:
        traceback.print_exc()
        raise Impossible(f"importing {name} raised {_named(error)}") from None


def _compiled(text: str, place: str, mode: str) -> Any:
    try:
        return compile(text, place, mode)
    except (SyntaxError, ValueError) as error:
        what = "--setup" if mode == "exec" else text
        raise Impossible(f"{what}: {error}", usage=True) from None


def _names(code: CodeType) -> set[str]:
    """Global names that a piece of code uses, those in its lambdas included."""
    inner = [_names(part) for part in code.co_consts if isinstance(part, CodeType)]
    return set(code.co_names).union(*inner)


def _named(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"
