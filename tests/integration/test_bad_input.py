"""An interpreter that cannot be audited is refused in clear words, before anything is loaded."""

from __future__ import annotations

import pytest
from integration.fresh import answer

_REFUSED = """
import sysconfig, types
{change}
import refaudit
try:
    refaudit.check(len, []); said = None
except refaudit.UnsupportedInterpreter as error:
    said = str(error)
say(said=said, loaded=sys.modules.get("refaudit._refaudit") is not None)
"""
_CASES = {
    "another implementation": (
        "sys.implementation = types.SimpleNamespace(**{**vars(sys.implementation), 'name': 'pypy'})",
        "pypy",
    ),
    "a future version": (
        "sys.version_info = (3, 99, 0, 'final', 0)",
        "CPython 3.99 is not known",
    ),
    "an old version": ("sys.version_info = (3, 9, 0, 'final', 0)", "CPython 3.9 is not known"),
    "a free-threaded build": (
        "sysconfig.get_config_vars()['Py_GIL_DISABLED'] = 1",
        "free-threaded",
    ),
    "another system": ("sys.platform = 'darwin'", "darwin"),
    "another processor": (
        "import os; there = os.uname()\n"
        "os.uname = lambda: types.SimpleNamespace(machine='aarch64', sysname=there.sysname)",
        "this is aarch64",
    ),
    # What a wheel of another Python, or a folder of sources on the path, amounts to.
    "no compiled part": (
        "sys.modules['refaudit._refaudit'] = None",
        "-m pip install refaudit-cpython",
    ),
}


@pytest.mark.parametrize("name", _CASES)
def test_interpreter_is_refused(name: str) -> None:
    change, words = _CASES[name]
    said = answer(_REFUSED.format(change=change))
    assert words in (said["said"] or "")
    assert not said["loaded"]


_UNFIT = """
import refaudit
from refaudit import _audit
core = _audit.core()
class Odd:
    def __getattr__(self, name): return getattr(core, name)
    def self_check(self): raise RuntimeError("layout of list: expected 1 references, found 7")
_audit._core = Odd()
try:
    refaudit.snapshot(); said = None
except refaudit.UnsupportedInterpreter as error:
    said = str(error)
say(said=said)
"""


def test_layouts_that_do_not_fit_are_refused() -> None:
    assert "layout of list" in answer(_UNFIT)["said"]
