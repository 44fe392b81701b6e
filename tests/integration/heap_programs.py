"""A small program on real objects and on the model heap, in lockstep.

Who is alive is read from `gc.get_objects()`: weak references would take part in what is tested, and
are cleared before a finalizer brings an object back.
"""

from __future__ import annotations

import gc
import sys
import weakref
from _testcapi import with_tp_del
from typing import Any

import refaudit

NAMES = ("x", "y", "z")
VARIABLES = 5
FINALIZERS = (None, "runs", "resurrects", "drops x", "drops x, resurrects")
#: Instances of these have references of their own.
SHAPES = ("slots", "open", "list", "dict")

#: Up to 3.10 the `__dict__` of an instance is an object of its own, which stands elsewhere in the
#: collector's lists: the same finalizers run, in another order.
ORDERED = sys.version_info >= (3, 11)

Step = tuple[Any, ...]


class World:
    """The real side: variables, what finalizers saved, and what was called."""

    def __init__(self) -> None:
        self.variables: list[Any] = [None] * VARIABLES
        self.saved: list[Any] = []
        #: Number of an object by its address; only of living ones.
        self.numbers: dict[int, int] = {}
        self.finalized: list[int] = []
        self.called: list[int] = []
        #: Code objects, which the collector does not list: they are never brought back.
        self.codes: dict[int, weakref.ref[Any]] = {}
        #: What is left may die in silence.
        self.is_over = False


#: The one that finalizers speak to.
world = World()


def _finalize(self: Any, what: str) -> None:
    if world.is_over:
        return
    world.finalized.append(world.numbers[id(self)])
    for part in what.split(", "):
        if part == "resurrects":
            world.saved.append(self)
        elif part == "drops x" and _has(self, "x"):
            _unlink(self, "x")


def _called(ref: Any) -> None:
    world.called.append(world.numbers[id(ref)])


class Slots:
    __slots__ = (*NAMES, "__weakref__")


class Open:
    """Its values are dropped in the order in which the first instance got them."""

    def __init__(self) -> None:
        self.x = self.y = self.z = None


class List(list):  # type: ignore[type-arg]
    __slots__ = ("__weakref__",)


class Dict(dict):  # type: ignore[type-arg]
    __slots__ = ("__weakref__",)


class Tuple(tuple):  # type: ignore[type-arg]
    __slots__ = ()


def _with_finalizer(base: type, what: str | None) -> type:
    if what is None:
        return base

    def finalize(self: Any) -> None:
        _finalize(self, what)

    return type(base.__name__, (base,), {"__slots__": (), "__del__": finalize})


def _legacy(what: str) -> type:
    def finalize(self: Any) -> None:
        _finalize(self, what)

    made = type("Legacy", (), {"__slots__": (*NAMES, "__weakref__"), "__tp_del__": finalize})
    return with_tp_del(made)  # type: ignore[no-any-return]


def _mute(what: str) -> type:
    """These can refer to nothing."""
    base = type("Mute", (), {"__slots__": ()})
    return _with_finalizer(base, what)


_BASES = {"slots": Slots, "open": Open, "list": List, "dict": Dict}
CLASSES: dict[tuple[str, str | None], type] = {
    (shape, what): _with_finalizer(_BASES[shape], what) for shape in SHAPES for what in FINALIZERS
}
CLASSES |= {("legacy", what): _legacy(what) for what in ("runs", "resurrects", "drops x")}
CLASSES |= {("mute", what): _mute(what) for what in ("runs", "resurrects")}
KINDS = sorted(CLASSES, key=str)
_OURS = {*CLASSES.values(), Tuple, weakref.ReferenceType}
#: In this order CPython lets go of them.
_ORDERS = {"slots": NAMES, "legacy": NAMES, "open": NAMES, "list": NAMES[::-1]}


def _has(it: Any, name: str) -> bool:
    if isinstance(it, List):
        return bool(it) and it[NAMES.index(name)] is not None
    return name in it if isinstance(it, Dict) else getattr(it, name, None) is not None


def _link(it: Any, name: str, to: Any) -> None:
    if isinstance(it, List):
        it[NAMES.index(name)] = to
    elif isinstance(it, Dict):
        it[name] = to
    else:
        setattr(it, name, to)


def _unlink(it: Any, name: str) -> None:
    if isinstance(it, Dict):
        del it[name]
    elif isinstance(it, Open | List):
        _link(it, name, None)
    else:
        delattr(it, name)


def _get(it: Any, name: str) -> Any:
    if isinstance(it, List):
        return it[NAMES.index(name)]
    return it[name] if isinstance(it, Dict) else getattr(it, name)


