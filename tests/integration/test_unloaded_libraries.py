"""Libraries that come, go and change between a leak and its report keep their names, or have none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from integration.audits import answer, compiled_contexts, frames_of
from integration.native_modules import compiled, module


@pytest.fixture(scope="session")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compiled_contexts(tmp_path_factory.mktemp("stacks"))


#: Takes and keeps a block by a library that is opened for it, and then `AFTER` is done.
_LIBRARY = """
path = sys.argv[2]
def opened():
    library = ctypes.CDLL(path)
    library.take.restype = ctypes.c_void_p
    core._native_sync([])
    return library
def body():
    library = opened()
    library.take(ctypes.c_size_t(4711))
    AFTER
BEFORE
report = told(refaudit.check(body, warmup=1, runs=2))
still = any("r-xp" in line and os.path.basename(path) in line for line in open("/proc/self/maps"))
say(still=still, **report)
"""


def _about_library(
    modules: Path, library: Path, after: str = "", before: str = "", *more: object
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The frame that is blamed for a block that `library` takes, and all that was said."""
    code = _LIBRARY.replace("AFTER", after or "pass").replace("BEFORE", before)
    said = answer(code, modules, library, *more)
    (finding,) = said["findings"]
    assert (finding["rule"], finding["per_run"]) == ("RA106", [1, 1])
    assert said["outcome"] == "leak"
    return finding["site"]["frame"], said


def _taking_lines() -> list[int]:
    """Where the two builds of `swapped.c` take their block."""
    source = Path(__file__).with_name("native") / "swapped.c"
    lines = enumerate(source.read_text().splitlines(), 1)
    return [number for number, line in lines if "calloc(1, size)" in line]


def test_a_library_that_is_unloaded_before_the_report(modules: Path, tmp_path: Path) -> None:
    """Its file is there still, and so are its names; each loading is the same library."""
    library = compiled("swapped.c", tmp_path / "gone.so", "-DNAME=take", "-DROOM=8")
    frame, said = _about_library(modules, library, "_ctypes.dlclose(library._handle)")
    assert not said["still"]
    assert (frame["module"], frame["function"], frame["line"]) == (
        "gone.so",
        "take",
        _taking_lines()[1],
    )
    assert len(said["findings"][0]["traces"]) == 1


_SWAPPED = """
first, second = sys.argv[2:4]
def use(path, size):
    library = ctypes.CDLL(path)
    core._native_sync([])
    function = getattr(library, os.path.basename(path).removesuffix(".so"))
    function.restype = ctypes.c_void_p
    function(ctypes.c_size_t(size))
    base = next(int(line.split("-")[0], 16) for line in open("/proc/self/maps") if path in line)
    _ctypes.dlclose(library._handle)
    return base
bases = [0] * 200
def body():
    for number in range(10):
        bases[2 * number] = use(first, 1111)
        bases[2 * number + 1] = use(second, 2222)
report = told(refaudit.check(body, warmup=1, runs=2))
say(same=len(set(bases) - {0}) < 20, **report)
"""


def test_another_library_in_the_place_of_one_that_is_unloaded(
    modules: Path, tmp_path: Path
) -> None:
    """The same addresses mean something else, and rules and names follow, within one run."""
    paths = [
        compiled("swapped.c", tmp_path / "first.so", "-DNAME=first", "-DROOM=8"),
        compiled("swapped.c", tmp_path / "second.so", "-DNAME=second", "-DROOM=4000"),
    ]
    said = answer(_SWAPPED, modules, *paths)
    assert said["same"], "no library came to the place of another one"
    sites = {f["object_label"]: f["site"]["frame"] for f in said["findings"]}
    assert {label: (f["module"], f["function"]) for label, f in sites.items()} == {
        "1111 bytes": ("first.so", "first"),
        "2222 bytes": ("second.so", "second"),
    }
    assert [f["per_run"] for f in said["findings"]] == [[10, 10]] * 2
    for finding in said["findings"]:
        for trace in finding["traces"]:
            assert not trace["truncated"] or len(trace["frames"]) > 25


