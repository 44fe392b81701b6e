"""The judge of life cycles is judged: it must refuse what is missing, misjudged or changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from .module_judge import Line, first_holder, judge
from .module_table import Subject, load_modules
from .modules import ModuleRow, ModuleSession, print_table, summary
from .observation import CLASSES, KEPT, UNLOADS, agrees, classify, describe
from .table import load_cases, load_clean

FREED = {"freed": True, "dict_freed": True, "only_atexit": False, "reimport": "new"}


def _left(*kinds: str, **changes: Any) -> dict[str, Any]:
    """A module that is left, with one root of each kind."""
    seen = {
        "freed": False,
        "dict_freed": False,
        "only_atexit": False,
        "referrers": {"list": 1},
        "unexplained": 0,
        "roots": {kind: {"count": 1, "some": [f"a {kind}"]} for kind in kinds},
        "reimport": "new",
    }
    return {**seen, **changes}


@pytest.mark.parametrize(
    ("seen", "verdict"),
    [
        (FREED, "unloads"),
        ({**_left("program"), "freed": True}, "kept-by-program"),
        (_left("cache"), "kept-by-caches"),
        (_left("cache", reimport="same"), "kept-by-caches"),
        (_left("cache", unexplained=1), "kept-by-module"),
        (_left("cache", "static-type"), "kept-by-module"),
        (_left("unexplained", reimport="same"), "kept-by-module"),
        (_left("unexplained", only_atexit=True), "kept-by-program"),
        (_left("cache", "program"), "kept-by-program"),
        (_left("cache", "unexplained"), "kept"),
        (_left("program", "unexplained"), "kept"),
        (_left(), "kept"),
    ],
)
def test_an_observation_proves_so_much_and_no_more(seen: dict[str, Any], verdict: str) -> None:
    """What gc cannot tell apart stays open; a module without its dict is not freed."""
    assert classify(seen) == verdict


def test_kept_leaves_open_by_whom_and_nothing_else() -> None:
    """Neither "unloads" nor "could not be audited" agrees with it."""
    assert [v for v in CLASSES if agrees(KEPT, v)] == [
        "kept-by-caches",
        "kept-by-program",
        "kept-by-module",
    ]
    assert not agrees(KEPT, "not-audited")
    assert not agrees(UNLOADS, "not-applicable")
    assert [v for v in CLASSES if agrees("kept-by-caches", v)] == ["kept-by-caches"]


def test_an_observation_is_told_with_its_numbers() -> None:
    """Referrers, what is unexplained, a few roots and how many more."""
    roots = {"static-type": {"count": 5, "some": ["static type T"]}}
    text = describe(_left(unexplained=2, roots=roots))
    assert text == (
        "not freed; 2 unexplained; from 1 list; static-type: static type T and 4 more;"
        " re-import: new"
    )
    assert describe(FREED) == "freed; re-import: new"
    assert describe(_left("cache", freed=True)).startswith("module freed, its dict is not")


def _subject(**expect: str) -> Subject:
    return Subject(
        "p", "p", "p", "1", ("3.13.0",), {f"p.{k}": v for k, v in expect.items()}, "", ("reload",)
    )


def _document(**verdicts: str) -> dict[str, Any]:
    """A document of ``refaudit module``, as far as it is looked at."""
    chain = {
        "root": "static",
        "held": "module `p`",
        "place": "p.so:cache",
        "links": [{"what": "module `p`", "by": ""}],
    }
    members = [
        {
            "observed": {"name": f"p.{name}", "holders": [] if verdict == "unloads" else [chain]},
            "verdict": verdict,
            "predicted": "unloads",
        }
        for name, verdict in verdicts.items()
    ]
    steps = [{"name": "reload", "outcome": "died", "detail": "killed"}]
    return {"members": members, "observed": {"steps": steps}}


def test_agreement_of_table_observation_and_audit_is_right() -> None:
    """All three say the same of each module."""
    seen = {"p.a": FREED, "p.b": _left("cache", unexplained=1)}
    document = _document(a="unloads", b="kept-by-module")
    lines = judge(_subject(a="unloads", b="kept-by-module"), seen, document)
    assert [line.fault for line in lines] == ["", ""]
    assert (lines[1].predicted, lines[1].verdict) == ("unloads", "kept-by-module")
    assert lines[1].holder == "static p.so:cache: module `p`"
    assert lines[1].observation.startswith("**kept-by-module**: not freed; 1 unexplained")


def test_another_verdict_than_the_proven_one_is_wrong() -> None:
    """Both that it unloads when it stays, and that it stays when it unloads."""
    seen = {"p.a": FREED, "p.b": _left("cache")}
    document = _document(a="kept-by-caches", b="unloads")
    lines = judge(_subject(a="unloads", b="kept-by-caches"), seen, document)
    assert [line.fault for line in lines] == [
        "refaudit says kept-by-caches, not unloads",
        "refaudit says unloads, not kept-by-caches",
    ]


def test_a_module_that_one_side_does_not_know_is_wrong() -> None:
    """Not loaded, not in the table, not audited, not observed: each is told."""
    seen = {"p.b": FREED, "p.c": FREED}
    lines = judge(
        _subject(a="unloads", c="unloads"), seen, _document(a="unloads", d="unloads", b="unloads")
    )
    assert {line.module: line.fault for line in lines} == {
        "p.a": "in the table, but not loaded",
        "p.b": "not in the table",
        "p.c": "not audited",
        "p.d": "audited, but not observed",
    }


def test_an_observation_that_changed_is_wrong_even_if_refaudit_agrees_with_the_table() -> None:
    """The table must not outlive the facts; without an audit that is all that is compared."""
    for document in (None, _document(a="unloads")):
        (line,) = judge(_subject(a="unloads"), {"p.a": _left("cache")}, document)
        assert line.fault == "the table says unloads"


def test_a_step_that_ended_badly_is_wrong_unless_the_module_is_known_for_it() -> None:
    """The sample document's reload died, which the table allows; its survey did not."""
    document = _document(a="unloads")
    (line,) = judge(_subject(a="unloads"), {"p.a": FREED}, document)
    assert line.right
    document["observed"]["steps"][0]["name"] = "survey"
    _, line = judge(_subject(a="unloads"), {"p.a": FREED}, document)
    assert line.fault == "step survey died: killed"


