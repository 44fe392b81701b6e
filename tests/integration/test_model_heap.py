"""The model heap against the interpreter that runs this, and as a thing of its own."""

from __future__ import annotations

import gc
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import refaudit
from heap_programs import KINDS, NAMES, VARIABLES, Lockstep, Step
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from integration.fresh import answer

variables = st.integers(0, VARIABLES - 1)
names = st.sampled_from(NAMES)
programs = st.lists(
    st.one_of(
        st.tuples(st.just("new"), variables, st.sampled_from(KINDS)),
        st.tuples(st.just("link"), variables, names, variables),
        st.tuples(st.just("link"), variables, names, variables),
        st.tuples(st.just("unlink"), variables, names),
        st.tuples(st.just("take"), variables, variables, names),
        st.tuples(st.just("drop"), variables),
        st.tuples(st.just("drop"), variables),
        st.tuples(st.just("tuple"), variables, variables, variables),
        st.tuples(st.just("code"), variables, variables),
        st.tuples(st.just("ref"), variables, variables, st.booleans()),
        st.tuples(st.just("collect"), st.integers(0, 2)),
        st.tuples(st.just("release")),
        st.tuples(st.just("forget")),
    ),
    min_size=8,
    max_size=40,
)


@pytest.fixture
def quiet() -> Iterator[None]:
    """Nothing but the program collects."""
    gc.collect()
    gc.disable()
    yield
    gc.unfreeze()
    gc.enable()


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(program=programs)
def test_the_same_objects_die_at_the_same_step(quiet: None, program: list[Step]) -> None:
    Lockstep().run(program)


_THRESHOLDS = """
import sys
class Node:
    __slots__ = ("me", "token")
def run(steps, thresholds):
    tokens = [object() for _ in steps]
    kept = [None] * len(steps)
    died = [-1] * len(steps)
    count, getrefcount = len(steps), sys.getrefcount
    gc.disable()
    gc.set_threshold(*thresholds)
    gc.collect()
    gc.freeze()
    gc.collect()
    gc.enable()
    at = 0
    while at < count:
        node = Node()
        node.token = tokens[at]
        if steps[at]:
            node.me = node
        else:
            kept[at] = node
        node = None
        seen = 0
        while seen <= at:
            # One is the list's, one the argument's: a third one is the node's.
            if died[seen] < 0 and getrefcount(tokens[seen]) < 3:
                died[seen] = at
            seen += 1
        at += 1
    gc.disable()
    return died
run([1, 0], [700, 10, 10])
steps, thresholds = json.loads(sys.argv[1])
say(died=run(steps, thresholds))
"""


def _model_deaths(steps: list[int], thresholds: list[int]) -> list[int]:
    heap = refaudit.ModelHeap()
    heap.set_threshold(*thresholds)
    ids: list[int] = []
    died = [-1] * len(steps)
    for at, is_cyclic in enumerate(steps):
        ids.append(heap.alloc())
        if is_cyclic:
            heap.link(ids[at], ids[at], "me")
            heap.decref(ids[at])
        for seen in range(at + 1):
            if died[seen] < 0 and not heap.is_alive(ids[seen]):
                died[seen] = at
    return died


@settings(max_examples=12, deadline=None, database=None)
@given(
    steps=st.lists(st.sampled_from([0, 1, 1]), min_size=150, max_size=400),
    thresholds=st.tuples(st.integers(3, 12), st.integers(1, 4), st.integers(1, 4)),
)
def test_thresholds_collect_at_the_same_step(
    steps: list[int], thresholds: tuple[int, int, int]
) -> None:
    """Full collections too: those wait for a quarter of what has survived."""
    real = answer(_THRESHOLDS, json.dumps([steps, thresholds]))["died"]
    assert real == _model_deaths(steps, list(thresholds))


def test_the_default_thresholds_are_those_of_the_interpreter() -> None:
    ours = answer("say(threshold=gc.get_threshold())")["threshold"]
    assert refaudit.ModelHeap().get_threshold() == tuple(ours)
    assert refaudit.ModelHeap((3, 12)).get_threshold() == (700, 10, 10)
    assert refaudit.ModelHeap((3, 13)).get_threshold() == (2000, 10, 10)


def test_misuse_is_an_error_with_words() -> None:
    heap = refaudit.ModelHeap()
    one, two = heap.alloc("mod.Node"), heap.alloc()
    assert heap.decref(one) == [refaudit.Event("freed", one)]
    with pytest.raises(ValueError, match=r"object 0 \(mod.Node\) is freed"):
        heap.decref(one)
    with pytest.raises(ValueError, match="is freed"):
        heap.link(two, one, "x")
    with pytest.raises(KeyError, match="there is no object 77"):
        heap.incref(77)
    with pytest.raises(ValueError, match="no generation 3"):
        heap.collect(3)
    with pytest.raises(ValueError, match="unknown finalizer"):
        heap.alloc(finalizer="explodes")
    with pytest.raises(TypeError, match="exactly one"):
        heap.without()
    with pytest.raises(ValueError, match=r"no rules for Python 3\.9"):
        refaudit.ModelHeap((3, 9))


class Node:
    """Made by the tests below."""

    def __init__(self) -> None:
        self.child: object = None


