"""What plain Python can see of the types of a package, refaudit left out.

For each expression that makes an instance: references to its type that are left after making and dropping many
(``sys.getrefcount``), and how often ``tp_traverse`` of one visits its type (``gc.get_referents``; None for an
instance that the collector does not know, and of a static type). ``untracked`` when the collector is told of some
instances only.
"""

import gc
import importlib
import sys

from subject import read_case, write_answer

ROUNDS = 500


def _visits(one):
    kind = type(one)
    # Py_TPFLAGS_HAVE_GC, Py_TPFLAGS_HEAPTYPE
    if not kind.__flags__ & (1 << 14) or not kind.__flags__ & (1 << 9):
        return None
    return sum(thing is kind for thing in gc.get_referents(one))


def _untracked(code, namespace, kind):
    """Whether the second instance is unknown to the collector that knew the first, as from a free list."""
    if not kind.__flags__ & (1 << 14):
        return False
    known = [gc.is_tracked(eval(code, namespace)) for _ in range(3)]
    return True in known and False in known


def _gained(code, namespace, kind):
    for _ in range(10):
        eval(code, namespace)
    before = sys.getrefcount(kind)
    for _ in range(ROUNDS):
        eval(code, namespace)
    gc.collect()
    return sys.getrefcount(kind) - before


def main():
    case, answer = read_case()
    package = case["name"].partition(".")[0]
    importlib.import_module(case["name"])
    namespace = {package: sys.modules[package]}
    seen = {}
    for name, expression in case["make"].items():
        code = compile(expression, name, "eval")
        one = eval(code, namespace)
        kind = type(one)
        seen[name] = {"visits": _visits(one), "rounds": ROUNDS}
        # The first one stays alive meanwhile, so that the others are as new as it was.
        seen[name]["untracked"] = _untracked(code, namespace, kind)
        del one
        seen[name]["gained"] = _gained(code, namespace, kind)
    write_answer(answer, seen)


main()
