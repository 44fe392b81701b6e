"""Who keeps a module: each holder is named, and letting go of what was named frees the module.

The witness is a weak reference to the module, and `nm` for the place of a static.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

import pytest
from integration.fresh import answer
from support.building import BuildFailure
from support.modules import library

_CHILD = """
import atexit, codecs, copyreg, ctypes, importlib, threading, types
folder, name, setup, undo = sys.argv[1:5]
sys.path.insert(0, folder)
from refaudit import _audit
_audit.ensure_installed()
core = _audit.core()
awake = core.Layers()
core.watch_inits()
other = sys.modules["other"] = types.ModuleType("other")
module = importlib.import_module(name)
defs = [row["def"] for row in json.loads(core.inits()) if row["name"] == name and row["m_size"] is not None]
file, died = module.__file__, []
watched = weakref.ref(module, died.append)
targets = [("module", id(module)), ("dict", id(module.__dict__)), ("type", id(module.Thing))]
if hasattr(module, "ping"):
    targets.append(("function", id(module.ping)))
def look():
    core.settle()
    return json.loads(core.examine(targets, defs, name, [], 4))
def forget():
    return core.forget_import(name, file, defs[0])
scope = dict(globals())
exec(setup, scope)
del module, other, scope["module"]
sys.modules.pop(name, None)
found = scope["found"] if "found" in scope else look()
alive = watched() is not None
exec(undo, scope)
gc.collect()
say(alive=alive, freed=bool(died), **found)
"""


@dataclass(frozen=True)
class Case:
    """A way to keep a module."""

    sample: str
    root: str
    #: What `place` of the first chain of this root says, as a pattern.
    place: str
    #: How the links of that chain refer to each other, in order.
    by: list[str]
    #: What makes the module's holder, and what makes it let go.
    setup: str = ""
    undo: str = ""


#: Both functions give borrowed references.
_IN_INTERPRETER = """
current = ctypes.pythonapi.PyInterpreterState_Get
dict_of = ctypes.pythonapi.PyInterpreterState_GetDict
current.restype = dict_of.restype = ctypes.c_void_p
dict_of.argtypes = [ctypes.c_void_p]
held = ctypes.cast(dict_of(current()), ctypes.py_object).value
held["__sample_framework_modules__"].clear()
"""

#: The dict of the running thread's state.
_STORAGE = """
dict_of = ctypes.pythonapi.PyThreadState_GetDict
dict_of.restype = ctypes.c_void_p
def storage():
    return ctypes.cast(dict_of(), ctypes.py_object).value
"""

_WAITING = """
ready, go = threading.Event(), threading.Event()
def wait(box):
    held = box.pop()
    ready.set()
    go.wait()
thread = threading.Thread(target=wait, args=([module],))
thread.start()
ready.wait()
"""

#: Examines while an exception is handled whose argument is the module.
_HANDLING = """
def handle(box):
    try:
        raise ValueError(box.pop())
    except ValueError:
        return look()
