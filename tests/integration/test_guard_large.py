"""Objects of many pages are guarded as small ones are, up to 4 MiB, and do not take the range from these."""

from __future__ import annotations

import pytest
from integration.guarding import answer

# Memory read and written by the system, by memcpy and by the interpreter; freed and taken again.
LARGE = """
import os, sys
length = int(sys.argv[-1]) - bytes.__basicsize__
text = os.urandom(1024) * (length // 1024 + 1)
core._guard_births(length + bytes.__basicsize__, 0, 50)
lives = []
for turn in range(5):
    data = bytes(memoryview(text)[:length])
    address, watches = id(data), core._guard_watches(id(data))
    core._watch_forget()
    also = [data, data]
    also.clear()
    lives.append((address, watches, changes(address)))
    same = data == text[:length]
    data = None
notes = core._guard_end()
say(watched=all(life[1] for life in lives), places=len({life[0] for life in lives}), same=same,
    changes=[life[2] for life in lives], notes=notes)
"""


@pytest.mark.parametrize("size", [32_784, 32_785, 43_748, 87_438, 262_145, 4_194_304 + 15])
def test_a_large_object_is_watched_and_its_slot_serves_the_next(size: int) -> None:
    said = answer(LARGE, "", size)
    assert said["watched"] and said["same"] and said["notes"] == []
    assert said["places"] == 1
    assert said["changes"] == [[[1, 2], [2, 3], [3, 2], [2, 1]]] * 5


def test_larger_than_that_is_said() -> None:
    code = """
size = 4_194_304 + 16
core._guard_births(size, 0, 50)
data = bytes(memoryview(b"x" * (size - bytes.__basicsize__)))
say(watched=core._guard_watches(id(data)), notes=core._guard_end())
"""
    said = answer(code, "")
    assert not said["watched"]
    assert "objects of 4194320 bytes cannot be guarded: too large, or placed oddly" in said["notes"]


def test_many_large_ones_leave_room_for_small_ones() -> None:
    code = """
size = bytes.__basicsize__ + (2 << 20)
core._guard_births(size, 0, 1000)
large = [b"%d" % n + bytes(memoryview(b"x" * (2 << 20))[1:]) for n in range(10)]
large += [bytes(memoryview(b"y" * (2 << 20))) for n in range(100)]
placed = sum(core._guard_watches(id(one)) for one in large)
watched = guarded()
say(placed=placed, small=core._guard_watches(id(watched)), sound=all(len(one) >= 2 << 20 for one in large))
"""
    said = answer(code, "")
    # Half of the range of 256 MiB.
    assert 40 <= said["placed"] <= 64
    assert said["small"] and said["sound"]
