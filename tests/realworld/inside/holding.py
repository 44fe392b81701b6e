"""Who refers to what is left, by ``gc`` and ``sys.getrefcount`` alone.

References that no visible object accounts for are those of C statics, of the import caches and of
the interpreter itself.
"""

import gc
import sys
from collections import Counter

#: From here on a reference count is an immortal object's (PEP 683) and says nothing.
_IMMORTAL = 1 << 28
#: Types whose objects can be asked for a name without running anybody's code.
_NAMED = (type(len), type(lambda: None), type(sys))


class Heap:
    """All containers of one moment and, of each, the places of those that refer to it."""

    def __init__(self):
        self.containers = gc.get_objects()
        self.places = {id(thing): place for place, thing in enumerate(self.containers)}
        self._referrers = {}
        for place, thing in enumerate(self.containers):
            for referent in gc.get_referents(thing):
                self._referrers.setdefault(id(referent), []).append(place)
        self._own = _asking()

    def referrers(self, place):
        """Places of what refers to a container, one for each reference."""
        return self._referrers.get(id(self.containers[place]), ())

    def unexplained(self, place):
        """Reference count minus visible referrers; 0 for an immortal object."""
        count = sys.getrefcount(self.containers[place])
        return 0 if count >= _IMMORTAL else count - self._own - len(self.referrers(place))

    def leading_to(self, starts, stops):
        """Places of all that leads to the starts, themselves included; nothing beyond a stop."""
        todo, seen = list(starts), set(starts)
        while todo:
            place = todo.pop()
            if place not in stops:
                new = [p for p in self.referrers(place) if p not in seen]
                seen.update(new)
                todo.extend(new)
        return sorted(seen)

    def place_of_dict_with(self, witness):
        """The place of the dict that holds the witness at this address."""
        return self._referrers[witness][0]


def _asking():
    """References that asking itself costs: the list of containers, and the argument."""
    containers = [[]]
    return sys.getrefcount(containers[0])


def _standing(heap):
    """What is alive in any case, by place: imported modules, their dicts, `modules_by_index`."""
    found = {}
    for name, module in sys.modules.items():
        for thing in (module, getattr(module, "__dict__", None)):
            if id(thing) in heap.places:
                found[heap.places[id(thing)]] = {"kind": "program", "label": f"module {name}"}
    builtins = sys.modules["builtins"]
    for place, thing in enumerate(heap.containers):
        if type(thing) is list and _has(thing, sys) and _has(thing, builtins):
            found[place] = {"kind": "cache", "label": "modules_by_index"}
    return found


def _has(things, wanted):
    """Membership by identity: an equality of somebody else's class may do anything."""
    return any(thing is wanted for thing in things)


def _dicts_of_static_types(heap):
    """Names of types in static storage, which the collector does not list, by the place of their dict."""
    found = {}
    for thing in heap.containers:
        for referent in gc.get_referents(thing):
            if issubclass(type(referent), type) and not gc.is_tracked(referent):
                contents = gc.get_referents(type.__dict__["__dict__"].__get__(referent))
                if contents and id(contents[0]) in heap.places:
                    found[heap.places[id(contents[0])]] = _name_of_type(referent)
    return found


def _name_of_type(thing):
    """A type's own name, without asking its metaclass."""
    return type.__dict__["__name__"].__get__(thing)


def _is_backup(thing, own):
    """Whether a dict is filled as a module's at the end of its init: `m_copy`, if nobody has it."""
    return type(thing) is dict and "__spec__" in thing and own is not None and thing.keys() <= own


def _root(heap, place, own, static_types):
    """An object with references from nowhere, in words; ``own`` are the keys of the module's dict."""
    thing = heap.containers[place]
    if place in static_types:
        return {"kind": "static-type", "label": f"static type {static_types[place]}"}
    if not heap.referrers(place) and _is_backup(thing, own):
        return {"kind": "cache", "label": "m_copy"}
    label = type(thing).__name__
    if issubclass(type(thing), type):
        label += f" {_name_of_type(thing)}"
    elif type(thing) in _NAMED:
        label += f" {getattr(thing, '__name__', '?')}"
    return {"kind": "unexplained", "label": label}


def held(heap, module, witness):
    """Of one survivor: direct referrers by type, references from nowhere, and other roots.

    ``module`` and ``witness`` are addresses: a variable would be one reference more.
    """
    start = [heap.places[module]] if module else []
    direct = Counter(type(heap.containers[p]).__name__ for s in start for p in heap.referrers(s))
    own = None
    if witness:
        start.append(heap.place_of_dict_with(witness))
        own = set(heap.containers[start[-1]])
    standing, static_types = _standing(heap), _dicts_of_static_types(heap)
    roots = []
    for place in heap.leading_to(start, standing):
        if place in standing:
            roots.append(standing[place])
        elif place not in start and heap.unexplained(place) > 0:
            roots.append(_root(heap, place, own, static_types))
    unexplained = sum(heap.unexplained(place) for place in start)
    return {"referrers": dict(direct), "unexplained": unexplained, "roots": _few_of_each(roots)}


def _few_of_each(roots):
    """Three labels of every kind, and how many there are."""
    kinds = {}
    for root in roots:
        kinds.setdefault(root["kind"], {})[root["label"]] = None
    return {
        kind: {"count": len(labels), "some": list(labels)[:3]} for kind, labels in kinds.items()
    }
