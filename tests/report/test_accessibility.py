"""axe finds nothing to object to in any page, in a real browser: WCAG 2.1 A and AA, and good practice."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from refaudit._refaudit import render, render_types
from test_browser import drive
from test_module_pages import judged, shown
from test_type_page import audit

pytestmark = pytest.mark.browser

AXE = """
addEventListener("load", async () => {
  for (const fold of document.querySelectorAll("details")) fold.open = true;
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"];
  const results = await axe.run(document, { runOnly: tags });
  const told = (rule) => rule.nodes.map((node) => rule.id + ": " + node.html.slice(0, 200)
    + " " + node.failureSummary);
  answer({ passes: results.passes.length, violations: results.violations.flatMap(told) });
});
"""


def axe() -> str:
    """The source of axe-core, which the package `axe-core-python` carries."""
    try:
        import axe_core_python
    except ImportError:
        pytest.fail("axe is not installed: pip install -r requirements-dev.txt")
    return (Path(axe_core_python.__file__).parent / "axe.min.js").read_text("utf-8")


def check(folder: Path, html: str, *options: str) -> None:
    said: dict[str, Any] = drive(folder, html, axe() + AXE, *options)
    assert said["violations"] == []
    assert said["passes"] > 20


def test_the_witness_objects(tmp_path: Path) -> None:
    bad = "<!doctype html><html><head></head><body><img src='data:,'><p style='color:#ccc'>too pale to read</p></body></html>"
    violations = drive(tmp_path, bad, axe() + AXE)["violations"]
    rules = {text.split(":")[0] for text in violations}
    assert {"image-alt", "html-has-lang", "color-contrast", "document-title"} <= rules


@pytest.mark.parametrize("scheme", ["dark", "light"])
@pytest.mark.parametrize("name", ["sample", "clean", "invalid", "remembered"])
def test_audit_page(name: str, scheme: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    document = request.getfixturevalue(name)
    check(tmp_path, render(json.dumps(document), "html"), *look(scheme, 1280))


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_audit_page_on_a_narrow_screen(scheme: str, tmp_path: Path, sample: dict[str, Any]) -> None:
    check(tmp_path, render(json.dumps(sample), "html"), *look(scheme, 500))


@pytest.mark.parametrize("scheme", ["dark", "light"])
@pytest.mark.parametrize("name", ["native", "numpy", "died"])
def test_module_page(name: str, scheme: str, tmp_path: Path) -> None:
    check(tmp_path, shown(judged(name), "html"), *look(scheme, 1280))


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_type_page(scheme: str, tmp_path: Path) -> None:
    check(tmp_path, render_types(audit(), "html"), *look(scheme, 1280))


def look(scheme: str, width: int) -> list[str]:
    """Options for a colour scheme and a width of the window."""
    dark = 0 if scheme == "dark" else 1
    return [f"--blink-settings=preferredColorScheme={dark}", f"--window-size={width},900"]
