"""Code that leaks, and its mended twin, stand on the pages as the audited fixtures have them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from excerpts import EXTENSIONS, excerpt, filled
from pages import DOCS, blocks, pages
from support.catalogue import load

#: Page of each binding, and what it may only speak about: the binding writes that code itself.
BINDINGS: dict[str, set[str]] = {
    "plain-c": set(),
    "cython": {"RA102"},
    "pybind11": {"RA102"},
    "nanobind": {"RA102"},
    "pyo3": {"RA102", "RA105"},
}

#: Functions that a type is made of, and the types that the catalogue audits.
SLOTS = {"forgetful_dealloc": "Forgetful", "careful_dealloc": "Careful"}

CASES = load()
RULES = {path.stem for path in (DOCS / "reference/rules").glob("RA*.md")}


def shown(binding: str) -> list[tuple[str, str, str]]:
    """Rule of the heading, module and name of each excerpt, in the order of the page."""
    rule = ""
    found = []
    page = DOCS / "how-to" / f"{binding}.md"
    marks = r"^## .*?(RA\d+)|^<!-- fixture (\S+) (\w+) -->"
    for match in re.finditer(marks, page.read_text(encoding="utf-8"), re.MULTILINE):
        rule = match[1] or rule
        if match[2]:
            module = Path(match[2]).stem if binding != "pyo3" else "pyo3leaks"
            found.append((rule, module, SLOTS.get(match[3], match[3])))
    return found


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_excerpts_are_the_fixtures_own_code(page: Path) -> None:
    assert page.read_text(encoding="utf-8") == filled(page), (
        "write them anew with: python tests/docs/excerpts.py"
    )


@pytest.mark.parametrize("binding", BINDINGS)
def test_every_excerpt_is_audited_under_the_rule_of_its_heading(binding: str) -> None:
    pairs = shown(binding)
    assert len(pairs) % 2 == 0
    for (rule, module, leaky), (_, _, clean) in zip(pairs[::2], pairs[1::2], strict=True):
        audited = [case for case in CASES if (case.module, case.function) == (module, leaky)]
        assert audited, f"the catalogue does not audit {module}.{leaky}"
        assert {case.expected for case in audited} == {rule}, leaky
        assert clean in {case.twin for case in audited}, f"{clean} is not the twin of {leaky}"


@pytest.mark.parametrize("binding", BINDINGS)
def test_every_rule_has_a_pair_or_is_the_bindings_own(binding: str) -> None:
    with_a_pair = {rule for rule, _, _ in shown(binding)}
    assert with_a_pair | BINDINGS[binding] == RULES
    assert not with_a_pair & BINDINGS[binding]
    text = (DOCS / "how-to" / f"{binding}.md").read_text(encoding="utf-8")
    assert all(f"rules/{rule}.md" in text for rule in RULES)


def test_an_excerpt_is_whole_and_without_the_marks_of_sites() -> None:
    text = excerpt("c/errors.c", "leaky_error_path")
    assert text.startswith("static PyObject *\nleaky_error_path(")
    assert text.endswith("    return result;\n}\n")
    assert "SITE" not in text
    assert "/* SITE leaky_error_path */" in (EXTENSIONS / "c/errors.c").read_text(encoding="utf-8")
    both = excerpt("pyo3/src/lib.rs", "Seeing")
    assert both.startswith("#[pyclass]\nstruct Seeing {")
    assert "fn __traverse__" in both
    with pytest.raises(LookupError, match="no_such_function"):
        excerpt("c/errors.c", "no_such_function")


def test_the_pages_have_blocks_at_all() -> None:
    assert sum(bool(blocks(page)) for page in pages()) > 20
