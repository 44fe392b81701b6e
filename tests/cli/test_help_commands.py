"""``refaudit explain``, ``demo``, ``completion``, ``--help``, and the reference page made of it."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from refaudit.cli import COMMANDS, parser
from refaudit.cli.grammar import commands
from support.command import command

ROOT = Path(__file__).parents[2]
NAMES = [found.name for found in commands(parser())]


def test_every_command_has_its_file():
    files = {module.__name__.rpartition(".")[2] for module in COMMANDS}
    assert files == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_the_help_ends_with_examples_that_parse(name):
    done = command(name, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert "\nexamples:\n  " in done.stdout
    (found,) = (c for c in commands(parser()) if c.name == name)
    for example in found.examples:
        line = re.sub(r'eval "\$\((.*)\)"', r"\1", example)
        words = shlex.split(re.sub(r" (\||>>) .*", "", line).removeprefix("refaudit "))
        assert parser().parse_args(words).command == name


def test_the_reference_page_is_current():
    done = subprocess.run(
        [sys.executable, ROOT / "tools/cli_reference", "--check"],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


def test_explain_prints_the_page_of_a_rule():
    page = (ROOT / "docs/reference/rules/RA101.md").read_text(encoding="utf-8")
    for name in ("RA101", "ra101", "leaked-reference"):
        done = command("explain", name)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.splitlines()[0] == page.splitlines()[0]
        assert "Py_INCREF(arg);" in done.stdout
        assert "](" not in done.stdout


def test_explain_lists_the_rules():
    rules = {path.stem for path in (ROOT / "docs/reference/rules").glob("RA*.md")}
    done = command("explain")
    assert {line.split()[0] for line in done.stdout.splitlines()} == rules
    unknown = command("explain", "RA999")
    assert (unknown.returncode, unknown.stdout) == (2, "")
    assert "there is no rule RA999" in unknown.stderr
    assert all(rule in unknown.stderr for rule in rules)


def test_the_demo_finds_what_is_wrong_with_its_program(tmp_path):
    done = command("demo", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    page = tmp_path / "refaudit-demo/leaks.html"
    assert f"The report to read is {page}" in done.stdout
    text = page.read_text(encoding="utf-8")
    assert all(rule in text for rule in ("RA101", "RA103", "RA104", "RA105"))
    lines = (tmp_path / "refaudit-demo/demo_leaks.py").read_text().splitlines()
    guilty = lines.index("    _take(_ROOT)") + 1
    assert f"demo_leaks.py:{guilty}" in done.stdout


def test_the_demo_that_cannot_write_is_2(tmp_path):
    (tmp_path / "file").write_text("")
    done = command("demo", "--folder", "file/demo", cwd=tmp_path)
    assert done.returncode == 2
    assert "file" in done.stderr and "Traceback" not in done.stderr


def _completed(folder: Path, line: str) -> set[str]:
    """What bash offers at the end of a line."""
    words = line.split(" ")
    script = 'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _refaudit; printf "%s\\n" "${COMPREPLY[@]}"'
    (folder / "refaudit.bash").write_text(command("completion", "bash").stdout)
    done = subprocess.run(
        ["bash", "-c", script, "bash", str(folder / "refaudit.bash"), *words],
        capture_output=True, text=True, timeout=30, check=True, cwd=folder,
    )  # fmt: skip
    assert done.stderr == ""
    return set(done.stdout.split())


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("refaudit ", {*NAMES, "--help", "--version"}),
        ("refaudit mo", {"module"}),
        ("refaudit check --set", {"--setup"}),
        ("refaudit diff --format ", {"text", "json", "markdown"}),
        ("refaudit diff -f m", {"markdown"}),
        ("refaudit completion ", {"bash", "fish", "zsh"}),
        ("refaudit report le", {"leaks.json"}),
        ("refaudit report a.json -o le", {"leaks.json"}),
        ("refaudit check --runs ", set()),
        ("refaudit types no_such_", set()),
    ],
)
def test_bash_completes(tmp_path, line, offered):
    (tmp_path / "leaks.json").write_text("{}")
    assert _completed(tmp_path, line) == offered


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_every_option_is_completed(shell):
    text = command("completion", shell).stdout
    for found in commands(parser()):
        for option in found.options:
            for name in option.names:
                written = {"fish": f"-l {name[2:]}" if name[:2] == "--" else f"-s {name[1:]}"}
                assert written.get(shell, name) in text, (found.name, name)


@pytest.mark.parametrize(
    ("shell", "options"), [("bash", ["-n"]), ("zsh", ["-n"]), ("fish", ["--no-execute"])]
)
def test_the_shell_itself_reads_the_script(tmp_path, shell, options):
    program = os.environ.get(f"REFAUDIT_TEST_{shell.upper()}") or shutil.which(shell)
    if program is None and shell != "bash":
        pytest.skip(f"{shell} is not installed (apt-get install {shell}); bash is tested")
    path = tmp_path / "completion"
    path.write_text(command("completion", shell).stdout)
    done = subprocess.run(
        [str(program), *options, str(path)], capture_output=True, text=True, check=False, timeout=30
    )
    assert (done.returncode, done.stderr) == (0, "")
