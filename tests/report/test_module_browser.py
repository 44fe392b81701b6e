"""A real browser shows the page of a module audit, and asks nobody for anything."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest
from test_browser import run, visit
from test_module_pages import Document, judged, shown

pytestmark = pytest.mark.browser


def many(count: int) -> Document:
    """A package of so many extension modules."""
    document = judged("numpy")
    model = document["members"][3]
    for number in range(count - len(document["members"])):
        member = copy.deepcopy(model)
        member["observed"]["name"] = f"numpy.more._module{number}"
        document["members"].append(member)
    return document


@pytest.mark.parametrize("name", ["native", "numpy", "died"])
def test_page_in_a_browser(name: str, tmp_path: Path) -> None:
    document = judged(name)
    seen = visit(tmp_path, shown(document, "html"))
    assert seen.dom.count('class="ladder"') == len(document["members"])
    links = sum(
        len(chain["links"])
        for member in document["members"]
        for chain in member["observed"]["holders"]
    )
    assert seen.dom.count('<code class="box">') == links
    assert seen.console == []
    assert seen.requests == []


def test_a_page_of_many_modules_is_folded(tmp_path: Path) -> None:
    seen = visit(tmp_path, shown(many(30), "html"))
    assert seen.dom.count("<details") == 29
    assert "<details open" not in seen.dom
    assert seen.console == []


@pytest.mark.parametrize("scheme", ["dark", "light"])
@pytest.mark.parametrize("width", [420, 1280])
def test_page_can_be_looked_at(scheme: str, width: int, tmp_path: Path) -> None:
    page, picture = tmp_path / "page.html", tmp_path / "page.png"
    page.write_text(shown(judged("native"), "html"), "utf-8")
    run(
        tmp_path,
        page,
        f"--blink-settings=preferredColorScheme={0 if scheme == 'dark' else 1}",
        f"--window-size={width},1400",
        f"--screenshot={picture}",
    )
    assert picture.read_bytes().startswith(b"\x89PNG")
    # An empty page of this size takes a tenth of that.
    assert picture.stat().st_size > 20_000
