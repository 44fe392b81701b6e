"""A word that was stale before the audit holds nothing; one that is written in the audit does."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator

import pytest
import refaudit
from refaudit._refaudit import _leak_reference

WORDS = 100


class Thing:
    """Leaked. Of a size that few others have, so that nothing else takes its place."""

    __slots__ = tuple(f"slot_{number}" for number in range(50))


@pytest.fixture
def block() -> Iterator[int]:
    """Memory of CPython's `mem` domain that is no object."""
    allocate = ctypes.pythonapi.PyMem_Malloc
    allocate.restype, allocate.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
    with refaudit.track():
        address = allocate(8 * WORDS)
    ctypes.memset(address, 0, 8 * WORDS)
    yield address
    ctypes.pythonapi.PyMem_Free(ctypes.c_void_p(address))


def write(block: int, words: list[int]) -> None:
    (ctypes.c_uint64 * WORDS).from_address(block)[: len(words)] = words


def dead_things() -> list[int]:
    """Addresses at which a thing has lived."""
    things = [Thing() for _ in range(WORDS)]
    return [id(thing) for thing in things]


def thing_at(addresses: list[int], others: list[Thing]) -> Thing:
    """A new object where one has died."""
    for _ in range(1000):
        thing = Thing()
        if id(thing) in addresses:
            return thing
        others.append(thing)
    raise AssertionError("no address was used again")


def finding_of_thing(audit: refaudit.track) -> tuple[str, str]:
    (finding,) = [f for f in audit.report.findings if f.type_name.endswith("Thing")]
    return finding.verdict, finding.holder["kind"]


def test_words_from_before_hide_no_leak(block):
    addresses, others = dead_things(), []
    write(block, addresses)
    with refaudit.track() as audit:
        _leak_reference(thing_at(addresses, others))
        others.clear()
    assert finding_of_thing(audit) == ("leak", "nothing")


def test_a_word_written_meanwhile_is_a_holder(block):
    with refaudit.track() as audit:
        thing = Thing()
        write(block, [id(thing)])
        _leak_reference(thing)
        del thing
    assert finding_of_thing(audit) == ("maybe", "block")
