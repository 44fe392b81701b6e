"""Functions that return references or take them over are seen where an extension imports them, and change nothing."""

from __future__ import annotations

import ctypes
import re
import subprocess
import sysconfig
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from integration.fresh import answer as fresh_answer
from integration.native_modules import BINDINGS, PRELUDE, SOURCES, module
from refaudit import _refaudit as core

_SEEN = """
import importlib
called = importlib.import_module(sys.argv[2])
def calls(*addresses):
    "What was seen: change of the extension's references, function, line in called.cpp."
    events = core._imported_counts(list(addresses))
    told = []
    for _, before, after, _, mechanism, frames in events:
        if mechanism == "call-effect":
            at = next(place for place, frame in enumerate(frames) if "called.cpp" in frame[1])
            told.append([after - before, frames[at - 1][0], frames[at][2]])
    return told
def begin():
    watch(sys.argv[2])
    core._watch_calls(True)
class Heap: pass
"""
WAYS = ["lazy", "relro", "noplt"]


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `called_<binding>` for some ways of binding."""
    folder = tmp_path_factory.mktemp("called")
    for binding in WAYS:
        module("called.cpp", folder, f"called_{binding}", *BINDINGS[binding])
    return folder


def line(word: str) -> int:
    """The line of `called.cpp` with a comment."""
    text = (SOURCES / "called.cpp").read_text().splitlines()
    return next(number for number, content in enumerate(text, 1) if f"/* {word} */" in content)


def answer(folder: Path, code: str, binding: str = "relro") -> dict[str, Any]:
    return fresh_answer(PRELUDE + _SEEN + code, str(folder), f"called_{binding}")


_RETURNED = """
object = Heap(); object.item = Heap()
plain = called.returning(object)
begin()
told = called.returning(object)
seen = calls(id(object.item))
core._watch_calls(False)
called.returning(object)
say(plain=plain, told=told, seen=seen, after=len(calls(id(object.item))))
"""


@pytest.mark.parametrize("binding", WAYS)
def test_new_and_borrowed_references_at_their_lines(folder: Path, binding: str) -> None:
    said = answer(folder, _RETURNED, binding)
    assert said["told"] == said["plain"] == [1, 0, False, False], "the counts say it themselves"
    assert said["seen"] == [
        [1, "PyObject_GetAttrString", line("known")],
        [1, "PyObject_GetAttrString", line("new")],
        [0, "PyList_GetItem", line("borrowed")],
    ]
    assert said["after"] == len(said["seen"]), "nothing is recorded when nobody wants to know"


_STOLEN = """
item = Heap()
before = sys.getrefcount(item)
plain = called.stealing(item)
begin()
told = called.stealing(item)
say(plain=plain, told=told, seen=calls(id(item)), left=sys.getrefcount(item) - before)
"""


@pytest.mark.parametrize("binding", WAYS)
def test_stolen_references_on_success_and_failure(folder: Path, binding: str) -> None:
    said = answer(folder, _STOLEN, binding)
    assert said["told"] == said["plain"] == [0, 0, 0, 0]
    assert said["left"] == 0
    assert said["seen"] == [
        [-1, "PyList_SetItem", line("stolen")],
        [-1, "PyList_SetItem", line("stolen though it fails")],
        [-1, "PyModule_AddObject", line("added")],
    ]


_FILLED = """
text = "".join(["inter", "ned ", "by us"])
text = sys.intern(text)
plain = called.filling(text)
begin()
value, count, left, old, gained, same, alive = called.filling(text)
say(plain=[plain[1], plain[2], *plain[4:]], told=[count, left, gained, same, alive],
    value=calls(value), old=calls(old), text=calls(id(text)), immortal=sys.getrefcount(text) > 1 << 28)
