"""Hardware breakpoints see every change of a count: how many, at which lines, by which thread."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from integration.fresh import answer as fresh_answer
from integration.fresh import run
from integration.native_modules import PRELUDE, SOURCES, module
from support.breakpoints import refusal

ROUTES = ["perf", "registers"]

_WATCH = """
import counts, threading
def own(event):
    return [frame[2] for frame in event[5] if "counts.c" in frame[1]]
def lines(events):
    return [[event[2] - event[1], *own(event)] for event in events if own(event)]
class Heap:
    pass
def told():
    events, notes = core._watched_counts()
    return {"lines": lines(events), "notes": notes, "seen": len(events),
            "threads": [e[3] for e in events if own(e)],
            "balance": sum(e[2] - e[1] for e in events), "mechanisms": sorted({e[4] for e in events}),
            "chain": all(a[2] == b[1] for a, b in zip(events, events[1:]))}
"""


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the module `counts` is."""
    folder = tmp_path_factory.mktemp("counts")
    module("counts.c", folder, "counts")
    return folder


def line(word: str) -> int:
    """The line of `counts.c` with a word."""
    text = (SOURCES / "counts.c").read_text().splitlines()
    return next(number for number, content in enumerate(text, 1) if f"/* {word} */" in content)


def answer(folder: Path, code: str, route: str) -> dict[str, Any]:
    return fresh_answer(PRELUDE + _WATCH + code, str(folder), route)


@pytest.fixture(autouse=True)
def permitted(request: pytest.FixtureRequest) -> None:
    """Needs a machine that permits breakpoints; another one says which setting would."""
    route = getattr(request.node, "callspec", None) and request.node.callspec.params.get(
        "route", ""
    )
    if reason := refusal(route or ""):
        pytest.skip(f"this machine permits no breakpoints: {reason}")


_LINES = """
class Static: pass
subject = {"heap": Heap(), "static": bytearray, "list": []}
answers = {}
for name, object in subject.items():
    before = sys.getrefcount(object)
    core._watch_counts([object], sys.argv[2])
    counts.borrow(object); counts.keep(object); counts.release(object); counts.keep(object)
    answers[name] = told()
    answers[name]["gained"] = sys.getrefcount(object) - before
    counts.release(object)
say(answers=answers)
"""


@pytest.mark.parametrize("route", ROUTES)
def test_every_change_at_its_line(folder: Path, route: str) -> None:
    expected = [
        [1, line("TAKEN")],
        [-1, line("GIVEN")],
        [1, line("KEPT")],
        [-1, line("RELEASED")],
        [1, line("KEPT")],
    ]
    for name, said in answer(folder, _LINES, route)["answers"].items():
        if name == "static" and sys.version_info >= (3, 12):
            assert said["seen"] == 0
            assert any("immortal" in note for note in said["notes"])
            continue
        assert said["lines"] == expected, name
        assert said["mechanisms"] == ["breakpoint"]
        assert said["chain"], "a change in between was missed"
        # The witness counts before the watch and after it, as the watch does.
        assert said["balance"] - said["gained"] in (0, 1, -1), name


_FOUR = """
objects = [Heap() for _ in range(6)]
core._watch_counts(objects, sys.argv[2])
for object in objects:
    counts.borrow(object)
said = told()
events = said["lines"]
say(**said)
"""


@pytest.mark.parametrize("route", ROUTES)
def test_four_objects_and_no_more(folder: Path, route: str) -> None:
    said = answer(folder, _FOUR, route)
    assert Counter(map(tuple, said["lines"])) == {(1, line("TAKEN")): 4, (-1, line("GIVEN")): 4}
    assert any(re.search(r"\b2 objects were not watched", note) for note in said["notes"])


_THREADS = """
object = Heap()
def work():
    for _ in range(50):
        counts.borrow(object)
early, go = [], threading.Event()
def wait():
    early.append(threading.get_native_id())
    go.wait()
    work()
first = [threading.Thread(target=wait) for _ in range(2)]
[thread.start() for thread in first]
while len(early) < 2:
    pass
core._watch_counts([object], sys.argv[2])
go.set()
late = [threading.Thread(target=work) for _ in range(2)]
[thread.start() for thread in late]
[thread.join() for thread in first + late]
say(early=early, late=[thread.native_id for thread in late], **told())
"""


