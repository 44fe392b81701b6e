"""Writing a report: a whole file or none, and into what is no file as it comes."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import stat
import sys

_STREAM = re.compile(r"/(?:dev|proc/self)/fd/(\d+)")
_NAMED = {"/dev/stdin": 0, "/dev/stdout": 1, "/dev/stderr": 2}


def sources(root: str | os.PathLike[str] | None) -> str:
    """The folder of the sources as the core takes it: absolute, the current one for None, or empty."""
    if root is not None and not os.fspath(root):
        return ""
    try:
        return os.path.abspath(root or os.curdir)
    except FileNotFoundError:  # the current folder is gone
        return ""


def write(path: str | os.PathLike[str], text: str) -> None:
    """Write `text` in UTF-8. A file is written aside and renamed, so that nobody ever finds half of it.

    The file that is there keeps its permissions, and a symbolic link leads where it led. Devices, pipes and
    sockets are written to directly. Raises `OSError`, which names `path`; then what was there is still there.
    """
    path = os.fspath(path)
    data = text.encode("utf-8", "backslashreplace")
    try:
        number = _descriptor(path)
        if number is not None:
            _into_stream(number, data)
        elif _is_special(path):
            with open(path, "wb", buffering=0) as file:
                _all(file.fileno(), data)
        else:
            _into_file(os.path.realpath(path), data)
    except OSError as error:
        # The name of the file aside says nothing to anybody.
        raise type(error)(error.errno, error.strerror, path) from None


def write_folder(path: str | os.PathLike[str], files: list[tuple[str, str]]) -> None:
    """Write files into a folder, which is made if need be; the first of them last, since it needs the others.

    Raises `OSError`.
    """
    path = os.fspath(path)
    os.makedirs(path, exist_ok=True)
    for name, text in reversed(files):
        write(os.path.join(path, name), text)


def _descriptor(path: str) -> int | None:
    """The open file that a path stands for. To open it anew would begin at its start, or cut it."""
    match = _STREAM.fullmatch(path)
    return int(match[1]) if match else _NAMED.get(path)


def _is_special(path: str) -> bool:
    try:
        return not stat.S_ISREG(os.stat(path).st_mode)
    except FileNotFoundError:
        return False


def _into_stream(number: int, data: bytes) -> None:
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    _all(number, data)


def _all(number: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(number, rest) :]


def _into_file(path: str, data: bytes) -> None:
    folder = os.path.dirname(path)
    aside = os.path.join(folder, f".refaudit-{os.getpid()}-{secrets.token_hex(8)}")
    try:
        number = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    except PermissionError:
        if not os.path.exists(path):
            raise
        # A file that may be written in a folder that may not.
        with open(path, "wb", buffering=0) as file:
            _all(file.fileno(), data)
        return
    try:
        try:
            _all(number, data)
            _like(number, path)
            os.fsync(number)
        finally:
            os.close(number)
        os.replace(aside, path)
    except BaseException:
        os.unlink(aside)
        raise


def _like(number: int, path: str) -> None:
    """Give the new file the permissions of the old one, and its owner where that is allowed."""
    try:
        old = os.stat(path)
    except FileNotFoundError:
        return
    with contextlib.suppress(PermissionError):
        os.fchown(number, old.st_uid, old.st_gid)
    os.fchmod(number, stat.S_IMODE(old.st_mode))
