"""Entry of the child process: runs one step and sends what it tells and finds to the parent.

Executed as a file, not with ``-m``: `runpy` would import a dozen modules, and whatever is here
before the audited module is missing in what that one costs. `json` comes last for the same reason.

The request is read from one pipe and everything is answered on another, as JSON lines; standard
output belongs to the audited module, which may print.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]
import marshal
import os
import sys

#: Seconds beyond its time that a step is given before it ends itself.
GRACE = 5

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn


class Answers:
    """The pipe to the parent."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        # A program that the audited module starts must not keep the pipe open.
        os.set_inheritable(descriptor, False)

    def send(self, kind: str, value: Any) -> None:
        """Send one line."""
        import json

        self._write(json.dumps([kind, value], default=str))

    def tell(self, text: str, part: dict[str, Any] | None = None) -> None:
        """Note what is about to be done, and hand over what is known by now."""
        if part is not None:
            self.send("part", part)
        # What JSON needs escaped, without importing its module.
        self._write('["tell", "' + "".join(map(_escaped, text)) + '"]')

    def _write(self, line: str) -> None:
        data = memoryview(line.encode("ascii") + b"\n")
        while data:
            data = data[os.write(self.descriptor, data) :]


def _escaped(letter: str) -> str:
    code = ord(letter)
    if code > 0xFFFF:
        code -= 0x10000
        return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"
    return letter if 32 <= code < 127 and letter not in '"\\' else f"\\u{code:04x}"


def _request(descriptor: int) -> dict[str, Any]:
    with open(descriptor, "rb") as pipe:
        request: dict[str, Any] = marshal.load(pipe)  # the parent is the same interpreter
    return request


def _step(name: str, home: str) -> Any:
    """The module of a step, of this very refaudit whatever else is on the path."""
    sys.path[:] = [home, *sys.path]
    module = f"refaudit._modules.steps.{name}"
    __import__(module)
    return sys.modules[module]


def _leave(code: int) -> NoReturn:
    """End without finalizing: a module may well crash or wait there, and all is said."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:
            continue
    os._exit(code)


def _describe(error: BaseException) -> str:
    """``Type: message`` of an exception whose ``__str__`` may fail as well."""
    try:
        text = str(error)
    except Exception:
        text = ""
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def main() -> NoReturn:
    """Run the step that the arguments name."""
    name, request_pipe, answer_pipe = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    del sys.argv[1:]
    answers = Answers(answer_pipe)
    request = _request(request_pipe)
    # Should the parent die, nobody else would end a module that hangs.
    _signal.alarm(int(request.pop("timeout")) + GRACE)
    home = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    try:
        step = _step(name, home)
        sys.path[:] = request.pop("sys.path")
        data = step.run(request, answers.tell)
    except SystemExit as error:
        answers.send("exited", _describe(error))
        _leave(0)
    except BaseException as error:
        answers.send("failed", _describe(error))
        sys.excepthook(type(error), error, error.__traceback__)
        _leave(0)
    answers.send("data", data)
    _leave(0)


if __name__ == "__main__":
    main()
