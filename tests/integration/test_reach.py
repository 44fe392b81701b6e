"""Whether anything still reaches what leaked: a thousand objects of every kind, made on purpose."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from integration.fresh import answer
from support.building import source_of

#: Objects of each kind and seed, and the part of them that must be classed right.
COUNT = 1000
RIGHT = 0.98
SEEDS = 5

#: The kinds of objects, each with its class and the kinds of holders that its finding may name.
KINDS = {
    "Lost": ("definitely-lost", {"nothing"}),
    "LostList": ("definitely-lost", {"nothing"}),
    "LostTuple": ("definitely-lost", {"nothing"}),
    "LostCycle": ("definitely-lost", {"cycle"}),
    "InTable": ("still-reachable", {"static"}),
    "InMember": ("still-reachable", {"static"}),
    "InStruct": ("still-reachable", {"native"}),
    "InChain": ("still-reachable", {"native"}),
    "InVector": ("still-reachable", {"native"}),
    "InFarVector": ("still-reachable", {"native"}),
    "InHidden": ("still-reachable", {"field"}),
    "InOpaque": ("still-reachable", {"field"}),
    "InFrame": ("still-reachable", {"container"}),
    "InCFrame": ("still-reachable", {"stack"}),
    "InPython": ("still-reachable", {"container"}),
}
LOST = [kind for kind in KINDS if kind.startswith("Lost")]
HELD = [kind for kind in KINDS if kind.startswith("In")]

#: Audits without warm-ups, and the fixture modules by their paths.
_START = """
import importlib.machinery, importlib.util, os, queue, random, threading
import refaudit
from refaudit import _audit
_audit.ensure_installed()
def measured(function, *arguments, runs):
    measurement = _audit.Measurement("measured")
    measurement.begin()
    for _ in range(runs):
        measurement.open()
        function(*arguments)
        measurement.close()
        measurement.observe()
    return measurement.findings()
def load(path):
    name = os.path.basename(path).split(".")[0]
    loader = importlib.machinery.ExtensionFileLoader(name, path)
    spec = importlib.util.spec_from_file_location(name, path, loader=loader)
    sys.modules[name] = module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module
reach, vectors = map(load, sys.argv[1:3])
"""

#: Threads that hold what they are given: one in a local variable of Python, one in an array of C.
_THREADS = """
inbox, letters = queue.Queue(), []
def keep():
    held = []
    while True:
        item = inbox.get()
        held.append(item)
        del item
        inbox.task_done()
here, there = os.pipe(), os.pipe()
threading.Thread(target=keep, daemon=True).start()
threading.Thread(target=reach.hold_in_frame, args=(letters, here[0], there[1]), daemon=True).start()
def delivered():
    inbox.join()
    os.write(here[1], b"x")
    os.read(there[0], 1)
"""

_KINDS = """
kinds, seeds, count = sys.argv[3].split(","), int(sys.argv[4]), int(sys.argv[5])
class Home: pass
class Item: __slots__ = ()
home = Home()
home.items = []
reach.home = home
def cycle(item):
    # The collector does not see how the type without tp_traverse refers back.
    item.other = reach.Opaque()
    item.other.seen = item
def spread(keepers):
    places = iter([keeper.keeper_keep for keeper in keepers for _ in range(250)])
    return lambda item: next(places)(item)
ways = {
    **dict.fromkeys(("Lost", "LostList", "LostTuple"), reach.leaky_lose),
    "LostCycle": cycle, "InTable": reach.leaky_table, "InMember": reach.leaky_member,
    "InStruct": reach.leaky_struct, "InChain": reach.leaky_chain, "InVector": vectors.leaky_vector,
    "InFarVector": vectors.leaky_far_vector, "InFrame": inbox.put, "InCFrame": letters.append,
    "InPython": home.items.append,
}
# Another layout for each seed.
bases = [(object, {"__slots__": ()}), (object, {}), (object, {"__slots__": ("a", "b", "c")})]
fixed = {"LostList": (list, {}), "LostTuple": (tuple, {}), "LostCycle": (object, {"__slots__": ("other",)})}
def body(made, order):
    for kind in order:
        contents = ([Item()],) if kind in ("LostList", "LostTuple") else ()
        ways[kind](made[kind](*contents))
    delivered()