box = [module]
module = sys.modules["__main__"].module = None
sys.modules.pop(name)
found = handle(box)
"""

#: Up to 3.10 an instance has a dict of its own, and a running frame is an object without names.
_OLD = sys.version_info < (3, 11)
_ATTRIBUTE = [".__dict__", "['held']"] if _OLD else [".held"]
_LOCAL = ("the frame of wait", []) if _OLD else ("local 'held' of wait", ["local 'held' of wait"])

CASES = {
    "attribute": Case(
        "multi_plain", "program", "other", ["['other']", ".__dict__", ".kept"],
        "other.kept = module", "del sys.modules['other'].kept",
    ),
    "containers": Case(
        "multi_plain", "program", "other", ["['other']", ".__dict__", ".kept", "['a']", "[1]", "[0]"],
        "other.kept = {'a': [0, (module,)]}", "del sys.modules['other'].kept['a'][1]",
    ),
    "instance": Case(
        "multi_plain", "program", "other", ["['other']", ".__dict__", ".kept", *_ATTRIBUTE],
        "class Keeper: pass\nother.kept = Keeper(); other.kept.held = module",
        "del sys.modules['other'].kept.held",
    ),
    "slot": Case(
        "multi_plain", "program", "other", ["['other']", ".__dict__", ".kept", ".held"],
        "class Keeper: __slots__ = ('first', 'held')\nother.kept = Keeper(); other.kept.held = module",
        "del sys.modules['other'].kept.held",
    ),
    "closure": Case(
        "multi_plain", "program", "other",
        ["['other']", ".__dict__", ".kept", ".__closure__", "[0]", ".cell_contents"],
        "def outer(held): return lambda: held\nother.kept = outer(module)", "del sys.modules['other'].kept",
    ),
    "default": Case(
        "multi_plain", "program", "other", ["['other']", ".__dict__", ".kept", ".__defaults__", "[0]"],
        "def kept(held=module): pass\nother.kept = kept; del kept", "sys.modules['other'].kept.__defaults__ = ()",
    ),
    "class": Case(
        "multi_plain", "program", "other", ["['other']", ".__dict__", ".Kept", ".__dict__", ".held|['held']"],
        "class Kept: held = module\nother.Kept = Kept; del Kept", "del sys.modules['other'].Kept.held",
    ),
    "alias": Case(
        "multi_plain", "program", "sys.modules", [".modules", "['another']"],
        "sys.modules['another'] = module", "del sys.modules['another']",
    ),
    "local of a thread": Case(
        "multi_plain", "thread", *_LOCAL,
        _WAITING, "go.set(); thread.join()",
    ),
    "storage of a thread": Case(
        "multi_plain", "thread", "thread-local storage", ["thread-local storage", "['held']"],
        _STORAGE + "storage()['held'] = module", "del storage()['held']",
    ),
    "thread-local object": Case(
        "multi_plain", "program", "other", [],
        "other.storage = threading.local(); other.storage.held = module", "del sys.modules['other'].storage.held",
    ),
    "last exception": Case(
        "multi_plain", "exception", "sys.last_value", [".last_value", ".args", "[0]"],
        "sys.last_value = ValueError(module)", "del sys.last_value",
    ),
    "handled exception": Case(
        "multi_plain", "exception", "the handled exception", ["the handled exception", ".args", "[0]"], _HANDLING,
    ),
    "copyreg": Case(
        "multi_copyreg", "registry", "copyreg.dispatch_table", [".dispatch_table", "[<class 'multi_copyreg.Thing'>]", ".__self__"],
        undo="[copyreg.dispatch_table.pop(key) for key in list(copyreg.dispatch_table) if key.__module__ == name]",
    ),
    "atexit": Case("multi_atexit", "registry", "atexit", [], undo="atexit._clear()"),
    "codecs": Case(
        "multi_plain", "registry", "codecs", ["['sample']", ".__self__"],
        "codecs.register_error('sample', module.ping)", "codecs.register_error('sample', codecs.strict_errors)",
    ),
    "interpreter's dict": Case(
        "multi_framework", "framework", r"interpreter-state dict\['__sample_framework_modules__'\]",
        ["PyInterpreterState_GetDict()", "['__sample_framework_modules__']", "['multi_framework']"],
        undo=_IN_INTERPRETER,
    ),
    "backup copy": Case("single_basic", "import-cache", "m_copy", ["m_copy", "['ping']", ".__self__"], undo="forget()"),
    "index": Case("single_basic", "import-cache", "modules_by_index", [], undo="forget()"),
    "index of a bare module": Case("single_bare", "import-cache", "modules_by_index", [], undo="forget()"),
    "index of one with m_size 0": Case("single_reinit", "import-cache", "modules_by_index", [], undo="forget()"),
    "index of one with state": Case("single_state", "import-cache", "modules_by_index", [], undo="forget()"),
}  # fmt: skip


def said(case: Case) -> dict[str, Any]:
    """What a child found out about a case."""
    try:
        folder = library(case.sample).parent
    except BuildFailure as failure:
        pytest.fail(str(failure), pytrace=False)
    return answer(_CHILD, str(folder), case.sample, case.setup, case.undo)


def chains(found: dict[str, Any], held: str = "module") -> list[dict[str, Any]]:
    """The chains to one target."""
    return [chain for chain in found["chains"] if chain["held"] == held]


@pytest.mark.parametrize("name", CASES)
def test_a_holder_is_named_and_letting_go_frees_the_module(name: str) -> None:
    case = CASES[name]
    found = said(case)
    assert found["alive"], "nothing held the module"
    fitting = [
        c for c in chains(found) if c["root"] == case.root and re.fullmatch(case.place, c["place"])
    ]
    assert fitting, found["chains"]
    (first, *_) = fitting
    by = [link["by"] for link in first["links"]]
    assert by[-1] == ""
    assert first["links"][-1]["what"] == f"module `{case.sample}`"
    if case.by:
        assert len(by) == len(case.by) + 1, by
        for word, expected in zip(by, case.by, strict=False):
            assert word in expected.split("|"), by
    caches = {"import-cache"}
    assert {c["root"] for c in chains(found)} <= (
        {case.root} if case.root not in caches else caches
    )
    assert found["freed"], "what was named is gone, and yet the module lives"


@pytest.mark.parametrize("name", CASES)
def test_the_what_if_agrees_with_the_clearing(name: str) -> None:
    """`forget()` clears CPython's caches and nothing else; every other case is held by something else."""
    case = CASES[name]
    found = said(case)
    for label, unloads, remaining in found["what_if"]:
        if label == "module":
            assert unloads == (case.undo == "forget()"), remaining
            assert bool(remaining) != unloads


