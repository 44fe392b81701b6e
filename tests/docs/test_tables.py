"""Tables of the documentation say what the program's own data say."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from pathlib import Path

import pytest
from pages import DOCS, ROOT, pages
from refaudit import config
from refaudit._pytest import options

FACTS = ROOT / "src/heap/effects/facts.tsv"
REFCOUNTS = DOCS / "explanation/refcounts.md"
RULES = DOCS / "reference/rules"


def rows(page: Path, columns: int) -> list[list[str]]:
    """The cells of every table row with so many columns."""
    lines = page.read_text(encoding="utf-8").splitlines()
    cells = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in lines if line[:1] == "|"
    ]
    return [row for row in cells if len(row) == columns]


def effects() -> dict[str, tuple[str, str]]:
    """What each function of the C API returns, and what it does with its arguments."""
    lines = FACTS.read_text(encoding="utf-8").splitlines()
    return {name: (result, given) for name, result, given in (line.split("\t") for line in lines)}


def test_the_table_of_refcounts_is_what_the_functions_do() -> None:
    known = effects()
    checked = 0
    for names, returned, given in rows(REFCOUNTS, 3):
        for name in re.findall(r"`(Py\w+)`", names):
            if name not in known or "rules/" in given:
                continue
            result, arguments = known[name]
            checked += 1
            assert result == {"new": "N", "**borrowed**": "B", "": "-"}[returned], name
            # A small s: only when the function succeeds.
            assert ("stolen" in given) == ("s" in arguments.lower()), name
            assert ("only then" in given) == ("s" in arguments), name
            assert ("kept" in given) == ("K" in arguments), name
    assert checked >= 18


def test_the_index_of_rules_says_what_the_rules_are_called() -> None:
    source = "".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "src/findings").rglob("*.rs")
    )
    constant = r'Rule \{ code: "(RA\d+)", name: "([\w-]+)", kind: "([\w-]+)" \}'
    rules = sorted(set(re.findall(constant, source)))
    assert rules, "the findings room declares no rule in this form any more"
    index = [row for row in rows(RULES / "index.md", 4) if row[0].startswith("[RA")]
    shown = [(row[0][1:6], row[1], row[2].strip("`")) for row in index]
    assert shown == rules
    for code, name, _ in rules:
        page = (RULES / f"{code}.md").read_text(encoding="utf-8")
        assert page.startswith(f"# {code} {name}\n")


@pytest.mark.parametrize("key", sorted(field.name for field in fields(config.Config)))
def test_every_key_of_the_configuration_is_described(key: str) -> None:
    described = (DOCS / "reference/configuration.md").read_text(encoding="utf-8")
    assert re.search(rf"^\| `{key}`", described, re.MULTILINE), f"configuration.md misses {key}"


def test_the_defaults_of_the_configuration_are_the_real_ones() -> None:
    real = config.Config()
    for row in rows(DOCS / "reference/configuration.md", 4):
        key = row[0].strip("`")
        if not hasattr(real, key):
            continue
        default = getattr(real, key)
        written = "none" if default in ((), "") else f"`{json.dumps(default)}`"
        assert row[2] == written, key


def test_every_option_of_pytest_is_described() -> None:
    source = Path(options.__file__).read_text(encoding="utf-8")
    wanted = set(re.findall(r'"(--refaudit[\w-]*)"', source))
    assert wanted
    described = "".join(
        (DOCS / "reference" / page).read_text(encoding="utf-8")
        for page in ("pytest-options.md", "configuration.md")
    )
    assert {option for option in wanted if option not in described} == set()


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    """Sphinx checks those of docs/, but not the README's."""
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text):
        if not target.startswith(("http:", "https:")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
