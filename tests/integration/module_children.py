"""Child interpreters that look at one sample module, with ctypes as the outside witness."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from integration import fresh
from support.building import BuildFailure
from support.modules import Sample, library, samples

#: `PyModuleDef` as `Include/moduleobject.h` declares it, and the sample's own counters. Reads the library
#: before anything is imported: what it says then is the definition as it was compiled.
PRELUDE = """
import ctypes, gc, importlib.machinery, importlib.util, json, os, sys, weakref
from refaudit import _refaudit as core
core.self_check()
core.install()

pointer = ctypes.c_void_p
class Definition(ctypes.Structure):
    _fields_ = [
        ("refcount", ctypes.c_ssize_t), ("type", pointer), ("m_init", pointer),
        ("m_index", ctypes.c_ssize_t), ("m_copy", pointer), ("m_name", ctypes.c_char_p),
        ("m_doc", ctypes.c_char_p), ("m_size", ctypes.c_ssize_t), ("m_methods", pointer),
        ("m_slots", pointer), ("m_traverse", pointer), ("m_clear", pointer), ("m_free", pointer),
    ]

def say(**answer):
    print(json.dumps(answer), flush=True)
def load(name, path):
    loader = importlib.machinery.ExtensionFileLoader(name, path)
    spec = importlib.util.spec_from_file_location(name, path, loader=loader)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    loader.exec_module(module)
    return sys.modules[name]
def drop(name):
    sys.modules.pop(name, None)
    for _ in range(3):
        gc.collect()
def inits():
    return json.loads(core.inits())
def facts(module, definition=0):
    return json.loads(core.module_facts(module, definition))

if len(sys.argv) > 2:
    name, path = sys.argv[1:3]
    compiled = ctypes.CDLL(path)
    definition = Definition.in_dll(compiled, "definition")
    address = ctypes.addressof(definition)
    def count(which):
        return ctypes.c_int.in_dll(compiled, which + "_calls").value
    def row():
        rows = [row for row in inits() if row["def"] == address]
        return rows[0] if rows else None
"""


def built(name: str) -> Path:
    """A sample's library; a failure of the test when it cannot be built."""
    try:
        return library(name)
    except BuildFailure as failure:
        pytest.fail(str(failure), pytrace=False)


def about(sample: Sample, code: str) -> dict[str, Any]:
    """What a child says of a sample."""
    return alone(code, sample.name, str(built(sample.name)))


def alone(code: str, *arguments: str) -> dict[str, Any]:
    """What a child says last."""
    done = fresh.run(code, *arguments, prelude=PRELUDE)
    return fresh.last_answer(done)


def working(*kinds: str) -> list[Any]:
    """The samples that can be imported, of some kinds or of all, as parameters."""
    chosen = [one for one in samples() if not one.fails and (not kinds or one.kind in kinds)]
    return [pytest.param(one, id=one.name) for one in chosen]


def defined() -> list[Any]:
    """Those that have a `PyModuleDef`."""
    return [one for one in working() if one.values[0].kind != "export-slots"]