def test_a_library_that_is_deleted_before_the_report(modules: Path, tmp_path: Path) -> None:
    """Module and offset are left."""
    library = compiled("swapped.c", tmp_path / "deleted.so", "-DNAME=take", "-DROOM=8")
    frame, said = _about_library(
        modules, library, "", "body(); os.unlink(path); kept = opened(); opened = lambda: kept"
    )
    assert frame["module"] == "deleted.so"
    assert (frame["function"], frame["file"], frame["line"]) == ("", "", 0)
    assert int(frame["offset"], 16) > 0
    assert said["still"]


def test_a_stripped_library_is_guessed_from_what_it_exports(modules: Path, tmp_path: Path) -> None:
    library = compiled("swapped.c", tmp_path / "bare.so", "-DNAME=take", "-DROOM=8", "-s")
    frame, _ = _about_library(modules, library)
    assert (frame["module"], frame["file"], frame["line"]) == ("bare.so", "", 0)
    assert frame["function"] == "take"


@pytest.mark.parametrize("how", ["moved over", "written over"])
def test_a_library_that_another_build_replaced(modules: Path, tmp_path: Path, how: str) -> None:
    """Its names are of other addresses: none is better than a wrong one."""
    library = compiled("swapped.c", tmp_path / "lib.so", "-DNAME=take", "-DROOM=8")
    other = compiled("swapped.c", tmp_path / "other.so", "-DNAME=lie", "-DROOM=8", "-DOTHER")
    unlink = "os.unlink(path); " if how == "written over" else ""
    move = f"kept = opened(); opened = lambda: kept; {unlink}shutil.copy(sys.argv[3], path + 'x'); os.replace(path + 'x', path)"
    frame, said = _about_library(modules, library, "", move, other)
    assert "lie" not in {f["function"] for f in frames_of(said["findings"][0])}
    assert (frame["module"], frame["function"], frame["line"]) == ("lib.so", "", 0)


def test_two_builds_at_one_path_are_told_apart(modules: Path, tmp_path: Path) -> None:
    """One after the other, as when a developer builds again in mid-session."""
    library = compiled("swapped.c", tmp_path / "lib.so", "-DNAME=take", "-DROOM=8")
    other = compiled("swapped.c", tmp_path / "other.so", "-DNAME=take", "-DROOM=8", "-DOTHER")
    code = """
path, other = sys.argv[2:4]
def use():
    library = ctypes.CDLL(path)
    library.take.restype = ctypes.c_void_p
    core._native_sync([])
    library.take(ctypes.c_size_t(4711))
    _ctypes.dlclose(library._handle)
first = told(refaudit.check(use, warmup=1, runs=2))
shutil.copy(other, path + "x"); os.replace(path + "x", path)
second = told(refaudit.check(use, warmup=1, runs=2))
say(first=first, second=second)
"""
    said = answer(code, modules, library, other)
    lines = [said[part]["findings"][0]["site"]["frame"]["line"] for part in ("first", "second")]
    assert lines == [_taking_lines()[1], _taking_lines()[0]]


_IMPORTED = """
import importlib.util
def body():
    spec = importlib.util.spec_from_file_location("late", sys.argv[2])
    late = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(late)
    late.leak_native(4711)
say(**told(refaudit.check(body, warmup=0, runs=1)))
"""


def test_a_module_imported_in_the_audit_has_names(modules: Path, tmp_path: Path) -> None:
    """In the very run that imports it."""
    late = module("contexts.c", tmp_path, "late", "-DPyInit_contexts=PyInit_late")
    said = answer(_IMPORTED, modules, late)
    (finding,) = [f for f in said["findings"] if f["object_label"] == "4711 bytes"]
    frame = finding["site"]["frame"]
    assert (frame["module"], frame["function"]) == (late.name, "leak_native")
