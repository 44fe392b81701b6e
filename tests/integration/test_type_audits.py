"""`refaudit.audit_types` on types that break one rule each, held against `gc` and `sys.getrefcount`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import refaudit
from integration import fresh

#: The rules that each type breaks.
EXPECTED = {
    "Allocating": {"traversal"},
    "Blind": {"fields"},
    "Borrower": {"borrowed"},
    "Calling": {"traversal"},
    "Crashing": {"traversal"},
    "DiesInDealloc": {"fields-given-back"},
    "DiesInNew": set(),
    "Empty": set(),
    "Endless": {"traversal"},
    "Forgetful": {"type-reference"},
    "Generous": {"type-reference"},
    "Hoarder": {"fields-given-back"},
    "Parking": {"free-list"},
    "Secret": set(),
    "Stale": {"traversal"},
    "StaticTypeSeen": {"type-visit"},
    "StaticUnknown": {"collector"},
    "StaticWhole": set(),
    "Tidy": set(),
    "Twice": {"fields"},
    "TypeTwice": {"type-visit"},
    "TypeUnseen": {"type-visit"},
    "Unclear": {"clear"},
    "Unknown": {"collector"},
    "Untracked": {"tracked"},
    "Whole": set(),
}
CLEAN = {"Empty": "ok", "StaticWhole": "ok", "Tidy": "ok", "Whole": "ok", "Secret": "ok"}
#: What ends the process of whoever looks.
DEADLY = {"Crashing": "SIGSEGV", "DiesInDealloc": "SIGSEGV", "DiesInNew": "SIGSEGV"}

AUDIT = """
import refaudit
sys.path.insert(0, sys.argv[1])
audit = refaudit.audit_types("protocols", patience=2, **json.loads(sys.argv[2]))
say(document=audit.document, imported="protocols" in sys.modules)
"""

#: Plain Python, which knows nothing of refaudit.
WITNESS = """
sys.path.insert(0, sys.argv[1])
import protocols
gc.disable()
rounds = 500
names = json.loads(sys.argv[2])
def referents(one, what):
    return sum(thing is what for thing in gc.get_referents(one))
def made(kind):
    for _ in range(rounds):
        kind()
def told(name):
    kind, stored = getattr(protocols, name), []
    one = kind()
    one.value = stored
    seen = {"tracked": gc.is_tracked(one), "type": referents(one, kind), "value": referents(one, stored)}
    seen["shared"] = referents(one, protocols.shared)
    before = sys.getrefcount(stored)
    del one
    seen["released"] = before - sys.getrefcount(stored)
    before = sys.getrefcount(kind)
    made(kind)
    seen["gained"] = sys.getrefcount(kind) - before
    return seen
def lost(name):
    "References to the type that a collection does not give back of a cycle of two."
    kind = getattr(protocols, name)
    before = sys.getrefcount(kind)
    one, other = kind(), kind()
    one.value, other.value = other, one
    del one, other
    gc.collect()
    return sys.getrefcount(kind) - before
