"""Reports of module audits: the right words, self-contained, and never fooled by names."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest
from refaudit._refaudit import judge_module, render_module
from test_html import HOSTILE, Outline

HERE = Path(__file__).parent / "modules"
TOOL = {"name": "refaudit", "version": "0.1.0"}
INTERPRETER = {
    "implementation": "CPython",
    "version": "3.13.0",
    "platform": "linux-x86_64",
    "build": "release",
}
NAMES = ["regex", "lxml", "numpy", "rpds", "native", "died", "pure"]

Document = dict[str, Any]


def judged(name: str) -> Document:
    """The module document of a committed observation."""
    observed = (HERE / f"{name}.observed.json").read_text("utf-8")
    document: Document = json.loads(
        judge_module(observed, json.dumps(TOOL), json.dumps(INTERPRETER))
    )
    return document


def shown(document: Document, form: str) -> str:
    return render_module(json.dumps(document), form)


@pytest.mark.parametrize(
    "name, verdict",
    [
        ("regex", "kept-by-caches"),
        ("lxml", "kept-by-module"),
        ("numpy", "kept-by-module"),
        ("rpds", "unloads"),
        ("native", "kept-by-module"),
        ("died", "not-audited"),
        ("pure", "not-applicable"),
    ],
)
def test_verdict_of_each_sample(name: str, verdict: str) -> None:
    assert judged(name)["verdict"] == verdict


@pytest.mark.parametrize("name", NAMES)
def test_text_is_what_it_was(name: str) -> None:
    """Gold files: when a change is meant, write what is shown now into the file and read it."""
    gold = (HERE / f"{name}.txt").read_text("utf-8")
    assert shown(judged(name), "text") == gold


@pytest.mark.parametrize("name", NAMES)
def test_text_fits_80_columns(name: str) -> None:
    text = shown(judged(name), "text")
    assert max(map(len, text.splitlines())) <= 80


@pytest.mark.parametrize("name", NAMES)
def test_page_is_whole_and_loads_nothing(name: str) -> None:
    page = shown(judged(name), "html")
    outline = Outline(page)
    assert outline.open == []
    assert outline.count.keys().isdisjoint({"img", "iframe", "object", "embed", "base"})
    # The one script of all pages, inside, and no other: the policy names it by its hash.
    script = re.search("<script>(.*?)</script>", page, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = " ".join(outline.values("content"))
    assert outline.count["script"] == 1 and f"script-src 'sha256-{digest}'" in policy
    assert outline.values("src") == []
    links = set(outline.values("href")) - {"data:,"}
    assert all(link.startswith(("#", "https://")) for link in links)
    for loader in ("url(", "@import", "<script ", "src=", "http://"):
        assert loader not in page, loader
    for tag in ("h1", "header", "main", "footer"):
        assert outline.count[tag] == 1, tag
    ids = outline.values("id")
    assert len(ids) == len(set(ids))
    wanted = {link[1:] for link in links if link.startswith("#")}
    wanted |= {part for names in outline.values("aria-labelledby") for part in names.split()}
    assert wanted <= set(ids)
    assert all(attrs.get("scope") == "col" for tag, attrs in outline.tags if tag == "th")


@pytest.mark.parametrize("name", NAMES)
def test_page_says_what_the_document_says(name: str) -> None:
    document = judged(name)
    outline = Outline(shown(document, "html"))
    assert document["sentence"].replace("`", "") in outline.text
    for member in document["members"]:
        assert member["observed"]["name"] in outline.text
        for level in member["levels"]:
            assert level["title"] in outline.text
            assert level["detail"].replace("`", "") in outline.text
        for chain in member["observed"]["holders"]:
            for link in chain["links"]:
                assert link["what"].replace("`", "") in outline.text
                assert link["by"] in outline.text
        for advice in member["advice"]:
            assert advice["text"].replace("`", "") in outline.text
            assert advice["link"] in ["", *outline.values("href")]
        for row in member["readiness"]:
            assert row["change"].replace("`", "") in outline.text
            assert row["link"] in outline.values("href")
    for step in document["observed"]["steps"]:
        assert step["detail"].replace("`", "") in outline.text
    assert outline.count["details"] == max(len(document["members"]) - 1, 0)
    rungs = [attrs for tag, attrs in outline.tags if attrs.get("class") == "knob"]
    assert len(rungs) == 8 * len(document["members"])


def test_no_verdict_is_never_shown_as_one() -> None:
    for form in ("text", "html"):
        page = shown(judged("died"), form)
        assert "SIGSEGV" in page
        assert "unloads." not in page
    assert "This is not a verdict." in shown(judged("died"), "html")


@pytest.mark.parametrize("name", [HOSTILE, "x" * 10_000, "{{ 7 * 7 }}", "javascript:alert(1)"])
@pytest.mark.parametrize("sample", ["native", "numpy"])
def test_names_are_data(sample: str, name: str) -> None:
    kept = {
        *("format", "verdict", "predicted", "kind", "answer", "ready", "root", "subject", "state"),
        "origin",
    }

    def spoil(value: Any) -> Any:
        if isinstance(value, dict):
            return {
                key: item if key in kept and not isinstance(item, list) else spoil(item)
                for key, item in value.items()
            }
        if isinstance(value, list):
            return [spoil(item) for item in value]
        return name if isinstance(value, str) else value

    document = judged(sample)
    before = Outline(shown(document, "html"))
    # The kind of a finding and of an interpreter is a word for people: any text will do.
    html = shown(spoil(document), "html")
    after = Outline(html)
    assert after.count.keys() <= before.count.keys() | {"code"}
    assert not after.values("onload") and not after.values("src") and not after.values("onerror")
    assert all(link.startswith("#") or link == "data:," for link in after.values("href"))
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u2028\u202e\ufeff]", html)
    text = shown(spoil(document), "text")
    assert max(map(len, text.splitlines())) <= 80
    assert "\x1b" not in text


def test_json_is_the_document_and_deterministic() -> None:
    document = judged("regex")
    written = shown(document, "json")
    assert json.loads(written) == document
    assert render_module(written, "json") == written


@pytest.mark.parametrize("form", ["speedscope", "collapsed"])
def test_a_module_audit_has_no_stacks_to_write(form: str) -> None:
    with pytest.raises(ValueError, match="has no stacks"):
        shown(judged("regex"), form)


@pytest.mark.parametrize(
    "text, words",
    [
        ("{", "not an audit document"),
        ('{"format": "refaudit-audit"}', "expected `refaudit-module`"),
        ('{"format": "refaudit-module", "version": 99}', "upgrade refaudit"),
    ],
)
def test_other_documents_are_refused(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        render_module(text, "html")
