"""A script or a module as something that can be called: what ``python`` itself would run."""

from __future__ import annotations

import gc
import runpy
import sys
import traceback
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

from refaudit._run.request import Impossible


@dataclass
class Target:
    """What is to be run, as the interpreter's command line has it."""

    name: str
    arguments: list[str]
    #: ``name`` is a module, as after ``-m``.
    module: bool = False
    #: Exit status of the last run, and why it is not 0.
    status: int = field(default=0, init=False)
    #: Its global names after `run`, until somebody lets go of them.
    names: dict[str, Any] = field(default_factory=dict, init=False, repr=False)

    def __call__(self) -> None:
        """Run it as ``__main__``, let go of what it leaves behind, and collect."""
        self.run()
        self.names.clear()
        gc.collect()

    def run(self) -> None:
        """Run it as ``__main__``, and let go of what it leaves in ``sys``.

        Its exceptions are told on standard error, as the interpreter does; none is raised but
        `Impossible`, when there is nothing to run.
        """
        before = sys.argv, sys.path[:], sys.modules.get("__main__")
        sys.argv = [self.name, *self.arguments]
        if not getattr(sys.flags, "safe_path", False):
            sys.path[0:0] = ["" if self.module else str(Path(self.name).resolve().parent)]
        try:
            if self.module:
                self.names = runpy.run_module(self.name, run_name="__main__", alter_sys=True)
            else:
                self.names = runpy.run_path(self.name, run_name="__main__")
            self.status = 0
        except SystemExit as exit:
            self.status = _status(exit.code)
        except ImportError as error:
            if _is_of_runpy(error.__traceback__):
                raise Impossible(f"{self.name}: {error}", usage=True) from None
            self._failed()
        except BaseException:
            self._failed()
        finally:
            sys.argv, sys.path[:] = before[0], before[1]
            if before[2] is not None:
                sys.modules["__main__"] = before[2]
            sys.last_type = sys.last_value = sys.last_traceback = None

    def _failed(self) -> None:
        self.status = 1
        traceback.print_exc()


def _is_of_runpy(place: TracebackType | None) -> bool:
    """Whether an error is the runner's own: it did not find what it should run."""
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    return place is not None and place.tb_frame.f_globals.get("__name__") == "runpy"


def _status(code: object) -> int:
    """The exit status that the interpreter makes of the argument of `SystemExit`."""
    if code is None:
        return 0
    if isinstance(code, int):
        return code & 0xFF
    print(code, file=sys.stderr)
    return 1
