"""Native memory of extensions is counted exactly, whatever the route and the kind of linking."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from integration.fresh import answer as fresh_answer
from integration.native_modules import BINDINGS, PRELUDE, module

_ROUTES = {
    "malloc": "malloc",
    "calloc": "calloc",
    "realloc": "realloc",
    "reallocarray": "realloc",
    "posix_memalign": "aligned_alloc",
    "aligned_alloc": "aligned_alloc",
    "memalign": "aligned_alloc",
    "valloc": "aligned_alloc",
    "pvalloc": "aligned_alloc",
    "strdup": "strdup",
    "__strdup": "strdup",
    "strndup": "strdup",
}


def answer(code: str, *arguments: object) -> dict[str, Any]:
    return fresh_answer(PRELUDE + code, *map(str, arguments))


@pytest.fixture(scope="session")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `routes_<binding>` for every binding, `operators` and `crowd`."""
    folder = tmp_path_factory.mktemp("native")
    for binding, flags in BINDINGS.items():
        module("routes.c", folder, f"routes_{binding}", *flags)
    module("operators.cpp", folder, "operators", *BINDINGS["relro"])
    module("operators.cpp", folder / "lazy", "operators", *BINDINGS["lazy"])
    module("crowd.c", folder, "crowd")
    return folder


_EVERY_ROUTE = """
import importlib
routes = importlib.import_module(sys.argv[2])
notes = watch(sys.argv[2])
found, after, silent = {}, [], []
for name in json.loads(sys.argv[3]):
    taken = [routes.take(name, 200) for _ in range(50)]
    found[name] = blocks()
    for address in taken:
        routes.give(address)
    after += blocks()
core._native_awake(False)
kept = routes.take("malloc", 200)
silent = blocks()
routes.give(kept)
say(notes=notes, found=found, after=after, silent=silent)
"""


@pytest.mark.parametrize("binding", BINDINGS)
def test_every_route_of_c_is_counted_exactly(modules: Path, binding: str) -> None:
    said = answer(_EVERY_ROUTE, modules, f"routes_{binding}", json.dumps(list(_ROUTES)))
    assert said["notes"] == []
    assert said["found"] == {name: [[200, route]] * 50 for name, route in _ROUTES.items()}
    assert said["after"] == []
    assert said["silent"] == []


_OPERATORS = """
import operators
notes = watch("operators")
found, after = {}, []
for name in operators.names():
    taken = [operators.take(name, 200) for _ in range(50)]
    found[name] = blocks()
    for address in taken:
        operators.give(name, address, 200)
    after += blocks()
unwound = operators.catch_bad_alloc()
after += blocks()
operators.objects(False)
clean = blocks()
kept = operators.objects(True)
object_ = blocks()
operators.destroy(kept)
say(notes=notes, found=found, after=after, unwound=unwound, clean=clean, object=object_, end=blocks())
"""


@pytest.mark.parametrize("folder", [".", "lazy"])
def test_every_form_of_operator_new_is_counted_exactly(modules: Path, folder: str) -> None:
    said = answer(_OPERATORS, modules / folder)
    assert said["notes"] == []
    assert len(said["found"]) == 12
    for name, found in said["found"].items():
        route = "operator new[]" if "[]" in name else "operator new"
        assert found == [[200, route]] * 50, name
    assert said["after"] == said["clean"] == said["end"] == []
    # The object and its vector's buffer. Its string's buffer is taken inside the C++ library,
    # which is not in scope.
    assert [route for _, route in said["object"]] == ["operator new"] * 2


def test_an_exception_passes_through_the_hook(modules: Path) -> None:
    assert answer(_OPERATORS, modules)["unwound"] == [2, 2]


_RESIZE = """
import routes_relro as m
early = m.take("malloc", 64)
watch("routes_relro")
chain = m.take("malloc", 100)
steps = []
for size in (200, 50, 100_000, 1_000_000, 3):
    chain = m.resize(chain, size)
    steps.append(blocks())
chain = m.resize(chain, 10, 20)
steps.append(blocks())
failed = [m.resize(chain, 2**62), m.resize(chain, 2**33, 2**33), blocks()]
freed = [m.resize(chain, 0), blocks()]
early = m.resize(early, 77)
adopted = blocks()
m.give(early)
say(steps=steps, failed=failed, freed=freed, adopted=adopted, end=blocks())
"""


