"""Does what a page says at a terminal: saves its files, runs its commands, compares what they print.

The page is the only script. In one session of bash and in order: blocks marked `file` are written,
`diff` blocks are applied, and every `$ ` line of a `console` block is run as it stands.
"""

from __future__ import annotations

import base64
import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from pages import Block, blocks

#: Between the steps in what the session prints; no command prints it.
_MARK = "\x01step"

#: A reader's environment has pytest and refaudit alone; that of the tests has more plugins.
_WITHOUT = " ".join(
    f"-p no:{name}" for name in ("asyncio", "anyio", "hypothesispytest", "randomly")
)

#: Builds that the page asks for, and that the tests have had before they began.
BEFOREHAND = ("make build",)


@dataclass
class Step:
    """A block that does something, or text that the commands before it must have printed."""

    block: Block
    commands: list[str]
    expected: int = 0
    printed: str = ""
    status: int = 0


def environment(folder: Path) -> None:
    """`.venv` in `folder`: like the environment of the tests, but new, so that what a page installs goes there."""
    subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", str(folder / ".venv")], check=True
    )
    libraries = sorted((folder / ".venv/lib").glob("python*/site-packages"))
    # As text with an import: only so are the .pth files of that folder read, too.
    paths = [path for path in sys.path if path.endswith("site-packages")]
    lines = [f"import site; site.addsitedir({path!r})\n" for path in paths]
    (libraries[0] / "everything.pth").write_text("".join(lines), encoding="utf-8")


def steps(page: Path) -> list[Step]:
    """What the page does, in order."""
    found = []
    for block in blocks(page):
        name = block.says("file")
        if name is not None:
            text = base64.b64encode(block.text.encode()).decode()
            found.append(Step(block, [f"base64 -d > {shlex.quote(name)} <<< {text}"]))
        elif block.language == "diff":
            found.append(Step(block, [_applying(block)]))
        elif block.language == "console":
            lines = [line[2:] for line in block.text.splitlines() if line.startswith("$ ")]
            found.append(Step(block, lines, expected=int(block.says("exit") or 0)))
    return found


def _applying(block: Block) -> str:
    """A command that replaces the lines of a `diff` block in the file that its first line names."""
    name, *lines = block.text.splitlines()
    old = "".join(line[1:] + "\n" for line in lines if line[:1] in (" ", "-"))
    new = "".join(line[1:] + "\n" for line in lines if line[:1] in (" ", "+"))
    program = (
        f"import pathlib; path = pathlib.Path({name.removeprefix('--- ')!r})\n"
        "text = path.read_text(encoding='utf-8')\n"
        f"assert text.count({old!r}) == 1, 'the lines are not in the file'\n"
        f"path.write_text(text.replace({old!r}, {new!r}), encoding='utf-8')\n"
    )
    return f"python -c {shlex.quote(program)}"


def follow(page: Path, folder: Path) -> list[Step]:
    """Follow the page in `folder`; the steps have what was printed and the exit status."""
    todo = steps(page)
    script = []
    for number, step in enumerate(todo):
        for command in step.commands:
            if command not in BEFOREHAND:
                script.append(f"{command}\nstatus=$?")
            script.append(f"printf '{_MARK} {number} %s\\n' \"${{status:-0}}\"")
    done = subprocess.run(
        ["bash", "-c", "\n".join(script)],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=500,
        env={**os.environ, "COLUMNS": "100", "NO_COLOR": "1", "PYTEST_ADDOPTS": _WITHOUT},
    )
    before = 0
    for match in re.finditer(rf"{_MARK} (\d+) (\d+)\n", done.stdout):
        step = todo[int(match[1])]
        step.printed += done.stdout[before : match.start()]
        step.status = max(step.status, int(match[2]))
        before = match.end()
    assert before == len(done.stdout), f"the session ended early:\n{done.stdout[before:]}"
    return todo


def shows(printed: str, text: str) -> bool:
    """Whether all lines of `text` are in what was printed, one after the other; `…` is anything."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    patterns = [".*?".join(re.escape(part) for part in line.split("…")) for line in lines]
    return re.search(r"[^\n]*\n\s*".join(patterns), printed) is not None
