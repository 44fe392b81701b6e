"""Watched objects on guard pages: nothing is missed, nobody is harmed, and what cannot be done is said."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import pytest
from integration.fresh import answer as fresh_answer
from integration.fresh import last_answer, run
from integration.native_modules import PRELUDE, module

_GUARD = (
    PRELUDE
    + """
class Watched:
    __slots__ = ("first", "second")

SIZE = Watched.__basicsize__ + 16

def guarded(most=1):
    # The collector's two words stand before the object.
    core._guard_births(SIZE, 16, most)
    watched = Watched()
    assert core._guard_watches(id(watched))
    core._watch_forget()
    return watched

def changes(address):
    return [(before, after) for object, before, after, _, _ in core._watch_events() if object == address]
"""
)


@pytest.fixture(scope="module")
def extension(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return module("guarded.c", tmp_path_factory.mktemp("guarded"), "guarded").parent


def answer(code: str, *arguments: object) -> dict[str, Any]:
    return fresh_answer(_GUARD + code, *map(str, arguments))


_HISTORY = """
core._guard_births(SIZE, 16, 1)
watched = Watched()
address, kept = id(watched), [watched] * 3
other = Watched()
del kept
watched.first = 5
del watched
say(changes=changes(address), other=core._guard_watches(id(other)), **core._guard_statistics())
"""


def test_a_whole_life_is_seen_from_birth_to_death() -> None:
    said = answer(_HISTORY, "")
    seen = [tuple(change) for change in said["changes"]]
    assert seen[0] == (0, 1)
    assert seen[-1] == (1, 0)
    # Nothing is missing in between: each change begins where the last one ended.
    assert [after for _, after in seen[:-1]] == [before for before, _ in seen[1:]]
    assert max(after for _, after in seen) >= 4
    # One of a run, and that is the first.
    assert said["other"] is False
    assert said["placed"] == 1


def test_objects_live_on_after_the_watch(extension: Path) -> None:
    code = """
kept = [guarded(3), Watched(), Watched()]
core._guard_end()
before = core._guard_statistics()["writes"]
kept[0].first = kept[1:]
again = list(kept)
watched = [core._guard_watches(id(one)) for one in kept]
same = core._guard_statistics()["writes"] == before
addresses = {id(one) for one in kept}
del again, kept
gc.collect()
core._guard_births(SIZE, 16, 3)
reused = [Watched() for _ in range(3)]
say(same=same, watched=watched, reused=len(addresses & {id(one) for one in reused}))
"""
    said = answer(code, extension)
    assert said == {"same": True, "watched": [False] * 3, "reused": 3}


def test_the_collector_may_write_its_words() -> None:
    code = """
watched = guarded()
watched.first = watched
for _ in range(5): gc.collect()
address = id(watched)
del watched
collected = gc.collect()
say(collected=collected, last=changes(address)[-1], **core._guard_statistics())
"""
    said = answer(code, "")
    assert said["collected"] >= 1
    assert said["last"][1] == 0
    assert said["given_up"] == 0


def test_a_system_call_may_write_into_the_body() -> None:
    code = """
import os, tempfile
data = b"x" * 100
core._guard_births(len(data) + bytes.__basicsize__, 0, 8)
with tempfile.TemporaryFile() as file:
    file.write(data)
    file.flush()
    read = os.pread(file.fileno(), len(data), 0)
say(same=read == data, watched=core._guard_watches(id(read)), **core._guard_statistics())
"""
    said = answer(code, "")
    assert said["same"]
    assert said["watched"]


def test_a_forked_child_has_counts_of_its_own() -> None:
    code = """
watched = guarded()
address = id(watched)
before, count = core._guard_statistics()["writes"], sys.getrefcount(watched)
end, other = os.pipe()
child = os.fork()
if child == 0:
    kept = [watched] * 1000
    watched.first = "the child's"
    gc.collect()
    new = Watched()
    os.write(other, str(sys.getrefcount(watched)).encode())
    os._exit(0)
