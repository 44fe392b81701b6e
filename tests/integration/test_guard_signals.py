"""Others that handle signals beside guard pages are not harmed, and what cannot be guarded is said."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
from integration.fresh import run
from integration.guarding import GUARD, answer
from integration.native_modules import module


@pytest.fixture(scope="module")
def extension(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return module("guarded.c", tmp_path_factory.mktemp("guarded"), "guarded").parent


def test_a_handler_on_an_alternate_stack_may_touch_a_watched_object(extension: Path) -> None:
    code = """
import guarded as native
watched = guarded()
count = sys.getrefcount(watched)
native.on_alternate_stack(watched)
say(count=sys.getrefcount(watched) - count, changes=len(changes(id(watched))) >= 2)
"""
    assert answer(code, extension) == {"count": 0, "changes": True}


def test_a_handler_of_the_extension_that_jumps_out_is_survived(extension: Path) -> None:
    code = """
import guarded as native
watched = guarded()
count = sys.getrefcount(watched)
jumps, told = native.survive(watched)
kept = [watched]
say(jumps=jumps, told=told, count=sys.getrefcount(watched) - count, seen=len(changes(id(watched))) >= 6)
"""
    assert answer(code, extension) == {"jumps": 3, "told": True, "count": 1, "seen": True}


_CRASH = """
import faulthandler, guarded as native
{before}
watched = guarded()
{after}
kept = [watched] * 5
del kept
print(len(changes(id(watched))) >= 6, flush=True)
native.crash()
"""


@pytest.mark.parametrize("turn", ["before", "after", "both", "again"])
def test_a_real_crash_prints_the_traceback_of_faulthandler_and_dies(
    extension: Path, turn: str
) -> None:
    lines = {
        "before": ("faulthandler.enable()", ""),
        "after": ("faulthandler.disable()", "faulthandler.enable()"),
        "both": ("faulthandler.enable()", "faulthandler.enable()"),
        "again": ("faulthandler.enable()", "faulthandler.disable(); faulthandler.enable()"),
    }
    before, after = lines[turn]
    done = run(_CRASH.format(before=before, after=after), str(extension), prelude=GUARD)
    assert done.stdout.split() == ["True"]
    assert done.returncode == -signal.SIGSEGV
    assert done.stderr.count("Fatal Python error: Segmentation fault") == 1
    assert "most recent call first" in done.stderr


def test_a_crash_without_faulthandler_dies_of_the_signal(extension: Path) -> None:
    code = _CRASH.format(before="faulthandler.disable()", after="")
    done = run(code, str(extension), prelude=GUARD)
    assert done.stdout.split() == ["True"]
    assert done.returncode == -signal.SIGSEGV
    assert done.stderr == ""


def test_a_signal_that_was_sent_is_no_fault(extension: Path) -> None:
    code = """
import signal
got = []
signal.signal(signal.SIGSEGV, lambda number, frame: got.append(number))
watched = guarded()
signal.signal(signal.SIGTRAP, lambda number, frame: got.append(number))
os.kill(os.getpid(), signal.SIGSEGV)
os.kill(os.getpid(), signal.SIGTRAP)
signal.signal(signal.SIGTRAP, signal.SIG_IGN)
os.kill(os.getpid(), signal.SIGTRAP)
kept = [watched]
say(got=got, seen=len(changes(id(watched))) > 0)
"""
    assert answer(code, extension) == {"got": [signal.SIGSEGV, signal.SIGTRAP], "seen": True}


def test_handlers_are_given_back(extension: Path) -> None:
    code = """
import ctypes, faulthandler
class Action(ctypes.Structure):
    _fields_ = [("handler", ctypes.c_void_p), ("rest", ctypes.c_char * 144)]
libc = ctypes.CDLL(None)
def current(number):
    action = Action()
    # Through no import table: what the kernel knows.
    libc.sigaction(number, None, ctypes.byref(action))
    return action.handler
before = [current(11), current(5)]
watched = guarded()
during = [current(11), current(5)]
core._guard_end()
after = [current(11), current(5)]
say(changed=all(a != b for a, b in zip(before, during)), back=after == before)
"""
    assert answer(code, extension) == {"changed": True, "back": True}


def test_a_handler_that_came_past_us_is_found_at_the_next_run(extension: Path) -> None:
    code = """
import ctypes
watched = guarded()
libc = ctypes.CDLL(None)
Handler = ctypes.CFUNCTYPE(None, ctypes.c_int)
libc.signal.restype = ctypes.c_void_p
libc.signal.argtypes = [ctypes.c_int, ctypes.c_void_p]
libc.signal(11, None)
core._guard_next_run()
kept = [watched]
say(seen=len(changes(id(watched))) > 0)
"""
    # The watched object must not be touched between: neither line does.
    assert answer(code, extension) == {"seen": True}


def test_a_thread_that_blocks_the_signal_is_refused(extension: Path) -> None:
    code = """
import guarded as native
native.deaf()
try:
    core._guard_births(SIZE, 16, 1)
except RuntimeError as error:
    said = str(error)
