"""`ModelHeap`: a heap that follows CPython's rules, and can be asked what would be freed."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from refaudit import _audit

if TYPE_CHECKING:
    from collections.abc import Iterable
    from os import PathLike
    from typing import Any

    from refaudit import _refaudit
    from refaudit._report import Report

#: What most types keep of their freed instances.
FREE_LIST_CAPACITY = 80


class Event(NamedTuple):
    """One thing that happened to one object of a model heap."""

    #: `freed`, `finalized`, `deleted` (a legacy `tp_del` ran), `resurrected`, `weakref-cleared`,
    #: `callback`, `garbage`, `collection` (its `id` is the generation) or `dangling`.
    what: str
    id: int
    #: The referent of a weak reference.
    other: int | None = None


Events = list[Event]


class Edge(NamedTuple):
    """A strong reference of one object to another."""

    #: Empty in a heap from a snapshot: `ModelHeap.edge_name` asks for it.
    name: str
    to: int
    #: `tp_traverse` does not visit it.
    hidden: bool = False


@dataclass(frozen=True)
class WhatIf:
    """What would be out of reach, and what would become of it."""

    #: Freed by reference counting at once, in this order.
    at_once: tuple[int, ...]
    #: Freed by the next full collection.
    collected: tuple[int, ...]
    #: Out of reach and never freed: the collector does not see it or gives up, or a finalizer
    #: brings it back.
    lost: tuple[int, ...]
    #: Objects and bytes of what is freed, by type.
    by_type: dict[str, tuple[int, int]]

    @property
    def freed(self) -> tuple[int, ...]:
        """What is freed at once or by the next full collection."""
        return self.at_once + self.collected

    @property
    def bytes(self) -> int:
        """Shallow bytes of what is freed."""
        return sum(size for _, size in self.by_type.values())


class ModelHeap:
    """Objects with reference counts and a collector, by CPython's rules; an object is a number.

    Nothing of the process is touched and no Python code runs: finalizers are descriptions. A
    reference count that reaches zero frees at once, cycles wait for `collect` or for a threshold,
    objects with a legacy `tp_del` end in `garbage`.

    `version` is that of the CPython whose rules hold, (3, 10) to (3, 15); the running one's by
    default. 3.14.0 to 3.14.4 collected in increments; that is not modelled.

    Misuse raises ValueError (an object that is freed, a name that is taken), KeyError for a number
    that was never given out.

    Source: CPython `Modules/gcmodule.c` (3.13: `Python/gc.c`), `subtype_dealloc` in
    `Objects/typeobject.c`, `Objects/weakrefobject.c`; PEP 442, PEP 683.
    """

    def __init__(self, version: tuple[int, int] | None = None) -> None:
        major, minor = version or sys.version_info[:2]
        if major != 3 or not 10 <= minor <= 15:
            raise ValueError(f"no rules for Python {major}.{minor}: they are for 3.10 to 3.15")
        self._core: _refaudit.ModelHeap = _audit.core().ModelHeap(minor)
        #: Objects are those of a living process, which can be asked for names.
        self._is_live = False

    @classmethod
    def from_snapshot(cls) -> ModelHeap:
        """A copy of this process. Whatever is done to it, the process stays as it is.

        All objects are in generation 2. `label` and `edge_name` are looked up when asked, in the
        process as it is then. Finalizers are known to exist, not what they do.
        """
        _audit.ensure_installed()
        heap = cls()
        heap._core = _audit.core().ModelHeap.capture()
        heap._is_live = True
        return heap

    @classmethod
    def from_document(cls, document: str | PathLike[str] | Report | dict[str, Any]) -> ModelHeap:
        """The part of an audited heap that an audit document tells of.

        That is: the paths to what was found (each from a root, which is immortal here), the
        shortest cycle of each kind, and the rows of the table of dominators. Objects beside these
        are not in a document, so what is freed here is the least that would be.
        """
        from refaudit._model_document import fill, load

        heap = cls()
        fill(heap, load(document))
        return heap

    # -- a program ---------------------------------------------------------------------------

    def alloc(
        self,
        type: str = "object",
        label: str = "",
        size: int = 0,
        *,
        gc: bool = True,
        immortal: bool = False,
        finalizer: str | None = None,
        legacy_del: bool = False,
        freelist: str | None = None,
        clear: bool = True,
        slots: Iterable[str] = (),
    ) -> int:
        """Make an object; the caller owns the one reference to it.

        `gc`: its type has `tp_traverse`, and the collector tracks it. `clear`: it has `tp_clear`.
        `finalizer`: `runs`, `resurrects` (somebody outside takes a reference), `drops NAME` (it
        gives up that reference of its own), or several with commas. `legacy_del`: that is a
        `tp_del`. `freelist`: its memory goes to that free list. `slots`: the names that its
        references can have, in the order in which it lets go of them.

        A collection that a threshold asks for happens here: before the new object is tracked up to
        3.11, after it from 3.12 on. `events` has what was freed.
        """
        if legacy_del and finalizer is None:
            finalizer = "runs"
        return self._core.alloc(
            type, label, size, gc, immortal, finalizer, legacy_del, freelist or "", clear, [*slots]
        )

    def link(self, a: int, b: int, name: str, *, hidden: bool = False) -> None:
        """Make `a` refer to `b`. A hidden reference is not visited by `tp_traverse`."""
        self._core.link(a, b, name, hidden)

    def unlink(self, a: int, name: str | int) -> Events:
        """Take the reference of that name away, or one that refers to that object."""
        if isinstance(name, int):
            return _events(self._core.unlink_target(a, name))
        return _events(self._core.unlink(a, name))

    def incref(self, id: int) -> None:
        """Take a reference that no object of the heap has."""
        self._core.incref(id)

    def decref(self, id: int) -> Events:
        """Give a reference up; at zero the object is freed, and what only it held."""
        return _events(self._core.decref(id))

    def weakref(self, id: int, callback: bool = False) -> int:
        """Make a weak reference, an object of its own. One without callback is made once."""
        return self._core.weakref(id, callback)

    def collect(self, generation: int = 2) -> Events:
        """`gc.collect(generation)`."""
        return _events(self._core.collect(generation))

    def clear_garbage(self) -> Events:
        """`gc.garbage.clear()`."""
        return _events(self._core.clear_garbage())

    # -- the collector and the free lists ----------------------------------------------------

    def set_threshold(self, threshold0: int, threshold1: int = 10, threshold2: int = 10) -> None:
        """`gc.set_threshold()`; 0 for the first turns automatic collection off."""
        self._core.set_threshold(threshold0, threshold1, threshold2)

    def get_threshold(self) -> tuple[int, int, int]:
        """`gc.get_threshold()`."""
        return self._core.get_threshold()

    def get_count(self) -> tuple[int, int, int]:
        """`gc.get_count()`."""
        return self._core.get_count()

    def enable(self) -> None:
        """Collect when a threshold asks for it, which is the default."""
        self._core.enable()

    def disable(self) -> None:
        """Collect only when asked to."""
        self._core.disable()

    def isenabled(self) -> bool:
        """Whether thresholds are looked at."""
        return self._core.isenabled()

    def set_freelist(self, name: str, capacity: int = FREE_LIST_CAPACITY) -> None:
        """How many pieces of memory a free list keeps at most."""
        self._core.set_free_list(name, capacity)

    def freelist(self, name: str) -> list[int]:
        """Addresses that a free list keeps; the last one is used first."""
        return self._core.free_list(name)

    # -- what if -----------------------------------------------------------------------------

    def without(
        self,
        *,
        edge: tuple[int, str | int] | None = None,
        root: int | None = None,
        object: int | None = None,
    ) -> WhatIf:
        """What would be freed without one thing; the heap stays as it is.

        `edge`: a reference, (object, name) or (object, what it refers to). `root`: everything that
        holds this object and is no object of the heap. `object`: the object itself, with all that
        refers to it. What is garbage already does not count.
        """
        if sum(given is not None for given in (edge, root, object)) != 1:
            raise TypeError("without() takes exactly one of edge, root and object")
        if edge is not None:
            owner, target = edge
            if isinstance(target, int):
                parts = self._core.without("link", owner, "", target)
            else:
                parts = self._core.without("edge", owner, target, 0)
        elif root is not None:
            parts = self._core.without("root", root, "", 0)
        else:
            assert object is not None
            parts = self._core.without("object", object, "", 0)
        at_once, collected, lost = parts
        by_type = self._core.by_type(at_once + collected)
        return WhatIf(tuple(at_once), tuple(collected), tuple(lost), by_type)

    # -- questions ---------------------------------------------------------------------------

    @property
    def events(self) -> Events:
        """Everything that happened so far, in order."""
        return _events(self._core.events_since(0))

    @property
    def garbage(self) -> list[int]:
        """Objects that the collector gave up on, each with a reference of this list."""
        return self._core.garbage()

    def live_objects(self, type: str | None = None, label: str | None = None) -> list[int]:
        """Objects that are alive, of one type if it is given, in the order of their birth."""
        found = self._core.live_objects(type)
        if label is None:
            return found
        labels = self.labels(found)
        return [id for id, own in zip(found, labels, strict=True) if own == label]

    def total_refcount(self) -> int:
        """The sum of all reference counts, without immortal objects."""
        return self._core.total_refcount()

    def find(self, address: int) -> int | None:
        """The living object at an address; `id(x)` in a heap from a snapshot."""
        return self._core.find(address)

    def is_alive(self, id: int) -> bool:
        """Whether an object is not freed yet."""
        return self._core.is_alive(id)

    def refcount(self, id: int) -> int | None:
        """Reference count; None for an immortal object."""
        return self._core.refcount(id)

    def unexplained(self, id: int) -> int:
        """References that no object of the heap has: those of frames, C statics, or a test."""
        return self._core.unexplained(id)

    def edges(self, id: int) -> list[Edge]:
        """What an object refers to, in the order in which it lets go."""
        return [Edge(*edge) for edge in self._core.edges(id)]

    def edge_name(self, a: int, b: int) -> str | None:
        """How `a` refers to `b`, in words; None when it does not, or nobody knows any more."""
        names = [edge.name for edge in self.edges(a) if edge.to == b]
        if not names or names[0] or not self._is_live:
            return names[0] if names else None
        words: str | None = _audit.core().describe_reference(self._identity(a), self._identity(b))
        return words

    def referrers(self, id: int) -> list[int]:
        """Objects that refer to an object, each once."""
        return self._core.referrers(id)

    def weakrefs(self, id: int) -> list[int]:
        """Weak references to an object, in the order in which their callbacks run."""
        return self._core.weakrefs(id)

    def referent(self, id: int) -> int | None:
        """What a weak reference refers to; None once it is cleared."""
        return self._core.referent(id)

    def type_name(self, id: int) -> str:
        """Qualified type."""
        return self._core.type_name(id)

    def label(self, id: int) -> str | None:
        """What the object is called; None when it is gone from the process meanwhile."""
        return self.labels([id])[0]

    def labels(self, ids: list[int]) -> list[str | None]:
        """The same for many: of a process, one look serves all."""
        if self._is_live:
            labels: list[str | None] = _audit.core().describe([self._identity(id) for id in ids])
            return labels
        return [self._core.own_label(id) for id in ids]

    def size(self, id: int) -> int:
        """Shallow size in bytes."""
        return self._core.size(id)

    def address(self, id: int) -> int:
        """Where the object is, or was."""
        return self._core.address(id)

    def generation(self, id: int) -> int | None:
        """The collector's generation; None when it does not track the object."""
        return self._core.generation(id)

    def _identity(self, id: int) -> tuple[int, str]:
        return self._core.address(id), self._core.type_name(id)


def _events(rows: list[tuple[str, int, int | None]]) -> Events:
    return [Event(*row) for row in rows]


@dataclass(frozen=True)
class LiveObject:
    """An object of this process in words and numbers; it is not kept alive by this."""

    address: int
    type_name: str
    label: str
    #: None for an immortal object.
    refcount: int | None
    #: Shallow bytes.
    size: int


def total_refcount() -> int:
    """The sum of all reference counts, as `sys.gettotalrefcount` gives it on a debug build.

    It is the sum over what the model heap sees, without immortal objects. Differences between two
    calls agree with the debug build; the sum itself is lower by what only C code refers to.
    """
    _audit.ensure_installed()
    total: int = _audit.core().total_refcount()
    return total


def live_objects(type: type | str | None = None) -> list[LiveObject]:
    """All objects of this process, or those of exactly one type (itself, or its qualified name).

    What `sys.getobjects` gives where CPython was built with `Py_TRACE_REFS`, but as descriptions:
    an object may be half built, and none is kept alive.
    """
    _audit.ensure_installed()
    if type is None or isinstance(type, str):
        rows = _audit.core().live_objects(None, type)
    else:
        rows = _audit.core().live_objects(id(type), None)
    return [LiveObject(*row) for row in rows]
