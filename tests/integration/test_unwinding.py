"""Stacks are exact: native frames against another unwinder, Python frames against the interpreter."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from integration.audits import answer, compiled_contexts
from integration.bodies import BODIES


@pytest.fixture(scope="session")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compiled_contexts(tmp_path_factory.mktemp("unwinding"))


#: From each of these the native stack is compared twice in a row: walked, and remembered.
_CONTEXTS = """
import greenlet
complaints, frames = {}, {}
def look(*_):
    # Straight from C code: what is between this frame and the eval loop is what is compared.
    for _ in range(2):
        complaint = core._unwinding_agrees()
        if complaint is not None:
            complaints.setdefault(where, complaint)
    return 0
def bare(name, call):
    # `call` is given the function itself, so that its C frames are part of the native stack.
    global where
    where = name
    for _ in range(3):
        call(look)
    for _ in range(3):
        complaint = call(core._unwinding_agrees)
        if isinstance(complaint, str):
            complaints.setdefault(name, complaint)
    stats = call(functools.partial(core._benchmark_unwind, 1))
    frames[name] = stats["frames"] if isinstance(stats, dict) else 0
bare("plain", lambda f: f())
for depth in (1, 16, 60, 110):
    bare(f"nest{depth}", lambda f: contexts.nest(depth, f))
for size in (16, 64, 1000, 100_000):
    bare(f"alloca{size}", lambda f: contexts.in_alloca(size, 5, f))
bare("astray", contexts.in_astray)
bare("alternate", contexts.alternate)
bare("catch", exceptions.in_catch)
bare("destructor", exceptions.in_destructor)
bare("both", lambda f: contexts.nest(5, lambda: exceptions.in_catch(lambda: contexts.in_alloca(80, 3, f))))

where = "sorted"
sorted([2, 1], key=look)
sorted([2, 1], key=lambda _: core._unwinding_agrees() or 0)
where = "reduce"
functools.reduce(look, [1, 2, 3])
where = "map"
list(map(look, range(3)))
where = "del"
class Dying:
    def __del__(self): look()
for _ in range(3):
    Dying()
cycle = Dying(); cycle.self = cycle; del cycle
gc.collect()
where = "generator"
def generator():
    for _ in range(3):
        look(); yield
    yield from map(look, range(3))
list(generator())
sum(contexts.nest(4, look) for _ in range(3))
where = "thread"
for target in (look, lambda: contexts.nest(16, look)):
    thread = threading.Thread(target=target); thread.start(); thread.join()
where = "foreign thread"
contexts.foreign_thread(lambda: look())
where = "greenlet"
def switching():
    for _ in range(3):
        contexts.nest(7, look)
        contexts.nest(3, greenlet.getcurrent().parent.switch)
        look()
tasks = [greenlet.greenlet(switching) for _ in range(3)]
for _ in range(4):
    for task in tasks:
        contexts.nest(2, task.switch)
        look()
assert all(task.dead for task in tasks)
say(complaints=complaints, frames=frames)
"""


def test_native_frames_are_those_of_another_unwinder(modules: Path) -> None:
    """The `backtrace` crate, which asks the compiler's own unwinder, finds the same addresses."""
    said = answer(_CONTEXTS, modules)
    assert said["complaints"] == {}
    frames = said["frames"]
    for depth in (16, 60, 110):
        assert frames[f"nest{depth}"] - frames["nest1"] == depth - 1
    assert frames["alloca16"] >= frames["plain"] + 6
    assert frames["astray"] >= frames["plain"] + 5
    assert frames["catch"] > frames["plain"]


_ASTRAY = """
# Nothing between the foreign stack and its caller can be seen, and that is said.
complaint = None
def look():
    global complaint
    complaint = core._unwinding_agrees()
contexts.elsewhere(core._unwinding_agrees)
contexts.elsewhere(look)
contexts.elsewhere(functools.partial(contexts.leak, 700))
report = refaudit.check(contexts.elsewhere, functools.partial(contexts.leak, 700))
deep = contexts.nest(200, core._unwinding_agrees)
say(complaint=complaint, deep=deep, findings=report.document["findings"], ok=core._unwinding_agrees())
"""


def test_a_stack_that_the_thread_does_not_know_is_cut(modules: Path) -> None:
    """Coroutine libraries make such: no frame of them is read, none is invented."""
    said = answer(_ASTRAY, modules)
    assert said["ok"] is None
    assert "eval" in said["deep"] or "loop" in said["deep"]
    assert said["complaint"] is not None
    (finding,) = said["findings"]
    assert (finding["rule"], finding["per_run"]) == ("RA105", [1, 1, 1])
    (trace,) = finding["traces"]
    assert trace["truncated"]
    assert {frame["origin"] for frame in trace["frames"]} <= {"python"}


