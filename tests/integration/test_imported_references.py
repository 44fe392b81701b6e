"""Functions that count references are seen where an extension imports them: every call, at its line."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from integration.fresh import answer as fresh_answer
from integration.native_modules import BINDINGS, PRELUDE, SOURCES, module

_SEEN = """
import importlib
imported = importlib.import_module(sys.argv[2])
def seen(*addresses):
    events = core._imported_counts(list(addresses))
    return [[*event[1:3], event[4], *(f[2] for f in event[5] if "imported.c" in f[1])] for event in events]
"""


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `imported_<binding>` for every way of binding that keeps its line numbers."""
    folder = tmp_path_factory.mktemp("imported")
    for binding, flags in BINDINGS.items():
        if binding != "stripped":
            module("imported.c", folder, f"imported_{binding}", *flags)
    return folder


def line(word: str) -> int:
    """The line of `imported.c` with a comment."""
    text = (SOURCES / "imported.c").read_text().splitlines()
    return next(number for number, content in enumerate(text, 1) if f"/* {word} */" in content)


def answer(folder: Path, code: str, binding: str = "relro") -> dict[str, Any]:
    return fresh_answer(PRELUDE + _SEEN + code, str(folder), f"imported_{binding}")


_ALL = """
class Heap: pass
object, other = Heap(), Heap()
before = sys.getrefcount(object)
imported.taking(object); imported.giving(object)
outside = seen(id(object))
watch(sys.argv[2])
null = imported.taking(object)
gained = sys.getrefcount(object) - before
imported.giving(object); imported.taking(other)
during = seen(id(object))
core._native_awake(False)
imported.taking(object)
say(outside=outside, null=null, gained=gained, during=during, after=len(seen(id(object))))
"""


@pytest.mark.parametrize("binding", [name for name in BINDINGS if name != "stripped"])
def test_every_function_at_its_line(folder: Path, binding: str) -> None:
    said = answer(folder, _ALL, binding)
    taken = ["Py_IncRef", "_Py_IncRef", "Py_NewRef", "Py_XNewRef"]
    given = ["Py_DecRef", "_Py_DecRef", "third", "fourth"]
    assert said["during"] == [
        *([0, 1, "import-table", line(word)] for word in taken),
        *([0, -1, "import-table", line(word)] for word in given),
    ]
    assert said["null"] is True
    assert said["gained"] == len(taken), "the functions themselves must still be called"
    assert said["outside"] == []
    assert said["after"] == len(taken) + len(given), "outside of an audit nothing is recorded"


_DEATHS = """
watch(sys.argv[2])
say(function=seen(imported.ending(False))[-1:], inline=seen(imported.ending(True))[-1:])
"""


def test_a_death_is_seen_by_function_and_inline(folder: Path) -> None:
    said = answer(folder, _DEATHS)
    assert said["function"] == [[1, 0, "import-table", line("by function")]]
    assert said["inline"] == [[1, 0, "import-table", line("inline")]]


_SCOPE = "watch('another'); imported.taking(gc); say(seen=seen(id(gc)))"


def test_an_extension_out_of_scope_is_left_alone(folder: Path) -> None:
    assert answer(folder, _SCOPE)["seen"] == []


_IMMORTAL = "watch(sys.argv[2]); imported.taking(None); imported.giving(None); say(seen=len(seen(id(None))))"


def test_immortal_objects_are_not_counted(folder: Path) -> None:
    assert answer(folder, _IMMORTAL)["seen"] == (0 if sys.version_info >= (3, 12) else 8)


_NEW_AUDIT = """
class Heap: pass
object = Heap()
watch(sys.argv[2])
imported.many(object, 1000)
first = seen(id(object))
core._native_awake(False); core._native_awake(True)
say(first=len(first), balance=sum(event[1] - event[0] for event in first), second=len(seen(id(object))))
"""


def test_a_new_measurement_begins_with_nothing(folder: Path) -> None:
    assert answer(folder, _NEW_AUDIT) == {"first": 2000, "balance": 0, "second": 0}


_FULL = """
watch(sys.argv[2])
room = 1 << 22
imported.many(gc, room // 2 + 500)
say(dropped=core._imported_dropped())
"""


def test_what_finds_no_room_is_counted(folder: Path) -> None:
    assert answer(folder, _FULL)["dropped"] == 1000


_FORK = """
class Heap: pass
object = Heap()
watch(sys.argv[2])
child = os.fork()
if child == 0:
    imported.many(object, 100)
    os._exit(len(seen(id(object))) != 0)
say(status=os.waitpid(child, 0)[1])
"""


def test_a_forked_child_records_nothing(folder: Path) -> None:
    assert answer(folder, _FORK) == {"status": 0}
