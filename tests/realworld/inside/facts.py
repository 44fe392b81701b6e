"""What plain Python can see of a case, refaudit left out: the second opinion.

Everything is per call: allocated blocks, bytes in each allocator, collector objects, and the
references that no container shows (``sys.getrefcount`` minus the collector's referents).
"""

import ctypes
import gc
import sys
import tracemalloc
from array import array

from subject import MODULE, load, read_case, write_answer


class _Mallinfo2(ctypes.Structure):
    _fields_ = [
        (name, ctypes.c_size_t)
        for name in (
            "arena",
            "ordblks",
            "smblks",
            "hblks",
            "hblkhd",
            "usmblks",
            "fsmblks",
            "uordblks",
            "fordblks",
            "keepcost",
        )
    ]


_mallinfo2 = ctypes.CDLL(None).mallinfo2
_mallinfo2.restype = _Mallinfo2


def _malloc_bytes():
    """Bytes that the C library has given out."""
    info = _mallinfo2()
    return info.uordblks + info.hblkhd


def _clear():
    """Collect, and drop the method cache, which holds references of its own until 3.12."""
    gc.collect()
    sys._clear_type_cache()


def _grow(measure, trigger, calls):
    """Growth of one number over many calls, per call."""
    trigger()
    _clear()
    before = measure()
    for _ in range(calls):
        trigger()
    _clear()
    return (measure() - before) / calls


def _name(kind):
    """``module.qualname``, or the bare name of a builtin type or of one without a module."""
    module = getattr(kind, "__module__", "builtins")
    if module == "builtins" or not isinstance(module, str):
        return kind.__qualname__
    return f"{module}.{kind.__qualname__}"


def _universe(witnesses):
    """Every object that the collector lists, and what these refer to, held once each.

    Witnesses are objects that only a C static holds, so that the collector leads to none of them.
    """
    known = {id(witness): witness for witness in witnesses}
    for container in gc.get_objects():
        known[id(container)] = container
        for referent in gc.get_referents(container):
            known[id(referent)] = referent
    return list(known.values())


def _unexplained(known, index):
    """Reference count minus visible referents, for each known object.

    The numbers live in an array: as int objects they would be references themselves.
    """
    numbers = array("q", bytes(8 * len(known)))
    for container in gc.get_objects():
        if container is not known and container is not index:
            for referent in gc.get_referents(container):
                position = index.get(id(referent))
                if position is not None:
                    numbers[position] -= 1
    for position, thing in enumerate(known):
        numbers[position] += sys.getrefcount(thing)
    return numbers


def _references(trigger, calls, witnesses):
    """Objects that gain (or lose) references in every call with nobody to show for it."""
    trigger()
    _clear()
    known = _universe(witnesses)
    index = {id(thing): position for position, thing in enumerate(known)}
    before = _unexplained(known, index)
    for _ in range(calls):
        trigger()
    _clear()
    after = _unexplained(known, index)
    found = []
    for position, thing in enumerate(known):
        growth = (after[position] - before[position]) / calls
        if abs(growth) > 0.9:
            # object.__repr__ runs nobody's code.
            label = _name(thing) if isinstance(thing, type) else object.__repr__(thing)
            found.append({"type_name": _name(type(thing)), "label": label, "per_call": growth})
    return found


def main():
    """Measure, the quiet counters first; tracemalloc comes last because it changes the rest."""
    case, answer = read_case()
    trigger = load(case)
    calls = case["calls"]
    witnesses = [eval(source, vars(sys.modules[MODULE])) for source in case["witness"]]
    facts = {
        "blocks": _grow(sys.getallocatedblocks, trigger, calls),
        "malloc_bytes": _grow(_malloc_bytes, trigger, calls),
        "gc_objects": _grow(lambda: len(gc.get_objects()), trigger, calls),
        "references": _references(trigger, min(calls, 200), witnesses),
    }
    tracemalloc.start()
    facts["python_bytes"] = _grow(lambda: tracemalloc.get_traced_memory()[0], trigger, calls)
    tracemalloc.stop()
    write_answer(answer, facts)


main()
