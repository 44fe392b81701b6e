"""``refaudit check`` and ``refaudit cycles``: what they print and write, and their exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.command import command

MODULE = """
import os
from refaudit._refaudit import _leak_reference
class Thing:
    def method(self): pass
OLD = Thing()
def leaks(thing=OLD): _leak_reference(thing)
def clean(): return [Thing()]
def raises(): raise ValueError("as it should")
def leaves(): os._exit(7)
def dies(): os.kill(os.getpid(), 9)
def cycle():
    thing = Thing()
    thing.me = thing
number = 3
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "sample.py").write_text(MODULE)
    (tmp_path / "broken.py").write_text("import no_such_thing")
    (tmp_path / "script.py").write_text(
        "import sys\nfrom sample import *\nfor _ in range(int(sys.argv[1])): cycle()\n"
    )
    return tmp_path


def test_a_leak_is_1_and_written_in_every_format(folder):
    paths = [folder / name for name in ("leaks.html", "leaks.json")]
    done = command("check", "sample:leaks", *[f"-o{path}" for path in paths], cwd=folder)
    assert (done.returncode, done.stderr) == (1, "")
    document = json.loads(paths[1].read_text())
    assert [f["per_run"] for f in document["findings"]] == [[1, 1, 1]]
    assert document["subject"] == "check(sample.leaks)"
    assert "sample.Thing" in done.stdout
    assert "sample.Thing" in paths[0].read_text()


def test_the_call_sees_the_module_and_the_setup(folder):
    done = command(
        "check", "sample:leaks(mine)", "--setup", "mine = Thing()", "--warmup", "0", "--runs", "2",
        "-o", "leaks.json", cwd=folder,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    document = json.loads((folder / "leaks.json").read_text())
    assert [f["per_run"] for f in document["findings"]] == [[1, 1]]
    assert document["subject"] == "check(sample:leaks(mine))"
    assert (document["tests"][0]["warmup"], document["tests"][0]["runs"]) == (0, 2)


@pytest.mark.parametrize("target", ["sample:clean", "sample:clean()", "sample:OLD.method"])
def test_clean_is_0(folder, target):
    done = command("check", target, cwd=folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Nothing leaks" in done.stdout


def test_scope_leaves_out_what_others_do(folder):
    assert command("check", "sample:leaks", "--scope", "foreign", cwd=folder).returncode == 0


def test_explain_is_passed_on(folder):
    command("check", "sample:leaks", "--explain", "-o", "leaks.json", cwd=folder)
    (finding,) = json.loads((folder / "leaks.json").read_text())["findings"]
    assert finding["ledger"]["sampled"]["watched"] == 1


def test_a_function_that_raises_is_1_and_told(folder):
    done = command("check", "sample:raises", cwd=folder)
    assert done.returncode == 1
    assert "the target itself raised ValueError: as it should" in done.stderr


@pytest.mark.parametrize(
    ("target", "words"), [("sample:leaves", "ended with status 7"), ("sample:dies", "SIGKILL")]
)
def test_a_process_that_ends_is_3(folder, target, words):
    done = command("check", target, "-o", "leaks.json", cwd=folder)
    assert (done.returncode, done.stdout) == (3, "")
    assert (
        f"no audit: the target's process {'was killed by ' if 'SIG' in words else ''}{words}"
        in done.stderr
    )
    assert not (folder / "leaks.json").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["broken:f"], "importing broken raised ModuleNotFoundError"),
        (["sample:clean", "--setup", "1 / 0"], "--setup raised ZeroDivisionError"),
    ],
)
def test_what_fails_before_the_audit_is_3(folder, arguments, words):
    done = command("check", *arguments, cwd=folder)
    assert (done.returncode, done.stdout) == (3, "")
    assert words in done.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["check", "sample"], "pkg.mod:function"),
        (["check", "sam ple:f"], "pkg.mod:function"),
        (["check", "missing:f"], "No module named 'missing'"),
        (["check", "sample:nothing"], "sample has no `nothing`"),
        (["check", "sample:nothing(1)"], "sample has no `nothing`"),
        (["check", "sample:number"], "no function but of type int"),
        (["check", "sample:clean("], "was never closed"),
        (["check", "sample:clean", "--setup", "x ="], "--setup"),
        (["check", "sample:clean", "--runs", "0"], "no whole number from 1 on"),
        (["check", "sample:clean", "--warmup", "-1"], "--warmup"),
        (["check", "sample:clean", "-o", "leaks.pdf"], "leaks.pdf"),
        (["check", "sample:clean", "-o", "nowhere/leaks.html"], "no such folder"),
        (["cycles", "--runs", "3", "script.py"], "--runs goes with pkg.mod:function"),
        (["cycles", "-m", "--setup", "x", "sample"], "--setup goes with pkg.mod:function"),
        (["cycles", "sample:cycle", "more"], "write the call"),
        (["cycles", "missing.py"], "no such script"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_usage_is_2(folder, arguments, words):
    done = command(*arguments, cwd=folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["script.py", "4"], 0),
        (["script.py", "4", "--strict"], 0),
        (["--strict", "script.py", "4"], 1),
        (["--strict", "script.py", "0"], 0),
        (["--strict", "-m", "script", "4"], 1),
    ],
)
def test_cycles_of_a_script(folder, arguments, code):
    done = command("cycles", "-o", "found.json", *arguments, cwd=folder)
    assert (done.returncode, done.stderr) == (code, "")
    found = json.loads((folder / "found.json").read_text())["cycles"]
    mine = [(cycle["count"], cycle["fate"]) for cycle in found if "sample.Thing" in str(cycle)]
    assert mine == ([(4, "collectable")] if "4" in arguments else [])
    assert len(found) == len(mine), "names of the script itself are no cycle"


def test_cycles_of_a_function(folder):
    done = command("cycles", "sample:cycle()", "--runs", "3", "-o", "found.json", cwd=folder)
    assert (done.returncode, done.stderr) == (0, "")
    (cycle,) = json.loads((folder / "found.json").read_text())["cycles"]
    assert (cycle["count"], cycle["subject"]) == (3, "cycles(sample:cycle())")
    assert "COLLECTABLE" in done.stdout


def test_a_cycle_that_stays_is_1(extension, folder):
    """The fixture's type does not take part in collection: its cycles are never freed."""
    path = Path(extension("cycles")).parent
    done = command(
        "cycles", "cycles:(lambda node: node.link(node))(Blind())", cwd=folder, path=path
    )
    assert done.returncode == 1, done.stderr
    assert "INVISIBLE" in done.stdout