say(told={name: told(name) for name in names}, lost={name: lost(name) for name in names})
"""


@pytest.fixture(scope="module")
def folder(extension) -> str:
    return str(Path(extension("protocols")).parent)


def audited(folder: str, **options: Any) -> refaudit.TypesAudit:
    said = fresh.answer(AUDIT, folder, json.dumps(options))
    assert not said["imported"]
    return refaudit.TypesAudit(said["document"])


@pytest.fixture(scope="module")
def audit(folder) -> refaudit.TypesAudit:
    return audited(folder, factories={"protocols.Secret": "protocols.secret()"})


@pytest.fixture(scope="module")
def witness(folder) -> dict[str, Any]:
    """What plain Python sees of the types that leave it alive."""
    names = sorted(set(EXPECTED) - {*DEADLY, "Endless", "Secret", "Stale", "Generous", "Empty"})
    return fresh.answer(WITNESS, folder, json.dumps(names))


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_each_type_breaks_what_its_name_says_and_nothing_else(audit, name):
    one = audit["protocols." + name]
    assert {check.name for check in one.defects} == EXPECTED[name], one.sentence
    if name in CLEAN:
        assert one.verdict == CLEAN[name], one.sentence


def test_all_types_are_listed_and_the_package_is_never_imported_here(audit):
    assert {one.name.removeprefix("protocols.") for one in audit.types} == set(EXPECTED)
    assert (audit.verdict, audit.ok, audit.audited) == ("defects", False, True)


@pytest.mark.parametrize("name", sorted(DEADLY))
def test_the_type_that_kills_the_process_is_named_and_the_rest_is_still_asked(audit, name):
    endings = audit["protocols." + name].document["observed"]["ended"]
    assert [(e["outcome"], DEADLY[name] in e["detail"]) for e in endings] == [("died", True)]
    steps = audit.document["observed"]["steps"]
    assert any(f"protocols.{name}" in step["detail"] for step in steps)
    assert steps[-1]["outcome"] == "ok"


def test_a_traversal_that_never_returns_is_named(audit):
    [ending] = audit["protocols.Endless"].document["observed"]["ended"]
    assert (ending["phase"], ending["outcome"]) == ("traverse", "timeout")
    assert "within 2 s" in ending["detail"]


def test_the_python_function_that_a_traversal_calls_is_named(audit):
    [defect] = audit["protocols.Calling"].defects
    assert "`callback`" in defect.detail


def test_without_an_instance_nothing_is_fine(folder):
    audit = audited(folder, factories={"protocols.Secret": "1", "protocols.Gone": "1"})
    one = audit["protocols.Secret"]
    assert one.verdict == "not-seen" and "type int" in one.sentence
    assert {check.answer for check in one.checks if check.name in ("fields", "type-reference")} == {
        "not-seen"
    }
    assert any("protocols.Gone" in note for note in audit.document["observed"]["notes"])


def test_plain_python_sees_the_same_visits(audit, witness):
    for name, seen in witness["told"].items():
        one = audit["protocols." + name].document["observed"]
        [row] = [t for t in one["instance"]["targets"] if t["role"] == "value"]
        assert row["visited"] == seen["value"], name
        assert row["released"] == seen["released"], name
        assert one["instance"]["visits_type"] == seen["type"], name
        assert one["instance"]["tracked"] == seen["tracked"], name
    assert {name for name, seen in witness["told"].items() if seen["shared"]} == {"Borrower"}


def test_plain_python_counts_the_same_references_to_the_type(audit, witness):
    gained = {name: seen["gained"] for name, seen in witness["told"].items()}
    assert {name for name, number in gained.items() if number >= 500} == {"Forgetful"}
    forgetful = audit["protocols.Forgetful"]
    assert forgetful.references_gained == 2 * forgetful.instances_made
    assert audit["protocols.Whole"].references_gained == 0
    assert audit["protocols.Whole"].instances_made >= 8


def test_what_the_audit_calls_a_defect_makes_cycles_that_are_never_freed(witness):
    lost = {name for name, references in witness["lost"].items() if references}
    # Heap types: nobody counts references to a static one from 3.12 on.
    assert {"Blind", "Unclear", "Unknown", "Untracked"} <= lost
    assert lost.isdisjoint({"Whole", "Tidy", "TypeUnseen", "Calling", "Allocating"})


def test_a_module_that_defines_no_type_is_fine_and_one_that_is_not_there_is_not_audited():
    audit = refaudit.audit_types("this")
    assert (audit.verdict, audit.ok) == ("no-types", True)
    audit = refaudit.audit_types("no_such_module_at_all")
    assert (audit.verdict, audit.ok, audit.audited) == ("not-audited", False, False)
    assert "ModuleNotFoundError" in audit.complaint


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"name": 1}, TypeError),
        ({"name": "a..b"}, ValueError),
        ({"name": "a", "instances": 0}, ValueError),
        ({"name": "a", "patience": 0}, ValueError),
        ({"name": "a", "factories": {"a.B": "import a"}}, ValueError),
    ],
)
def test_impossible_arguments(arguments, error):
    with pytest.raises(error):
        refaudit.audit_types(**arguments)
