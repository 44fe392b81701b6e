"""What the command asks of its child process, and what that answers: both are plain data."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any

#: What is looked for.
LEAKS, CYCLES = "leaks", "cycles"
#: What is run.
SCRIPT, MODULE, FUNCTION = "script", "module", "function"


@dataclass(frozen=True)
class Request:
    """One audit of one target, in a process of its own."""

    kind: str
    target: str
    #: File that the answer is written to.
    answer: str
    arguments: list[str] = field(default_factory=list)
    #: `LEAKS` or `CYCLES`.
    asked: str = LEAKS
    scope: list[str] = field(default_factory=list)
    explain: bool = False
    setup: str = ""
    #: Where its module is looked for first; empty for the current folder.
    folder: str = ""
    #: Of a function: calls that are not counted, and calls that are.
    warmup: int = 2
    runs: int = 3
    #: The processes that the target starts are to be audited, too.
    children: bool = False

    def to_text(self) -> str:
        """As one word of a command line."""
        return json.dumps(asdict(self))

    @classmethod
    def from_text(cls, text: str) -> Request:
        """Read what `to_text` wrote."""
        return cls(**json.loads(text))

    @property
    def subject(self) -> str:
        """The target as one would type it."""
        words = ["-m"] if self.kind == MODULE else []
        return " ".join([*words, self.target, *self.arguments])


@dataclass(frozen=True)
class Answer:
    """An audit document, or why there is none."""

    document: dict[str, Any] | None
    #: What cannot be done, for standard error; empty with a document.
    complaint: str = ""
    #: Whether the complaint is about what was asked for, and not about what came of it.
    usage: bool = False
    #: How the target failed by itself; empty when it did not.
    failure: str = ""

    def to_text(self) -> str:
        """As JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def from_text(cls, text: str) -> Answer:
        """Read what `to_text` wrote."""
        return cls(**json.loads(text))


class Impossible(Exception):
    """A target that cannot be run at all; ``usage`` when it is not there."""

    def __init__(self, complaint: str, usage: bool = False) -> None:
        super().__init__(complaint)
        self.usage = usage
