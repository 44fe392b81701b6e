"""The interpreter's own caches, one data file for each version of CPython.

Each entry of ``cpython-3.XX.json`` says `when` it matters (`single-run`: nothing was repeated, and no
extension is to blame; `coverage`: that tracer is on), which `rule` and `type` it is about, the `most`
of them in a run (0 for any number), and the `reason`, with the place in CPython's source if there is one.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

Entry = dict[str, Any]
#: What has been read, by version.
_KNOWN: dict[str, tuple[Entry, ...]] = {}


def entries(version: str = "") -> tuple[Entry, ...]:
    """What is known of a version of CPython, by default this one; nothing of one without a file."""
    version = version or f"{sys.version_info[0]}.{sys.version_info[1]}"
    if version not in _KNOWN:
        _KNOWN[version] = _read(version)
    return _KNOWN[version]


def _read(version: str) -> tuple[Entry, ...]:
    path = Path(__file__).with_name(f"cpython-{version}.json")
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ()
    return tuple(json.loads(text)["entries"])


def entry_of(finding: dict[str, Any], when: str) -> Entry | None:
    """The entry that covers a finding, if any."""
    for entry in entries():
        about = (entry["when"], entry["rule"], entry["type"])
        few = not entry["most"] or finding["total"] <= entry["most"]
        if few and about == (when, finding["rule"], finding["type_name"]):
            return entry
    return None
