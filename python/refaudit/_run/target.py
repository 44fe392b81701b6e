"""A script or a module as something that can be called: what ``python`` itself would run."""

from __future__ import annotations

import gc
import runpy
import sys
import traceback
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Target:
    """What is to be run, as the interpreter's command line has it."""

    name: str
    arguments: list[str]
    #: ``name`` is a module, as after ``-m``.
    module: bool = False
    #: Exit status of the last run, and why it is not 0.
    status: int = field(default=0, init=False)

    def __call__(self) -> None:
        """Run it as ``__main__``, and let go of what it leaves in ``sys``.

        Its exceptions are told on standard error, as the interpreter does; none is raised.
        """
        before = sys.argv, sys.path[:], sys.modules.get("__main__")
        sys.argv = [self.name, *self.arguments]
        sys.path[0:0] = ["" if self.module else str(Path(self.name).resolve().parent)]
        try:
            if self.module:
                runpy.run_module(self.name, run_name="__main__", alter_sys=True)
            else:
                runpy.run_path(self.name, run_name="__main__")
            self.status = 0
        except SystemExit as exit:
            self.status = _status(exit.code)
        except BaseException:
            self.status = 1
            traceback.print_exc()
        finally:
            sys.argv, sys.path[:] = before[0], before[1]
            if before[2] is not None:
                sys.modules["__main__"] = before[2]
            sys.last_type = sys.last_value = sys.last_traceback = None
            gc.collect()


def _status(code: object) -> int:
    """The exit status that the interpreter makes of the argument of `SystemExit`."""
    if code is None:
        return 0
    if isinstance(code, int):
        return code & 0xFF
    print(code, file=sys.stderr)
    return 1