def test_threads_that_are_there_and_threads_that_come(folder: Path) -> None:
    said = answer(folder, _THREADS, "perf")
    assert Counter(said["threads"]) == dict.fromkeys(said["early"] + said["late"], 100)
    assert said["notes"] == []


def test_debug_registers_see_the_threads_that_are_there_and_say_so(folder: Path) -> None:
    said = answer(folder, _THREADS, "registers")
    assert Counter(said["threads"]) == dict.fromkeys(said["early"], 100)
    assert any("threads that began during the watch" in note for note in said["notes"])


_FORK = """
object = Heap()
core._watch_counts([object], sys.argv[2])
child = os.fork()
if child == 0:
    for _ in range(100):
        counts.borrow(object)
    os._exit(len(core._watched_counts()[0]) > 50)
status = os.waitpid(child, 0)[1]
counts.borrow(object)
say(status=status, **told())
"""


@pytest.mark.parametrize("route", ROUTES)
def test_a_forked_child_takes_no_hits_and_lives(folder: Path, route: str) -> None:
    said = answer(folder, _FORK, route)
    assert said["status"] == 0
    assert said["lines"] == [[1, line("TAKEN")], [-1, line("GIVEN")]]


_DEAF = """
import signal
object = Heap()
def deaf():
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTRAP})
    ready.set(); go.wait()
    counts.borrow(object)
ready, go = threading.Event(), threading.Event()
thread = threading.Thread(target=deaf)
thread.start(); ready.wait()
core._watch_counts([object], sys.argv[2])
go.set(); thread.join()
counts.borrow(object)
say(own=threading.get_native_id(), **told())
"""


@pytest.mark.parametrize("route", ROUTES)
def test_a_thread_that_blocks_the_signal_is_left_alone(folder: Path, route: str) -> None:
    said = answer(folder, _DEAF, route)
    assert set(said["threads"]) == {said["own"]}
    assert any("blocks SIGTRAP" in note for note in said["notes"])


_DEAF_LATER = """
import signal
object = Heap()
def deaf():
    ready.set(); go.wait()
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTRAP})
    counts.borrow(object)
    blocked.append(signal.SIGTRAP in signal.pthread_sigmask(signal.SIG_BLOCK, []))
ready, go, blocked = threading.Event(), threading.Event(), []
thread = threading.Thread(target=deaf)
thread.start(); ready.wait()
core._watch_counts([object], sys.argv[2])
go.set(); thread.join()
say(blocked=blocked, number=thread.native_id, **told())
"""


@pytest.mark.parametrize("route", ROUTES)
def test_a_thread_that_blocks_the_signal_later_is_watched(folder: Path, route: str) -> None:
    said = answer(folder, _DEAF_LATER, route)
    assert said["blocked"] == [True]
    assert said["lines"] == [[1, line("TAKEN")], [-1, line("GIVEN")]]
    assert set(said["threads"]) == {said["number"]}


_HANDLER_LATER = """
import signal
object, taken = Heap(), []
core._watch_counts([object], sys.argv[2])
signal.signal(signal.SIGTRAP, lambda *_: taken.append(1))
counts.borrow(object)
os.kill(os.getpid(), signal.SIGTRAP)
during = len(taken)
said = told()
os.kill(os.getpid(), signal.SIGTRAP)
say(during=during, after=len(taken), **said)
"""


@pytest.mark.parametrize("route", ROUTES)
def test_a_handler_that_comes_later_comes_behind(folder: Path, route: str) -> None:
    said = answer(folder, _HANDLER_LATER, route)
    assert (said["during"], said["after"]) == (1, 2)
    assert said["lines"] == [[1, line("TAKEN")], [-1, line("GIVEN")]]


_CHAINED = """
import signal
taken = []
signal.signal(signal.SIGTRAP, lambda *_: taken.append(1))
object = Heap()
core._watch_counts([object], sys.argv[2])
counts.borrow(object)
os.kill(os.getpid(), signal.SIGTRAP)
during = len(taken)
said = told()
os.kill(os.getpid(), signal.SIGTRAP)
say(during=during, after=len(taken), **said)
"""


@pytest.mark.parametrize("route", ROUTES)
def test_traps_of_others_are_passed_on(folder: Path, route: str) -> None:
    said = answer(folder, _CHAINED, route)
    assert (said["during"], said["after"]) == (1, 2)
    assert said["lines"] == [[1, line("TAKEN")], [-1, line("GIVEN")]]


