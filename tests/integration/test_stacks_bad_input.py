"""What goes wrong with stacks never crashes, never hangs, and is told."""

from __future__ import annotations

from pathlib import Path

import pytest
from integration.audits import LINES_BEFORE, answer, compiled_contexts, frames_of


@pytest.fixture(scope="session")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compiled_contexts(tmp_path_factory.mktemp("stacks"))


_FULL = """
core._limit_stack_table(1)
clean = told(refaudit.check(lambda: None))
leaky = told(refaudit.check(lambda: contexts.leak_native(5000)))
try:
    refaudit.assert_no_leaks(lambda: [object()]); raised = ""
except refaudit.InvalidAudit as error:
    raised = str(error)
core._limit_stack_table(1 << 24)
again = told(refaudit.check(lambda: [object()]))
say(clean=clean, leaky=leaky, raised=raised, again=again)
"""


def test_more_stacks_than_the_table_holds_is_never_clean(modules: Path) -> None:
    """Counted, said, and forgotten with the audit that it happened in."""
    said = answer(_FULL, modules)
    for part in ("clean", "leaky"):
        assert said[part]["dropped"] > 0
        assert (said[part]["outcome"], said[part]["ok"]) == ("invalid", False)
        assert "could not be recorded" in said[part]["reason"]
        assert "dropped" in said[part]["text"]
    # The block was seen all the same; only its stack is missing.
    assert said["leaky"]["found"] == [["RA106", "calloc block", [1, 1, 1]]]
    assert "could not be recorded" in said["raised"]
    again = said["again"]
    assert (again["outcome"], again["dropped"], again["reason"]) == ("clean", 0, "")


_LITTLE = """
import resource
def body():
    # The stack of a thread that has ended is used again.
    used = int(open("/proc/self/statm").read().split()[0]) * 4096
    resource.setrlimit(resource.RLIMIT_AS, (used + int(sys.argv[2]), -1))
    try:
        good.append(contexts.many_threads(5, 4242))
        for depth in range(100):
            contexts.leak_deeply(depth)
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (-1, -1))
good = []
contexts.many_threads(5, 100)
say(**measured(body, runs=2), good=good)
"""


@pytest.mark.parametrize("room", [0, 300_000, 2_000_000, 20_000_000, 1_000_000_000])
def test_an_address_space_that_ends_soon(modules: Path, room: int) -> None:
    """As with `ulimit -v`: what a thread remembers stacks in has no room."""
    said = answer(_LITTLE, modules, room)
    assert said["good"] == [5, 5]
    assert said["ok"] is False
    assert said["outcome"] == ("invalid" if said["dropped"] else "leak")
    assert said["dropped"] > 0 or room > 300_000
    assert said["dropped"] == 0 or room < 1_000_000_000
    # Blocks that were recorded are there, with their stacks or without. Those of the threads are in
    # arenas of their own, for which the table of blocks may have had no room in one of the runs.
    count = sum(sum(f[2]) for f in said["found"] if f[0] == "RA106")
    # And what has no stack is in findings of its own, which may not show in every run.
    assert count == 210 or (said["dropped"] > 0 and count + said["dropped"] >= 200 and count < 210)


_SIGNALS = """
import time
began = time.monotonic()
contexts.signals(20)
calls = 0
def signals():
    global calls
    calls += 1
    contexts.signals(150)
def kept(): return sum(size == 8192 and route == "mmap" for _, size, route in core._native_blocks())
before = kept()
report = measured(signals)
say(seconds=time.monotonic() - began, calls=calls, blocks=kept() - before, **report)
"""


def test_a_signal_handler_that_allocates(modules: Path) -> None:
    """While the main thread does, in an audit with stacks: nothing is lost but a stack or two."""
    said = answer(_SIGNALS, modules)
    assert said["seconds"] < 5
    assert {(rule, name) for rule, name, _ in said["found"]} == {("RA106", "mmap block")}
    assert said["blocks"] == 150 * said["calls"], "the hooks lost some"
    counts = [sum(per_run) for per_run in zip(*(f[2] for f in said["found"]), strict=True)]
    assert counts == [150] * 3, "the hooks had them all, so the search for holders lost some"
    assert said["outcome"] == ("invalid" if said["dropped"] else "leak")
    located = [f for f in said["findings"] if f["site"] is not None]
    assert {f["site"]["frame"]["function"] for f in located} == {"on_tick"}


