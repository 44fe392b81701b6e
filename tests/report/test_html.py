"""The HTML page: self-contained, readable without scripts, and never fooled by names."""

from __future__ import annotations

import json
import re
from collections import Counter
from html.parser import HTMLParser
from typing import Any

import pytest
from refaudit._refaudit import render

Document = dict[str, Any]

VOID = {"meta", "link", "wbr", "br", "hr", "img", "input"}
HOSTILE = "</style></script><img src=//evil.invalid/x onerror=alert(1)>\"' onload=a \u202e\x1b\x00 \\udc80"


class Outline(HTMLParser):
    """What a browser would see of a page: tags, attributes, text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.page = page
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed(page)
        self.close()
        self.text = "".join(self.words)
        self.count = Counter(name for name, _ in self.tags)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def values(self, attribute: str) -> list[str]:
        return [value for _, attrs in self.tags if (value := attrs.get(attribute)) is not None]


def test_page_is_whole_and_loads_nothing(page: str) -> None:
    outline = Outline(page)
    assert outline.open == []
    assert outline.count.keys().isdisjoint({"script", "img", "iframe", "object", "embed", "base"})
    assert outline.values("src") == []
    assert all(link.startswith("#") or link == "data:," for link in outline.values("href"))
    for loader in ("url(", "@import", "<script", "src=", "http://", "https://"):
        assert loader not in page, loader


def test_page_has_landmarks_and_one_heading(page: str) -> None:
    outline = Outline(page)
    assert outline.tags[0][0] == "html" and outline.tags[0][1]["lang"] == "en"
    for tag in ("h1", "header", "main", "footer"):
        assert outline.count[tag] == 1, tag
    assert outline.count["title"] == 1 + outline.count["svg"]
    ids = outline.values("id")
    assert len(ids) == len(set(ids))
    wanted = {link[1:] for link in outline.values("href") if link.startswith("#")}
    wanted |= {name for names in outline.values("aria-labelledby") for name in names.split()}
    assert wanted <= set(ids)
    assert all(attrs.get("scope") == "col" for tag, attrs in outline.tags if tag == "th")


def test_verdict_sentence_comes_first(sample: Document, clean: Document, invalid: Document) -> None:
    sentences = {
        "1 over-released reference, 6 leaks and 1 possible leak in 6 of 42 tests.": sample,
        "Nothing leaks in 36 tests, as far as could be seen.": clean,
        "No verdict: this audit cannot be trusted.": invalid,
    }
    for sentence, document in sentences.items():
        text = render(json.dumps(document), "text")
        html = render(json.dumps(document), "html")
        assert text.splitlines()[0] == sentence
        assert f"<h1>{sentence}</h1>" in html


def test_invalid_is_never_shown_as_clean_or_as_a_verdict(clean: Document) -> None:
    clean["tests"] = clean["tests"][:3]
    clean["trust"]["valid"] = False
    clean["trust"]["reason"] = "The object hook was taken by tracemalloc."
    for form in ("text", "html"):
        shown = render(json.dumps(clean), form)
        assert "No verdict" in shown and "taken by tracemalloc" in shown
        assert "Nothing leaks" not in shown
        # Its tests are not clean either; the style sheet and the notice may use the word.
        assert not re.search(r"^ +clean|>clean<|found clean", shown, re.M)


def test_every_finding_is_told_in_words_and_drawn(sample: Document) -> None:
    outline = Outline(render(json.dumps(sample), "html"))
    findings = sample["findings"]
    bars = [attrs for tag, attrs in outline.tags if tag == "svg" and attrs.get("class") == "bars"]
    assert outline.count["article"] == len(bars) == len(findings)
    drawn = re.findall('<svg class="bars".*?</svg>', outline.page, re.DOTALL)
    rects = sum(one.count('<rect x="') + one.count('<rect class="') for one in drawn)
    assert rects == sum(len(finding["per_run"]) for finding in findings)
    paths = sum(len(finding["paths"]) for finding in findings)
    cycles = sum(finding["cycle"] is not None for finding in findings) + len(sample["cycles"])
    pictures = [attrs for tag, attrs in outline.tags if (attrs.get("class") or "") == "picture"]
    assert len(pictures) == paths + cycles
    timelines = sum(
        1 for tag, attrs in outline.tags if attrs.get("class") == "timeline" and tag == "svg"
    )
    assert timelines == sum(finding["ledger"] is not None for finding in findings) > 0
    # One description for the bars of each finding, one for each picture, one for the icicle graph.
    assert outline.count["desc"] == len(findings) + len(pictures) + timelines + 1
    for finding in findings:
        assert f"{finding['rule']}-{finding['fingerprint']}" in outline.values("id")
        for text in (finding["type_name"], finding["object_label"], finding["subject"]):
            assert text in outline.text
        assert finding["message"].replace("`", "") in outline.text


@pytest.mark.parametrize(
    "name", [HOSTILE, "x" * 10_000, "&lt;b&gt;", "{{ 7 * 7 }}", "名\u2028\ufeff"]
)
def test_names_are_data(sample: Document, name: str) -> None:
    def spoil(value: Any) -> Any:
        if isinstance(value, dict):
            kept = {"format", "outcome", "verdict", "origin", "reach", "root", "fate"}
            kept |= {"account", "action", "mechanism", "state"}
            return {key: item if key in kept else spoil(item) for key, item in value.items()}
        if isinstance(value, list):
            return [spoil(item) for item in value]
        return name if isinstance(value, str) else value

    before = Outline(render(json.dumps(sample), "html"))
    html = render(json.dumps(spoil(sample)), "html")
    after = Outline(html)
    assert after.count.keys() <= before.count.keys()
    assert not after.values("onload") and not after.values("src") and not after.values("onerror")
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u2028\u202e\ufeff]", html)
    if len(name) > 300:
        assert "[10,000 characters in all]" in after.text


def test_page_stays_small_and_says_what_it_leaves_out(sample: Document) -> None:
    sample["findings"] *= 300
    html = render(json.dumps(sample), "html")
    assert len(html.encode()) <= 2_000_000
    outline = Outline(html)
    assert outline.count["article"] == 500
    assert "shows 500 of 2,400 findings" in outline.text
    assert 'report.write("leaks.json")' in outline.text
    more = re.findall(r"RA\d{3} [a-z-]+: ([\d,]+) more", outline.text)
    assert sum(int(number.replace(",", "")) for number in more) == 1_900


def test_same_document_same_bytes_whatever_the_order_of_its_findings(sample: Document) -> None:
    first = render(json.dumps(sample), "html")
    sample["findings"].reverse()
    assert render(json.dumps(sample), "html") == first


def test_text_fits_80_columns_without_colour(sample: Document) -> None:
    text = render(json.dumps(sample), "text")
    assert max(map(len, text.splitlines())) <= 80
    assert "\x1b" not in text