class Lockstep:
    """Runs a program on both sides; `check` compares them."""

    def __init__(self) -> None:
        global world
        world = World()
        self.heap = refaudit.ModelHeap()
        self.heap.disable()
        #: Shape of each object by its number.
        self.shapes: dict[int, str] = {}
        self.variables: list[int | None] = [None] * VARIABLES

    def run(self, steps: list[Step]) -> None:
        """One step after the other, compared after each."""
        # What an earlier program left for good is none of this one's.
        gc.garbage.clear()
        gc.freeze()
        try:
            for step in steps:
                getattr(self, f"_do_{step[0]}")(*step[1:])
                self.check(step)
            self._end()
        finally:
            world.is_over = True
            world.variables.clear()
            world.saved.clear()
            gc.collect()
            gc.garbage.clear()

    def _end(self) -> None:
        """Everything that is not kept for good goes in the end."""
        for variable in range(VARIABLES):
            self._do_drop(variable)
            self.check(("end", variable))
        for _ in range(4):
            # A legacy finalizer brings its object back each time.
            for _ in range(len(world.saved)):
                self._do_release()
            self._do_collect(2)
            self._do_forget()
            self.check(("end",))

    def check(self, step: Step) -> None:
        """The same objects are alive, the same finalizers and callbacks ran, in the same order."""
        ours = {id(it) for it in gc.get_objects() if type(it) in _OURS}
        seen = {number for address, number in world.numbers.items() if address in ours}
        seen |= {number for number, code in world.codes.items() if code() is not None}
        expected = {id for id in self.heap.live_objects() if self.shapes[id] != "consts"}
        assert seen == expected, (step, "alive", seen ^ expected)
        events = self.heap.events[self.known :]
        self.known += len(events)
        finalized = [event.id for event in events if event.what in ("finalized", "deleted")]
        called = [event.id for event in events if event.what == "callback"]
        garbage, expected_garbage = [world.numbers[id(it)] for it in gc.garbage], self.heap.garbage
        if not ORDERED:
            both = (world.finalized, finalized, world.called, called, garbage, expected_garbage)
            for numbers in both:
                numbers.sort()
        assert world.finalized == finalized, (step, "finalized", world.finalized, finalized)
        assert world.called == called, (step, "called back")
        assert garbage == expected_garbage, (step, "garbage", garbage, expected_garbage)
        world.finalized.clear()
        world.called.clear()
        world.numbers = {
            address: number
            for address, number in world.numbers.items()
            if self.heap.is_alive(number)
        }

    #: Events that were compared already.
    known = 0

    def _vacate(self, variable: int) -> None:
        if self.variables[variable] is not None:
            self._do_drop(variable)
            self.check(("vacate", variable))

    def _put(self, variable: int, number: int, shape: str) -> None:
        """The real object is there already."""
        self.shapes.setdefault(number, shape)
        self.variables[variable] = number
        world.numbers[id(world.variables[variable])] = number

    def _do_new(self, variable: int, kind: tuple[str, str | None]) -> None:
        self._vacate(variable)
        shape, finalizer = kind
        world.variables[variable] = CLASSES[kind]()
        if shape == "list":
            world.variables[variable] += [None] * len(NAMES)
        number = self.heap.alloc(
            shape,
            finalizer=finalizer,
            legacy_del=shape == "legacy",
            slots=_ORDERS.get(shape, ()),
        )
        self._put(variable, number, shape)

    def _do_tuple(self, variable: int, first: int, second: int) -> None:
        self._vacate(variable)
        if self.variables[first] is None or self.variables[second] is None:
            return
        world.variables[variable] = Tuple((world.variables[first], world.variables[second]))
        number = self.heap.alloc("tuple", clear=False, slots=["y", "x"])
        for name, of in (("x", first), ("y", second)):
            target = self.variables[of]
            assert target is not None
            self.heap.link(number, target, name)
        self._put(variable, number, "tuple")

    def _do_code(self, variable: int, constant: int) -> None:
        """The collector knows nothing of a code object: a cycle through it stays for good."""
        self._vacate(variable)
        target = self.variables[constant]
        if target is None:
            return
        code = _finalize.__code__.replace(co_consts=(world.variables[constant],))
        world.variables[variable] = code
        consts = self.heap.alloc("tuple", clear=False)
        self.heap.link(consts, target, "[0]")
        self.shapes[consts] = "consts"
        number = self.heap.alloc("code", gc=False)
        self.heap.link(number, consts, "co_consts")
        self.heap.decref(consts)
        self._put(variable, number, "code")
        world.codes[number] = weakref.ref(code)

    def _owner(self, variable: int) -> int | None:
        number = self.variables[variable]
        if number is None or self.shapes[number] not in (*SHAPES, "legacy"):
            return None
        return number

    def _do_link(self, owner: int, name: str, target: int) -> None:
        number, to = self._owner(owner), self.variables[target]
        if number is None or to is None:
            return
        self._do_unlink(owner, name)
        self.check(("unlink before link", owner, name))
        _link(world.variables[owner], name, world.variables[target])
        self.heap.link(number, to, name)

    def _do_unlink(self, owner: int, name: str) -> None:
        number = self._owner(owner)
        if number is None or all(edge.name != name for edge in self.heap.edges(number)):
            return
        _unlink(world.variables[owner], name)
        self.heap.unlink(number, name)

    def _do_take(self, variable: int, owner: int, name: str) -> None:
        number = self._owner(owner)
        if number is None or variable == owner:
            return
        self._vacate(variable)
        targets = [edge.to for edge in self.heap.edges(number) if edge.name == name]
        if targets:
            world.variables[variable] = _get(world.variables[owner], name)
            self.heap.incref(targets[0])
            self.variables[variable] = targets[0]

    def _do_drop(self, variable: int) -> None:
        number = self.variables[variable]
        if number is not None:
            self.variables[variable] = None
            world.variables[variable] = None
            self.heap.decref(number)

    def _do_ref(self, variable: int, target: int, callback: bool) -> None:
        to = self.variables[target]
        if (
            to is None
            or self.shapes[to] in ("tuple", "mute", "weakref", "code")
            or variable == target
        ):
            return
        self._vacate(variable)
        if callback:
            world.variables[variable] = weakref.ref(world.variables[target], _called)
        else:
            world.variables[variable] = weakref.ref(world.variables[target])
        self._put(variable, self.heap.weakref(to, callback), "weakref")

    def _do_collect(self, generation: int) -> None:
        gc.collect(generation)
        self.heap.collect(generation)

    def _do_release(self) -> None:
        if world.saved:
            number = world.numbers[id(world.saved[0])]
            del world.saved[0]
            self.heap.decref(number)

    def _do_forget(self) -> None:
        gc.garbage.clear()
        self.heap.clear_garbage()