_DEEP = """
import threading
threading.stack_size(256 << 20)
told_ = {}
def audit(): told_["c"] = told(refaudit.check(contexts.leak_deeply, 10_000))
def callback(): told_["callback"] = told(refaudit.check(contexts.nest, 10_000, functools.partial(contexts.leak, 700)))
for target in (audit, callback):
    thread = threading.Thread(target=target); thread.start(); thread.join()
say(**told_)
"""


def test_deep_recursion_of_c(modules: Path) -> None:
    """Ten thousand frames: the innermost ones are right, and the rest is said to be missing."""
    said = answer(_DEEP, modules)
    for part, rule, function in (("c", "RA106", "deep_block"), ("callback", "RA105", "nested")):
        (finding,) = said[part]["findings"]
        assert (finding["rule"], finding["per_run"]) == (rule, [1, 1, 1])
        (trace,) = finding["traces"]
        assert trace["truncated"]
        native = [f["function"] for f in trace["frames"] if f["origin"] == "extension"]
        assert native.count(function) > 55, native
        assert any(frame["origin"] == "python" for frame in trace["frames"])


_RECURSION = """
def down(n):
    contexts.leak_native(64) if n == 0 else down(n - 1)
calls = 0
def for_ever():
    global calls
    calls += 1
    contexts.leak_native(32)
    for_ever()
limit = sys.getrecursionlimit()
near = told(refaudit.check(down, limit - 100))
try:
    for_ever()
except RecursionError:
    calls = 0
beyond = measured(for_ever, runs=2, raises=RecursionError)
say(near=near, beyond=beyond, calls=calls)
"""


def test_recursion_of_python_up_to_its_limit(modules: Path) -> None:
    said = answer(_RECURSION, modules)
    (finding,) = said["near"]["findings"]
    assert (finding["rule"], finding["per_run"]) == ("RA106", [1, 1, 1])
    (trace,) = finding["traces"]
    python = [f["function"] for f in trace["frames"] if f["origin"] == "python"]
    assert (python, trace["truncated"]) == (["down"] * 25, True)
    assert finding["site"]["frame"]["function"] == "leak_native"
    (finding,) = [f for f in said["beyond"]["findings"] if f["rule"] == "RA106"]
    # The last call of a run may have failed.
    assert said["calls"] - 2 <= sum(finding["per_run"]) <= said["calls"] > 1000
    assert said["beyond"]["dropped"] == 0


_GENERATORS = """
def chain(n):
    if n:
        yield from chain(n - 1)
    else:
        for _ in range(3):
            contexts.leak_native(48)
            yield
def body():
    for _ in chain(200):
        pass
def abandoned():
    running = chain(200)
    next(running)
say(whole=told(refaudit.check(body)), abandoned=told(refaudit.check(abandoned)))
"""


def test_a_stack_of_generators(modules: Path) -> None:
    said = answer(_GENERATORS, modules)
    for part, times in (("whole", 3), ("abandoned", 1)):
        (finding,) = said[part]["findings"]
        assert finding["per_run"] == [times] * 3
        (trace,) = finding["traces"]
        lines = [(f["function"], f["line"]) for f in trace["frames"] if f["origin"] == "python"]
        assert [name for name, _ in lines] == ["chain"] * 25
        assert len(set(lines[1:])) == 1 != len(set(lines[:2]))
        assert trace["truncated"]


_GREENLETS = """
import greenlet
def first(other):
    contexts.leak_native(1001)
    other.switch()
    contexts.leak_native(1002)
def second(home):
    contexts.leak_native(1003)
    contexts.nest(6, home.switch)
    contexts.leak_native(1004)
def body():
    here = greenlet.getcurrent()
    b = greenlet.greenlet(second)
    a = greenlet.greenlet(functools.partial(first, greenlet.greenlet(lambda: b.switch(here))))
    a.switch()
    b.switch()
    a.switch()
within = told(refaudit.check(body))
# The audit itself is in one that is switched away from in each of its windows.
results = []
def audited():
    results.append(measured(lambda: (contexts.leak_native(1005), greenlet.getcurrent().parent.switch())))
task = greenlet.greenlet(audited)
task.switch()
for _ in range(20):
    if task.dead: break
    task.switch()
say(within=within, across=results[0], dead=task.dead)
"""