_FRAMES = """
sys.setrecursionlimit(2000)
import bodies, traceback
own = os.path.dirname(refaudit.__file__) + os.sep
depth = int(sys.argv[2])
core.set_stack_depth(depth, 64)
def name_of(code):
    return getattr(code, "co_qualname", code.co_name)
def witness():
    global seen
    seen = [(f.f_code.co_filename, name_of(f.f_code), n) for f, n in traceback.walk_stack(sys._getframe(1))]
told = {}
for name in bodies.NAMES:
    seen = None
    contexts.witnessed_by(witness)
    report = refaudit.check(getattr(bodies, name), warmup=1, runs=2)
    wanted = [list(frame) for frame in seen[:depth] if not frame[0].startswith(own)]
    told[name] = [wanted, len(seen) > depth, report.document["findings"]]
say(told=told)
"""


@pytest.mark.parametrize("depth", [25, 100], ids=["usual", "deeper"])
def test_python_frames_are_those_of_the_interpreter(
    modules: Path, tmp_path: Path, depth: int
) -> None:
    """Files, names and lines, as `traceback` has them at the very instruction that leaks."""
    filling = "\n".join(f"    x = {number}" for number in range(400))
    source = BODIES.replace("FILLING", filling).replace("SIZE", "4711")
    (tmp_path / "bodies.py").write_text(source)
    said = answer(f"sys.path.insert(0, {str(tmp_path)!r})\n" + _FRAMES, modules, depth)["told"]
    assert len(said) > 25
    for name, (wanted, truncated, findings) in said.items():
        assert [(f["rule"], f["per_run"]) for f in findings] == [("RA105", [1, 1])], name
        # The interpreter's own frames change when it has specialised a call.
        traces = findings[0]["traces"]
        assert len(traces) in (1, 2), name
        assert sum(trace["blocks"] for trace in traces) == 2, name
        for trace in traces:
            python = [frame for frame in trace["frames"] if frame["origin"] == "python"]
            assert [[f["file"], f["function"], f["line"]] for f in python] == wanted, name
            assert trace["truncated"] == truncated, name
            native = [frame for frame in trace["frames"] if frame["origin"] == "extension"]
            assert native[0]["function"] == "leak", name
    assert said["deep"][1]
    assert len(said["deep"][0]) == depth
    if sys.version_info >= (3, 11):
        assert said["method"][0][0][1] == "Class.method"


_DYING = """
import array
sources = [("\\n" * (number % 13) + f"def made_{chr(97 + number)}():\\n    leak({1000 + number})\\n") for number in range(20)]
ids = array.array("Q", bytes(8 * 400))
place = 0
def body():
    global place
    for number, source in enumerate(sources):
        namespace = {"leak": contexts.leak}
        exec(source, namespace)
        function = namespace[f"made_{chr(97 + number)}"]
        ids[place] = id(function.__code__)
        place += 1
        function()
        del function
        namespace.clear()
report = refaudit.check(body, warmup=2, runs=4)
ids = ids[:place]
reused = {i for i in ids if len({n % 20 for n, j in enumerate(ids) if i == j}) > 1}
say(calls=place, reused=len(reused), findings=report.document["findings"])
"""


def test_code_objects_that_died_keep_their_names(modules: Path) -> None:
    """Others come to their addresses, and are not taken for them."""
    said = answer(_DYING, modules)
    assert said["calls"] == 120
    assert said["reused"] > 0, "no code object came to the address of another one"
    seen = {}
    for finding in said["findings"]:
        assert (finding["rule"], finding["per_run"]) == ("RA105", [1] * 4), finding["message"]
        number = int(finding["type_name"].split()[0]) - 1000
        for trace in finding["traces"]:
            frame = next(f for f in trace["frames"] if f["origin"] == "python")
            seen.setdefault(number, []).append((frame["function"], frame["file"], frame["line"]))
    assert seen == {
        number: [(f"made_{chr(97 + number)}", "<string>", number % 13 + 2)] for number in range(20)
    }


_STALE = """
leak = core._leak_reference
makers = {"list": lambda: [object()], "tuple": lambda: (object(), 1), "dict": lambda: {1: object()},
          "float": lambda: len(sys.argv) / 3, "str": lambda: str(len(sys.argv)) * 50,
          "bytes": lambda: bytes(100 + len(sys.argv)), "set": lambda: {object()}, "object": object}
told = {}
for name, make in makers.items():
    report = refaudit.check(lambda: leak(make()))
    told[name] = [[trace["stale"] for trace in finding["traces"]]
                  for finding in report.document["findings"] if finding["type_name"] == name]
say(told=told)
"""


def test_stacks_that_may_be_of_an_earlier_object_say_so(modules: Path) -> None:
    """Before 3.13 nobody is told when one of these four comes from a free list."""
    told = answer(_STALE, modules)["told"]
    recycled = {"list", "tuple", "dict", "float"}
    for name, findings in told.items():
        stale = name in recycled and sys.version_info < (3, 13)
        assert len(findings) == 1 and findings[0], (name, findings)
        assert findings[0] == [stale] * len(findings[0]), name