watched = Watched()
say(said=said, watched=core._guard_watches(id(watched)))
os._exit(0)
"""
    said = answer(code, extension)
    assert "blocks SIGSEGV or SIGTRAP" in said["said"]
    assert said["watched"] is False


def test_such_a_thread_that_comes_later_ends_the_watch(extension: Path) -> None:
    code = """
import guarded as native
watched = guarded()
native.deaf()
core._guard_next_run()
say(watched=core._guard_watches(id(watched)), notes=core._guard_end())
os._exit(0)
"""
    said = answer(code, extension)
    assert said["watched"] is False
    assert any("were given up" in note for note in said["notes"])


def test_a_thread_that_blocks_signals_during_the_watch_lives(extension: Path) -> None:
    code = """
import guarded as native
watched = guarded()
count = sys.getrefcount(watched)
said = native.blocking(watched)
say(said=said, count=sys.getrefcount(watched) - count, changes=len(changes(id(watched))) >= 2)
"""
    # It is told that both are blocked while they are not, and only then.
    assert answer(code, extension) == {"said": [0, 2, 0], "count": 0, "changes": True}


#: What the kernel knows of the calling thread: a bit for each blocked signal.
_BLOCKED = """
import signal, threading
BOTH = {signal.SIGSEGV, signal.SIGTRAP}
BITS = sum(1 << number - 1 for number in BOTH)
def blocked():
    status = open("/proc/thread-self/status").read()
    return int(status.split("SigBlk:")[1].split()[0], 16) & BITS
"""


def test_a_mask_is_given_back_when_the_watch_ends() -> None:
    code = (
        _BLOCKED
        + """
core._guard_births(SIZE, 16, 1)
before = signal.pthread_sigmask(signal.SIG_BLOCK, BOTH)
during, told = blocked(), signal.pthread_sigmask(signal.SIG_BLOCK, [])
watched = Watched()
kept = [watched]
seen = len(changes(id(watched)))
core._guard_end()
after = signal.pthread_sigmask(signal.SIG_BLOCK, [])
say(before=len(BOTH & before), during=during, told=len(BOTH & told), seen=seen > 0,
    after=blocked() == BITS, again=len(BOTH & after))
"""
    )
    said = answer(code, "")
    assert said == {
        "before": 0,
        "during": 0,
        "told": 2,
        "seen": True,
        "after": True,
        "again": 2,
    }


def test_what_a_thread_unblocks_stays_open() -> None:
    code = (
        _BLOCKED
        + """
core._guard_births(SIZE, 16, 1)
signal.pthread_sigmask(signal.SIG_BLOCK, BOTH | {signal.SIGUSR1})
opened = signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTRAP})
left = signal.pthread_sigmask(signal.SIG_SETMASK, [])
none = signal.pthread_sigmask(signal.SIG_BLOCK, [])
core._guard_end()
last = signal.pthread_sigmask(signal.SIG_BLOCK, [])
say(opened=sorted(opened), left=sorted(left), none=sorted(none), last=sorted(last), blocked=blocked())
"""
    )
    said = answer(code, "")
    assert said["opened"] == sorted([signal.SIGSEGV, signal.SIGTRAP, signal.SIGUSR1])
    assert said["left"] == sorted([signal.SIGSEGV, signal.SIGUSR1])
    assert said["none"] == said["last"] == []
    assert said["blocked"] == 0


def test_an_instruction_that_is_not_understood_ends_that_objects_watch(extension: Path) -> None:
    code = """
import guarded as native
watched, other = guarded(2), Watched()
count = sys.getrefcount(watched)
native.odd(watched)
say(count=sys.getrefcount(watched) - count, watched=core._guard_watches(id(watched)),
    other=core._guard_watches(id(other)), notes=core._guard_end())
"""
    said = answer(code, extension)
    assert said["count"] == 0
    assert said["watched"] is False
    assert said["other"] is True
    assert ["0f c7" in note for note in said["notes"]] == [True]


def test_a_debugger_is_refused(extension: Path) -> None:
    code = """
import ctypes, signal
libc = ctypes.CDLL(None, use_errno=True)
child = os.fork()
if child == 0:
    end = os.getppid()
    libc.prctl(1, signal.SIGKILL)
    libc.ptrace(0x4206, end, None, None)
    while os.getppid() == end: signal.pause()
import time
while "TracerPid:\\t0" in open("/proc/self/status").read(): time.sleep(0.01)
try:
    core._guard_births(SIZE, 16, 1)
except RuntimeError as error:
    said = str(error)
say(said=said)
os.kill(child, signal.SIGKILL)
"""
    code = code.replace("libc = ctypes", "libc = ctypes", 1).replace(
        "child = os.fork()", "libc.prctl(0x59616d61, -1)\nchild = os.fork()"
    )
    assert "attached as a debugger" in answer(code, extension)["said"]


def test_too_little_address_space_is_said(extension: Path) -> None:
    code = """
import resource
used = int(open("/proc/self/statm").read().split()[0]) * 4096
resource.setrlimit(resource.RLIMIT_AS, (used + (128 << 20), -1))
try:
    core._guard_births(SIZE, 16, 1)
except (RuntimeError, MemoryError) as error:
    said = str(error)
say(said=said)
"""
    assert "no address space" in answer(code, extension)["said"]