def test_the_holder_told_is_one_that_says_more_than_cpython_itself() -> None:
    """Every single-phase module has chains from the import caches."""
    cache = {
        "root": "import-cache",
        "held": "module `p`",
        "place": "",
        "links": [{"what": "m_copy", "by": "['ping']"}],
    }
    cache["links"] += [{"what": "function ping", "by": ""}]
    static = {"root": "static", "held": "module `p`", "place": "p.so:x"}
    static["links"] = [{"what": "module `p`", "by": ""}]
    other = {**static, "held": "type p.T"}
    assert first_holder([other, cache, static]) == "static p.so:x: module `p`"
    assert first_holder([other, cache]) == "import-cache: m_copy ['ping'] → function ping"
    assert first_holder([]) == "-"


def test_table_is_printed_with_what_is_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    """One line a module; a bar in a text does not end its cell."""
    lines = [Line("p.a", "unloads", "unloads", "a|b"), Line("p.b", fault="not audited")]
    rows = print_table([ModuleRow("p", "1", "3.13.0", lines, 2.0)])
    printed = capsys.readouterr().out.splitlines()
    assert printed[2] == "| p 1 | 3.13.0 | p.a | unloads | unloads | a\\|b | - | 2.0 | right |"
    assert printed[3].endswith("| **WRONG**: not audited |")
    assert summary(rows) == "1 of 2 modules right"
    assert not rows[0].right


def test_an_interpreter_that_is_not_here_is_a_wrong_row() -> None:
    """Nothing of the table is left out in silence."""
    subject = Subject("p", "p", "p", "1", ("3.99.0",), {"p": "unloads"}, "", ())
    (row,) = ModuleSession(Path("cache"), Path("wheels")).rows(subject)
    assert [line.fault for line in row.lines] == ["not run: Python 3.99.0 is not here"]


def test_the_table_has_the_packages_that_it_must_have() -> None:
    """At least 25 published packages, some of them also before they unloaded."""
    subjects = [s for s in load_modules() if s.package != "CPython"]
    assert len({s.package for s in subjects}) >= 25
    for package in ("cryptography", "multidict", "rpds-py", "pydantic-core"):
        old, new = sorted(
            (s for s in subjects if s.package == package), key=lambda s: s.id, reverse=True
        )
        assert set(new.expect.values()) == {"unloads"}
        assert "unloads" not in old.expect.values()


def test_a_name_stands_for_one_entry_of_all_tables() -> None:
    """The command's --only looks them up together."""
    ids = [entry.id for entry in (*load_cases(), *load_clean(), *load_modules())]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("expect", ["{}", '{"p" = "perhaps"}'])
def test_a_row_without_a_known_verdict_is_refused(tmp_path: Path, expect: str) -> None:
    """An expectation that nothing can meet or miss."""
    table = tmp_path / "modules.toml"
    fields = 'id = "p"\nname = "p"\npackage = "p"\nversion = "1"\npython = []\nwhy = ""\n'
    table.write_text(f"[[module]]\n{fields}expect = {expect}\n", encoding="utf-8")
    with pytest.raises(ValueError, match="p: expects"):
        load_modules(table)
