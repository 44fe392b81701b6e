"""The model of CPython's import caches against the interpreter that runs this."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from import_processes import MINOR, Interpreter, Step, compare, counters_of, model_of
from refaudit._refaudit import ImportModel
from support.modules import Sample, build, host, library, sample, samples

#: Those that the model describes, one for each shape. A registry that keeps a module, or a module
#: that refuses a second import, is no matter of the caches.
BESIDES = {"REFUSES", "COPYREG", "ATEXIT", "LEAKS", "CLEAN"}
SAMPLES = [one for one in samples() if not one.fails and not BESIDES & set(one.defines)]
FOREVER: list[Step] = [("delete", 0), ("drop", 0), ("collect", 0)]

sequences = st.lists(
    st.sampled_from(["import", "import", "delete", "drop", "collect"]).map(
        lambda action: (action, 0)
    ),
    max_size=16,
)
#: Each example is a fork.
thorough = settings(
    max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), database=None
)


def named(one: Sample) -> str:
    return one.name


@pytest.fixture(scope="module")
def interpreter() -> Iterator[Interpreter]:
    child = Interpreter([sys.executable])
    yield child
    child.close()


def agree(interpreter: Interpreter, one: Sample, steps: list[Step]) -> None:
    answer = interpreter.run(one.name, [str(build(one.name))], counters_of(one), steps)
    compare(model_of(one), steps, answer)


@pytest.mark.parametrize("one", SAMPLES, ids=named)
def test_any_sequence(interpreter: Interpreter, one: Sample) -> None:
    @thorough
    @given(sequences)
    def check(steps: list[Step]) -> None:
        agree(interpreter, one, steps)

    check()


@pytest.mark.parametrize("one", SAMPLES, ids=named)
def test_the_prediction_is_what_happens(interpreter: Interpreter, one: Sample) -> None:
    """By the interpreter alone: the module's weak reference, identity and contents."""
    steps: list[Step] = [("import", 0), *FOREVER, ("import", 0)]
    seen = interpreter.run(one.name, [str(build(one.name))], counters_of(one), steps)["seen"]
    predicted = ImportModel.predict(one.kind, MINOR)
    first, dropped, second = seen[0], seen[3], seen[4]
    assert predicted["stays"]["module"] == dropped["alive"][0] or "REFERENCE" in one.defines
    assert predicted["same_module"] == (
        second["local"]["module"] == first["local"]["module"] and dropped["alive"][0]
    )
    assert predicted["same_contents"] == (second["local"]["items"] == first["local"]["items"])
    assert predicted["init_again"] == (second["counts"][0] > first["counts"][0])
    if "REFERENCE" not in one.defines:
        assert predicted["outcome"] == one.verdict


GUESTS: dict[str, list[Step]] = {
    "main-first": [
        ("import", 0),
        ("open", 0),
        ("import", 1),
        ("delete", 1),
        ("collect", 1),
        ("import", 1),
    ],
    "guest-first": [("open", 0), ("import", 1), ("import", 0), ("end", 1), *FOREVER, ("import", 0)],
    "guest-alone": [("open", 0), ("import", 1), ("end", 1), ("collect", 0), ("import", 0)],
    "two-guests": [
        ("open", 0),
        ("import", 1),
        ("open", 0),
        ("import", 2),
        ("end", 1),
        ("import", 0),
        ("end", 2),
    ],
    "after": [
        ("import", 0),
        *FOREVER,
        ("open", 0),
        ("import", 1),
        ("end", 1),
        ("collect", 0),
        ("import", 0),
    ],
}


#: A clean twin is like any other here, and a static changes nothing that a guest could see.
GUEST_SAMPLES = [one for one in SAMPLES if not {"BORROWED", "REFERENCE"} & set(one.defines)]

#: Objects that a guest made are used after its end.
ORPHANS = {"guest-first", "guest-alone", "two-guests"}


@pytest.mark.parametrize("course", GUESTS)
@pytest.mark.parametrize("one", GUEST_SAMPLES, ids=named)
def test_legacy_interpreters(interpreter: Interpreter, one: Sample, course: str) -> None:
    if (
        (3, 12) <= sys.version_info < (3, 12, 7)
        and one.kind.startswith("basic")
        and course in ORPHANS
    ):
        pytest.skip("CPython itself crashes before 3.12.7 (gh-116510)")
    agree(interpreter, one, GUESTS[course])


@pytest.mark.skipif(MINOR < 12, reason="interpreters with a GIL of their own came with 3.12")
@pytest.mark.parametrize("course", GUESTS)
@pytest.mark.parametrize("one", GUEST_SAMPLES, ids=named)
def test_isolated_interpreters(interpreter: Interpreter, one: Sample, course: str) -> None:
    steps = [
        ("open-isolated", 0) if action == "open" else (action, at) for action, at in GUESTS[course]
    ]
    agree(interpreter, one, steps)


EXITS: dict[str, list[Step]] = {
    "in-use": [("import", 0)],
    "named": [("import", 0), ("drop", 0)],
    "held": [("import", 0), ("delete", 0)],
    "dropped": [("import", 0), *FOREVER],
    "imported-again": [("import", 0), *FOREVER, ("import", 0)],
    "dropped-again": [("import", 0), *FOREVER, ("import", 0), *FOREVER],
}


