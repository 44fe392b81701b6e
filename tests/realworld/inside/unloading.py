"""Drops a package and observes what is left of its extension modules; no refaudit in here."""

import atexit
import gc
import importlib
import sys

from holding import Heap, held
from importing import (
    answer,
    drop,
    import_dependencies,
    import_extensions,
    package_of,
    read_words,
    watch,
)

#: Immutable values that any two modules may have in common.
_VALUES = (str, bytes, int, float, complex, bool, tuple, frozenset, type(None), type(...))


def _survivors(watched):
    """What holds each module that is left, or whose dict is, seen in one picture of the heap."""
    heap = Heap()
    found = {}
    for name, (module, witness) in watched.items():
        left = [0 if ref() is None else id(ref()) for ref in (module, witness)]
        freed = {"freed": not left[0], "dict_freed": not left[1]}
        found[name] = {**freed, **(held(heap, *left) if any(left) else {})}
    return found


def _mark_kept_at_exit(members, watched):
    """Functions to be called at exit are kept where `gc` does not see them: forget them, look again."""
    atexit._clear()
    gc.collect()
    for name, (module, witness) in watched.items():
        seen = members[name]
        gone = module() is None and witness() is None
        seen["only_atexit"] = gone and not (seen["freed"] and seen["dict_freed"])


def _contents(module):
    """Objects of a module that are its own doing: no plain values, no modules."""
    own = (v for k, v in vars(module).items() if not k.startswith("__"))
    return {id(v) for v in own if not isinstance(v, (*_VALUES, type(sys)))}


def _reimported(name, watched):
    """What a second import gives for each module: same, shared contents, new, or a refusal."""
    old = {name: ref() for name, (ref, _) in watched.items()}
    before = {name: _contents(module) for name, module in old.items() if module is not None}
    try:
        importlib.import_module(name)
    except Exception as failure:
        return dict.fromkeys(watched, f"refused: {type(failure).__name__}: {failure}")
    return {name: _compare(name, old[name], before.get(name, set())) for name in watched}


def _compare(name, old, before):
    """One module before and after."""
    new = sys.modules.get(name)
    if new is None:
        return "not loaded"
    if new is old:
        return "same"
    return "shared" if before & _contents(new) else "new"


def main():
    """Everything about every extension module of one package."""
    case = read_words()
    name = case["name"]
    late = import_dependencies(case["dependencies"])
    early = [n for n in sys.modules if package_of(n) == package_of(name)]
    watched = {n: watch(n) for n in import_extensions(name)}
    drop(package_of(name))
    members = _survivors(watched)
    _mark_kept_at_exit(members, watched)
    for member, outcome in _reimported(name, watched).items():
        members[member]["reimport"] = outcome
    answer({"early": early, "late": late, "members": members})


main()
