"""A file of suppressions, in the form of Valgrind's.

    {
       what it is called
       # reason: upstream keeps it for the life of the process, see issue 12
       # expires: 2026-12-31
       refaudit:RA103
       type:mypkg.Node
       fun:node_new
       obj:*libfoo*.so
       ...
       py:test_*
    }

Source: the Valgrind manual, section "Suppressing errors". As there, blank lines and lines that begin
with `#` are comments, the first line in the braces is the name, the second says tool and kind, and the
others are a pattern of the stack (`refaudit._known.pattern`).
"""

from __future__ import annotations

from pathlib import Path

from refaudit._known.pattern import ANY, KINDS
from refaudit._known.suppression import Suppression, checked
from refaudit.config import ConfigError

#: Lines after the kind that are about the finding and not about its stack.
_CRITERIA = ("type", "test", "fingerprint")
#: Comments that mean something.
_ABOUT = ("reason", "expires")


def read(path: str) -> list[Suppression]:
    """The suppressions of a file, in its order. Raises `ConfigError`, with the line."""
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"suppressions {path}: cannot be read: {error}") from None
    return parse(text, path)


def parse(text: str, path: str) -> list[Suppression]:
    """The suppressions in a text. Raises `ConfigError`."""
    found: list[Suppression] = []
    block: _Block | None = None
    for number, line in enumerate(text.splitlines(), 1):
        line, place = line.strip(), f"{path}:{number}"
        if line == "{":
            if block is not None:
                raise ConfigError(f"{place}: a `{{` inside of the suppression at {block.place}")
            block = _Block(f"{Path(path).name}:{number}", place)
        elif line == "}":
            if block is None:
                raise ConfigError(f"{place}: a `}}` without a `{{`")
            found.append(block.done())
            block = None
        elif block is not None and line:
            block.take(line, place)
        elif line and not line.startswith("#"):
            raise ConfigError(
                f"{place}: `{line[:60]}` is outside of any suppression; expected `{{`"
            )
    if block is not None:
        raise ConfigError(f"{block.place}: the suppression has no `}}`")
    return found


class _Block:
    """What was read between two braces."""

    def __init__(self, source: str, place: str) -> None:
        self.source, self.place = source, place
        self.plain: list[str] = []
        self.about: dict[str, str] = {}
        self.criteria: list[tuple[str, str]] = []
        self.lines: list[str] = []

    def take(self, line: str, place: str) -> None:
        """One line, without the space around it."""
        if line.startswith("#"):
            key, colon, text = line[1:].partition(":")
            if colon and key.strip() in _ABOUT:
                self.about[key.strip()] = text.strip()
            return
        if len(self.plain) < 2:
            self.plain.append(line)
            return
        kind, _, mask = line.partition(":")
        if line == ANY or (kind in KINDS and mask):
            self.lines.append(line)
        elif kind in _CRITERIA and mask and not self.lines:
            self.criteria.append((kind, mask))
        else:
            kinds = ", ".join(f"`{kind}:`" for kind in (*KINDS, *_CRITERIA))
            raise ConfigError(f"{place}: `{line[:60]}` is no line of a stack; use {kinds} or `...`")

    def done(self) -> Suppression:
        """The suppression that was read."""
        if len(self.plain) < 2:
            raise ConfigError(f"{self.place}: a name and a line `refaudit:RULE` are expected")
        name, kind = self.plain
        tools, colon, rule = kind.partition(":")
        if "refaudit" not in tools.split(",") or not colon or not rule:
            raise ConfigError(f"{self.place}: `{kind[:60]}` is not `refaudit:RULE`")
        criteria = (("rule", rule), *self.criteria)
        about = (self.about.get("reason", ""), self.source, self.about.get("expires", ""))
        return checked(name, *about, criteria, tuple(self.lines), f"{self.place}: {name}")
