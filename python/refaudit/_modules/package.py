"""Importing and dropping a package in a child process, without keeping anything of it."""

from __future__ import annotations

import contextlib
import gc
import importlib
import sys
from collections.abc import Callable, Iterable


class DependencyImportsPackage(Exception):
    """Importing a dependency beforehand imported the package itself."""

    def __init__(self, dependency: str) -> None:
        super().__init__(f"importing `{dependency}` beforehand imports the package itself")
        self.dependency = dependency


def names_of(package: str) -> list[str]:
    """Names in `sys.modules` that belong to a package, the package itself included."""
    inner = package + "."
    return [name for name in sys.modules if name == package or name.startswith(inner)]


def import_beforehand(
    dependencies: Iterable[str], package: str, tell: Callable[[str], None]
) -> list[str]:
    """Import what the package imports from elsewhere; return those that could not be.

    Raises `DependencyImportsPackage` when one of them imports the package.
    """
    failed = []
    # Some are there from the start: packages of several distributions, by their .pth files.
    before = set(names_of(package))
    for name in dependencies:
        if name in sys.modules:
            continue
        tell(f"importing the dependency {name}")
        try:
            importlib.import_module(name)
        except Exception:
            failed.append(name)
        if not before.issuperset(names_of(package)):
            raise DependencyImportsPackage(name)
    return failed


def warm_up_finders(package: str) -> None:
    """Let the import system read the folders, whose listings it keeps.

    Looks for a neighbour that is not there: nothing of the package is imported.
    """
    with contextlib.suppress(ImportError):
        importlib.import_module(package + "_refaudit_is_not_there")


class Importer:
    """Imports a module and drops its whole package again, any number of times."""

    def __init__(self, name: str, package: str) -> None:
        self.name, self.package = name, package
        self._folders = set(sys.path_importer_cache)

    def load(self) -> None:
        """Import the module, as ``import name`` does."""
        importlib.import_module(self.name)

    def drop(self) -> None:
        """Forget the package: its names, and the listings of its folders."""
        for name in names_of(self.package):
            del sys.modules[name]
        for folder in set(sys.path_importer_cache) - self._folders:
            del sys.path_importer_cache[folder]

    def cycle(self) -> None:
        """Import, drop, collect."""
        self.load()
        self.drop()
        gc.collect()
