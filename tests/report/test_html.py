"""The HTML page: self-contained, readable without scripts, and never fooled by names."""

from __future__ import annotations

import base64
import copy
import hashlib
import json
import re
import sys
from collections import Counter
from html import unescape
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
    assert outline.count.keys().isdisjoint({"img", "iframe", "object", "embed", "base", "form"})
    assert outline.count["script"] == outline.count["style"] == 1
    assert outline.values("src") == []
    assert all(link.startswith("#") or link == "data:," for link in outline.values("href"))
    for loader in ("url(", "@import", "src=", "fetch(", "XMLHttpRequest", "http://", "https://"):
        assert loader not in page, loader


def test_policy_allows_this_script_alone_and_both_are_small(page: str) -> None:
    [policy] = Outline(page).values("content")[2:]
    script, style = (
        re.search(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)[1] for tag in ("script", "style")
    )
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy and "unsafe-eval" not in policy
    assert len(script.encode()) <= 16 * 1024
    assert len(style.encode()) <= 16 * 1024


def test_page_has_landmarks_and_one_heading(page: str) -> None:
    outline = Outline(page)
    assert outline.tags[0][0] == "html" and outline.tags[0][1]["lang"] == "en"
    for tag in ("h1", "header", "main", "footer", "nav"):
        assert outline.count[tag] == 1, tag
    # A drawing that stands in the page twice is told once.
    again = outline.values("class").count("bars again")
    assert outline.count["title"] == 1 + outline.count["svg"] - again
    ids = outline.values("id")
    assert len(ids) == len(set(ids))
    wanted = {link[1:] for link in outline.values("href") if link.startswith("#")}
    wanted |= {name for names in outline.values("aria-labelledby") for name in names.split()}
    assert wanted <= set(ids)
    assert all(attrs.get("scope") == "col" for tag, attrs in outline.tags if tag == "th")


def test_verdict_sentence_comes_first(sample: Document, clean: Document, invalid: Document) -> None:
    sentences = {
        "1 over-released reference, 3 leaks and 1 possible leak in 4 of 42 tests, besides 3 that"
        " the baseline knows.": sample,
        "Nothing leaks in 36 tests, as far as could be seen.": clean,
        "No verdict: this audit cannot be trusted.": invalid,
    }
    for sentence, document in sentences.items():
        text = render(json.dumps(document), "text")
        html = render(json.dumps(document), "html")
        # Of at most 80 columns, so that a long one has two lines.
        assert text.replace("\n", " ").startswith(f"{sentence} ")
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


def test_first_screen_tells_suspects_remedy_and_limits(sample: Document) -> None:
    header = Outline(render(json.dumps(sample), "html").split("</header>")[0] + "</header>")
    suspects = re.findall(r"<li class=.*?</li>", header.page, re.DOTALL)
    assert len(suspects) == 3
    assert all(re.search(r'href="#RA\d{3}-[0-9a-f]+"', one) for one in suspects)
    for words in ("What to do", "What was not looked at", sample["trust"]["unseen"][0]):
        assert words.replace("`", "") in header.text


def test_findings_stand_by_site(sample: Document) -> None:
    twin = copy.deepcopy(next(one for one in sample["findings"] if one["site"]))
    twin.update(subject="tests/test_other.py::test_other", fingerprint="0" * 16)
    sample["findings"].append(twin)
    html = render(json.dumps(sample), "html")
    groups = re.findall(
        r'<section class="group".*?</section>', html.replace("<wbr>", ""), re.DOTALL
    )
    assert sum(group.count("<article") for group in groups) == len(sample["findings"])
    name = twin["site"]["frame"]["function"]
    [group] = [group for group in groups if f"<code>{name}" in unescape(group.split("</h3>")[0])]
    assert group.count("<article") == 2 and "2 findings" in group
    # Source is shown once for all of them.
    assert group.count('aria-label="Source around the site"') == 1


def test_suppression_is_ready_to_copy(sample: Document) -> None:
    html = render(json.dumps(sample), "html")
    lines = [unescape(text) for text in re.findall(r"<pre[^>]*to copy\">(.*?)</pre>", html)]
    assert len(lines) == len(sample["findings"])
    toml = pytest.importorskip("tomllib" if sys.version_info >= (3, 11) else "tomli")
    table = toml.loads("ignore = [" + "\n".join(lines) + "]")
    found = {(one["rule"], one["type_name"]) for one in sample["findings"] if one["type_name"]}
    assert {(one["rule"], one["type"]) for one in table["ignore"] if "type" in one} == found
    assert all("reason" in one for one in table["ignore"])


def test_what_was_known_before(remembered: Document) -> None:
    outline = Outline(render(json.dumps(remembered), "html"))
    for words in (
        "known.json",
        "1 finding is new, 1 has grown, 1 is as before; 1 entry is gone.",
        "in the baseline since 2026-01-02, and worse now",
        "gone since then",
        "1 suppression is over",
        "1 suppression is not needed any more",
        "leaks by design",
    ):
        assert words in outline.text, words


@pytest.mark.parametrize(
    "line", ['password = "hunter2"', '#define API_KEY "0123456789"', 'x = "ghp_0123456789abcdef"']
)
def test_secrets_in_source_are_withheld(sample: Document, line: str) -> None:
    for finding in sample["findings"]:
        for source in (finding["site"] or {}).get("source", []):
            source["text"] = line
    for form in ("html", "text"):
        shown = render(json.dumps(sample), form)
        assert "[withheld: this line looks like a secret]" in shown
        assert line not in unescape(shown)


def test_a_large_suite_is_a_page_within_its_limits(sample: Document) -> None:
    model = sample["tests"][0]
    tests = [{**model, "id": f"tests/test_{n % 99}.py::test_{n}"} for n in range(10_000)]
    for number, test in enumerate(tests):
        test.update(outcome="leak" if number % 3 else "clean", findings=number % 3)
    sample["tests"] = tests
    sample["findings"] = [
        {**finding, "subject": tests[n % 10_000]["id"], "fingerprint": f"{n:016x}"}
        for n, finding in enumerate(sample["findings"] * 1_000)
    ]
    html = render(json.dumps(sample), "html")
    assert len(html.encode()) <= 2_000_000
    assert (
        "of 8,000 findings" in html
        and " in 5,000 of 10,000 tests, besides 3,000 that the baseline knows." in html
    )


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
