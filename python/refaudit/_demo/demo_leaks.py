"""A small program that leaks in the ways that C code does, without a compiler: by `ctypes`.

Each function is what an extension module might have in C, with the call that is one too many, or
the one that is missing. `refaudit demo` audits them.
"""

from __future__ import annotations

import ctypes

_take = ctypes.pythonapi.Py_IncRef
_take.argtypes, _take.restype = [ctypes.py_object], None
_allocate = ctypes.pythonapi.PyMem_Malloc
_allocate.argtypes, _allocate.restype = [ctypes.c_size_t], ctypes.c_void_p
_free = ctypes.pythonapi.PyMem_Free
_free.argtypes, _free.restype = [ctypes.c_void_p], None


class Node:
    """Something with a name."""

    def __init__(self, name: str) -> None:
        self.name = name


_ROOT = Node("root")
_seen: list[Node] = []


def borrowed_and_counted() -> None:
    """An argument is borrowed; it is counted all the same, and never released."""
    _take(_ROOT)


def made_and_forgotten() -> None:
    """A new object is counted twice, and released once."""
    _take(Node("new"))


def buffer_not_freed() -> None:
    """Returns early, before the buffer is freed."""
    _allocate(4096)


def cache_without_end() -> None:
    """No bug of reference counting: a list that only grows."""
    _seen.append(Node("seen"))


def all_given_back() -> None:
    """The clean twin of them all."""
    _free(_allocate(4096))
    Node("new")
