"""The page of a type audit: complete, self-contained, and never fooled by names."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from refaudit._refaudit import judge_types, render_types
from test_html import HOSTILE, Outline

TOOL = json.dumps({"name": "refaudit", "version": "0.1.0"})
PYTHON = json.dumps(
    {
        "implementation": "CPython",
        "version": "3.13.0",
        "platform": "linux-x86_64",
        "build": "release",
    }
)


def audit(name: str = "spam.Node") -> str:
    """A document of one type that breaks a rule, one that keeps them, and one that was not seen."""
    facts = {"library": f"/x/{name}.so", "heap": True, "gc": True, "traverse": True}
    ledger = {"made": 100, "gained": 100, "left": 100, "left_again": 100}
    fine = {"made": 100, "gained": 100, "left": 0, "left_again": 0}
    instance = {"tracked": True, "visits_type": 1, "dropped": True, "type_released": 1}
    of = {"facts": facts, "source": "called", "instance": instance, "done": True}
    observed = {
        "name": name,
        "package": name,
        "imported": True,
        "complete": True,
        "steps": [{"name": "types", "outcome": "ok", "seconds": 0.5, "detail": ""}],
        "notes": [f"`{name}` could not be seen"],
        "types": [
            {"key": name, **of, "ledger": ledger},
            {"key": f"{name}.Fine", **of, "ledger": fine},
            {"key": f"{name}.Unseen", "facts": facts, "refused": f"TypeError: {name}"},
        ],
    }
    return judge_types(json.dumps(observed), TOOL, PYTHON)


def test_every_type_and_rule_is_told() -> None:
    document = json.loads(audit())
    outline = Outline(render_types(audit(), "html"))
    assert outline.open == []
    assert outline.count["h1"] == outline.count["main"] == 1
    assert document["sentence"].replace("`", "") in outline.text
    assert outline.count["details"] == len(document["types"]) == 3
    for one in document["types"]:
        assert one["observed"]["key"] in outline.text
        for check in one["checks"]:
            assert check["name"] in outline.text
            assert check["detail"].replace("`", "") in outline.text
    verdicts = [one["verdict"] for one in document["types"]]
    assert verdicts[0] == "defect" and "not-seen" in verdicts
    assert outline.page.count('class="badge leak"') == 2


def test_page_loads_nothing_and_its_links_lead_somewhere() -> None:
    page = render_types(audit(), "html")
    outline = Outline(page)
    assert outline.count["script"] == 1 and outline.values("src") == []
    wanted = {link[1:] for link in outline.values("href") if link.startswith("#")}
    assert wanted <= set(outline.values("id"))
    assert not re.search(r"url\(|@import|https?://", page)


@pytest.mark.parametrize("name", [HOSTILE, "x" * 10_000, "&lt;b&gt;", "{{ 7 * 7 }}", "名\u2028"])
def test_names_are_data(name: str) -> None:
    before, html = Outline(render_types(audit(), "html")), render_types(audit(name), "html")
    after = Outline(html)
    assert after.count.keys() <= before.count.keys()
    assert after.count["details"] == before.count["details"]
    assert not after.values("onload") and not after.values("src") and not after.values("onerror")
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u2028\u202e\ufeff]", html)


def test_a_type_audit_writes_its_page(tmp_path: Path) -> None:
    import refaudit

    done = refaudit.TypesAudit(json.loads(audit()))
    done.write(tmp_path / "types.html")
    assert (tmp_path / "types.html").read_text("utf-8") == done.render("html")
    with pytest.raises(ValueError, match="a type audit is written as"):
        done.render("speedscope")