"""


def test_references_that_are_filled_in_and_replaced(folder: Path) -> None:
    said = answer(folder, _FILLED)
    # Interned strings are that in 3.12, and again not in each version after it.
    immortal = said["immortal"]
    assert said["told"] == said["plain"]
    count, left, gained, same, alive = said["told"]
    assert (same, alive) == (1, 1)
    assert gained == (0 if immortal else 1)
    assert left == count, "one more was taken, and one given away"
    assert ["PyErr_Fetch", line("fetched")] in [
        event[1:] for event in said["value"] if event[0] == 1
    ]
    assert ["PyErr_Restore", line("restored")] in [e[1:] for e in said["value"] if e[0] == -1]
    assert said["old"][-2:] == [
        [1, "PyUnicode_FromString", line("copy")],
        [-1, "PyUnicode_InternInPlace", line("interned")],
    ]
    replaced = [1, "PyUnicode_InternInPlace", line("interned")]
    assert (replaced in said["text"]) is not immortal


_ESCAPES = """
begin()
caught, address, left = called.escaping()
say(caught=caught, left=left, seen=calls(address), still=called.escaping()[0])
"""


@pytest.mark.parametrize("binding", WAYS)
def test_exceptions_and_jumps_leave_through_a_wrapper(folder: Path, binding: str) -> None:
    said = answer(folder, _ESCAPES, binding)
    assert said["caught"] == said["still"] == 200
    assert said["left"] == 1
    # `_PyObject_New` returned it; of `PyObject_GetIter` no call came back.
    assert [event[:2] for event in said["seen"]] == [[1, "_PyObject_New"]]


_DEEP = """
begin()
gained, address = called.recursing(400)
seen = calls(address)
say(gained=gained, lines=[event[2] for event in seen if event[1] == "PyObject_GetIter"])
"""


def test_recursion(folder: Path) -> None:
    said = answer(folder, _DEEP)
    assert said["gained"] == 1
    assert said["lines"] == [line("deeper")] * 400 + [line("outermost")]


_ARGUMENTS = """
plain = [repr(part) for part in called.arriving()]
begin()
told = [repr(part) for part in called.arriving()]
say(plain=plain, told=told)
"""


@pytest.mark.parametrize("binding", WAYS)
def test_arguments_arrive_and_errno_stays(folder: Path, binding: str) -> None:
    said = answer(folder, _ARGUMENTS, binding)
    assert said["told"] == said["plain"]
    assert said["told"][:4] == ["3.25", "(1.5-2.5j)", "'ab'", "4"]
    assert said["told"][5:] == ["(1, 2, 3, 4, 5, 6, 7, 8, 9.5)", "77"]


_FORK = """
object = Heap(); object.item = Heap()
begin()
called.many(object, 10)
mine = len(calls(id(object.item)))
child = os.fork()
if child == 0:
    called.many(object, 100)
    os._exit(len(calls(id(object.item))) != mine)
say(mine=mine, status=os.waitpid(child, 0)[1])
"""


def test_a_forked_child_records_nothing(folder: Path) -> None:
    assert answer(folder, _FORK) == {"mine": 10, "status": 0}


_THREADS = """
import threading
objects = [Heap() for _ in range(4)]
for object in objects: object.item = Heap()
before = [sys.getrefcount(object.item) for object in objects]
begin()
sys.setswitchinterval(1e-5)
threads = [threading.Thread(target=called.many, args=(object, 20000)) for object in objects]
for thread in threads: thread.start()
for thread in threads: thread.join()
events = [core._imported_counts([id(object.item)]) for object in objects]
say(counts=[sum(e[4] == "call-effect" for e in list) for list in events],
    threads=[len({e[3] for e in list}) for list in events],
    left=[sys.getrefcount(o.item) - b for o, b in zip(objects, before)])
"""


def test_threads(folder: Path) -> None:
    said = answer(folder, _THREADS)
    assert said == {"counts": [20000] * 4, "threads": [1] * 4, "left": [0] * 4}


_SCOPE = """
object = Heap(); object.item = Heap()
watch('another'); core._watch_calls(True)
called.returning(object)
say(seen=calls(id(object.item)))
"""


def test_an_extension_out_of_scope_is_left_alone(folder: Path) -> None:
    assert answer(folder, _SCOPE)["seen"] == []


_EXPLAINED = """
import refaudit
sys.path.insert(0, sys.argv[1])
called = importlib.import_module(sys.argv[2])
class Fresh: pass
def large(): called.leak_large()
def small(): called.leak_small()
def fresh():
    object = Fresh(); object.item = Fresh()
    called.returning(object)
    called.leak(object)
