"""A child process: its pipes, its answers, and its end."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import select
import signal
import subprocess
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from threading import Event

#: Bytes that are kept of each output stream, from its end.
_TAIL = 64 * 1024
#: Seconds between the request to end and the end.
_GRACE = 0.5
#: Seconds between two looks whether the child is there, when its pipes say nothing.
_PULSE = 0.02
#: The same when all of its pipes are closed, as they are when it ends.
_LAST_PULSE = 0.001
#: Seconds for reading what is left in the pipes of an ended child.
_REST = 1.0


class Tail:
    """The end of an output stream."""

    def __init__(self) -> None:
        self._data = bytearray()

    def feed(self, data: bytes) -> None:
        """Take what was read."""
        self._data += data
        del self._data[:-_TAIL]

    def text(self) -> str:
        """What is kept."""
        return self._data.decode("utf-8", "backslashreplace")


class Answers:
    """What a child told and found, a JSON line at a time."""

    def __init__(self) -> None:
        #: What it found, as far as it came.
        self.data: dict[str, Any] = {}
        #: The last thing that it was about to do.
        self.told = ""
        #: ``data``, ``failed`` or ``exited``; empty while it runs, or when it died.
        self.ending = ""
        #: The exception, when it failed.
        self.detail = ""
        self._half = b""

    def feed(self, data: bytes) -> None:
        """Take what was read; half a line waits for the rest."""
        *lines, self._half = (self._half + data).split(b"\n")
        for line in lines:
            # A child that goes wild may write anything anywhere.
            with contextlib.suppress(ValueError, TypeError):
                kind, value = json.loads(line)
                self._take(str(kind), value)

    def _take(self, kind: str, value: Any) -> None:
        if kind == "tell":
            self.told = str(value)
        elif kind == "part":
            self.data.update(value)
        elif kind == "data":
            self.data.update(value)
            self.ending = kind
        elif kind in ("failed", "exited"):
            self.ending, self.detail = kind, str(value)


class Child:
    """A process in a session of its own, so that its descendants can be ended with it."""

    def __init__(self, command: list[str], environment: dict[str, str]) -> None:
        theirs, self._request = os.pipe()
        answers, theirs_too = os.pipe()
        self.answers, self.output, self.errors = Answers(), Tail(), Tail()
        try:
            self._process = subprocess.Popen(
                [*command, str(theirs), str(theirs_too)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                env=environment,
                pass_fds=(theirs, theirs_too),
                start_new_session=True,
            )
        except BaseException:
            os.close(self._request)
            os.close(answers)
            raise
        finally:
            os.close(theirs)
            os.close(theirs_too)
        assert self._process.stdout is not None and self._process.stderr is not None
        self._pipes: dict[int, Answers | Tail] = {
            answers: self.answers,
            self._process.stdout.fileno(): self.output,
            self._process.stderr.fileno(): self.errors,
        }
        self._answers = answers

    def ask(self, request: bytes) -> None:
        """Send the request. The child waits for it, so this is when to forbid core dumps."""
        with contextlib.suppress(OSError):
            resource.prlimit(self._process.pid, resource.RLIMIT_CORE, (0, 0))
        try:
            with open(self._request, "wb") as pipe:
                pipe.write(request)
        except BrokenPipeError:
            pass  # it ended before it read: its exit status tells

    def listen(self, deadline: float, stop: Event | None = None) -> bool:
        """Read what the child sends until it ends; False when time or patience ended before."""
        while not self._has_ended():
            left = deadline - time.monotonic()
            if left <= 0 or (stop is not None and stop.is_set()):
                return False
            self._read(min(left, _PULSE))
        return True

    def end(self) -> int:
        """End the child and all of its group, read the rest; the exit status, negative for a signal."""
        try:
            if not self._has_ended():
                self._kill(signal.SIGTERM)
                self.listen(time.monotonic() + _GRACE)
        finally:
            # Before the status is fetched: until then the number of the group belongs to nobody else.
            self._kill(signal.SIGKILL)
            status = self._process.wait()
        try:
            rest = time.monotonic() + _REST
            while self._read(0) and time.monotonic() < rest:
                pass
        finally:
            os.close(self._answers)
            for stream in (self._process.stdout, self._process.stderr):
                if stream is not None:
                    stream.close()
        return status

    def _has_ended(self) -> bool:
        """Whether the process is over, without fetching its status."""
        options = os.WEXITED | os.WNOHANG | os.WNOWAIT
        try:
            return os.waitid(os.P_PID, self._process.pid, options) is not None
        except ChildProcessError:
            # The program ignores SIGCHLD, or somebody waits for every child.
            return True

    def _kill(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)

    def _read(self, patience: float) -> bool:
        """Read once from every pipe that has something; False when none had."""
        if not self._pipes:
            time.sleep(min(patience, _LAST_PULSE))
            return False
        # Not `select`: a program may have more than 1024 files open.
        poll = select.poll()
        for pipe in self._pipes:
            poll.register(pipe, select.POLLIN)
        ready = poll.poll(patience * 1000)
        for pipe, _ in ready:
            data = os.read(pipe, 1 << 16)
            if data:
                self._pipes[pipe].feed(data)
            else:
                del self._pipes[pipe]
        return bool(ready)