#: A seccomp filter: each system call with one of two numbers fails with EPERM. Classic BPF, `seccomp(2)`.
_FORBIDDEN = """
import ctypes, struct
def forbid(*numbers):
    load, equal, answer = 0x20, 0x15, 0x06
    code = [(load, 0, 0, 0)]
    for place, number in enumerate(numbers):
        code.append((equal, len(numbers) - place, 0, number))
    code += [(answer, 0, 0, 0x7FFF0000), (answer, 0, 0, 0x00050000 | 1)]
    program = b"".join(struct.pack("HBBI", *line) for line in code)
    buffer = ctypes.create_string_buffer(program)
    filter = struct.pack("HxxxxxxQ", len(code), ctypes.addressof(buffer))
    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.prctl(38, 1, 0, 0, 0) == 0
    assert libc.prctl(22, 2, filter, 0, 0) == 0, ctypes.get_errno()
PERF, PTRACE = 298, 101
object = Heap()
"""


def test_refused_by_both_ways_it_says_what_would_permit_it(folder: Path) -> None:
    code = (
        _FORBIDDEN
        + "forbid(PERF, PTRACE); core._watch_counts([object]); counts.borrow(object); say(**told())"
    )
    said = answer(folder, code, "")
    assert said["seen"] == 0
    assert any("perf_event_open is refused" in note and "PERFMON" in note for note in said["notes"])
    assert any("ptrace is refused" in note and "SYS_PTRACE" in note for note in said["notes"])


def test_where_perf_is_refused_the_debug_registers_do(folder: Path) -> None:
    code = (
        _FORBIDDEN
        + "forbid(PERF); core._watch_counts([object]); counts.borrow(object); say(**told())"
    )
    said = answer(folder, code, "")
    assert said["lines"] == [[1, line("TAKEN")], [-1, line("GIVEN")]]


_IMMORTAL = "core._watch_counts([None, True]); say(**told())"


@pytest.mark.skipif(sys.version_info < (3, 12), reason="no object is immortal before 3.12")
def test_immortal_objects_are_reported_as_such(folder: Path) -> None:
    said = answer(folder, _IMMORTAL, "")
    assert said["seen"] == 0
    assert said["notes"] == [
        "hardware breakpoints: 2 objects are immortal: their counts never change and were not watched"
    ]


def test_under_a_debugger_it_refuses(folder: Path) -> None:
    """This test attaches to its child and lets it run: the child must see that, and leave SIGTRAP alone."""
    code = """
import ctypes, time
ctypes.CDLL(None).prctl(0x59616d61, ctypes.c_long(-1), 0, 0, 0)
print("ready", flush=True); sys.stdin.readline()
object = Heap()
core._watch_counts([object]); counts.borrow(object); say(**told())
"""
    tracer = """
import ctypes, os, sys
libc, pid = ctypes.CDLL(None, use_errno=True), int(sys.argv[1])
assert libc.ptrace(0x4206, pid, None, None) == 0, ctypes.get_errno()
print("attached", flush=True); sys.stdin.readline()
"""
    command = [sys.executable, "-c", PRELUDE + _WATCH + code, str(folder)]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **pipes) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        with subprocess.Popen([sys.executable, "-c", tracer, str(child.pid)], **pipes) as debugger:
            assert debugger.stdout is not None
            assert debugger.stdout.readline() == "attached\n"
            child.stdin.write("\n")
            child.stdin.flush()
            said = child.stdout.readline()
            debugger.communicate("\n", timeout=30)
            child.communicate(timeout=30)
    assert child.returncode == 0
    assert "is attached as a debugger" in said
    assert '"seen": 0' in said


def test_an_object_that_dies_is_seen_to_die(folder: Path) -> None:
    code = """
object = Heap()
core._watch_counts([object], sys.argv[2])
del object
events, notes = core._watched_counts()
say(after=[event[2] for event in events], notes=notes)
"""
    said = answer(folder, code, "perf")
    assert 0 in said["after"]


def test_the_child_process_of_the_tests_is_not_traced() -> None:
    """The tests above mean something only where nobody traces them."""
    status = run("print(open('/proc/self/status').read())").stdout
    assert re.search(r"^TracerPid:\s+0$", status, re.MULTILINE)