status = os.waitpid(child, 0)[1]
now = sys.getrefcount(watched)
first = getattr(watched, "first", None)
kept = [watched]
say(status=status, child=int(os.read(end, 100)) - count, parent=now - count, first=first,
    still=core._guard_watches(address), after=len(changes(address)) > 0)
"""
    said = answer(code, "")
    assert said == {
        "status": 0,
        "child": 1000,
        "parent": 0,
        "first": None,
        "still": True,
        "after": True,
    }


def test_a_child_of_subprocess_is_started() -> None:
    code = """
import subprocess
watched = guarded()
done = subprocess.run([sys.executable, "-c", "print(1)"], capture_output=True, preexec_fn=lambda: None)
say(status=done.returncode, said=done.stdout.decode(), still=core._guard_watches(id(watched)))
"""
    assert answer(code, "") == {"status": 0, "said": "1\n", "still": True}


def test_eight_threads_that_change_one_count_lose_nothing(extension: Path) -> None:
    code = """
import guarded as native
watched = guarded()
address, count = id(watched), sys.getrefcount(watched)
core._watch_forget()
before = core._guard_statistics()["changes"]
native.hammer(watched, 8, 2000)
mine = [(b, a, t) for o, b, a, t, _ in core._watch_events() if o == address]
own = [m for m in mine if m[2] != os.getpid()]
say(count=sys.getrefcount(watched) - count, seen=len(own), up=sum(a - b == 1 for b, a, _ in own),
    down=sum(a - b == -1 for b, a, _ in own), threads=len({t for _, _, t in own}),
    values=sorted(b for b, a, _ in own if a > b) == sorted(a for b, a, _ in own if a < b))
"""
    said = answer(code, extension)
    assert said["count"] == 0
    assert said["seen"] == 8 * 2 * 2000
    assert said["up"] == said["down"] == 8 * 2000
    assert said["threads"] == 8
    # Every value was left upwards as often as it was come to downwards: no before or after is made up.
    assert said["values"]


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
    done = run(_CRASH.format(before=before, after=after), str(extension), prelude=_GUARD)
    assert done.stdout.split() == ["True"]
    assert done.returncode == -signal.SIGSEGV
    assert done.stderr.count("Fatal Python error: Segmentation fault") == 1
    assert "most recent call first" in done.stderr


def test_a_crash_without_faulthandler_dies_of_the_signal(extension: Path) -> None:
    code = _CRASH.format(before="faulthandler.disable()", after="")
    done = run(code, str(extension), prelude=_GUARD)
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


def test_what_finds_no_room_is_counted(extension: Path) -> None:
    code = """
core._guard_births(SIZE, 16, 100_000)
kept = [Watched() for _ in range(20_000)]
notes = core._guard_end()
kept = None
say(notes=notes, **core._guard_statistics())
"""
    said = answer(code, extension)
    most = int(Path("/proc/sys/vm/max_map_count").read_text(encoding="ascii"))
    if most < 100_000:
        assert 0 < said["placed"] <= most / 8
        assert any("max_map_count" in note for note in said["notes"])
    else:
        assert said["placed"] == 20_000


def test_a_block_that_grows_stays_or_moves_whole() -> None:
    code = """
core._guard_births(bytes.__basicsize__ + 2000, 0, 4)
import io
buffer = io.BytesIO(b"y" * 2000)
data = bytes(2000)
grown = [bytearray(b"z") * n for n in (10, 5000)]
tail = data + b"x" * 100_000
core._guard_births(tuple.__basicsize__ + 16 + 8 * 60, 16, 8)
made = tuple(iter(range(60)))
shrunk = tuple(n for n in range(60) if n % 3)
say(data=data == bytes(2000), tail=len(tail), made=made == tuple(range(60)), shrunk=len(shrunk),
    placed=core._guard_statistics()["placed"] > 0)
"""
    said = answer(code, "")
    assert said == {"data": True, "tail": 102_000, "made": True, "shrunk": 40, "placed": True}


def test_last_answer_is_the_judge() -> None:
    """A child that died would be a failure of its test, not a pass."""
    with pytest.raises(AssertionError, match="the child ended with"):
        last_answer(run("import os; os.kill(os.getpid(), 11)"))
