"""What a command writes: to standard output, and into files."""

from __future__ import annotations

import os
import pathlib
import sys
from collections.abc import Iterable

from refaudit import _github
from refaudit.cli.status import UsageError


def say(text: str) -> None:
    """Print a report. Characters that the terminal lacks are escaped, a closed pipe is no error.

    Raises `OSError` for every other reason not to be able to, as a full disk.
    """
    stream = sys.stdout
    try:
        try:
            stream.write(text)
        except UnicodeEncodeError:
            coding = stream.encoding or "ascii"
            stream.write(text.encode(coding, "backslashreplace").decode(coding))
        stream.flush()
    except BrokenPipeError:
        # Whoever read has seen enough. The interpreter would complain at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def complain(text: str) -> None:
    """Tell on standard error what is wrong."""
    print(f"refaudit: {text}", file=sys.stderr)


def require_folders(paths: Iterable[pathlib.Path]) -> None:
    """Refuse what cannot be written before the audit, which takes its time. Raises `UsageError`."""
    for path in paths:
        if not path.parent.is_dir():
            raise UsageError(f"{path.parent}: no such folder")
        if path.is_dir():
            raise UsageError(f"{path}: is a folder")


def require_reports(paths: Iterable[pathlib.Path]) -> None:
    """The same for audit reports, whose ending must say a format, too."""
    from refaudit.config import ConfigError, report_format

    paths = list(paths)
    try:
        for path in paths:
            report_format(path.name, "--output")
    except ConfigError as error:
        raise UsageError(str(error)) from None
    require_folders(path for path in paths if not _github.is_asked(path))