def test_a_chain_of_reallocs_is_one_block(modules: Path) -> None:
    said = answer(_RESIZE, modules)
    assert said["steps"] == [[[size, "malloc"]] for size in (200, 50, 100_000, 1_000_000, 3, 200)]
    assert said["failed"] == [None, None, [[200, "malloc"]]]
    assert said["freed"] == [None, []]
    assert said["adopted"] == [[77, "realloc"]]
    assert said["end"] == []


_MAPS = """
import routes_noplt as m
watch("routes_noplt")
P, states = 4096, []
def state():
    states.append([[(a - start) // P, s / P, r] for a, s, r in sorted(core._native_blocks())])
start = m.map(8 * P); state()
m.unmap(start, P); state()                      # head
m.unmap(start + 7 * P, P); state()              # tail
m.unmap(start + 3 * P, P); state()              # middle: the head is left
m.unmap(start, 8 * P); state()                  # the rest, with what was unmapped before
start = m.map(9 * P)
m.unmap(start, 9 * P)
a = m.map(3 * P, 0x22 | 0x10, start)            # MAP_FIXED side by side
b = m.map(3 * P, 0x22 | 0x10, start + 3 * P)
c = m.map(3 * P, 0x22 | 0x10, start + 6 * P); state()
m.map(4 * P, 0x22 | 0x10, start + 1 * P); state()   # replaces parts of two
m.unmap(start, 9 * P); state()
start = m.map(2 * P)
refused = m.unmap(start + 1, P); state()
moved = m.remap(start, 2 * P, 600 * P, 1)
start = moved; state()
same = m.remap(start, 600 * P, P, 0); state()
failed = m.remap(start, P, 2**50, 1); state()
m.unmap(start, P); state()
odd = m.map(5000); start = odd
sizes = blocks()
m.unmap(odd, 5000); state()
shared = m.map(P, 0x21); start = shared; state()    # MAP_SHARED | MAP_ANONYMOUS
m.unmap(shared, P); state()
say(states=states, refused=refused, failed=failed, sizes=sizes)
"""


def test_maps_that_are_given_back_in_parts(modules: Path) -> None:
    said = answer(_MAPS, modules)
    expected = [
        [[0, 8, "mmap"]],
        [[1, 7, "mmap"]],
        [[1, 6, "mmap"]],
        [[1, 2, "mmap"]],
        [],
        [[0, 3, "mmap"], [3, 3, "mmap"], [6, 3, "mmap"]],
        [[0, 1, "mmap"], [1, 4, "mmap"], [5, 1, "mmap"], [6, 3, "mmap"]],
        [],
        [[0, 2, "mmap"]],
        [[0, 600, "mmap"]],
        [[0, 1, "mmap"]],
        [[0, 1, "mmap"]],
        [],
        [],
        [[0, 1, "mmap"]],
        [],
    ]
    assert said["states"] == expected
    assert said["refused"] == -1
    assert said["failed"] is None
    assert said["sizes"] == [[5000, "mmap"]]


_RELRO = """
import importlib
def protections():
    lines = [line.split() for line in open("/proc/self/maps")]
    return [[line[0], line[1]] for line in lines if line[-1].startswith(sys.argv[1])]
m = importlib.import_module(sys.argv[2])
before = protections()
watch(sys.argv[2])
m.give(m.take("malloc", 100))
say(before=before, after=protections())
"""


@pytest.mark.parametrize("binding", ["relro", "noplt", "partial"])
def test_read_only_tables_are_read_only_again(modules: Path, binding: str) -> None:
    said = answer(_RELRO, modules, f"routes_{binding}")
    assert said["before"] == said["after"]
    assert [kind for _, kind in said["after"]].count("r--p") >= 2


_LATER = """
watch("routes_relro")
before = blocks()
import routes_relro
during = blocks()
import routes_lazy                              # not in scope
routes_lazy.take("malloc", 500)
say(before=before, during=during, outside=blocks())
"""


def test_a_module_is_redirected_before_its_init(modules: Path) -> None:
    """What PyInit itself takes is seen, of a module that is imported during the audit."""
    said = answer(_LATER, modules)
    assert said["before"] == []
    assert said["during"] == [[31337, "malloc"]]
    assert said["outside"] == said["during"]


