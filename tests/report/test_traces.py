"""Stacks in the reports: sites, folds, the icicle graph, lines still alive, and the exports."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from refaudit._pytest.terminal import where
from refaudit._refaudit import render
from refaudit._report import Report
from test_html import HOSTILE, Outline

Document = dict[str, Any]


def traces(document: Document) -> list[dict[str, Any]]:
    return [trace for finding in document["findings"] for trace in finding["traces"]]


def finding(document: Document, rule: str) -> dict[str, Any]:
    found: dict[str, Any] = next(f for f in document["findings"] if f["rule"] == rule)
    return found


def article(page: str, of: dict[str, Any]) -> str:
    start = page.index(f'<article id="{of["rule"]}-{of["fingerprint"]}"')
    return page[start : page.index("</article>", start)]


@pytest.mark.parametrize("form", ["text", "html"])
def test_a_finding_says_where(sample: Document, form: str) -> None:
    shown = render(json.dumps(sample), form)
    if form == "html":
        shown = Outline(shown).text
    for site in (f["site"] for f in sample["findings"] if f["site"]):
        frame = site["frame"]
        place = f"{frame['file']}:{frame['line']}" if frame["line"] else frame["module"]
        assert frame["function"] in shown and place in shown
        assert f"{frame['module']}+{frame['offset']}" in shown
        for line in site["source"]:
            assert line["text"].strip()[:30] in shown


def test_the_summary_of_pytest_writes_sites_as_the_text_report_does(sample: Document) -> None:
    text = re.sub(r"\s+", " ", render(json.dumps(sample), "text"))
    for one in sample["findings"]:
        assert re.sub(r"\s+", " ", where(one)) in text
        assert bool(where(one)) == (one["site"] is not None)


def test_the_blamed_line_and_frame_stand_out(sample: Document) -> None:
    node = finding(sample, "RA103")
    html = article(render(json.dumps(sample), "html"), node)
    assert re.search(r'<code class="blamed"><span class="line">▶ 88</span>', html)
    blamed = re.findall(r'class="frame extension blamed"><code class="call">([^<]+)', html)
    # Once in each of its two stacks.
    assert blamed == ["sample::Parser::element(std::string_view)"] * 2
    assert html.count('<span class="mark">inlined</span>') == 4
    text = render(json.dumps(sample), "text")
    assert re.search(r"^ +> sample::Parser::element\(std::string_view\)", text, re.M)
    assert re.search(r"^ +> 88 \|", text, re.M)


def test_interpreter_frames_are_folded_without_scripts(sample: Document) -> None:
    html = article(render(json.dumps(sample), "html"), finding(sample, "RA106"))
    assert "<details><summary>3 interpreter frames</summary>" in html
    assert "[3 interpreter frames]" in render(json.dumps(sample), "text")


@pytest.mark.parametrize(
    "words",
    ["lived in the same memory before: Python before 3.13", "nearest exported name", "inlined"],
)
def test_what_may_mislead_is_said_in_words(sample: Document, words: str) -> None:
    assert words in Outline(render(json.dumps(sample), "html")).text
    assert words in re.sub(r"\s+", " ", render(json.dumps(sample), "text"))


def test_truncated_stacks_say_so(sample: Document) -> None:
    assert "Outer frames are missing" in Outline(render(json.dumps(sample), "html")).text
    assert "(outer frames not recorded)" in render(json.dumps(sample), "text")


def test_icicle_is_as_wide_as_the_bytes(sample: Document) -> None:
    html = render(json.dumps(sample), "html")
    boxes = re.findall(
        r'<svg class="(\w+)" x="([\d.]+)%" y="(\d+)" width="([\d.]+)%" height="18">'
        r"<title>([^<]*)</title>",
        html,
    )
    total = sum(trace["bytes"] for trace in traces(sample))
    rows: dict[int, float] = {}
    for _, x, y, width, _ in boxes:
        rows[int(y)] = rows.get(int(y), 0) + float(width)
        assert float(x) + float(width) <= 100.02
    assert all(width <= 100.1 for width in rows.values())
    grow = next(box for box in boxes if box[4].startswith("Buffer.grow"))
    assert float(grow[3]) == pytest.approx(4096 / total * 100, abs=0.01)


def test_lines_still_alive_are_listed_in_one_order(sample: Document) -> None:
    html = Outline(render(json.dumps(sample), "html")).text
    text = render(json.dumps(sample), "text")
    for shown in (html, text):
        tree, buffer = (
            shown.rindex(name)
            for name in ("/python/sample/tree.py:31", "/python/sample/buffer.py:48")
        )
        assert tree < buffer
    assert "STILL ALIVE BY PYTHON LINE" in text and "STILL ALIVE BY NATIVE LINE" in text


@pytest.mark.parametrize("form", ["text", "html"])
def test_layers_are_summed_up_in_a_sentence(clean: Document, form: str) -> None:
    clean["layers"].update(objects=0, blocks=0, native=0)
    shown = re.sub(r"\s+", " ", render(json.dumps(clean), form))
    words = "Resident memory grew by 12.1 MiB, but nothing leaks: the allocators keep 11.5 MiB"
    assert words in shown
    clean["layers"] = None
    assert "Resident memory" not in render(json.dumps(clean), form)


def test_speedscope_file_is_whole(sample: Document) -> None:
    file = json.loads(render(json.dumps(sample), "leaks.speedscope.json"))
    assert file["$schema"] == "https://www.speedscope.app/file-format-schema.json"
    frames = file["shared"]["frames"]
    assert all(set(frame) <= {"name", "file", "line"} and frame["name"] for frame in frames)
    for profile, unit, key in zip(
        file["profiles"], ("bytes", "none"), ("bytes", "blocks"), strict=True
    ):
        assert (profile["type"], profile["unit"], profile["startValue"]) == ("sampled", unit, 0)
        assert len(profile["samples"]) == len(profile["weights"])
        assert sum(profile["weights"]) == profile["endValue"]
        assert profile["endValue"] == sum(trace[key] for trace in traces(sample))
        assert {number for stack in profile["samples"] for number in stack} <= set(
            range(len(frames))
        )


def test_collapsed_stacks_are_lines_of_stack_and_weight(sample: Document) -> None:
    lines = render(json.dumps(sample), "collapsed").splitlines()
    parsed = [re.fullmatch(r"(\S.*) (\d+)", line) for line in lines]
    assert all(parsed)
    weights = {match[1]: int(match[2]) for match in parsed if match}
    assert len(weights) == len(lines) and lines == sorted(lines)
    assert sum(weights.values()) == sum(trace["bytes"] for trace in traces(sample))
    grow = next(stack for stack in weights if "Buffer.grow" in stack)
    assert grow.split(";")[-1] == "Buffer.grow (/srv/sample/python/sample/buffer.py:48)"


def test_names_cannot_break_the_exports(sample: Document) -> None:
    for trace in traces(sample):
        trace["bytes"] = 1
        for frame in trace["frames"]:
            frame.update(function=f"a;b\n{HOSTILE}", file="x;\ny")
    lines = render(json.dumps(sample), "folded").splitlines()
    depths = {len(trace["frames"]) + trace["truncated"] for trace in traces(sample)}
    assert {len(line.split(";")) for line in lines} == depths
    assert all(line.isprintable() for line in lines)
    json.loads(render(json.dumps(sample), "speedscope"))


def test_the_ending_of_a_file_chooses_the_export(sample: Document, tmp_path: Path) -> None:
    report = Report(sample)
    for name, form in [
        ("a.speedscope.json", "speedscope"),
        ("b.Collapsed", "collapsed"),
        ("c.folded", "collapsed"),
        ("d.json", "json"),
    ]:
        report.write(tmp_path / name)
        assert (tmp_path / name).read_text("utf-8") == report.render(form)


def test_a_page_without_room_keeps_the_stacks_of_the_most_urgent(sample: Document) -> None:
    for trace in traces(sample):
        trace["frames"] = trace["frames"] * 4
    sample["findings"] *= 60
    html = render(json.dumps(sample), "html")
    assert len(html.encode()) <= 2_000_000
    assert "there is no room on this page" in html
    articles = [part.split("</article>")[0] for part in html.split("<article")[1:]]
    assert f"This page shows {len(articles)} of 480 findings" in html
    # Articles are large: stacks go first, then half of the findings.
    assert len(articles) == 240
    # The table has them in order of urgency, the articles stand by site.
    by_anchor = {one.split('"')[1]: one for one in articles}
    urgency = re.findall(r'<td role="cell"><a href="#([^"]+)"', html)
    assert by_anchor.keys() == set(urgency)
    with_stacks = ['<ol class="stack">' in by_anchor[anchor] for anchor in urgency]
    assert any(with_stacks[:100]) and not any(with_stacks[-100:])
