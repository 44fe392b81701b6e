"""Imports a module and drops its whole package again; runs inside the interpreter under test.

Nothing is imported here that start-up has not imported: `_json` and the like are subjects too.
"""

import gc
import importlib
import sys
import weakref
from importlib.machinery import BuiltinImporter, ExtensionFileLoader


class Witness:
    """Put into a module's dict, which alone refers to it: gone when the dict is."""


def read_words():
    """The case: JSON of strings and lists only, hence a Python literal too."""
    with open(sys.argv[1], encoding="utf-8") as file:
        return eval(file.read(), {"__builtins__": {}})


def answer(content):
    """Write it down and leave; only now may json be imported."""
    from pathlib import Path

    from subject import write_answer

    write_answer(Path(sys.argv[2]), content)


def package_of(name):
    """The top-level name: what is dropped as a whole."""
    return name.partition(".")[0]


def dependencies_of(name):
    """Import a module; the modules that this loads outside of its package, in order."""
    before = set(sys.modules)
    importlib.import_module(name)
    loaded = [n for n in sys.modules if n not in before]
    return [n for n in loaded if package_of(n) != package_of(name)]


def import_dependencies(names):
    """Import beforehand what stays; the few names that stand for no file are given back."""
    refused = []
    for name in names:
        try:
            importlib.import_module(name)
        except Exception:
            refused.append(name)
    return refused


def import_extensions(name):
    """Import a module: its name if it is an extension, else those that its package has loaded."""
    importlib.import_module(name)
    if _is_extension(name) and not hasattr(sys.modules[name], "__path__"):
        return [name]
    return [n for n in sys.modules if package_of(n) == package_of(name) and _is_extension(n)]


def _is_extension(name):
    """Whether it comes from a shared library, or from the interpreter, under this very name."""
    spec = getattr(sys.modules[name], "__spec__", None)
    loader = getattr(spec, "loader", None)
    built = isinstance(loader, ExtensionFileLoader) or loader is BuiltinImporter
    return built and spec.name == name


def watch(name):
    """Weak references to a module and to a witness in its dict; nothing else is held."""
    module = sys.modules[name]
    witness = Witness()
    vars(module)["__realworld_witness__"] = witness
    return weakref.ref(module), weakref.ref(witness)


def drop(package):
    """Forget the package and all below it, then collect until nothing more can go."""
    for name in [n for n in sys.modules if package_of(n) == package]:
        del sys.modules[name]
    importlib.invalidate_caches()
    sys.path_importer_cache.clear()
    for _ in range(5):
        gc.collect()
