"""Which interpreter this is, and whether it can be audited."""

from __future__ import annotations

import os
import sys
import sysconfig

from refaudit.errors import UnsupportedInterpreter


def describe() -> dict[str, str]:
    """The ``interpreter`` block of an audit document."""
    return {
        "implementation": "CPython",
        "version": ".".join(map(str, sys.version_info[:3])),
        "platform": sysconfig.get_platform(),
        "build": "debug" if hasattr(sys, "gettotalrefcount") else "release",
    }


def require_supported() -> None:
    """Raise `UnsupportedInterpreter` where refaudit cannot look at all."""
    if sys.implementation.name != "cpython":
        raise UnsupportedInterpreter(f"refaudit audits CPython; this is {sys.implementation.name}")
    if not sys.platform.startswith("linux"):
        raise UnsupportedInterpreter(f"refaudit runs on Linux; this is {sys.platform}")
    machine = os.uname().machine
    if machine != "x86_64":
        raise UnsupportedInterpreter(f"refaudit runs on x86-64 processors; this is {machine}")
    if not (3, 10) <= sys.version_info[:2] <= (3, 15):
        version = ".".join(map(str, sys.version_info[:2]))
        raise UnsupportedInterpreter(
            f"CPython {version} is not known to this refaudit (it knows 3.10 to 3.15)"
        )
    # Last: the build data are of this very system and version, or cannot be read.
    if sysconfig.get_config_var("Py_GIL_DISABLED"):
        raise UnsupportedInterpreter("free-threaded builds are not supported yet")


def no_core(error: ImportError) -> str:
    """Why the compiled part of refaudit could not be loaded, and what to do."""
    version = ".".join(map(str, sys.version_info[:2]))
    return (
        f"the compiled part of refaudit cannot be loaded in CPython {version} ({error}); "
        f"install refaudit into this very interpreter: {sys.executable} -m pip install refaudit-cpython"
    )
