"""Whether the stacks of a finding name a C function, as far as the wheel has names at all."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

Frame = dict[str, Any]


def how_named(functions: tuple[str, ...], findings: Iterable[dict[str, Any]]) -> str:
    """In words: named, named by a guess, module only, or not named; nothing when nothing is asked."""
    if not functions:
        return ""
    frames = [frame for finding in findings for frame in _extension_frames(finding)]
    matching = [frame for frame in frames if is_any(frame["function"], functions)]
    sure = [frame for frame in matching if not frame["guess"]]
    if sure:
        return f"named {place_of(sure[0])}"
    if matching:
        return f"named {matching[0]['function']}, as the nearest symbol"
    if frames and not any(frame["function"] and not frame["guess"] for frame in frames):
        return f"module only (stripped): {frames[0]['module']}+{frames[0]['offset']}"
    return "not named"


def _extension_frames(finding: dict[str, Any]) -> list[Frame]:
    """Frames of extensions and of the libraries that they bring, of all the finding's stacks."""
    frames = (frame for trace in finding.get("traces", ()) for frame in trace["frames"])
    return [frame for frame in frames if frame["origin"] == "extension"]


def is_any(name: str, functions: tuple[str, ...]) -> bool:
    """One of the functions, qualified or not, or a compiler's copy of it (`md_init.constprop.0`)."""
    bare = name.partition("(")[0].rpartition("::")[2].partition(".")[0]
    return bare in {function.rpartition("::")[2] for function in functions}


def place_of(frame: Frame) -> str:
    """`md_init (hashtable.h:336)`, or the name alone where there are no lines."""
    file = frame["file"].rpartition("/")[2]
    return f"{frame['function']} ({file}:{frame['line']})" if file else frame["function"]
