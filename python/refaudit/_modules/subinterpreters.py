"""One sub-interpreter, from its creation to its end, on every version of CPython.

Source: `_xxsubinterpreters` (3.10 to 3.12) and `_interpreters` (3.13 on), CPython `Modules/`; the
configurations are `_PyInterpreterConfig_INIT` and `_PyInterpreterConfig_LEGACY_INIT` of 3.12
`Include/cpython/pylifecycle.h`.
"""

from __future__ import annotations

import contextlib
import importlib
import marshal
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

_INSIDE = Path(__file__).with_name("inside.py")


def lacking(kind: str) -> str:
    """Why there are no sub-interpreters of this kind here; empty when there are."""
    if _core() is None:
        return "this build of CPython has no module for sub-interpreters"
    if kind == "isolated" and sys.version_info < (3, 12):
        return "sub-interpreters with a GIL of their own come with CPython 3.12"
    return ""


class Life:
    """What a sub-interpreter is to do, any number of times."""

    def __init__(self, kind: str, dependencies: list[str], members: list[str]) -> None:
        self.kind, self.dependencies, self.members = kind, dependencies, members
        self._core = _core()
        self._source = _INSIDE.read_text(encoding="utf-8")

    def live(self, name: str, tell: Callable[[str], None]) -> dict[str, Any]:
        """Create one, import ``name`` (nothing if empty), use it, end it.

        Gives ``outcome`` (``loads``, ``refused``, ``failed``), ``detail``, and ``contents``: of each
        member what `inside.contents` says.
        """
        what = f"importing {name}" if name else "importing the dependencies"
        paper = os.memfd_create("refaudit")
        try:
            tell(f"creating a sub-interpreter ({self.kind})")
            number = self._create()
            tell(f"{what} in a sub-interpreter ({self.kind})")
            failure = self._run(number, name, paper)
            tell(f"ending a sub-interpreter ({self.kind})")
            self._core.destroy(number)
            return _read(paper) or {"outcome": "failed", "detail": failure, "contents": {}}
        finally:
            os.close(paper)

    def _create(self) -> Any:
        if self._core.__name__ == "_interpreters":
            return self._core.create(self.kind)
        # Before 3.12, ``isolated`` forbids threads and keeps the GIL: a legacy one is never that.
        return self._core.create(isolated=self.kind == "isolated")

    def _run(self, number: Any, name: str, paper: int) -> str:
        """What went wrong with our own code in there; empty for nothing."""
        asked = (list(map(str, sys.path)), self.dependencies, name, self.members, paper)
        try:
            failure = self._core.run_string(number, f"{self._source}\nanswer{asked!r}\n")
        except Exception as error:  # `RunFailedError`, which differs by version
            return str(error)
        return getattr(failure, "formatted", "") or str(failure or "")


def _core() -> Any:
    for name in ("_interpreters", "_xxsubinterpreters"):
        with contextlib.suppress(ImportError):
            return importlib.import_module(name)
    return None


def _read(paper: int) -> dict[str, Any]:
    data = os.pread(paper, os.lseek(paper, 0, os.SEEK_END), 0)
    answer: dict[str, Any] = marshal.loads(data) if data else {}
    return answer
