"""Each instruction does to guarded memory what the processor does to plain memory: memory, registers, flags."""

from __future__ import annotations

import ctypes
import mmap
import random
import struct
from pathlib import Path
from typing import Any

import pytest
from integration import instructions
from integration.fresh import answer as fresh_answer
from integration.native_modules import PRELUDE

#: Runs in a fresh interpreter, which alone has guarded memory; the module is this one.
_COMPARE = """
sys.path.insert(0, sys.argv[2])
from integration import test_guard_instructions as test
core._guard_births(0x7000, 0, 0)
say(**test.compare(sys.argv[1], core))
"""

_ARITHMETIC = 0x8D5
#: Bytes that are compared: what the read-only page ends with, and what follows.
_BEFORE, _WINDOW = 48, 192
_TIMES = 40


def _state(form: instructions.Form, numbers: random.Random, target: int) -> bytearray:
    state = bytearray(numbers.randbytes(instructions.SIZE))
    index = numbers.randrange(4)
    words = {1: index, 3: target - 8 - 4 * index, 7: target}
    for place, value in words.items():
        struct.pack_into("<Q", state, 8 * place, value)
    if form.string:
        struct.pack_into("<Q", state, 8, numbers.randrange(1, 7))
    flags = numbers.getrandbits(16) & _ARITHMETIC | 2
    struct.pack_into("<Q", state, instructions.FLAGS, flags)
    return state


def _execute(function: Any, state: bytearray, base: int) -> tuple[bytes, bytes]:
    """The memory afterwards, and the registers, addresses as distances."""
    buffer = (ctypes.c_char * len(state)).from_buffer(state)
    function(buffer)
    del buffer
    for place in (3, 6, 7):
        (value,) = struct.unpack_from("<Q", state, 8 * place)
        if abs(value - base) < 4096:
            struct.pack_into("<q", state, 8 * place, value - base)
    (flags,) = struct.unpack_from("<Q", state, instructions.FLAGS)
    struct.pack_into("<Q", state, instructions.FLAGS, flags & _ARITHMETIC)
    struct.pack_into("<Q", state, 32, 0)
    return ctypes.string_at(base, _WINDOW), bytes(state)


def compare(path: str, core: Any) -> dict[str, Any]:
    """Executes every form on both kinds of memory, at the same place of a page."""
    library = ctypes.CDLL(path)
    plain = mmap.mmap(-1, 8192)
    start = ctypes.addressof(ctypes.c_char.from_buffer(plain))
    guarded = core._guard_block() - _BEFORE + 16
    ordinary = start + guarded % 4096
    wrong: list[str] = []
    writes: dict[str, int] = {}
    wanted = [form for form in instructions.forms() if form.needs in instructions.can()]
    for number, form in enumerate(wanted):
        function = getattr(library, f"form_{number}")
        for turn in range(_TIMES):
            numbers = random.Random(f"{form.text} {turn}")
            # From the first read-only byte on, up to behind the end of the page.
            place = numbers.randrange(_BEFORE - 16 - 32, _BEFORE)
            place = place - place % 8 if form.text.startswith("lock") else place
            memory = numbers.randbytes(_WINDOW)
            seed = numbers.getrandbits(64)
            results = []
            for base in (ordinary, guarded):
                ctypes.memmove(base, memory, _WINDOW)
                state = _state(form, random.Random(seed), base + max(place, 16))
                before = core._guard_statistics()
                results.append(_execute(function, state, base))
                after = core._guard_statistics()
            key = "stepped" if form.stepped else "performed"
            writes[form.text] = writes.get(form.text, 0) + after[key] - before[key]
            if results[0] != results[1] and form.text not in wrong:
                wrong.append(form.text)
    silent = [form.text for form in wanted if writes[form.text] < 1]
    return {"wrong": wrong, "silent": silent, "forms": len(wanted), **core._guard_statistics()}


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    wanted = [form for form in instructions.forms() if form.needs in instructions.can()]
    library = instructions.library(tmp_path_factory.mktemp("forms"), wanted)
    tests = Path(__file__).parents[1]
    return fresh_answer(PRELUDE + _COMPARE, str(library), str(tests))


def test_memory_registers_and_flags_are_the_processors_own(said: dict[str, Any]) -> None:
    assert said["wrong"] == []
    assert said["forms"] > 120


def test_every_form_was_met_on_the_guarded_page(said: dict[str, Any]) -> None:
    assert said["silent"] == []
    assert said["given_up"] == 0
