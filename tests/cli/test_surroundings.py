"""The command in places that lack something: a home, a reader, characters, room, rights, time."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support.command import command

SAMPLE = Path(__file__).parents[1] / "report/sample.json"
REFAUDIT = [sys.executable, "-m", "refaudit"]


def test_without_a_home_folder(tmp_path):
    (tmp_path / "empty.py").write_text("")
    environment = {name: value for name, value in os.environ.items() if name != "HOME"}
    for arguments in (["run", "empty.py"], ["doctor"], ["report", str(SAMPLE)], ["explain"]):
        done = subprocess.run(
            [*REFAUDIT, *arguments], cwd=tmp_path, env=environment,
            capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (1 if "report" in arguments else 0, "")


def test_a_closed_pipe_changes_nothing_but_what_is_read():
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [*REFAUDIT, "report", str(SAMPLE)],
        stdout=writer,
        stderr=subprocess.PIPE,
        check=False,
        timeout=60,
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (1, b"")


def test_a_full_disk_is_told():
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [*REFAUDIT, "report", str(SAMPLE)],
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
            timeout=60,
        )
    assert done.returncode == 2
    assert b"No space left on device" in done.stderr
    assert b"Traceback" not in done.stderr


def test_a_terminal_that_lacks_characters_gets_them_escaped(tmp_path):
    path = tmp_path / "audit.json"
    path.write_text(SAMPLE.read_text().replace("pytest", "pyt\u00e4st"), encoding="utf-8")
    done = command("report", str(path), PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (1, "")
    assert "pyt\\xe4st" in done.stdout


def test_a_target_that_cannot_be_read_is_2(tmp_path):
    """Neither may root read it: there is nothing at the first address."""
    done = command("run", "/proc/self/mem", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr == "refaudit: /proc/self/mem: Input/output error\n"


@pytest.mark.parametrize("words", [["."], ["-m", "no_such_module"], ["-m", "email"]])
def test_a_target_without_a_program_is_2(tmp_path, words):
    done = command("run", *words, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr


def test_run_is_like_python_with_a_safe_path(tmp_path):
    """`-P` keeps the folder of the script out of `sys.path`, and nothing else."""
    if sys.version_info < (3, 11):
        pytest.skip("Python 3.10 has no -P")
    (tmp_path / "shows.py").write_text("import sys, decimal; print(sys.path, sys.flags.safe_path)")
    plain = subprocess.run(
        [sys.executable, "-P", "shows.py"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    audited = subprocess.run(
        [sys.executable, "-P", "-m", "refaudit", "run", "shows.py"],
        cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert audited.stdout.splitlines()[0] + "\n" == plain.stdout, audited.stderr


def _on_a_terminal(*arguments: str, cwd: Path, **variables: str) -> str:
    """What comes on standard error, which is a terminal."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*REFAUDIT, *arguments], cwd=cwd, stdout=subprocess.DEVNULL, stderr=theirs,
        stdin=subprocess.DEVNULL, env={**os.environ, **variables},
    )  # fmt: skip
    os.close(theirs)
    said = b""
    try:
        while piece := os.read(ours, 1000):
            said += piece
    except OSError:  # the other side is closed
        pass
    process.wait(60)
    os.close(ours)
    return said.decode()


def test_progress_is_shown_on_a_terminal_alone(tmp_path):
    (tmp_path / "slow.py").write_text("import time\ndef call(): time.sleep(0.5)\n")
    said = _on_a_terminal("check", "slow:call", cwd=tmp_path)
    assert "refaudit: auditing slow:call (1 s)" in said
    assert said.endswith("\r"), "the line is taken back"
    assert command("check", "slow:call", cwd=tmp_path).stderr == ""


@pytest.mark.parametrize("variable", ["NO_COLOR", "FORCE_COLOR"])
def test_nothing_is_coloured(tmp_path, variable):
    done = command("report", str(SAMPLE), **{variable: "1"})
    assert "\x1b" not in done.stdout
    assert "\x1b" not in _on_a_terminal("report", "missing.json", cwd=tmp_path, **{variable: "1"})


def test_an_interrupted_command_says_so(tmp_path):
    (tmp_path / "waits.py").write_text("import time; print('there', flush=True); time.sleep(60)")
    process = subprocess.Popen(
        [*REFAUDIT, "run", "waits.py"], cwd=tmp_path, text=True, start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        # What a shell starts in the background ignores the signal, and hands that down.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip
    assert process.stdout is not None and process.stdout.readline() == "there\n"
    time.sleep(0.2)
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "refaudit: interrupted" in said


IMPORTS = """
import sys
before = set(sys.modules)
{what}
print(*sorted(set(sys.modules) - before))
"""


def _imported(what: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", IMPORTS.format(what=what)],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.split())


def test_import_refaudit_imports_nothing_else():
    assert _imported("import refaudit") <= {"refaudit", "__future__"}


def test_the_command_line_imports_only_what_it_needs():
    found = _imported("import refaudit.cli; refaudit.cli.parser()")
    own = {name for name in found if name.partition(".")[0] == "refaudit"}
    assert not {name.partition(".")[0] for name in found} - sys.stdlib_module_names - {"refaudit"}
    allowed = (
        "refaudit.cli",
        "refaudit.errors",
        "refaudit.config",
        "refaudit._output",
        "refaudit._github",
    )
    assert {name for name in own if not name.startswith(allowed)} == {"refaudit"}
    assert not found & {"json", "subprocess", "tempfile", "inspect", "asyncio"}
