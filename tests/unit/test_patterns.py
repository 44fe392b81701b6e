"""What grows is told from caches and last values; what leaks is counted exactly, run by run."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from integration.fresh import answer

OLD = sys.version_info < (3, 12)  # singletons and interned names are mortal
_CASES = """
import functools, refaudit
from refaudit import _audit
core = _audit.core()
leak, results, number = core._leak_reference, {}, [0]
class Thing: pass
class Kind: pass
thing = Thing()
def fresh():
    number[0] += 1
    return float(number[0]) + 0.5
def case(name, body, **counts):
    results[name] = told(refaudit.check(body, **counts))
"""
_GROWTH = """
small = functools.lru_cache(maxsize=4)(lambda n: [n])
large = functools.lru_cache(maxsize=32)(lambda n: [n])
endless = functools.lru_cache(maxsize=None)(lambda n: [n])
ring, names, last, once, items = {}, {}, [None], {}, []
case("small cache", lambda: small(fresh()) and None)
case("large cache", lambda: large(fresh()) and None)
case("endless cache", lambda: endless(fresh()) and None)
case("ring", lambda: ring.__setitem__(int(fresh()) % 16, [1]))
case("dict", lambda: names.__setitem__(fresh(), [1]))
case("list", lambda: items.append([1]))
case("list, two a run", lambda: items.extend([[1], [2]]))
case("last value", lambda: last.__setitem__(0, [1]))
case("filled once", lambda: once.setdefault("key", [1]) and None, warmup=0)
case("nothing", lambda: [fresh() for _ in range(100)] and None)
say(**results)
"""
_LEAKS = """
def twice(): leak(thing); leak(thing)
case("reference", lambda: leak(thing))
case("reference, one run", lambda: leak(thing), warmup=0, runs=1)
case("two references", twice, runs=4)
case("None", lambda: leak(None))
case("interned name", lambda: leak(sys.intern(f"name {fresh()}")))
case("interned and forgotten", lambda: sys.intern(f"other {fresh()}") and None)
case("heap type", lambda: leak(Kind))
case("block", lambda: core._leak_block(1000))
case("block, one run", lambda: core._leak_block(1000), warmup=0, runs=1)
for _ in range(9): leak(thing)
case("over-release", lambda: core._over_release(thing))
say(**results)
"""
_RE_USED = """
makers = {"float": fresh, "list": lambda: [1, 2], "dict": lambda: {"a": 1},
          "tuple": lambda: (fresh(), 1), "str": lambda: f"text {fresh()}", "__main__.Thing": Thing}
for name, make in makers.items():
    def body():
        dead = [make() for _ in range(150)]
        del dead
        leak(make())
    case(name, body)
    case(name + ", one run", body, warmup=0, runs=1)
# The old object dies and a new one of its type takes its address: not the same object.
places = []
old = [Thing()]
leak(old[0])
def exchange():
    address = id(old[0])
    core._over_release(old[0])
    old[0] = None
    keep = [Thing() for _ in range(50)]
    old[0] = next((o for o in keep if id(o) == address), keep[0])
    places.append(id(old[0]) == address)
    leak(old[0])
case("exchange", exchange)
say(same=sum(places), **results)
"""


@pytest.fixture(scope="module")
def growth() -> dict[str, Any]:
    """Audits of functions that keep something in sight."""
    return answer(_CASES + _GROWTH)


@pytest.fixture(scope="module")
def leaks() -> dict[str, Any]:
    """Audits of functions that lose something, with refaudit's own leaking functions."""
    return answer(_CASES + _LEAKS)


@pytest.fixture(scope="module")
def reused() -> dict[str, Any]:
    """Audits of functions whose objects take the place of dead ones."""
    return answer(_CASES + _RE_USED)


@pytest.mark.parametrize(
    "name", ["small cache", "large cache", "ring", "last value", "filled once", "nothing"]
)
def test_what_is_bounded_is_silent(growth: dict[str, Any], name: str) -> None:
    assert growth[name]["findings"] == []
    assert growth[name]["outcome"] == "clean"


@pytest.mark.parametrize(
    ("name", "per_run"),
    [("endless cache", 1), ("dict", 1), ("list", 1), ("list, two a run", 2)],
)
def test_growth_without_bound_is_found(growth: dict[str, Any], name: str, per_run: int) -> None:
    lists = [finding for finding in growth[name]["findings"] if finding[2] == "list"]
    assert lists == [["RA104", "leak", "list", [per_run] * 3, "container"]]


@pytest.mark.parametrize(
    ("name", "rule", "verdict", "type_name", "per_run"),
    [
        ("reference", "RA101", "leak", "__main__.Thing", [1, 1, 1]),
        ("reference, one run", "RA101", "leak", "__main__.Thing", [1]),
        ("two references", "RA101", "leak", "__main__.Thing", [2, 2, 2, 2]),
        ("heap type", "RA102", "leak", "type", [1, 1, 1]),
        ("block", "RA105", "leak", "1000 bytes from the mem domain", [1, 1, 1]),
        ("block, one run", "RA105", "maybe", "1000 bytes from the mem domain", [1]),
        ("over-release", "RA201", "over-released", "__main__.Thing", [-1, -1, -1]),
    ],
)
def test_leak_is_named_and_counted(
    leaks: dict[str, Any], name: str, rule: str, verdict: str, type_name: str, per_run: list[int]
) -> None:
    assert [f[:4] for f in leaks[name]["findings"]] == [[rule, verdict, type_name, per_run]]


def test_singletons_leak_where_they_are_mortal(leaks: dict[str, Any]) -> None:
    expected = [["RA101", "leak", "NoneType", [1, 1, 1]]] if OLD else []
    assert [f[:4] for f in leaks["None"]["findings"]] == expected


def test_interned_names_of_3_12_are_immortal_and_nobodys_leak(leaks: dict[str, Any]) -> None:
    immortal = sys.version_info[:2] == (3, 12)
    expected = [] if immortal else [["RA103", "leak", "str", [1, 1, 1]]]
    assert [f[:4] for f in leaks["interned name"]["findings"]] == expected
    assert leaks["interned and forgotten"]["findings"] == []


@pytest.mark.parametrize("name", ["float", "list", "dict", "tuple", "str", "__main__.Thing"])
def test_object_from_a_free_list_is_new(reused: dict[str, Any], name: str) -> None:
    assert [f[:4] for f in reused[name]["findings"]] == [["RA103", "leak", name, [1, 1, 1]]]
    single = reused[f"{name}, one run"]["findings"]
    assert [f[:4] for f in single] == [["RA103", "leak", name, [1]]]


def test_address_that_is_used_again_is_another_object(reused: dict[str, Any]) -> None:
    """Each run swaps one leaked object for another at its place: nothing is gained or lost."""
    assert reused["same"] >= 1  # or the allocator gave no address twice, and nothing is shown
    assert reused["exchange"]["findings"] == []
