"""Module audits of everything that cannot be audited: a clear sentence, and nothing lost."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import time
import types

import pytest
import refaudit
from support import modules


@pytest.fixture
def found(tmp_path, monkeypatch):
    """A folder that modules are found in."""
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("name", ["no_such_module", "json.no_such_module", "no_such.module"])
def test_a_name_that_does_not_exist(name):
    audit = refaudit.audit_module(name)
    assert (audit.verdict, audit.ok, audit.audited) == ("not-audited", False, False)
    assert f"No module named '{name.removesuffix('.module')}'" in audit.complaint
    with pytest.raises(refaudit.InvalidAudit, match="No module named"):
        refaudit.assert_unloads(name)


@pytest.mark.parametrize(
    ("name", "error"),
    [(3, TypeError), (None, TypeError), ("", ValueError), (".", ValueError), ("a b", ValueError),
     ("a..b", ValueError), (".a", ValueError), ("a.", ValueError), ("a/b.so", ValueError)],
)  # fmt: skip
def test_what_is_no_name(name, error):
    with pytest.raises(error, match="needs the name of a module"):
        refaudit.audit_module(name)


def test_impossible_options():
    with pytest.raises(ValueError, match="timeout > 0"):
        refaudit.audit_module("json", timeout=0)
    with pytest.raises(ValueError, match="cycles >= 1"):
        refaudit.audit_module("json", cycles=0)


@pytest.mark.parametrize(
    ("name", "words"),
    [("this", "Python"), ("xml", "Python"), ("hollow", "namespace"), ("zipimport", "frozen")],
)
def test_what_has_nothing_to_unload(found, name, words):
    (found / "hollow").mkdir()
    audit = refaudit.assert_unloads(name)
    assert (audit.verdict, audit.ok, audit.members) == ("not-applicable", True, [])
    assert words in audit.sentence
    assert name in audit.sentence
    assert (audit.levels, audit.holders, audit.advice, audit.kind) == ([], [], [], "unknown")


def test_what_is_no_module(found):
    (found / "thing.py").write_text("import sys\nsys.modules[__name__] = object()\n")
    audit = refaudit.audit_module("thing")
    assert "not a module" in audit.sentence
    assert audit.document["observed"]["subject"] == "not-a-module"
    # There may be a module behind it: that nothing was looked at is no good news.
    assert not audit.audited


def test_a_package_that_puts_an_object_into_its_place(found):
    """What it loads is audited all the same."""
    (found / "lazy").mkdir()
    shutil.copy(modules.library("single_basic"), found / "lazy")
    (found / "lazy" / "__init__.py").write_text(
        "import sys\nfrom lazy import single_basic\n"
        "class Lazy: pass\nsys.modules[__name__] = Lazy()\n"
    )
    audit = refaudit.audit_module("lazy")
    assert [member.name for member in audit.members] == ["lazy.single_basic"]
    assert audit.verdict == "kept-by-caches"


def test_a_message_that_is_no_text(found):
    (found / "strange.py").write_text("raise ImportError('\\udc80 is missing')\n")
    audit = refaudit.audit_module("strange")
    assert not audit.audited
    assert "is missing" in audit.complaint


def test_more_open_files_than_select_can_wait_for():
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    pipes = [os.open(os.devnull, os.O_RDONLY) for _ in range(1100)]
    try:
        assert refaudit.audit_module("this").verdict == "not-applicable"
    finally:
        for pipe in pipes:
            os.close(pipe)
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_a_package_that_is_there_at_start(found):
    """As `.pth` files of packages of several distributions put it there; others import it."""
    (found / "sitecustomize.py").write_text(
        "import sys, types\nsys.modules['early'] = early = types.ModuleType('early')\n"
        f"early.__path__ = [{str(found / 'early')!r}]\n"
    )
    (found / "early").mkdir()
    shutil.copy(modules.library("multi_plain"), found / "early")
    (found / "early" / "native.py").write_text("import helper_of_early\nimport early.multi_plain\n")
    (found / "helper_of_early.py").write_text("")
    command = [sys.executable, "-m", "refaudit", "module", "early.native", "--no-interpreters"]
    run = subprocess.run(
        command, env={**os.environ, "PYTHONPATH": os.pathsep.join([str(found), *sys.path])},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr
    assert "unloads" in run.stdout


def test_what_only_this_process_has(monkeypatch):
    monkeypatch.setitem(sys.modules, "only_here", types.ModuleType("only_here"))
    monkeypatch.setitem(sys.modules, "no_module_here", object())
    monkeypatch.setitem(sys.modules, "nothing_here", None)
    for name, words in (
        ("only_here", "only what the import system finds"),
        ("no_module_here", "an object of type object"),
        ("nothing_here", "an object of type NoneType"),
    ):
        audit = refaudit.audit_module(name)
        assert not audit.audited
        assert words in " ".join(audit.document["observed"]["notes"])


@pytest.mark.parametrize("name", ["sys", "gc", "_io", "builtins", "_thread"])
def test_modules_that_the_interpreter_cannot_do_without(name):
    """Whatever is found out, the audit ends, and says so."""
    audit = refaudit.audit_module(name)
    assert audit.document["observed"]["subject"] == "builtin"
    assert audit.verdict in ("unloads", "kept-by-program"), audit.sentence
    assert name in audit.sentence


@pytest.mark.parametrize(
    ("name", "outcome", "words"),
    [
        ("init_raises", "failed", "RuntimeError: this module raises when it is imported"),
        ("init_exits", "exited", "exit code 7"),
        ("init_aborts", "died", "SIGABRT"),
        ("init_segfaults", "died", "SIGSEGV"),
        ("init_silent", "failed", "SystemError: initialization of init_silent failed without"),
        ("init_hangs", "timeout", "not done after 2 s"),
    ],
)
def test_an_init_function_that_fails(monkeypatch, name, outcome, words):
    monkeypatch.syspath_prepend(str(modules.build(name)))
    started = time.monotonic()
    audit = refaudit.audit_module(name, timeout=2 if outcome == "timeout" else 60)
    assert time.monotonic() - started < 20
    (step,) = audit.document["observed"]["steps"]
    assert (step["name"], step["outcome"]) == ("survey", outcome)
    assert audit.verdict == "not-audited"
    assert words in audit.complaint
    assert f"while importing {name}" in audit.complaint
    assert words in " ".join(audit.render("text").split())
    for form in ("html", "json"):
        assert name in audit.render(form)


def test_a_module_that_is_imported_and_in_use(monkeypatch):
    """The audit happens elsewhere: ours stays as it is."""
    monkeypatch.syspath_prepend(str(modules.build("multi_plain")))
    monkeypatch.delitem(sys.modules, "multi_plain", raising=False)
    import multi_plain

    thing = multi_plain.Thing()
    before = dict(vars(multi_plain))
    assert refaudit.audit_module("multi_plain").verdict == "unloads"
    assert sys.modules["multi_plain"] is multi_plain
    assert vars(multi_plain) == before
    assert isinstance(thing, multi_plain.Thing)


def test_an_audit_imports_nothing_here(monkeypatch):
    monkeypatch.syspath_prepend(str(modules.build("multi_state")))
    monkeypatch.delitem(sys.modules, "multi_state", raising=False)
    refaudit.audit_module("multi_state", interpreters=False)
    assert "multi_state" not in sys.modules
    with open("/proc/self/maps", encoding="utf-8") as maps:
        assert "multi_state" not in maps.read()


def test_a_module_that_prints_at_will(found):
    (found / "talks.py").write_text("print('{}')\nimport sys\nsys.stderr.write('x' * 200000)\n")
    assert refaudit.audit_module("talks").verdict == "not-applicable"


def test_a_dependency_that_imports_the_package(found):
    import shutil

    library = modules.library("multi_plain")
    package = found / "knot"
    package.mkdir()
    shutil.copy(library, package / library.name)
    (package / "__init__.py").write_text("import entangled\nfrom knot import multi_plain\n")
    (found / "entangled.py").write_text("import knot\n")
    audit = refaudit.audit_module("knot", interpreters=False)
    steps = {step["name"]: step for step in audit.document["observed"]["steps"]}
    assert steps["life"]["outcome"] == "ok", steps
    assert [member.name for member in audit.members] == ["knot.multi_plain"]


def test_a_step_that_dies_leaves_its_part_unseen(found):
    """It gets as far as the first import without hooks, and no further."""
    import shutil

    library = modules.library("multi_plain")
    package = found / "moody"
    package.mkdir()
    shutil.copy(library, package / library.name)
    (package / "__init__.py").write_text(
        "import os, sys\nfrom moody import multi_plain\n"
        "if 'refaudit._refaudit' in sys.modules: os.abort()\n"
    )
    audit = refaudit.audit_module("moody")
    assert audit.verdict == "not-audited"
    assert "SIGABRT" in audit.complaint
    observed = audit.document["observed"]
    assert observed["residue"] is None
    assert observed["reload"] is None
    (member,) = audit.members
    assert {level.answer for level in member.levels} <= {"not-seen", "not-applicable"}
    assert {row["outcome"] for row in observed["interpreters"]} <= {"died", "unavailable"}
