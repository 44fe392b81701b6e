"""What memcheck says of a fixture module: for every stack, the blocks that are alive at the end."""

from __future__ import annotations

import shutil
import sys
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from pathlib import Path

from .building import BuildFailure, build
from .catalogue import Case
from .child import measure

#: What can still be reached counts as well: a stale word is enough for that, as in a hash table's
#: empty bucket. Uninitialised values are not asked about.
OPTIONS = (
    "--leak-check=full",
    "--show-leak-kinds=all",
    "--leak-resolution=high",
    "--num-callers=30",
    "--undef-value-errors=no",
    "--xml=yes",
)


#: Where compilers find the sources of Rust's and of C++'s own library.
STANDARD = ("/rustc/", "/include/c++/")


@dataclass(frozen=True)
class Frame:
    """One frame; the frames that were inlined at one address share its `address`."""

    address: str
    library: str
    function: str
    folder: str
    file: str
    line: int

    @property
    def standard(self) -> bool:
        """Whether it is code of a language's own library that was compiled into the module."""
        return any(part in self.folder for part in STANDARD)


@dataclass(frozen=True)
class Survivors:
    """Blocks of one stack, innermost frame first, that were never freed."""

    frames: tuple[Frame, ...]
    blocks: int
    bytes: int

    def site(self, library: str) -> Frame | None:
        """The frame to blame: of the innermost address in a library, the outermost frame.

        Where even that one is of a standard library, it is the next address's.
        """
        inside = [frame for frame in self.frames if Path(frame.library).name == library]
        outermost = {frame.address: frame for frame in inside}.values()
        return next((frame for frame in outermost if not frame.standard), None)


def memcheck() -> str:
    """Where valgrind is, or the one command that installs it."""
    found = shutil.which("valgrind")
    if found is None:
        raise BuildFailure("valgrind is missing; install it with: apt-get install valgrind")
    return found


def survivors(cases: list[Case], folder: Path, executable: str = sys.executable) -> list[Survivors]:
    """Twenty calls of every case of one module under memcheck, in one process.

    Of the stacks, those that pass through the module or one beside it.
    """
    module = build(cases[0].module, executable)
    beside = {name for case in cases for name in case.beside}
    libraries = {module.name, *(build(name, executable).name for name in beside)}
    report = folder / f"{cases[0].module}.xml"
    measure(
        "calls",
        module,
        cases,
        executable,
        under=(memcheck(), *OPTIONS, f"--xml-file={report}"),
        environment={"PYTHONMALLOC": "malloc", "PYTHONHASHSEED": "0"},
    )
    root = ElementTree.parse(report).getroot()
    leaks = (error for error in root.iter("error") if _is_leak(error))
    return [_survivors(error) for error in leaks if _passes(error, libraries)]


def _is_leak(error: ElementTree.Element) -> bool:
    return (error.findtext("kind") or "").startswith("Leak_")


def _passes(error: ElementTree.Element, libraries: set[str]) -> bool:
    """Whether some frame is of one of these libraries: the interpreter has thousands of others."""
    return any(Path(library.text or "").name in libraries for library in error.iter("obj"))


def _survivors(error: ElementTree.Element) -> Survivors:
    stack = error.find("stack")
    assert stack is not None, "a leak has a stack"
    return Survivors(
        tuple(_frame(frame) for frame in stack.iter("frame")),
        int(error.findtext("xwhat/leakedblocks") or 0),
        int(error.findtext("xwhat/leakedbytes") or 0),
    )


def _frame(frame: ElementTree.Element) -> Frame:
    def text(name: str) -> str:
        return frame.findtext(name) or ""

    return Frame(
        text("ip"), text("obj"), text("fn"), text("dir"), text("file"), int(text("line") or 0)
    )