answers = []
for seed in range(seeds):
    reach.hiders = [reach.Hider() for _ in range(5)]
    reach.opaques = [reach.Opaque() for _ in range(5)]
    home.keepers = getattr(home, "keepers", []) + reach.hiders + reach.opaques
    ways.update(InHidden=spread(reach.hiders), InOpaque=spread(reach.opaques))
    chosen = {kind: fixed.get(kind, bases[(seed + at) % len(bases)]) for at, kind in enumerate(kinds)}
    made = {kind: type(kind, (base,), dict(fields)) for kind, (base, fields) in chosen.items()}
    order = kinds * (count // 2)
    random.Random(seed).shuffle(order)
    answers.append(measured(body, made, order, runs=2))
say(answers=answers)
os._exit(0)
"""


@pytest.fixture(scope="module")
def seeds(extension: Callable[[str], Path]) -> list[list[dict[str, Any]]]:
    """The findings for each seed; all seeds in one process, one after the other."""
    modules = [str(extension(name)) for name in ("reach", "vectors")]
    code = _START + _THREADS + _KINDS
    said = answer(code, *modules, ",".join(KINDS), str(SEEDS), str(COUNT))
    return list(said["answers"])


def _of(findings: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [finding for finding in findings if finding["type_name"].split(".")[-1] == kind]


@pytest.mark.parametrize("kind", KINDS)
def test_nearly_all_of_a_thousand_are_in_the_right_class(
    kind: str, seeds: list[list[dict[str, Any]]]
) -> None:
    """Of every seed, and what most of them are in is the class of the finding."""
    right, holders = KINDS[kind]
    assert len(seeds) == SEEDS
    for findings in seeds:
        found = _of(findings, kind)
        assert found, [finding["type_name"] for finding in findings]
        first = max(found, key=lambda finding: finding["total"])
        assert first["reach"] == right
        assert first["holder"]["kind"] in holders
        counted = sum(finding["reached"][right.replace("-", "_")] for finding in found)
        assert counted >= RIGHT * COUNT, [finding["reached"] for finding in found]
        # A stale word somewhere may hold one of them.
        assert RIGHT * COUNT <= sum(finding["total"] for finding in found) <= COUNT


def test_the_items_of_what_is_lost_are_lost_indirectly(seeds: list[list[dict[str, Any]]]) -> None:
    for findings in seeds:
        for finding in _of(findings, "LostTuple"):
            reached = finding["reached"]
            assert reached["indirectly_lost"] >= RIGHT * reached["definitely_lost"]
        # A list has an array beside its item.
        for finding in _of(findings, "LostList"):
            reached = finding["reached"]
            assert reached["indirectly_lost"] >= RIGHT * 2 * reached["definitely_lost"]


@pytest.mark.parametrize("kind", LOST)
def test_nobody_holds_what_is_lost(kind: str, seeds: list[list[dict[str, Any]]]) -> None:
    for findings in seeds:
        for finding in _of(findings, kind):
            if finding["reach"] == "definitely-lost":
                assert finding["paths"] == []


def line_of(source: str, text: str) -> int:
    """The one line of a fixture's source with a text."""
    lines = source_of(source).read_text(encoding="utf-8").splitlines()
    (number,) = [number for number, line in enumerate(lines, 1) if text in line]
    return number


#: Up to 3.10 a running frame is an object without names.
_LOCAL = (
    ("local 'held' of keep", ["local 'held' of keep"])
    if sys.version_info >= (3, 11)
    else ("the frame of keep", ["the frame of keep"])
)

#: Root, place, and the way from there, as `what`s and `by`s that must be in the links.
PATHS: dict[str, tuple[str, str, list[str]]] = {
    "InTable": ("static", ":table[", ["pointer"]),
    "InMember": ("static", ":state.items[", ["pointer"]),
    "InStruct": ("static", ":nodes[", ["pointer", "block of 16 bytes, allocated in"]),
    "InVector": ("static", "kept", ["pointer", "allocated in"]),
    "InFarVector": ("static", "far_away", ["pointer", "allocated in"]),
    "InHidden": ("hidden", "reach.Hider", ["module `reach`", "which tp_traverse does not visit"]),
    "InOpaque": ("hidden", "reach.Opaque", ["module `reach`", "which tp_traverse does not visit"]),
    "InFrame": ("thread", *_LOCAL),
    "InCFrame": ("thread", "hold_in_frame", []),
    # There are several ways to it, as long as each other in one version or another.
    "InPython": ("program", "", ["sys.modules", "module `", "list of"]),
}


@pytest.mark.parametrize("kind", PATHS)
def test_the_path_leads_from_a_root_to_the_object(
    kind: str, seeds: list[list[dict[str, Any]]]
) -> None:
    root, place, steps = PATHS[kind]
    found = _of(seeds[0], kind)
    first = max(found, key=lambda finding: finding["total"])
    assert first["paths"], first
    assert len(first["paths"]) <= 3
    chain = first["paths"][0]
    assert chain["root"] == root, first["paths"]
    assert place in chain["place"]
    words = [word for link in chain["links"] for word in (link["what"], link["by"])]
    for step in steps:
        assert any(step in word for word in words), words
    assert chain["links"][-1]["by"] == ""


def test_a_static_is_named_with_file_and_line(seeds: list[list[dict[str, Any]]]) -> None:
    for kind, text in (("InTable", "volatile table[ROOM]"), ("InMember", "} state;")):
        first = max(_of(seeds[0], kind), key=lambda finding: finding["total"])
        line = line_of("reach", text)
        chain = first["paths"][0]
        assert (Path(chain["file"]).name, chain["line"]) == ("reach.c", line)
        assert f"(reach.c:{line})" in first["holder"]["text"]


def test_native_memory_is_named_by_where_it_was_allocated(
    seeds: list[list[dict[str, Any]]],
) -> None:
    first = max(_of(seeds[0], "InStruct"), key=lambda finding: finding["total"])
    line = line_of("reach", "ALLOCATION struct")
    assert f"(reach.c:{line})" in first["holder"]["text"], first["holder"]
    assert "16 bytes" in first["holder"]["text"]


_TOO_LOW = """
overrelease, names = load(sys.argv[3]), sys.argv[4:]
class Marker: pass
class Node: pass
home = type(sys)("home")
sys.modules["home"] = home
shared = Marker()
overrelease.hold(shared)
home.registry = {"a": [0, 1, 2, Node()]}
home.registry["a"][3].child = shared
for name in names:
    setattr(home, name, shared)
reach.leaky_table(shared)
del shared
def body():
    # Balanced by its caller's reference, but for the one that is stolen.
    overrelease.leaky_stolen(home.registry["a"][3].child)
found = [finding for finding in measured(body, runs=3) if finding["rule"] == "RA201"]
say(found=found)
os._exit(0)
"""


def _over_released(extension: Callable[[str], Path], *names: str) -> dict[str, Any]:
    modules = [str(extension(name)) for name in ("reach", "vectors", "overrelease")]
    (finding,) = answer(_START + _TOO_LOW, *modules, *names)["found"]
    return dict(finding)


def test_an_over_release_names_the_live_holders(extension: Callable[[str], Path]) -> None:
    """Two objects and a static point to it: all three are in danger."""
    finding = _over_released(extension)
    assert finding["verdict"] == "over-released"
    places = [(chain["root"], chain["place"]) for chain in finding["paths"]]
    assert ("program", "home") in places, places
    assert any(root == "static" and ":table[" in place for root, place in places), places
    assert "`home.registry['a'][3].child`" in finding["message"]
    assert "table[0]" in finding["message"]
    assert "still point to it" in finding["message"]


def test_more_holders_than_there_are_paths_are_counted(extension: Callable[[str], Path]) -> None:
    finding = _over_released(extension, "first")
    named = [chain["links"][-2]["by"] for chain in finding["paths"]]
    assert ".first" in named, finding["paths"]
    assert len(finding["paths"]) == 3
    assert "`home.first`" in finding["message"]


#: The same leak four times, in one process.
_OWN_TABLES = """
class Marker: pass
def body():
    for _ in range(400):
        reach.leaky_lose(Marker())
first = [f for f in measured(body, runs=2) if "Marker" in f["type_name"]]
# The tables of the first search lie freed in memory now, and those of a second one are made there.
again = [f for _ in range(3) for f in measured(body, runs=2) if "Marker" in f["type_name"]]
say(found=[[f["reach"], f["reached"], f["holder"]["kind"]] for f in first + again])
os._exit(0)
"""


def test_our_own_tables_hold_nothing(extension: Callable[[str], Path]) -> None:
    """Each search has tables full of the addresses that it looks for, in memory of our own library."""
    modules = [str(extension(name)) for name in ("reach", "vectors")]
    found = answer(_START + _OWN_TABLES, *modules)["found"]
    assert len(found) == 4
    for reach, reached, holder in found:
        assert (reach, holder) == ("definitely-lost", "nothing")
        assert reached["still_reachable"] + reached["possibly_lost"] <= (1 - RIGHT) * 800, reached
