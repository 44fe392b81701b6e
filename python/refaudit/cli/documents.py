"""Audit documents that a command line names."""

from __future__ import annotations

import pathlib
from typing import Any

from refaudit.errors import DocumentError

#: Bytes of a document that are read: one of 100,000 findings with their stacks has a tenth of that.
_MOST_BYTES = 2 << 30


def read(path: pathlib.Path) -> dict[str, Any]:
    """One audit document. Raises `DocumentError`, which names the file, and `OSError`."""
    from refaudit._report import Report

    if (size := path.stat().st_size) > _MOST_BYTES:
        raise DocumentError(f"{path}: too large for an audit document: {size:,} bytes")
    try:
        return Report.from_json(path.read_text(encoding="utf-8")).document
    except UnicodeDecodeError:
        raise DocumentError(f"{path}: not an audit document: not UTF-8") from None
    except DocumentError as error:
        raise DocumentError(f"{path}: {error}") from None


def read_merged(paths: list[pathlib.Path]) -> dict[str, Any]:
    """One document out of one or several. Raises `DocumentError` for a file that is named twice."""
    from refaudit._merge import merge

    twice = {path for path in paths if paths.count(path) > 1}
    if twice:
        raise DocumentError(f"{min(twice)}: is named twice, and would count twice")
    documents = [read(path) for path in paths]
    return documents[0] if len(documents) == 1 else merge(documents, [])
