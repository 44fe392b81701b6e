"""The tutorial works: every file, every command and every output of its page."""

from __future__ import annotations

import re

import pytest
from pages import DOCS, ROOT, blocks
from terminal import BEFOREHAND, Step, environment, follow, shows

PAGE = DOCS / "tutorial/find-your-first-leak.md"


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> list[Step]:
    """The page, followed once."""
    folder = tmp_path_factory.mktemp("tutorial")
    environment(folder)
    return follow(PAGE, folder)


def test_every_command_ends_as_the_page_says(followed: list[Step]) -> None:
    commands = [command for step in followed for command in step.commands]
    assert any("--refaudit" in command for command in commands)
    for step in followed:
        assert step.status == step.expected, f"{step.block.id}: {step.commands}\n{step.printed}"


def test_every_output_is_what_is_really_printed(followed: list[Step]) -> None:
    outputs = [block for block in blocks(PAGE) if block.mark == "output"]
    assert len(outputs) >= 3
    for block in outputs:
        before = [step for step in followed if step.block.line < block.line]
        printed = before[-1].printed
        assert shows(printed, block.text), f"{block.id} is not in\n{printed}"


def test_every_block_is_followed_or_compared(followed: list[Step]) -> None:
    lines = {step.block.line for step in followed}
    rest = [block for block in blocks(PAGE) if block.line not in lines and block.mark != "output"]
    assert not [block.id for block in rest]


def test_what_the_page_builds_beforehand_is_built_before_the_tests() -> None:
    """`make build` takes minutes: `make test` has run it when this test begins."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for command in BEFOREHAND:
        target = command.removeprefix("make ")
        assert re.search(rf"^test-python:.*\b{target}\b", makefile, re.MULTILINE)
        assert f"$ {command}\n" in PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("printed", "text", "expected"),
    [
        ("one\n  two three\nfour\n", "one\ntwo …", True),
        ("one\ntwo\n", "two\none", False),
        ("one\ntwo\nthree\n", "one\nthree", False),
        ("a.cpython-311.so\n", "a.…so", True),
        ("a.so", "b.so", False),
    ],
)
def test_the_comparison_itself(printed: str, text: str, expected: bool) -> None:
    assert shows(printed, text) is expected