def test_what_if_on_a_snapshot() -> None:
    """A leaf that only one node holds, and one that two hold; a weak reference is the witness."""
    owner, shared, alone = Node(), Node(), Node()
    owner.child = [alone, shared]
    addresses = {"owner": id(owner), "shared": id(shared), "alone": id(alone)}
    number = id(owner)
    del alone
    heap = refaudit.ModelHeap.from_snapshot()
    ids = {name: heap.find(address) for name, address in addresses.items()}
    at_owner, at_alone = heap.find(number), ids["alone"]
    assert at_owner is not None and at_alone is not None
    assert heap.type_name(at_owner).endswith("Node")
    found = heap.without(object=at_owner)
    assert at_owner in found.freed and at_alone in found.freed
    assert ids["shared"] not in found.freed + found.lost
    assert found.by_type[heap.type_name(at_owner)][0] == 2
    assert found.bytes > sys.getsizeof(owner)
    assert owner.child[0] is not None, "the process is as it was"
    (children,) = [
        edge.to for edge in heap.edges(_dict_or_self(heap, at_owner)) if _is_list(heap, edge.to)
    ]
    freed = heap.without(edge=(children, at_alone)).freed
    # Up to 3.10 its dict is an object of its own.
    assert [heap.type_name(id) for id in freed if id != at_alone] in ([], ["dict"])
    assert at_alone in freed
    assert heap.edge_name(children, at_alone) == "[0]"
    assert (heap.label(at_alone) or "").startswith(("<", "Node")) or heap.label(at_alone)
    assert at_alone in [event.id for event in heap.unlink(children, at_alone)]


def _is_list(heap: refaudit.ModelHeap, id: int) -> bool:
    return heap.type_name(id) == "list"


def _dict_or_self(heap: refaudit.ModelHeap, id: int) -> int:
    """Up to 3.10, and where somebody has asked for it, `__dict__` is an object of its own."""
    dicts = [edge.to for edge in heap.edges(id) if heap.type_name(edge.to) == "dict"]
    return dicts[0] if dicts else id


_SNAPSHOT = """
import refaudit, asyncio, typing, json, logging
class Node: pass
def loop():
    one, two = Node(), Node(); one.other, two.other = two, one
gc.collect(); gc.disable()
refaudit.ModelHeap.from_snapshot()
gc.collect()
for _ in range(50): loop()
heap = refaudit.ModelHeap.from_snapshot()
freed = sum(event.what == "freed" for event in heap.collect())
say(model=freed, real=gc.collect(), again=len(heap.collect()))
"""


def test_a_collection_of_a_snapshot_frees_what_the_collector_frees() -> None:
    found = answer(_SNAPSHOT)
    assert found["model"] == found["real"] >= 100
    assert found["again"] == 1, "nothing but the collection itself"


def test_totals_and_live_objects() -> None:
    nodes = [Node() for _ in range(5)]
    rows = refaudit.live_objects(Node)
    assert {row.address for row in rows} >= {id(node) for node in nodes}
    assert {row.type_name for row in rows} == {f"{Node.__module__}.Node"}
    assert refaudit.live_objects(f"{Node.__module__}.Node") == rows
    mine = next(row for row in rows if row.address == id(nodes[0]))
    counted = sys.getrefcount(nodes[0])
    assert mine.refcount == counted - 1
    assert mine.size >= Node.__basicsize__
    every = {row.address for row in refaudit.live_objects()}
    assert {id(node) for node in nodes} < every
    before = refaudit.total_refcount()
    more = [nodes[0]] * 1000
    assert refaudit.total_refcount() - before == pytest.approx(1000, abs=5)
    assert len(more) == 1000


def _document() -> dict[str, object]:
    link = {"what": "module `mymod`", "by": ".registry"}
    held = {"what": "mymod.T", "by": ""}
    paths = [
        {"root": "program", "held": "T", "place": "sys.modules", "links": [link, held]},
        {"root": "static", "held": "T", "place": "native.so:cache", "links": [held]},
    ]
    step = {"type_name": "mymod.T", "bytes": 48, "hidden": False, "finalizer": ""}
    steps = [
        {**step, "what": "one", "by": ".other", "finalizer": "tp_del"},
        {**step, "what": "two", "by": ".other"},
    ]
    row = {"label": "", "count": 1, "shallow": 8}
    return {
        "format": "refaudit-audit",
        "findings": [
            {
                "paths": paths,
                "type_name": "mymod.T",
                "object_label": "T",
                "bytes": 64,
                "cycle": None,
            }
        ],
        "cycles": [{"fate": "uncollectable", "steps": steps, "closed_by": 0}],
        "dominators": [
            {**row, "parent": None, "type_name": "dict"},
            {**row, "parent": 0, "type_name": "list"},
        ],
    }


def test_from_a_document(tmp_path: Path) -> None:
    path = tmp_path / "audit.json"
    path.write_text(json.dumps(_document()), encoding="utf-8")
    heap = refaudit.ModelHeap.from_document(path)
    (static,) = heap.live_objects("root:static")
    (held,) = heap.live_objects(label="T")
    assert heap.without(root=static).freed == (static,), "the module holds it too"
    assert held in heap.without(object=held).freed
    (top,) = heap.live_objects("dict")
    assert [heap.type_name(id) for id in heap.without(object=top).freed] == ["dict", "list"]
    heap.collect()
    assert [heap.label(id) for id in heap.garbage] == ["one"]
    for wrong in (tmp_path / "none.json", Path(__file__)):
        with pytest.raises(refaudit.DocumentError):
            refaudit.ModelHeap.from_document(wrong)
