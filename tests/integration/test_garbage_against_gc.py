"""What the model takes for garbage is what the real collector frees: random graphs, and the standard library."""

from __future__ import annotations

from typing import Any

import pytest
from integration.fresh import answer

#: Builds the objects that a drawn program asks for, and drops all but the kept ones.
_GRAPHS = """
import collections, functools, types
from hypothesis import HealthCheck, given, settings, strategies as st
from refaudit import _audit
_audit.ensure_installed()
predicted = _audit.core()._garbage

class Node: pass
class Slotted:
    __slots__ = ("links", "__weakref__")
class Final(Node):
    def __del__(self): finalized.append(1)
finalized = []
class Reference(weakref.ref):
    __slots__ = ("links",)
def suspended(links): yield links
async def awaited(links): return links
class Case:
    def __init__(self): self.objects, self.kept, self.witnesses = [], [], []

def attributes(made):
    links = made.links = []
    return made, links
def closure(_):
    links = []
    def inner(): return links
    return inner, links
def generator(_):
    links = []; made = suspended(links); next(made)
    return made, links
def failure(_):
    return attributes(ValueError())
def traced(_):
    try: raise ValueError
    except ValueError as error: return attributes(error)
def weak(old):
    targets = [o for o in old if type(o).__weakrefoffset__]
    return attributes(Reference(targets[-1]) if targets else Node())
def watched(old):
    links = []; made = Node()
    made.reference = weakref.ref(made, functools.partial(len, links))
    return made, links
KINDS = {
    "list": lambda old: 2 * (made := [],) , "dict": lambda old: (made := {}, made.setdefault(1, [])),
    "tuple": lambda old: (tuple(old[-2:]), links := []), "node": lambda old: attributes(Node()),
    "slots": lambda old: attributes(Slotted()), "final": lambda old: attributes(Final()),
    "closure": closure, "failure": failure, "traced": traced, "weak": weak, "watched": watched,
    "class": lambda old: attributes(type("Made", (Node,), {})),
    "subclass": lambda old: attributes(types.new_class("Sub", tuple(o for o in old[-1:] if type(o) is type))),
    "method": lambda old: (types.MethodType(Node, links := []), links),
    "partial": lambda old: (functools.partial(print, links := []), links),
    "deque": lambda old: (made := collections.deque([links := []]), links),
    "ordered": lambda old: (made := collections.OrderedDict(key=(links := [])), links),
    "set": lambda old: ({(node := Node())}, attributes(node)[1]),
    "proxy": lambda old: (types.MappingProxyType({"key": (links := [])}), links),
    "cached": lambda old: (functools.lru_cache(functools.partial(print, links := [])), links),
    "iterator": lambda old: (iter(links := []), links), "module": lambda old: attributes(types.ModuleType("made")),
    "property": lambda old: (property((made := closure(old))[0]), made[1]),
    "generator": generator, "coroutine": generator,
}
EXACT = sorted(KINDS.keys() - {"generator", "coroutine"})

def build(case, kinds, edges, kept):
    links = []
    for kind in kinds:
        made, room = KINDS[kind](case.objects)
        case.objects.append(made); links.append(room)
        try: case.witnesses.append((id(made), weakref.ref(made)))
        except TypeError: pass
    for source, target in edges:
        links[source % len(links)].append(case.objects[target % len(links)])
    case.kept = [case.objects[number % len(links)] for number in kept]
    del made, room
    case.objects = None

def compared(kinds, edges, kept):
    gc.collect(); gc.collect()
    case = Case()
    build(case, kinds, edges, kept)
    found = predicted()
    alive = {address for address, witness in case.witnesses if witness() is not None}
    garbage = {address for address, _, seen in found if seen}
    collected = gc.collect()
    dead = {address for address, witness in case.witnesses if address in alive and witness() is None}
    assert dead == alive & garbage, (dead, garbage, found)
    return collected, len(garbage), found

graphs = dict(edges=st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)), max_size=30),
              kept=st.lists(st.integers(0, 11), max_size=2))
seen = []
common = settings(max_examples=EXAMPLES, deadline=None, database=None, derandomize=True,
                  suppress_health_check=list(HealthCheck))
@common
@given(kinds=st.lists(st.sampled_from(EXACT), min_size=4, max_size=12), **graphs)
def exactly(kinds, edges, kept):
    collected, garbage, found = compared(kinds, edges, kept)
    assert collected == garbage, found
    seen.append(garbage)
@common
@given(kinds=st.lists(st.sampled_from(sorted(KINDS)), min_size=4, max_size=12), **graphs)
def with_generators(kinds, edges, kept):
    collected, garbage, found = compared(kinds, edges, kept)
    assert collected <= garbage, found
    seen.append(garbage)
gc.disable()
MODE()
say(examples=len(seen), most=max(seen), garbage=sum(map(bool, seen)), finalized=len(finalized))
"""


@pytest.mark.parametrize("mode", ["exactly", "with_generators"])
def test_random_graphs_die_as_predicted(mode: str) -> None:
    """As many objects as `gc.collect()` says, and just those whose weak references die.

    A generator in a cycle is closed by its finalizer, which can free the cycle before it is counted.
    """
    said = answer(_GRAPHS.replace("EXAMPLES", "60").replace("MODE", mode))
    assert said["examples"] >= 60
    assert said["garbage"] > 10
    assert said["most"] > 10
    assert said["finalized"] > 0


#: About half of the standard library, by and large what applications import.
_LIBRARY = """
import importlib
gc.disable()
from refaudit import _audit
_audit.ensure_installed()
names = [name for name in sorted(sys.stdlib_module_names) if not name.startswith(("_", "idlelib", "test"))]
unwanted = {"antigravity", "this", "turtledemo", "lib2to3", "nt", "ntpath", "msvcrt", "winreg", "winsound"}
imported = 0
for name in names[::2]:
    if name in unwanted: continue
    try: importlib.import_module(name); imported += 1
    except ImportError: pass
def settle():
    while gc.collect(): pass
def compare():
    found = _audit.core()._garbage()
    return [len(found), sum(seen for *_, seen in found), gc.collect(), sorted({t for _, t, seen in found if not seen})]
first = compare(); settle(); second = compare()
for name in list(sys.modules):
    if name.partition(".")[0] in ("asyncio", "email", "http", "json", "logging", "unittest", "xml"):
        module = sys.modules.pop(name)
del module
third = compare()
say(imported=imported, first=first, second=second, third=third)
"""


@pytest.fixture(scope="module")
def library() -> dict[str, Any]:
    """Garbage of a program that imported half the standard library, and lost a part of it again."""
    return answer(_LIBRARY)


def test_garbage_of_imports_is_what_is_freed(library: dict[str, Any]) -> None:
    assert library["imported"] > 70
    _, predicted, collected, _ = library["first"]
    assert predicted == collected > 100


def test_nothing_is_garbage_after_a_collection(library: dict[str, Any]) -> None:
    assert library["second"][:3] == [0, 0, 0]


def test_garbage_of_modules_that_were_dropped_is_what_is_freed(library: dict[str, Any]) -> None:
    """The tables of subclasses of dead classes are unknown to the collector, and go with the classes."""
    _, predicted, collected, unseen = library["third"]
    assert predicted == collected
    assert set(unseen) <= {"dict", "weakref.ReferenceType", "weakref"}
