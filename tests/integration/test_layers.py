"""The layered picture agrees with what the interpreter, the C library and the kernel say."""

from __future__ import annotations

from integration.fresh import answer

MB = 1_000_000

_WITNESSES = r"""
import ctypes, os, re, tempfile

# The interpreter tells of its arenas only while its own allocator is the current one.
OBJECT_DOMAIN = 2
allocators = [(ctypes.c_void_p * 5)() for _ in range(2)]
ctypes.pythonapi.PyMem_GetAllocator(OBJECT_DOMAIN, allocators[0])
import refaudit
from refaudit import _audit
_audit.ensure_installed()
ctypes.pythonapi.PyMem_GetAllocator(OBJECT_DOMAIN, allocators[1])

def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE")

def arena_bytes():
    # Printed by C to the file descriptor.
    with tempfile.TemporaryFile() as file:
        saved = os.dup(2)
        os.dup2(file.fileno(), 2)
        ctypes.pythonapi.PyMem_SetAllocator(OBJECT_DOMAIN, allocators[0])
        sys._debugmallocstats()
        ctypes.pythonapi.PyMem_SetAllocator(OBJECT_DOMAIN, allocators[1])
        os.dup2(saved, 2)
        os.close(saved)
        file.seek(0)
        text = file.read().decode()
    return int(re.search(r"\d+ arenas \* \d+ bytes/arena *= *([\d,]+)", text)[1].replace(",", ""))

def growth(body):
    before = resident(), arena_bytes(), sys.getallocatedblocks()
    layers = _audit.read_layers()
    body()
    grown = json.loads(layers.growth())
    after = resident(), arena_bytes(), sys.getallocatedblocks()
    names = ("resident", "arenas", "blocks")
    return {"layers": grown, "seen": {n: b - a for n, a, b in zip(names, before, after)}}
"""


def test_nothing_allocated_is_no_growth() -> None:
    said = answer(_WITNESSES + "growth(len('').bit_length)\nsay(**growth(len('').bit_length))")
    # Some kilobytes are the reading itself, as Python objects.
    assert all(abs(grown) < MB // 10 for grown in said["layers"].values())


_KEPT_ALIVE = """
kept = []
def body():
    kept.append(bytes(10_000_000)); kept.append(bytearray(20_000_000))
say(**growth(body))
"""


def test_living_objects_and_their_buffers_are_told_apart() -> None:
    said = answer(_WITNESSES + _KEPT_ALIVE)
    layers = said["layers"]
    # A bytearray keeps its bytes in a buffer up to 3.14, and in a bytes object from 3.15.
    assert 30 * MB <= layers["objects"] + layers["blocks"] < 31 * MB
    assert layers["objects"] >= 10 * MB
    assert layers["native"] == 0
    # Both are too large for an arena; the C heap has them too.
    assert layers["arenas"] == said["seen"]["arenas"] == 0
    assert 30 * MB <= layers["heap_in_use"] < 31 * MB


_MALLOC = """
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
def body():
    for _ in range(1000):
        ctypes.memset(libc.malloc(10_000), 1, 10_000)
    ctypes.memset(libc.malloc(5_000_000), 1, 5_000_000)
say(**growth(body))
"""


def test_malloc_behind_our_back_is_on_the_c_heap_only() -> None:
    said = answer(_WITNESSES + _MALLOC)
    layers = said["layers"]
    assert 15 * MB <= layers["heap_in_use"] < 16 * MB
    # ctypes is not under audit, and no Python object holds the memory.
    assert layers["native"] == 0
    assert layers["objects"] + layers["blocks"] < MB
    # Some of it was resident before, in what the C heap had kept.
    assert layers["resident"] >= 12 * MB
    assert abs(layers["resident"] - said["seen"]["resident"]) < 2 * MB


_FRAGMENTED = """
# A table of fixed size. Each run makes 50 MB, puts every two hundredth object in the place of an
# older one, and lets go of the rest: what stays keeps the arenas of all from being given back.
table = [bytes(200) for _ in range(1000)]
def body():
    made = [bytes(200) for _ in range(200_000)]
    table[:] = made[::200]
seen = resident(), arena_bytes()
report = refaudit.check(body, warmup=0, runs=3)
say(layers=report.document["layers"], text=report.to_json(), **told(report),
    resident=resident() - seen[0], arenas=arena_bytes() - seen[1])
"""


def test_arenas_that_cannot_be_given_back_are_no_leak() -> None:
    said = answer(_WITNESSES + _FRAGMENTED)
    assert (said["outcome"], said["findings"]) == ("clean", [])
    layers = said["layers"]
    assert layers["arenas"] >= 40 * MB
    assert abs(layers["arenas"] - said["arenas"]) <= 2 * 2**20
    assert layers["objects"] + layers["blocks"] + layers["native"] < MB
    assert layers["resident"] >= 40 * MB
    # What refaudit itself takes for its tables is not the program's growth.
    assert said["resident"] > layers["resident"] + 20 * MB


_GIVEN_BACK = """
def body():
    made = [bytes(200) for _ in range(200_000)]
say(**growth(body))
"""


def test_arenas_that_are_given_back_are_no_growth() -> None:
    said = answer(_WITNESSES + _GIVEN_BACK)
    assert abs(said["layers"]["arenas"] - said["seen"]["arenas"]) <= 2 * 2**20
    assert said["layers"]["arenas"] < 4 * MB
    assert said["layers"]["objects"] < MB
    assert said["layers"]["resident"] < 10 * MB


_SMALL = """
kept = []
def body():
    for _ in range(100_000):
        kept.append(bytes(50))
say(**growth(body), size=100_000 * sys.getsizeof(bytes(50)))
"""


def test_small_objects_are_counted_as_the_interpreter_counts_them() -> None:
    said = answer(_WITNESSES + _SMALL)
    assert abs(said["seen"]["blocks"] - 100_000) < 1000
    assert abs(said["layers"]["objects"] - said["size"]) < MB // 10
    # They lie in arenas, and nowhere else.
    assert said["layers"]["arenas"] >= said["size"] - 2 * 2**20
    # The list's own buffer.
    assert 0.8 * MB <= said["layers"]["blocks"] < MB


_COST = """
import time
objects = [{"number": n} for n in range(100_000)]
def cost(function):
    taken = []
    for _ in range(5):
        began = time.process_time()
        function()
        taken.append(time.process_time() - began)
    return min(taken)
say(settle=cost(lambda: gc.collect()), both=cost(_audit.read_layers))
"""


def test_a_reading_costs_little_more_than_its_collection() -> None:
    said = answer(_WITNESSES + _COST)
    assert said["both"] - said["settle"] < 0.1  # goal 20 ms; the machine may be loaded


_TRACK = """
kept = []
with refaudit.track() as audit:
    kept.append(bytes(10_000_000))
say(layers=audit.report.document["layers"])
"""


def test_track_measures_its_block() -> None:
    layers = answer(_WITNESSES + _TRACK)["layers"]
    assert 10 * MB <= layers["objects"] < 11 * MB