report = refaudit.check({body}, explain=True)
(finding,) = [f for f in report.document["findings"] if f["type_name"] == {type!r}]
ledger = finding["ledger"]
say(ledger=ledger, total=finding["total"], text=str(report), html=report.render("html"))
"""


def test_what_no_watch_covers_has_candidates(folder: Path) -> None:
    code = _EXPLAINED.replace("{body}", "large").replace("{type!r}", "'bytes'")
    said = answer(folder, code)
    ledger = said["ledger"]
    assert any(f"{(8 << 20) + 33} bytes cannot be guarded" in note for note in ledger["notes"])
    assert (ledger["account"], ledger["sampled"]["watched"]) == ("ambiguous", 0)
    entries = [(e["mechanism"], e["action"], e["count"]) for e in ledger["history"]]
    assert entries == [("call-effect", "born", None)]
    place = ledger["places"][0]
    assert (place["frame"]["line"], place["function"]) == (
        line("leak large"),
        "PyBytes_FromStringAndSize",
    )
    assert place["taken"] == said["total"] == 3
    assert "Candidates only: no watch covered these objects." in ledger["reason"]
    for report in ("text", "html"):
        words = " ".join(said[report].split())
        assert "Candidates only" in words
        assert "nothing gives it back" not in words


def test_beside_a_watch_calls_count_for_nothing(folder: Path) -> None:
    """The stacks of what a watch saw go through the wrappers, which are no part of them."""
    code = _EXPLAINED.replace("{body}", "fresh").replace("{type!r}", "'__main__.Fresh'")
    ledger = answer(folder, code)["ledger"]
    assert {entry["mechanism"] for entry in ledger["history"]} == {"guard-page"}
    counts = [entry["count"] for entry in ledger["history"]]
    changes = [entry["change"] for entry in ledger["history"]]
    assert [sum(changes[: n + 1]) for n in range(len(changes))] == counts
    lines = [
        ledger["stacks"][entry["stack"]][entry["frame"]]["line"]
        for entry in ledger["history"]
        if entry["function"] == "PyObject_GetAttrString"
    ]
    assert lines == [line("known"), line("new"), line("leak")]
    frames = [frame for stack in ledger["stacks"] for frame in stack]
    assert not [frame for frame in frames if "refaudit" in frame["module"]]
    assert (ledger["account"], ledger["places"][0]["frame"]["line"]) == ("named", line("leak"))


def test_what_an_extension_makes_is_born_once(folder: Path) -> None:
    code = _EXPLAINED.replace("{body}", "small").replace("{type!r}", "'bytes'")
    ledger = answer(folder, code)["ledger"]
    entries = [(e["mechanism"], e["action"], e["count"]) for e in ledger["history"]]
    assert entries == [("guard-page", "born", 1)]
    place = ledger["places"][0]
    assert (ledger["account"], place["frame"]["line"]) == ("named", line("leak small"))


@cache
def _declared() -> dict[str, tuple[str, str]]:
    """Name to (result, arguments) of every function that the headers of this Python declare."""
    headers = "#include <Python.h>\n#include <frameobject.h>\n#include <marshal.h>\n"
    include = f"-I{sysconfig.get_path('include')}"
    found: dict[str, tuple[str, str]] = {}
    # Some are macros for others when lengths are `Py_ssize_t`.
    for before in ("", "#define PY_SSIZE_T_CLEAN\n"):
        done = subprocess.run(
            ["cc", "-E", "-P", include, "-"],
            input=before + headers,
            capture_output=True,
            text=True,
            check=True,
        )
        for statement in done.stdout.split(";"):
            text = re.sub(
                r"__attribute__\s*\(\((?:[^()]|\([^()]*\))*\)\)", "", " ".join(statement.split())
            )
            if match := re.match(
                r"(?:.*\}\s*)?(?:extern\s+)*([\w\s*]+?[\s*])(_?Py\w+) ?\((.*)\)\s*$", text
            ):
                found.setdefault(match[2], (match[1].strip(), match[3].strip()))
    return found


def _number(arguments: str) -> int:
    """How many arguments are declared; what stands in inner brackets is a function's own."""
    while (plain := re.sub(r"\([^()]*\)", "", arguments)) != arguments:
        arguments = plain
    return 0 if arguments == "void" else arguments.count(",") + 1


def test_headers_say_that_every_function_has_its_arguments_in_registers() -> None:
    """The declarations are the witness: the table of effects is generated from documentation."""
    declared = _declared()
    exported = [name for name in core._called_functions() if hasattr(ctypes.pythonapi, name)]
    known = [name for name in exported if name in declared]
    assert len(known) > 300
    for name in known:
        result, arguments = declared[name]
        returned, passed = core._effect(name) or ("", [])
        assert "..." not in arguments, name
        assert _number(arguments) <= 6, name
        if returned in ("new", "borrowed"):
            assert result.endswith("*"), name
        else:
            assert not re.search(r"\b(double|float|Py_complex)\b", arguments), name
            assert result in ("int", "void", "PySendResult"), name
        for effect, argument in zip(passed, arguments.split(","), strict=False):
            stars = {"stolen": 1, "stolenonsuccess": 1, "fillednew": 2, "replaced": 2}.get(effect)
            assert stars is None or argument.count("*") == stars, (name, argument)


def test_every_function_of_the_table_is_seen_or_there_is_a_reason() -> None:
    wrapped = set(core._called_functions())
    declared = _declared()
    left = set()
    for name in core._effect_names():
        returned, passed = core._effect(name) or ("", [])
        moves = returned == "new" or {"stolen", "stolenonsuccess", "fillednew", "replaced"} & set(
            passed
        )
        if moves and name in declared and name not in wrapped:
            left.add(name)
    variadic = {
        name for name in left if "..." in declared[name][1] or _number(declared[name][1]) > 6
    }
    values = {
        "PyObject_GenericGetAttr",
        "PyObject_GenericGetDict",
        "PyObject_SelfIter",
        "PyType_GenericAlloc",
    }
    values |= {"PyType_GenericNew", "PyVectorcall_Call", "PyCFunction_Call", "PyEval_EvalFrameEx"}
    elsewhere = {
        "PyModule_Create2",
        "PyModule_FromDefAndSpec2",
        "PyModule_FromSlotsAndSpec",
        "Py_DecRef",
    }
    elsewhere |= {"Py_NewRef", "Py_XNewRef", "_Py_DecRef"}
    of_the_thread = {"PyContext_Exit", "Py_ReprLeave"}
    inline = {
        name for name in left if name.isupper() or name.endswith(("SET_ITEM", "DECREF", "CLEAR"))
    }
    assert left - variadic - values - elsewhere - of_the_thread - inline == set()
