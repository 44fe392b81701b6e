"""Libraries that cannot be redirected are named, and nothing that they do harms the audit."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from integration.fresh import answer as fresh_answer
from integration.native_modules import PRELUDE, compiled, module


def answer(code: str, *arguments: object) -> dict[str, Any]:
    return fresh_answer(PRELUDE + code, *map(str, arguments))


_DAMAGED = """
import ctypes
library = ctypes.CDLL(sys.argv[2])
library.take.restype = ctypes.c_void_p
library.give.restype = None
library.wreck()
notes = watch()
before = blocks()
block = library.take(ctypes.c_size_t(100))
after = blocks()
library.give(ctypes.c_void_p(block))
say(notes=notes, before=before, after=after)
"""

#: An entry of the dynamic table and what it becomes. (VALUE may use the old one.)
_WRECKS = {
    "relocations beyond memory": ("DT_JMPREL", "0x7fffdeadbeef0000"),
    "relocations at the end of the address space": ("DT_JMPREL", "-8"),
    "relocations in another library": ("DT_RELA", "(size_t)&abort"),
    "too many relocations": ("DT_RELASZ", "1ul << 40"),
    "a size that wraps around": ("DT_PLTRELSZ", "-24"),
    "half a relocation": ("DT_RELASZ", "old - 1"),
    "symbols beyond memory": ("DT_SYMTAB", "0x123456789000"),
    "symbols near the end of the address space": ("DT_SYMTAB", "-100"),
    "names beyond memory": ("DT_STRTAB", "0x123456789000"),
    "no names": ("DT_STRSZ", "1"),
    "names without an end": ("DT_STRSZ", "1ul << 50"),
    "another kind of relocation": ("DT_PLTREL", "17"),
    "another size of symbols": ("DT_SYMENT", "25"),
}


@pytest.mark.parametrize("wreck", _WRECKS)
def test_a_damaged_dynamic_table_is_named(tmp_path: Path, wreck: str) -> None:
    tag, value = _WRECKS[wreck]
    flags = [f"-DTAG={tag}", f"-DVALUE={value.replace('old', 'entry->d_un.d_val')}"]
    # Bound lazily the loader itself would read the tables again.
    library = compiled("damaged.c", tmp_path / "damaged.so", *flags, "-Wl,-z,now")
    said = answer(_DAMAGED, tmp_path, library)
    words = "damaged.so has a damaged dynamic table: its native memory is not seen"
    assert said["notes"] == [words]
    assert said["before"] == said["after"] == []


_ODD_NAMES = """
import ctypes
library = ctypes.CDLL(sys.argv[2])
library.take.restype = ctypes.c_void_p
library.wreck()
say(notes=watch(), block=bool(library.take(ctypes.c_size_t(100))), blocks=blocks())
"""


def test_names_that_are_shifted_match_nothing(tmp_path: Path) -> None:
    flags = ["-DTAG=DT_STRTAB", "-DVALUE=entry->d_un.d_val + 1", "-Wl,-z,now"]
    library = compiled("damaged.c", tmp_path / "damaged.so", *flags)
    said = answer(_ODD_NAMES, tmp_path, library)
    assert said["block"] and said["blocks"] == []


_REOPENED = """
import ctypes, _ctypes
def opened(path):
    library = ctypes.CDLL(path)
    for name in ("take", "zeroed", "grow"):
        getattr(library, name).restype = ctypes.c_void_p
    return library
watch()
rounds = []
for _ in range(20):
    for path in sys.argv[2:]:
        library = opened(path)
        core._native_sync([])
        kept = [library.take(100), library.zeroed(30)]
        kept[0] = library.grow(ctypes.c_void_p(kept[0]), 200)
        during = blocks()
        for block in kept:
            library.give(ctypes.c_void_p(block))
        rounds.append([during, blocks()])
        _ctypes.dlclose(library._handle)
        still = os.path.basename(path) in open("/proc/self/maps").read()
        rounds[-1].append(still)
