"""A snapshot only looks: it creates nothing, runs nothing, keeps nothing alive and never crashes."""

from __future__ import annotations

import subprocess
import sysconfig
from pathlib import Path
from typing import Any

import pytest
from integration.fresh import answer

_QUIET = """
from refaudit import _audit
_audit.ensure_installed()
core = _audit.core()
class Thing: pass
thing, died, profiled, collections = Thing(), [], [], []
look = core._benchmark_snapshot
look(); gc.collect(); gc.disable()
kept = [None, thing, "a name", Thing, sys, 10**20]
count = sys.getrefcount
before = [count(thing), count(Thing), count(kept), count(sys)]
reference = weakref.ref(thing, died.append)
gc.callbacks.append(lambda *_: collections.append(1))
tracked = len(gc.get_objects())
sys.setprofile(lambda frame, event, what: profiled.append((event, getattr(what, "__name__", ""))))
look()
sys.setprofile(None)
blocks = sys.getallocatedblocks()
look()
blocks = sys.getallocatedblocks() - blocks
tracked = len(gc.get_objects()) - tracked
after = [count(thing), count(Thing), count(kept), count(sys)]
seen = len(died)
del thing, kept[1]
say(before=before, after=after, early=seen, died=len(died), alive=reference() is not None,
    profiled=profiled, collections=len(collections), blocks=blocks, tracked=tracked)
"""


@pytest.fixture(scope="module")
def quiet() -> dict[str, Any]:
    """What outside witnesses saw around a snapshot without settling."""
    return answer(_QUIET)


def test_no_python_code_runs(quiet: dict[str, Any]) -> None:
    assert quiet["collections"] == 0
    assert quiet["early"] == 0
    calls = [name for event, name in quiet["profiled"] if event in ("call", "c_call")]
    assert calls == ["_benchmark_snapshot", "setprofile"]


def test_no_object_is_created(quiet: dict[str, Any]) -> None:
    """The answer, a dict of floats, is gone when the count is read."""
    assert abs(quiet["blocks"]) <= 2
    assert quiet["tracked"] <= 3


def test_reference_counts_stay(quiet: dict[str, Any]) -> None:
    assert quiet["after"] == quiet["before"]


def test_nothing_is_kept_alive(quiet: dict[str, Any]) -> None:
    assert quiet["died"] == 1
    assert not quiet["alive"]


_ALIVE = """
import refaudit
class Thing: pass
born, weak = [], []
def body():
    one = Thing(); one.self = one
    weak.append(weakref.ref(one)); return one
report = refaudit.check(body)
say(alive=sum(ref() is not None for ref in weak), runs=len(weak))
"""


def test_an_audit_keeps_no_result_alive() -> None:
    said = answer(_ALIVE)
    assert said["runs"] >= 5
    assert said["alive"] == 0


_EDGE = """
sys.path.insert(0, sys.argv[1])
import staticedge, refaudit
class Thing: pass
thing = Thing()
report = refaudit.check(lambda: staticedge.leak(thing))
from refaudit import _audit
say(complete=_audit.core().diagnose()["complete"], **told(report))
"""


def test_a_static_type_at_the_end_of_memory_is_not_read_beyond(tmp_path: Path) -> None:
    """A static type is a PyTypeObject, not the larger PyHeapTypeObject that `type` promises."""
    source = Path(__file__).with_name("native") / "staticedge.c"
    module = tmp_path / f"staticedge{sysconfig.get_config_var('EXT_SUFFIX')}"
    headers = ["-I", sysconfig.get_path("include")]
    command = ["cc", "-shared", "-fPIC", "-O1", *headers, str(source), "-o", str(module)]
    try:
        subprocess.run(command, check=True)
    except FileNotFoundError:
        pytest.fail("a C compiler is missing; install it with: apt-get install gcc")
    said = answer(_EDGE, str(tmp_path))
    assert said["complete"]
    assert said["findings"] == [["RA101", "leak", "__main__.Thing", [1, 1, 1], "nothing"]]
