"""A pattern of a stack, written like those of Valgrind's suppressions.

Source: the Valgrind manual, section "Suppressing errors": `fun:` and `obj:` lines stand for the
innermost frames in their order, `...` for any number of frames, `*` and `?` for any text and any
character, and what is further out than the last line may be anything. Added here: `py:` for frames
of Python, `src:` with a file as its last part, and that frames of the interpreter and of the system
may be left out, since they are others in each version.
"""

from __future__ import annotations

import re
from typing import Any

#: Kinds of lines that stand for one frame.
KINDS = ("fun", "obj", "src", "py")
#: Any number of frames.
ANY = "..."

Frame = dict[str, Any]


def _glob(mask: str) -> re.Pattern[str]:
    """`*` and `?` of a mask as a regular expression; nothing else in it has a meaning of its own."""
    parts = {"*": ".*", "?": "."}
    return re.compile("".join(parts.get(c) or re.escape(c) for c in mask), re.DOTALL)


def matches(mask: str, text: str) -> bool:
    """Whether a text as a whole is as the mask says."""
    return _glob(mask).fullmatch(text) is not None


def names_function(mask: str, function: str) -> bool:
    """Whether a mask names a function: as a whole, without its parameters, or by its last part."""
    plain = function.partition("(")[0]
    last = re.split(r"::|\.", plain)[-1]
    return any(matches(mask, name) for name in (function, plain, last))


def fits(lines: tuple[str, ...], frames: list[Frame]) -> bool:
    """Whether the innermost ``frames`` are as the ``lines`` say."""
    # Which lines may come next, as in a machine with several states: no pattern takes long.
    ends = len(lines)
    states = _closed({0}, lines)
    for frame in frames:
        if ends in states:
            return True
        following = set()
        for state in states:
            if lines[state] == ANY:
                following.add(state)
            elif _is(lines[state], frame):
                following.add(state + 1)
            if frame["origin"] in ("interpreter", "system"):
                following.add(state)
        states = _closed(following, lines)
    return ends in states


def _closed(states: set[int], lines: tuple[str, ...]) -> set[int]:
    """The states, and those behind a `...`, which may stand for nothing."""
    closed = set(states)
    for state in states:
        while state < len(lines) and lines[state] == ANY:
            state += 1
            closed.add(state)
    return closed


def _is(line: str, frame: Frame) -> bool:
    kind, _, mask = line.partition(":")
    is_python = frame["origin"] == "python"
    if kind == "py":
        return is_python and names_function(mask, frame["function"])
    if kind == "fun":
        return not is_python and names_function(mask, frame["function"])
    if kind == "obj":
        return bool(frame["module"]) and matches(mask, frame["module"])
    file = frame["file"]
    return any(matches(mask, name) for name in (file, file.rpartition("/")[2]))