core._native_sync([])
say(rounds=rounds)
"""


def test_a_library_that_is_unloaded_and_another_in_its_place(tmp_path: Path) -> None:
    paths = [compiled("plain.c", tmp_path / f"{name}.so", f"-DN={name}") for name in ("a", "b")]
    said = answer(_REOPENED, tmp_path, *paths)
    assert said["rounds"] == [[[[30, "calloc"], [200, "malloc"]], [], False]] * 40


_OWN_ALLOCATOR = """
import ctypes
library = ctypes.CDLL(sys.argv[2])
library.take.restype = library.own.restype = ctypes.c_void_p
notes = watch(*sys.argv[3:])
library.own(100)
library.take(300)
say(notes=notes, blocks=blocks())
"""


@pytest.mark.parametrize("flags", [(), ("-s",)], ids=["symbols", "stripped"])
def test_an_allocator_of_its_own_is_named(tmp_path: Path, flags: tuple[str, ...]) -> None:
    library = compiled("plain.c", tmp_path / "own.so", "-DOWN_ALLOCATOR", *flags)
    said = answer(_OWN_ALLOCATOR, tmp_path, library)
    words = "own.so carries its own allocator (jemalloc): blocks it serves are not seen"
    assert said["notes"] == [words]
    assert said["blocks"] == [[300, "malloc"]]
    outside = answer(_OWN_ALLOCATOR, tmp_path, library, "another")
    assert outside["notes"] == outside["blocks"] == []


_FOREIGN = """
import ctypes
other = ctypes.CDLL(sys.argv[2], mode=ctypes.RTLD_LOCAL)
library = ctypes.CDLL(sys.argv[3])
library.take.restype = library.zeroed.restype = ctypes.c_void_p
notes = watch()
block = library.take(100)
zeroed = library.zeroed(50)
seen = blocks()
library.give(ctypes.c_void_p(block))
say(notes=notes, seen=seen)
"""


def test_another_malloc_than_the_process_s_is_left_alone(tmp_path: Path) -> None:
    """A library that brings a `malloc` must not have its blocks freed by another."""
    heap = compiled("heap.c", tmp_path / "libheap.so")
    links = ["-Wl,--no-as-needed,-z,now", f"-L{tmp_path}", "-lheap", f"-Wl,-rpath,{tmp_path}"]
    deep = compiled("plain.c", tmp_path / "deep.so", *links)
    code = _FOREIGN.replace("ctypes.CDLL(sys.argv[3])", "ctypes.CDLL(sys.argv[3], mode=8 | 2)")
    said = answer(code, tmp_path, heap, deep)
    words = "deep.so does not use the process's free, malloc: what these serve is not seen"
    assert said["notes"] == [words]
    assert said["seen"] == [[50, "calloc"]]


_VARIABLES = """
import ctypes
library = ctypes.CDLL(sys.argv[2])
library.take_by_variable.restype = ctypes.c_void_p
notes = watch()
library.give_by_variable(ctypes.c_void_p(library.take_by_variable(100)))
library.take(300)
say(notes=notes, blocks=blocks())
"""


def test_functions_in_variables_are_named_and_left_alone(tmp_path: Path) -> None:
    said = answer(_VARIABLES, tmp_path, compiled("plain.c", tmp_path / "x.so", "-DVARIABLES"))
    words = "x.so keeps the address of free, malloc in variables: its native memory is not seen"
    assert said["notes"] == [words]
    # What is freed through a variable is freed out of sight, and would look like a leak.
    assert said["blocks"] == []


_LITTLE_MEMORY = """
import resource
import routes_relro as m
watch("routes_relro")
kept = m.take("malloc", 100)
used = int(open("/proc/self/statm").read().split()[0]) * 4096
resource.setrlimit(resource.RLIMIT_AS, (used + (64 << 20), -1))
counts = [m.exhaust(size) for size in (1000, 100_000, 10_000_000)]
big = m.map(1 << 40)
after = blocks()
resource.setrlimit(resource.RLIMIT_AS, (-1, -1))
m.give(kept)
say(counts=counts, big=big, after=after, end=blocks())
"""


def test_malloc_that_fails_is_not_counted(tmp_path: Path) -> None:
    """With an address space that ends soon; the table then has no room either."""
    module("routes.c", tmp_path, "routes_relro", "-Wl,-z,now,-z,relro")
    said = answer(_LITTLE_MEMORY, tmp_path)
    assert all(count > 0 for count in said["counts"])
    assert said["big"] is None
    assert said["after"] == [[100, "malloc"]]
    assert said["end"] == []


_NO_DYNAMIC = """
import routes_relro as m
watch("routes_relro")
m.take("malloc", 100)
say(blocks=blocks())
"""


def test_a_module_without_section_headers(tmp_path: Path) -> None:
    """As `sstrip` leaves it: only what the loader needs is there."""
    path = module("routes.c", tmp_path, "routes_relro", "-Wl,-z,now,-z,relro", "-s")
    content = bytearray(path.read_bytes())
    content[0x28:0x30] = bytes(8)  # e_shoff
    content[0x3C:0x40] = bytes(4)  # e_shnum, e_shstrndx
    path.write_bytes(content)
    assert answer(_NO_DYNAMIC, tmp_path)["blocks"] == [[100, "malloc"]]


def test_the_c_compiler_makes_what_the_tests_are_about(tmp_path: Path) -> None:
    """The flags of the other tests do what their names say."""
    if shutil.which("readelf") is None:
        pytest.fail("readelf is missing; install it with: apt-get install binutils")
    path = compiled("plain.c", tmp_path / "x.so", "-fno-plt", "-Wl,-z,now,-z,relro")
    told = subprocess.run(["readelf", "-Wrl", path], capture_output=True, text=True, check=True)
    lines = [line for line in told.stdout.splitlines() if " malloc@" in line]
    assert "GNU_RELRO" in told.stdout
    assert len(lines) == 1 and "R_X86_64_GLOB_DAT" in lines[0]