def test_a_greenlet_switch_in_mid_audit(modules: Path) -> None:
    said = answer(_GREENLETS, modules)
    (finding,) = said["within"]["findings"]
    assert finding["per_run"] == [4, 4, 4]
    places = {}
    for trace in finding["traces"]:
        frame = next(frame for frame in trace["frames"] if frame["origin"] == "python")
        place = (frame["function"], frame["line"])
        places[place] = places.get(place, 0) + trace["bytes"]
    lines = _GREENLETS.splitlines()
    first = 1 + LINES_BEFORE + lines.index("def first(other):")
    assert places == {
        ("first", first + 1): 3 * 1001,
        ("first", first + 3): 3 * 1002,
        ("second", first + 5): 3 * 1003,
        ("second", first + 7): 3 * 1004,
    }
    assert said["dead"]
    assert [f[2] for f in said["across"]["found"]] == [[1, 1, 1]]


_THREADS = """
contexts.many_threads(30, 100)
def size():
    fields = open("/proc/self/statm").read().split()
    return [int(fields[0]) * 4, int(fields[1]) * 4, sum(1 for _ in open("/proc/self/maps"))]
sizes = []
def body():
    sizes.append(size()); good.append(contexts.many_threads(400, 100)); sizes.append(size())
good = []
freed = told(refaudit.check(contexts.many_threads, 400, 100))
_audit.core()
measurement = _audit.Measurement("sizes")
measurement.begin(); measurement.open(); body(); body(); measurement.close()
leaked = measured(contexts.many_threads, 150, 4242)
say(freed=freed, good=good, sizes=sizes, leaked=leaked)
"""


def test_threads_by_the_hundred_give_their_memory_back(modules: Path) -> None:
    """Each remembers stacks in a mapping of its own, of a megabyte."""
    said = answer(_THREADS, modules)
    assert said["good"] == [400, 400]
    assert said["freed"]["found"] == []
    before, after = said["sizes"][1], said["sizes"][3]
    assert after[0] - before[0] < 20_000, "address space in KiB"
    assert after[1] - before[1] < 4_000, "resident set in KiB"
    assert after[2] - before[2] < 20, "mappings"
    assert said["leaked"]["found"] == [["RA106", "calloc block", [150] * 3]]
    (finding,) = said["leaked"]["findings"]
    assert finding["site"]["frame"]["function"] == "take_and_end"
    assert {frame["origin"] for frame in frames_of(finding)} <= {"extension", "system"}


_HANDLERS = """
import faulthandler, signal
faulthandler.enable()
faulthandler.register(signal.SIGUSR1)
signal.signal(signal.SIGUSR2, lambda *_: None)
libc = ctypes.CDLL(None)
def handlers():
    # The kernel's word, and the handlers' addresses by the C library's.
    states = [line for line in open("/proc/self/status") if line.startswith(("SigBlk", "SigIgn", "SigCgt"))]
    buffer = ctypes.create_string_buffer(152)
    for number in range(1, 65):
        if libc.sigaction(number, None, buffer) == 0:
            states.append(f"{number}: {buffer.raw[:8].hex()} {buffer.raw[136:140].hex()}")
    stack = ctypes.create_string_buffer(24)
    libc.sigaltstack(None, stack)
    return states + [stack.raw.hex()]
during = []
before = handlers()
refaudit.check(lambda: during.append(handlers()))
after = handlers()
say(count=len(before), caught=[line for line in before if line.startswith("SigCgt")],
    during=[states == before for states in during], after=after == before)
"""


def test_signal_handlers_are_left_alone(modules: Path) -> None:
    """Those of faulthandler among them, and the stack that it runs on."""
    said = answer("import faulthandler; faulthandler.disable()\n" + _HANDLERS, modules)
    assert said["count"] > 60
    assert int(said["caught"][0].split()[1], 16) & (1 << 10)  # SIGSEGV
    assert said["after"]
    assert said["during"] == [True] * len(said["during"]) != []


_UNTOUCHED = """
import subprocess
code = '''
import ctypes
libc = ctypes.CDLL(None)
def handlers():
    found = []
    for number in range(1, 65):
        buffer = ctypes.create_string_buffer(152)
        failed = libc.sigaction(number, None, buffer)
        # What stands in the mask beyond 64 signals is not said by the kernel.
        found.append(b"" if failed else buffer.raw[:16] + buffer.raw[136:140])
    return found
before = handlers()
import refaudit
refaudit.check(len, [])
refaudit.check(lambda: [object()])
print([n + 1 for n, (a, b) in enumerate(zip(before, handlers())) if a != b])
'''
done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
say(out=done.stdout.strip(), err=done.stderr)
"""


def test_installing_sets_no_signal_handler(modules: Path) -> None:
    """From before refaudit is imported to after the audit."""
    said = answer(_UNTOUCHED, modules)
    assert said["err"] == ""
    assert said["out"] == "[]"