STATICS = {"single_cached": "cached", "single_reference": "cache", "multi_cached": "kept"}


@pytest.mark.parametrize("sample", STATICS)
def test_a_static_has_its_symbol_and_line_and_really_holds_the_module(sample: str) -> None:
    symbol = STATICS[sample]
    file = library(sample)
    nm = shutil.which("nm") or pytest.fail(
        "nm is missing; install it with: apt-get install binutils"
    )
    done = subprocess.run([nm, "-l", file], capture_output=True, text=True, check=True)
    rows = {row.split("\t")[0].split()[-1]: row for row in done.stdout.splitlines()}
    start = {name: int(rows[name].split()[0], 16) for name in (symbol, "init_calls")}
    place = rows[symbol].split("\t")[1]
    undo = f"""
exported = ctypes.addressof(ctypes.c_int.in_dll(ctypes.CDLL(file), "init_calls"))
word = ctypes.c_void_p.from_address(exported + {start[symbol] - start["init_calls"]})
kept = ctypes.c_void_p(word.value)
word.value = None
ctypes.pythonapi.Py_DecRef(kept)
if name.startswith("single"):
    forget()
"""
    found = said(Case(sample, "static", "", [], undo=undo))
    (chain,) = (chain for chain in chains(found) if chain["root"] == "static")
    assert chain["place"] == f"{file.name}:{symbol}"
    assert f"{chain['file']}:{chain['line']}" == place
    assert [link["by"] for link in chain["links"]] == ["pointer", ""]
    (answer_of,) = (row for row in found["what_if"] if row[0] == "module")
    assert answer_of == ["module", False, f"the static {file.name}:{symbol}"]
    assert found["freed"], "the static was cleared, and yet the module lives"


def test_what_a_module_made_is_held_by_the_copy_of_its_dict() -> None:
    found = said(Case("single_basic", "", "", []))
    for held, key, what in (
        ("function", "ping", "builtin function ping"),
        ("type", "Thing", "type single_basic.Thing"),
    ):
        first = chains(found, held)[0]
        assert (first["root"], first["place"]) == ("import-cache", "m_copy")
        assert first["links"] == [
            {"what": "definition of `single_basic`", "by": "m_copy"},
            {"what": "dict", "by": f"['{key}']"},
            {"what": what, "by": ""},
        ]


def test_a_module_that_is_gone_has_no_chain() -> None:
    found = said(Case("multi_plain", "", "", []))
    assert not found["alive"]
    assert found["chains"] == []
    # What is not in the model proves nothing: alive or not is told by the census.
    assert all(unloads is False and remaining for _, unloads, remaining in found["what_if"])


def test_refaudit_itself_is_no_holder() -> None:
    """An attribute of a module of refaudit, and a local of a function of refaudit that is running."""
    setup = """
import refaudit.errors
refaudit.errors.kept = module
space = {"look": look, "__name__": "refaudit.made_up", "box": [module]}
exec("def run():\\n    mine = box.pop()\\n    return look()", space)
module = sys.modules["__main__"].module = None
sys.modules.pop(name)
found = space["run"]()
"""
    found = said(Case("multi_plain", "", "", [], setup, "del refaudit.errors.kept"))
    assert found["alive"]
    assert found["chains"] == []
    assert found["freed"]


_RETAINED = """
import types
from refaudit import _audit
_audit.ensure_installed()
core = _audit.core()
awake = core.Layers()
shared = [object() for _ in range(50)]
holder = types.ModuleType("holder")
class Plain: __slots__ = ()
def fill():
    holder.data = [(f"text {number}", Plain()) for number in range(1000)]
    holder.shared = shared
fill()
core.settle()
objects, size = core.retained([id(holder)])
twice = core.retained([id(holder), id(shared)])[0]
parts = [holder, holder.__dict__, holder.data]
parts += [part for pair in holder.data for part in (pair, *pair)]
expected = len(parts), sum(sys.getsizeof(part) for part in parts)
say(found=[objects, size], expected=expected, none=core.retained([]), twice=twice)
"""


def test_retained_is_what_nothing_else_holds() -> None:
    found = answer(_RETAINED)
    objects, size = found["found"]
    expected, bytes_expected = found["expected"]
    # The name of the module besides.
    assert expected <= objects <= expected + 3
    assert abs(size - bytes_expected) <= bytes_expected * 0.1
    assert found["none"] == [0, 0]
    assert found["twice"] == objects + 51
