"""The pages about baselines and suppressions: every file, command and output of them."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from pages import DOCS, blocks
from refaudit._known.pattern_file import parse
from terminal import Step, follow, shows

PAGES = [DOCS / "how-to/baselines.md", DOCS / "how-to/suppressions.md"]


@pytest.fixture(scope="module", params=PAGES, ids=lambda page: page.stem)
def followed(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, list[Step]]:
    """A page, followed once."""
    folder = tmp_path_factory.mktemp("page")
    with pytest.MonkeyPatch.context() as patched:
        programs = str(Path(sys.executable).parent)
        patched.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
        return request.param, follow(request.param, folder)


def test_every_command_ends_as_the_page_says(followed: tuple[Path, list[Step]]) -> None:
    for step in followed[1]:
        assert step.status == step.expected, f"{step.block.id}: {step.commands}\n{step.printed}"


def test_every_output_is_what_is_really_printed(followed: tuple[Path, list[Step]]) -> None:
    page, steps = followed
    outputs = [block for block in blocks(page) if block.mark == "output"]
    assert outputs
    for block in outputs:
        printed = [step for step in steps if step.block.line < block.line][-1].printed
        assert shows(printed, block.text), f"{block.id} is not in\n{printed}"


def test_every_block_is_followed_or_compared(followed: tuple[Path, list[Step]]) -> None:
    page, steps = followed
    lines = {step.block.line for step in steps}
    rest = [block for block in blocks(page) if block.line not in lines]
    assert not [block.id for block in rest if block.mark not in ("output", "grammar")]


def test_the_file_of_the_page_is_what_the_grammar_says() -> None:
    (block,) = [b for b in blocks(PAGES[1]) if b.says("file") == "refaudit.supp"]
    pool, boxes = parse(block.text, "refaudit.supp")
    assert pool.lines == ("fun:node_new", "obj:*parser*.so", "...", "py:test_*")
    assert boxes.criteria == (("rule", "RA103"), ("type", "test_box.*"))
