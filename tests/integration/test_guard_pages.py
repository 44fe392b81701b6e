"""Watched objects on guard pages: nothing is missed, and they live as any others."""

from __future__ import annotations

from pathlib import Path

import pytest
from integration.guarding import answer
from integration.native_modules import module


@pytest.fixture(scope="module")
def extension(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return module("guarded.c", tmp_path_factory.mktemp("guarded"), "guarded").parent


_HISTORY = """
core._guard_births(SIZE, 16, 1)
watched = Watched()
address, kept = id(watched), [watched] * 3
other = Watched()
del kept
watched.first = 5
del watched
say(seen=changes(address), other=core._guard_watches(id(other)), **core._guard_statistics())
"""


def test_a_whole_life_is_seen_from_birth_to_death() -> None:
    said = answer(_HISTORY, "")
    seen = [tuple(change) for change in said["seen"]]
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


def test_an_object_that_is_too_large_is_said() -> None:
    code = """
core._guard_births(bytes.__basicsize__ + (1 << 26), 0, 1)
large = bytes(1 << 26)
say(watched=core._guard_watches(id(large)), notes=core._guard_end())
"""
    said = answer(code, "")
    assert said["watched"] is False
    assert any("objects of 67108897 bytes cannot be guarded: too large" in n for n in said["notes"])


def test_code_that_changes_is_decoded_anew() -> None:
    code = """
import ctypes, mmap
page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
function = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(ctypes.addressof(ctypes.c_char.from_buffer(page)))
watched = guarded()
count = sys.getrefcount(watched)
# At one address: inc qword ptr [rdi]; twice; add qword ptr [rdi], 3; sub qword ptr [rdi], 5; each with ret.
for text in ("48ff07c3", "48ff07c3", "48830703c3", "48832f05c3"):
    page[:len(text) // 2] = bytes.fromhex(text)
    function(id(watched))
steps = [after - before for before, after in changes(id(watched))]
say(count=sys.getrefcount(watched) - count, steps=[step for step in steps if abs(step) > 1])
"""
    assert answer(code, "") == {"count": 0, "steps": [3, -5]}
