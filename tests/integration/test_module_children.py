"""The child processes of module audits: what they inherit, what they cost, and how they end."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from refaudit._modules import process
from support import modules

PLAIN = "import sys, os\n"


@pytest.fixture
def survey(tmp_path, monkeypatch):
    """Survey a Python module of this source, found through the parent's `sys.path` alone."""

    def run(source: str, timeout: float = 20) -> process.Ended:
        name = f"sample_{time.monotonic_ns()}"
        (tmp_path / f"{name}.py").write_text(PLAIN + source, encoding="utf-8")
        monkeypatch.syspath_prepend(str(tmp_path))
        return process.run("survey", {"name": name, "package": name}, timeout)

    return run


def gone(pid: int) -> bool:
    """Whether a process has ended, within a second."""
    for _ in range(100):
        try:
            state = (
                Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
            )
        except FileNotFoundError:
            return True
        if state == "Z":
            return True
        time.sleep(0.01)
    return False


def test_what_a_child_starts_with_is_next_to_nothing(survey):
    """Whatever is imported before the module is missing in its dependencies and its time."""
    ended = survey("import json, dataclasses, threading, collections")
    assert ended.step["detail"] == ""
    bare = subprocess.run(
        [sys.executable, "-c", "import sys; print(*sys.modules)"],
        capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    wanted = {"json", "dataclasses", "threading", "collections", "re"} - set(bare)
    assert wanted <= set(ended.data["dependencies"])
    assert ended.data["milliseconds"] > 0


def test_a_child_has_path_directory_and_environment_of_its_parent(survey, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("REFAUDIT_SEEN", "yes")
    monkeypatch.setenv("COVERAGE_PROCESS_START", "nowhere")
    told = tmp_path / "told"
    ended = survey(
        f"open({str(told)!r}, 'w').write(repr((os.getcwd(), os.environ['REFAUDIT_SEEN'],"
        " 'COVERAGE_PROCESS_START' in os.environ, sys.path)))"
    )
    assert ended.outcome == "ok"
    assert told.read_text() == repr((str(tmp_path), "yes", False, sys.path))


def test_a_child_has_the_flags_of_its_parent(tmp_path):
    (tmp_path / "flagged.py").write_text(
        "import sys\nraise ValueError((sys.flags.optimize, sys.warnoptions, sys._xoptions))\n"
    )
    script = (
        "import sys; sys.path[:0] = PATH\n"
        "from refaudit._modules import process\n"
        "print(process.run('survey', {'name': 'flagged', 'package': 'flagged'}).step['detail'])"
    ).replace("PATH", repr([str(tmp_path), *sys.path]))
    done = subprocess.run(
        [sys.executable, "-OO", "-Werror::UserWarning", "-X", "audited=1", "-c", script],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "ValueError: (2, ['error::UserWarning'], {'audited': '1'})" in done.stdout


def test_what_the_module_prints_is_not_taken_for_an_answer(survey):
    ended = survey("""print('["data", {}]')\nprint('x' * 10**6)\nos.write(2, b'[' * 10**6)""")
    assert ended.outcome == "ok"
    assert ended.data["subject"] == "python"
    assert len(ended.errors) <= 1 << 16


def test_a_module_that_reads_gets_nothing(survey):
    assert survey("assert sys.stdin.read() == ''").outcome == "ok"


@pytest.mark.parametrize(
    ("source", "outcome", "words"),
    [
        ("raise ValueError('no\\nluck \\ud800')", "failed", "ValueError: no\nluck"),
        ("class E(Exception):\n def __str__(self): 1 / 0\nraise E", "failed", "E (while importing"),
        ("sys.exit('bye')", "exited", "SystemExit: bye"),
        ("exit()", "exited", "SystemExit"),
        ("raise KeyboardInterrupt", "failed", "KeyboardInterrupt"),
        ("os._exit(0)", "exited", "exit code 0"),
        ("os._exit(9)", "exited", "exit code 9"),
        ("os.abort()", "died", "killed by SIGABRT"),
        ("os.kill(os.getpid(), 11)", "died", "killed by SIGSEGV"),
        ("os.kill(os.getpid(), 9)", "died", "killed by SIGKILL"),
        ("import no_such_module_at_all", "failed", "No module named 'no_such_module_at_all'"),
    ],
)
def test_every_end_is_told_with_the_last_step(survey, source, outcome, words):
    ended = survey(source)
    assert ended.outcome == outcome
    assert words in ended.step["detail"]
    assert "while importing sample_" in ended.step["detail"]


def test_a_hang_is_ended_with_all_it_started(survey, tmp_path):
    pids = tmp_path / "pids"
    started = time.monotonic()
    ended = survey(
        f"""
import signal, subprocess, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(100)"])
open({str(pids)!r}, "w").write(f"{{os.getpid()}} {{other.pid}}")
time.sleep(100)
""",
        timeout=1.5,
    )
    assert ended.outcome == "timeout"
    assert "not done after 1.5 s while importing" in ended.step["detail"]
    assert time.monotonic() - started < 10
    assert all(gone(int(pid)) for pid in pids.read_text().split())


def test_what_a_module_leaves_running_is_ended_as_well(survey, tmp_path):
    pids = tmp_path / "pids"
    ended = survey(
        f"""
pid = os.fork()
if pid == 0:
    import time
    time.sleep(100)
    os._exit(0)
open({str(pids)!r}, "w").write(str(pid))
"""
    )
    assert ended.outcome == "ok"
    assert ended.step["seconds"] < 10
    assert gone(int(pids.read_text()))


def test_no_core_is_dumped(survey, tmp_path):
    told = tmp_path / "told"
    source = f"import resource\nopen({str(told)!r}, 'w').write(str(resource.getrlimit(4)[0]))"
    assert survey(source).outcome == "ok"
    assert told.read_text() == "0"


def test_children_of_two_threads_at_once(survey):
    found: list[process.Ended] = []
    jobs = [
        threading.Thread(target=lambda: found.append(survey("import time\ntime.sleep(0.3)")))
        for _ in range(4)
    ]
    for job in jobs:
        job.start()
    for job in jobs:
        job.join()
    assert [ended.outcome for ended in found] == ["ok"] * 4


def test_nothing_stays_open(survey):
    survey("pass")
    before = len(os.listdir("/proc/self/fd"))
    for source in ("pass", "os.abort()", "raise ValueError"):
        survey(source)
    assert len(os.listdir("/proc/self/fd")) == before


_PATIENT = """
import os, sys, time
from patient import multi_plain
if "refaudit._refaudit" in sys.modules:
    with open(PIDS, "a") as file:
        file.write(f"{os.getpid()} ")
    time.sleep(100)
"""


@pytest.mark.parametrize("name", ["patient", "init_hangs"])
def test_an_interrupted_audit_ends_its_children(tmp_path, monkeypatch, name):
    """`patient` hangs when two of its later steps run at the same time, the other one at once."""
    pids = tmp_path / "pids"
    package = tmp_path / "patient"
    package.mkdir()
    library = modules.library("multi_plain")
    shutil.copy(library, package / library.name)
    (package / "__init__.py").write_text(_PATIENT.replace("PIDS", repr(str(pids))))
    folders = [str(tmp_path), str(modules.build("init_hangs")), os.environ.get("PYTHONPATH", "")]
    audit = subprocess.Popen(
        [sys.executable, "-m", "refaudit", "module", name],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(folders)},
        stderr=subprocess.DEVNULL,
        # A test run in the background of a shell ignores the signal, and so would its children.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    deadline = time.monotonic() + 30
    while (
        len(_children(audit.pid)) < (2 if name == "patient" else 1) and time.monotonic() < deadline
    ):
        time.sleep(0.05)
    while name == "patient" and not pids.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(0.5)
    children = _children(audit.pid)
    assert children
    audit.send_signal(signal.SIGINT)
    assert audit.wait(10) != 0
    assert all(gone(pid) for pid in children)


def _children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text(encoding="ascii").split()]
