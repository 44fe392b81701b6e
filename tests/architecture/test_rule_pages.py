"""Every rule has a page, every page a rule, and the index lists them all."""

from __future__ import annotations

import re

import pytest
from tracked import ROOT, read, under

PAGES = ROOT / "docs/reference/rules"
SECTIONS = [
    "What it does",
    "Why is this bad",
    "Known problems",
    "Example",
    "Fixed example",
    "How to silence it",
]

_CODE = re.compile(r"\bRA\d{3}\b")


def rules() -> set[str]:
    """Codes that the findings room knows."""
    codes = {code for path in under("src/findings", ".rs") for code in _CODE.findall(read(path))}
    assert codes, "src/findings names no rule code: has it moved?"
    return codes


def pages() -> set[str]:
    """Codes that have a page."""
    return {page.stem for page in PAGES.glob("RA*.md")}


def test_every_rule_has_a_page_and_every_page_a_rule() -> None:
    assert pages() == rules()


def test_the_index_lists_every_page() -> None:
    index = (PAGES / "index.md").read_text(encoding="utf-8")
    assert set(_CODE.findall(index)) == pages()


@pytest.mark.parametrize("code", sorted(pages()))
def test_a_page_has_its_sections_in_order(code: str) -> None:
    text = (PAGES / f"{code}.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert text.startswith(f"# {code} ")
    assert headings == SECTIONS
