"""`refaudit.total_refcount()` on a release build against `sys.gettotalrefcount()` of a debug build."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import refaudit

pytestmark = [
    pytest.mark.oracle,
    pytest.mark.skipif(
        sys.version_info[:2] != (3, 11), reason="the debug build to compare with is a 3.11"
    ),
]

#: A statement, and whether the number of references is plain to see.
OPERATIONS = {
    "pass": 0,
    "kept[0] = object()": 0,  # it replaces a reference to None
    "kept.extend([common] * 500)": 500,
    "kept.extend([7] * 500)": 500,
    "kept.append([object() for _ in range(100)])": 101,
    "kept.append({number: object() for number in range(1000, 1100)})": 202,  # and its keys
    "kept.append((common, common))": 3,
    "one = Node(); one.me = one": 4,  # it twice, its class, and the name of the variable
    "one = Node(); del one": 0,
    "kept.append(weakref.ref(common))": None,
    "kept.append(type('Made', (), {}))": None,
    "kept.append(lambda: common)": None,
    "kept.append(counted(3)); next(kept[-1])": None,
    "kept.append(json.loads('[1000, 2000.5, {}]'))": None,
    "kept.append(failed())": None,
    "kept.clear()": None,
}

_CHILD = """
import gc, json, sys, weakref
import refaudit._audit, refaudit._model
total = getattr(sys, "gettotalrefcount", None)
if total is None:
    total = refaudit.total_refcount
class Node: pass
common = Node()
def counted(most):
    yield from range(most)
def failed():
    try:
        raise ValueError(1)
    except ValueError as error:
        return error
def measure(statement):
    kept = [None] * 8
    space = {**globals(), "kept": kept}
    code = compile(statement, "<oracle>", "exec")
    for _ in range(3):
        exec(code, space); kept.clear(); kept.extend([None] * 8); space.pop("one", None); gc.collect()
    before = total()
    exec(code, space)
    return total() - before
gc.collect(); gc.disable()
measure("pass")
print(json.dumps([measure(statement) for statement in json.loads(sys.argv[1])] + [total()]))
"""


def _debug_python() -> str:
    found = shutil.which("python3.11-dbg")
    if found is None:
        pytest.fail("no debug build of CPython 3.11: apt-get install python3.11-dbg python3.11-dev")
    return found


def _measured(executable: str) -> list[int]:
    folder = str(Path(refaudit.__file__).parents[1])
    path = f"import sys; sys.path.insert(0, {folder!r})\n"
    done = subprocess.run(
        [executable, "-I", "-S", "-c", path + _CHILD, json.dumps([*OPERATIONS])],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    measured: list[int] = json.loads(done.stdout)
    return measured


@pytest.fixture(scope="module")
def both() -> tuple[list[int], list[int]]:
    """What the release build and the debug build say."""
    return _measured(sys.executable), _measured(_debug_python())


def test_differences_agree_exactly(both: tuple[list[int], list[int]]) -> None:
    """The measurement itself keeps a number: that of doing nothing is taken off."""
    release, debug = ([number - side[0] for number in side[:-1]] for side in both)
    assert dict(zip(OPERATIONS, release, strict=True)) == dict(zip(OPERATIONS, debug, strict=True))
    for number, expected in zip(release, OPERATIONS.values(), strict=True):
        assert expected is None or number == expected


def test_the_sum_itself_is_near(both: tuple[list[int], list[int]]) -> None:
    """Within 15 %: the debug build counts two more for each interned string, and what only C code
    refers to.
    """
    release, debug = both
    assert release[-1] == pytest.approx(debug[-1], rel=0.15)