@pytest.mark.parametrize("course", EXITS)
@pytest.mark.parametrize("one", SAMPLES, ids=named)
def test_finalization(interpreter: Interpreter, one: Sample, course: str) -> None:
    """What m_free itself writes down, at the very end."""
    steps = EXITS[course]
    path = [str(build(one.name))]
    answer = interpreter.run(one.name, path, counters_of(one), steps, exit=True)
    assert answer["status"] == 0
    model = model_of(one)
    compare(model, steps, answer)
    model.end(0)
    assert answer["freed_at_exit"] == model.counts()[2]


@pytest.fixture(scope="module")
def builtins() -> Iterator[Interpreter]:
    """A host whose builtins are the samples."""
    known = ":".join(f"{one.name}={library(one.name)}" for one in SAMPLES if one.file != "export.c")
    environment = {**os.environ, "SAMPLE_BUILTINS": known, "PYTHONHOME": sys.base_prefix}
    child = Interpreter([str(host())], environment)
    yield child
    child.close()


@pytest.mark.parametrize("one", [one for one in SAMPLES if one.file != "export.c"], ids=named)
def test_builtins(builtins: Interpreter, one: Sample) -> None:
    """`PyImport_AppendInittab`: nothing but the key of the cache differs."""

    @settings(thorough, max_examples=10)
    @given(sequences)
    def check(steps: list[Step]) -> None:
        answer = builtins.run(one.name, [], counters_of(one), steps)
        compare(model_of(one, "builtin"), steps, answer)

    check()


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("_testsinglephase", "basic"),
        ("_testmultiphase", "multi-phase"),
        ("xxlimited", "multi-phase"),
    ],
)
def test_modules_that_cpython_ships(interpreter: Interpreter, name: str, kind: str) -> None:
    """They count nothing: identity and life of the module object are what can be seen."""
    if importlib.util.find_spec(name) is None:
        pytest.skip(f"this interpreter ships no {name}")

    @settings(thorough, max_examples=10)
    @given(sequences)
    def check(steps: list[Step]) -> None:
        answer = interpreter.run(name, [], None, steps, attributes=[])
        compare(ImportModel(MINOR, kind), steps, answer, [])

    check()


def test_frozen_code(interpreter: Interpreter) -> None:
    """`__hello__` is frozen in every CPython."""
    steps: list[Step] = [("import", 0), *FOREVER, ("import", 0), *FOREVER]
    answer = interpreter.run("__hello__", [], None, steps, attributes=[])
    compare(ImportModel(MINOR, "multi-phase", origin="frozen"), steps, answer, [])


@pytest.mark.parametrize("one", [one for one in samples() if not one.fails], ids=named)
def test_the_table_of_samples(interpreter: Interpreter, one: Sample) -> None:
    """Its verdicts, by a weak reference alone."""
    steps: list[Step] = [("import", 0), *FOREVER]
    seen = interpreter.run(one.name, [str(build(one.name))], counters_of(one), steps)["seen"]
    assert seen[-1]["alive"][0] == (one.verdict != "unloads")


def test_a_sample_that_refuses(interpreter: Interpreter) -> None:
    one = sample("multi_refuses")
    steps: list[Step] = [("import", 0), *FOREVER, ("import", 0)]
    seen = interpreter.run(one.name, [str(build(one.name))], counters_of(one), steps)["seen"]
    assert "more than once" in seen[-1]["error"]


FAILURES = {
    "init_exits": 7,
    "init_aborts": -6,
    "init_segfaults": -11,
    "init_raises": 1,
    "init_silent": 1,
}
COMPLAINTS = {"init_raises": "RuntimeError", "init_silent": "SystemError"}


@pytest.mark.parametrize("name", FAILURES)
def test_samples_that_fail(name: str) -> None:
    code = f"import sys; sys.path.insert(0, {str(build(name))!r}); import {name}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == FAILURES[name]
    assert COMPLAINTS.get(name, "") in done.stderr


def test_a_sample_that_hangs() -> None:
    code = f"import sys; sys.path.insert(0, {str(build('init_hangs'))!r}); import init_hangs"
    with pytest.raises(subprocess.TimeoutExpired):
        subprocess.run([sys.executable, "-c", code], check=False, timeout=1)


def test_what_the_model_is_asked_wrongly() -> None:
    for wrong in ("unknown", "nonsense"):
        with pytest.raises(ValueError, match=wrong if wrong == "nonsense" else "(?i)unknown"):
            ImportModel(13, wrong)
    with pytest.raises(ValueError, match=r"(?i)export-?slots"):
        ImportModel(14, "export-slots")
    with pytest.raises(IndexError):
        ImportModel(13, "basic").import_(1)


def test_the_samples_cover_every_kind() -> None:
    assert {one.kind for one in samples(15)} >= {
        "basic",
        "basic-without-methods",
        "reinit",
        "reinit-cached",
        "multi-phase",
        "multi-phase-cached",
        "multi-phase-framework",
        "export-slots",
    }
    assert (
        Path(build("single_basic")).is_dir() and sample("single_basic").verdict == "kept-by-caches"
    )
