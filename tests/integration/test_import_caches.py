"""CPython's import caches are found, and can be made to forget; objects are known by their birth."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from integration.module_children import about, alone, defined, working
from support.modules import Sample, sample

SINGLE = ("basic", "basic-without-methods", "reinit")


@pytest.mark.parametrize("one", defined())
def test_the_caches_are_those_that_gc_and_ctypes_show(one: Sample) -> None:
    said = about(
        one,
        """
module = load(name, path)
caches = json.loads(core.import_caches([address, 8, 0, id(sys)]))
index = definition.m_index
found = next(x for x in gc.get_objects() if type(x) is list and id(x) == caches["by_index"])
entry = found[index] if 0 < index < len(found) else None
extensions = next((x for x in gc.get_objects() if id(x) == caches["extensions"]), None)
say(
    caches=caches, address=address, copy=definition.m_copy or 0,
    entry=id(entry) if entry is not None else 0, is_module=entry is module,
    has_sys=sum(x is sys for x in found),
    key=extensions is None or (path, name) in extensions,
)
""",
    )
    caches, single = said["caches"], one.name.startswith("single")
    assert said["has_sys"] == 1
    assert (caches["extensions"] is not None) == (sys.version_info < (3, 12))
    assert caches["entries"] == ([[said["address"], said["entry"]]] if single else [])
    assert said["is_module"] == single
    assert caches["copies"] == ([[said["address"], said["copy"]]] if said["copy"] else [])
    assert bool(said["copy"]) == one.kind.startswith("basic")
    if single:
        assert said["key"]


_FORGET = """
core.watch_inits()
module = load(name, path)
gone = []
watcher = weakref.ref(module, lambda _: gone.append("module"))
thing = weakref.ref(module.Thing, lambda _: gone.append("type"))
del module
drop(name)
before = [list(gone), count("free")]
words = core.forget_import(name, path, address)
drop(name)
after = [sorted(gone), count("free")]
caches = json.loads(core.import_caches([address]))
calls = count("init")
again = load(name, path)
say(before=before, after=after, words=words, copies=caches["copies"], entries=caches["entries"],
    again=count("init") - calls, frees=row()["frees"], ping=getattr(again, "ping", lambda: again)() is again)
"""


@pytest.mark.parametrize("one", [*working(*SINGLE)])
def test_a_module_that_the_caches_forget_is_freed(one: Sample) -> None:
    said = about(one, _FORGET)
    assert said["before"] == [[], 0]
    assert (said["copies"], said["entries"]) == ([], [])
    assert "modules_by_index" in said["words"]
    assert ("m_copy" in said["words"]) == one.kind.startswith("basic")
    assert (said["again"], said["ping"]) == (1, True)
    freed = [["module", "type"], 1] if one.verdict == "kept-by-caches" else [[], 0]
    assert said["after"] == freed
    assert said["frees"] == freed[1]


@pytest.mark.parametrize("one", [*working(*SINGLE)])
def test_a_module_that_was_imported_again_is_freed_too(one: Sample) -> None:
    said = about(
        one,
        """
module = load(name, path)
del module
drop(name)
module = load(name, path)
gone = []
watcher = weakref.ref(module, lambda _: gone.append("module"))
thing = weakref.ref(module.Thing, lambda _: gone.append("type"))
del module
drop(name)
before = list(gone)
core.forget_import(name, path, address)
drop(name)
say(before=before, after=sorted(gone))
""",
    )
    assert said["before"] == []
    expected = ["module", "type"]
    if one.name == "single_reference":
        # The static still has the first module, and with it the type that both share.
        expected = ["module"]
    assert said["after"] == expected


@pytest.mark.parametrize("one", working("multi-phase"))
def test_there_is_nothing_to_forget_of_multi_phase_modules(one: Sample) -> None:
    said = about(
        one,
        """
module = load(name, path)
say(words=core.forget_import(name, path, address), ping=module.ping() is module)
""",
    )
    assert (said["words"].startswith("nothing"), said["ping"]) == (True, True)


@pytest.mark.parametrize("wrong", ["0", "8", "id(sys)", "2**63"])
def test_what_is_no_definition_is_refused(wrong: str) -> None:
    said = alone(
        f"""
try:
    core.forget_import("nothing", "", {wrong})
except RuntimeError as error:
    say(error=str(error), caches=json.loads(core.import_caches([{wrong}])))
"""
    )
    assert "no definition" in said["error"]
    assert (said["caches"]["entries"], said["caches"]["copies"]) == ([], [])


def test_another_list_with_the_same_modules_is_no_answer() -> None:
    """A copy of `modules_by_index` cannot be told from it: none is certain."""
    said = alone(
        """
first = json.loads(core.import_caches([]))["by_index"]
found = next(x for x in gc.get_objects() if id(x) == first)
copy = list(found)
both = json.loads(core.import_caches([]))["by_index"]
copy.append("no module")
again = json.loads(core.import_caches([]))["by_index"]
say(first=first, both=both, again=again)
"""
    )
    assert said["both"] is None
    assert said["again"] == said["first"]


def test_objects_are_known_by_their_birth() -> None:
    said = alone(
        """
class Plain: pass
early = Plain()
unseen = core.identify(early)
try:
    core.is_alive(*unseen)
except ValueError as error:
    refused = str(error)
awake = core.Measurement()
core.set_tracer(True)
kinds = [Plain, lambda: type("Made", (), {}), lambda: {"a": 1}, lambda: [1], lambda: sys.__class__("m")]
answers = []
for make in kinds:
    made = make()
    known = core.identify(made)
    before = core.is_alive(*known)
    del made
    core.settle()
    after = core.is_alive(*known)
    others = [make() for _ in range(2000)]
    reused = any(id(other) == known[0] for other in others)
    answers.append([known[1] > 0, before, after, core.is_alive(*known), reused])
say(unseen=unseen[1], refused=refused, answers=answers)
"""
    )
    assert (said["unseen"], said["refused"]) == (0, "the birth of this object was not seen")
    assert [answer[:4] for answer in said["answers"]] == [[True, True, False, False]] * 5
    assert any(answer[4] for answer in said["answers"]), "no address was used again"


@pytest.mark.parametrize("one", [pytest.param(sample("multi_state"), id="multi_state")])
def test_the_death_of_a_module_is_seen_by_its_block(one: Sample) -> None:
    said: dict[str, Any] = about(
        one,
        """
awake = core.Measurement()
module = load(name, path)
known = core.identify(module), core.identify(module.Thing), core.identify(module.ping)
watcher = weakref.ref(module)
before = [core.is_alive(*one) for one in known]
del module
drop(name)
core.settle()
say(before=before, after=[core.is_alive(*one) for one in known], watcher=watcher() is None)
""",
    )
    assert (said["before"], said["after"], said["watcher"]) == ([True] * 3, [False] * 3, True)