_ACROSS = """
import routes_relro as m, routes_lazy as other
watch("routes_relro")
taken = [m.take("malloc", 100), m.take("calloc", 100), m.take("strdup", 100)]
page = m.map(4096)
other.take("malloc", 100)
outside = blocks()
grown = other.resize(taken[0], 5000)
resized = blocks()
for address in [grown, *taken[1:]]:
    other.give(address)
other.unmap(page, 4096)
end = blocks()
core._native_sync(["routes_lazy"])              # now the other way round
m.take("malloc", 100)
other.take("malloc", 300)
turned = blocks()
core._native_sync([])
m.take("malloc", 400)
say(outside=outside, resized=resized, end=end, turned=turned, both=blocks())
"""


def test_a_block_that_another_module_frees(modules: Path) -> None:
    said = answer(_ACROSS, modules)
    before = [[100, "calloc"], [100, "malloc"], [100, "strdup"], [4096, "mmap"]]
    assert said["outside"] == before
    assert [5000, "malloc"] in said["resized"] and len(said["resized"]) == 4
    assert said["end"] == []
    assert said["turned"] == [[300, "malloc"]]
    assert said["both"] == [[300, "malloc"], [400, "malloc"]]


_ERRORS = """
import routes_relro as m
watch("routes_relro")
import errno
say(errors=m.errors(), expected=[False, errno.ENOMEM, errno.EDOM, errno.EDOM])
"""


def test_errno_is_what_the_original_left(modules: Path) -> None:
    said = answer(_ERRORS, modules)
    assert said["errors"] == said["expected"]


_SCOPES = """
import shutil, importlib.util
def load(path):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    shutil.copy(importlib.util.find_spec("routes_relro").origin, path)
    spec = importlib.util.spec_from_file_location("routes_relro", path)
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made
m = load(os.path.join(sys.argv[2], json.loads(sys.argv[3])))
watch(json.loads(sys.argv[4]))
m.take("malloc", 10)
say(seen=len(blocks()))
"""


@pytest.mark.parametrize(
    ("path", "scope", "seen"),
    [
        ("my_dist/inner.so", "My-Dist", 1),
        ("my_dist.libs/libinner.so", "my-dist", 1),
        ("my_dist_other/inner.so", "my-dist", 0),
        ("pack/sub.cpython-3x.so", "pack.sub", 1),
        ("pack/sub.cpython-3x.so", "pack.other", 0),
        ("pack/sub.so", "sub", 1),
        ("pack/sub.so", "pack/su", 0),
    ],
)
def test_scope_is_names_of_modules_and_distributions(
    modules: Path, tmp_path: Path, path: str, scope: str, seen: int
) -> None:
    assert answer(_SCOPES, modules, tmp_path, json.dumps(path), json.dumps(scope))["seen"] == seen


_CROWD = """
import crowd
watch("crowd")
standing = crowd.run(200_000)
counted = len(core._native_blocks())
crowd.clear()
say(standing=standing, counted=counted, end=len(core._native_blocks()))
"""


def test_threads_that_free_each_others_blocks(modules: Path) -> None:
    said = answer(_CROWD, modules)
    assert said["standing"] == said["counted"] > 400
    assert said["end"] == 0


_FORK = """
import crowd, threading
watch("crowd")
crowd.start()
good = crowd.fork_often(100)
child = os.fork()
if child == 0:
    core._native_awake(True)
    import routes_relro
    routes_relro.take("malloc", 4711)
    core._native_sync([])
    os._exit(3 if (4711, "malloc") in blocks() or (31337, "malloc") in blocks() else 0)
status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
standing = crowd.stop()
say(good=good, status=status, standing=standing, counted=len(core._native_blocks()))
"""


def test_fork_while_threads_allocate(modules: Path) -> None:
    """The child records nothing and ends cleanly; the parent goes on and counts exactly."""
    said = answer(_FORK, modules)
    assert said["good"] == 100
    assert said["status"] == 0
    assert said["standing"] == said["counted"] > 100


_SIGNALS = """
import crowd
watch("crowd")
kept, loops = crowd.signals(HEAP, 3000)
counted = len(core._native_blocks())
crowd.after_signals(HEAP)
say(kept=kept, loops=loops, counted=counted, end=blocks())
"""


@pytest.mark.parametrize("heap", [True, False])
def test_a_signal_handler_that_allocates(modules: Path, heap: bool) -> None:
    said = answer(_SIGNALS.replace("HEAP", str(heap)), modules)
    assert said["kept"] == said["counted"] == 64
    assert said["loops"] > 3000
    assert said["end"] == []
