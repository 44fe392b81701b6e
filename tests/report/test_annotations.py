"""Annotations of GitHub Actions, GitLab's code quality report and Markdown, each read as its consumer reads it."""

from __future__ import annotations

import json
import re
from pathlib import PurePosixPath
from typing import Any

import jsonschema
import pytest
from hostile import NAMES, hostile, level
from markdown_it import MarkdownIt
from refaudit._refaudit import render

Document = dict[str, Any]

#: GitLab's own schema of an issue (`codeclimate.json`) in short, by hand, with what its documentation asks beyond it.
_ISSUE = {
    "type": "object",
    "required": ["description", "check_name", "fingerprint", "severity", "location"],
    "additionalProperties": False,
    "properties": {
        "description": {"type": "string", "minLength": 1},
        "check_name": {"type": "string", "minLength": 1},
        "fingerprint": {"type": "string", "minLength": 1},
        "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
        "location": {
            "type": "object",
            "required": ["path", "lines"],
            "properties": {
                "path": {"type": "string", "minLength": 1},
                "lines": {
                    "type": "object",
                    "required": ["begin"],
                    "properties": {"begin": {"type": "integer", "minimum": 1}},
                },
            },
        },
    },
}


def decoded(line: str) -> tuple[str, dict[str, str], str]:
    """Name, properties and message of a command, as the runner of GitHub Actions reads a line."""
    assert line.startswith("::"), line
    head, found, message = line[2:].partition("::")
    assert found
    name, _, rest = head.partition(" ")
    pairs = [pair.split("=", 1) for pair in rest.split(",") if pair]
    assert all(len(pair) == 2 for pair in pairs), rest

    def unescaped(text: str, codes: dict[str, str]) -> str:
        for code, character in codes.items():
            text = text.replace(code, character)
        return text.replace("%25", "%")

    data = {"%0D": "\r", "%0A": "\n"}
    properties = {key: unescaped(value, {**data, "%3A": ":", "%2C": ","}) for key, value in pairs}
    assert len(properties) == len(pairs)
    return name, properties, unescaped(message, data)


def github(document: Document, root: str = "") -> list[tuple[str, dict[str, str], str]]:
    text = render(json.dumps(document), "github", root)
    assert text.isprintable() or "\n" in text
    return [decoded(line) for line in text.split("\n")[:-1]]


def test_each_finding_is_an_annotation(sample: Document) -> None:
    told = github(sample, "/srv/sample")
    worth_it = [finding for finding in sample["findings"] if level(finding) != "note"]
    assert len(told) == len(worth_it) < len(sample["findings"])
    messages = {message.split("\n")[0] for _, _, message in told}
    assert messages == {finding["message"] for finding in worth_it}
    for name, properties, message in told:
        finding = next(f for f in sample["findings"] if message.startswith(f["message"]))
        assert name == level(finding)
        assert set(properties) <= {"file", "line", "title"}
        assert properties["title"] == f"{finding['rule']} {finding['rule_name']}"
        assert not properties["file"].startswith("/")
    assert any(int(properties.get("line", 0)) > 0 for _, properties, _ in told)


def test_hostile_names_are_no_commands(sample: Document) -> None:
    for finding in sample["findings"]:
        finding["known"] = None
    told = github(hostile(sample), "/srv/sample")
    assert {name for name, _, _ in told} <= {"error", "warning"}
    assert len(told) == len(sample["findings"])
    for _, properties, message in told:
        assert set(properties) <= {"file", "line", "title"}
        assert message
    everything = render(json.dumps(sample), "github", "/srv/sample")
    assert all(line.startswith(("::error ", "::warning ")) for line in everything.splitlines())


def test_no_verdict_is_one_error(invalid: Document) -> None:
    ((name, properties, message),) = github(invalid)
    assert (name, properties) == ("error", {"title": "refaudit could not audit"})
    assert message == invalid["trust"]["reason"]


def test_github_takes_ten_of_a_kind(sample: Document) -> None:
    sample["findings"] = [
        {**finding, "message": f"{number} {finding['message']}", "fingerprint": str(number)}
        for number, finding in enumerate(sample["findings"] * 50)
    ]
    told = github(sample)
    for kind in ("error", "warning"):
        mine = [message for name, _, message in told if name == kind]
        of_kind = [finding for finding in sample["findings"] if level(finding) == kind]
        assert len(mine) == 10
        assert mine[-1].startswith(f"{len(of_kind) - 9} more findings")


def gitlab(document: Document, root: str = "") -> list[dict[str, Any]]:
    issues: list[dict[str, Any]] = json.loads(render(json.dumps(document), "gitlab", root))
    for issue in issues:
        jsonschema.validate(issue, _ISSUE)
    fingerprints = [issue["fingerprint"] for issue in issues]
    assert len(fingerprints) == len(set(fingerprints))  # GitLab shows the first of equal ones alone
    return issues


def test_gitlab_takes_every_finding_with_a_path_in_the_project(sample: Document) -> None:
    sample["findings"] += sample["findings"]
    issues = gitlab(sample, "/srv/sample")
    assert len(issues) == len(sample["findings"])
    for issue in issues:
        path = PurePosixPath(issue["location"]["path"])
        assert not path.is_absolute() and ".." not in path.parts
    assert {issue["severity"] for issue in issues} == {"critical", "major", "minor", "info"}


def test_gitlab_is_told_that_there_is_no_verdict(invalid: Document, clean: Document) -> None:
    (issue,) = gitlab(invalid)
    assert issue["severity"] == "blocker" and invalid["trust"]["reason"] in issue["description"]
    assert gitlab(clean) == []


def test_gitlab_and_hostile_names(sample: Document) -> None:
    issues = gitlab(hostile(sample), "/srv/sample")
    assert len(issues) == len(sample["findings"])
    assert all(issue["description"].isprintable() for issue in issues)


def tokens(text: str) -> list[Any]:
    """Everything in a Markdown text, as GitHub reads it: tables and bare addresses included."""
    parser = MarkdownIt("gfm-like")
    found = []
    for token in parser.parse(text):
        found.append(token)
        found += token.children or []
    return found


def test_markdown_begins_with_the_verdict_and_lists_the_findings(sample: Document) -> None:
    text = render(json.dumps(sample), "markdown", "/srv/sample")
    assert text.startswith("## refaudit: 1 over-released reference, 3 leaks and 1 possible leak")
    codes = [token.content for token in tokens(text) if token.type == "code_inline"]
    for finding in sample["findings"]:
        assert finding["rule"] in codes and finding["fingerprint"] in codes
    (table,) = [token for token in tokens(text) if token.type == "tbody_open"]
    assert table


def test_markdown_holds_hostile_names_as_data(sample: Document) -> None:
    before = [t.type for t in tokens(render(json.dumps(sample), "md"))]
    text = render(json.dumps(hostile(sample)), "md")
    found = tokens(text)
    kinds = {token.type for token in found}
    forbidden = {
        "html_inline",
        "html_block",
        "link_open",
        "image",
        "fence",
        "code_block",
        "hr",
        "s_open",
        "em_open",
    }
    assert not kinds & forbidden
    for kind in ("heading_open", "table_open", "tr_open", "td_open", "strong_open"):
        assert [t.type for t in found].count(kind) == before.count(kind), kind
    shown = " ".join(token.content for token in found if token.type in ("code_inline", "text"))
    for name in NAMES[:2]:
        assert name in shown


def test_markdown_fits_into_a_job_summary(sample: Document) -> None:
    sample["findings"] = sample["findings"] * 2_000
    text = render(json.dumps(sample), "markdown")
    assert len(text.encode()) <= 1024 * 1024
    (more,) = re.findall(r"- and ([\d,]+) more findings", text)
    listed = len(re.findall(r"^- \*\*", text, re.M))
    assert int(more.replace(",", "")) + listed == len(sample["findings"])


@pytest.mark.parametrize("form", ["sarif", "junit", "markdown", "github", "gitlab", "dot"])
@pytest.mark.parametrize("which", ["sample", "clean", "invalid"])
def test_same_document_same_bytes(form: str, which: str, request: pytest.FixtureRequest) -> None:
    text = json.dumps(request.getfixturevalue(which))
    assert render(text, form) == render(text, form)


@pytest.mark.parametrize("form", ["junit", "markdown", "github", "gitlab", "sarif"])
def test_an_invalid_audit_is_never_shown_as_clean(form: str, invalid: Document) -> None:
    assert invalid["trust"]["reason"] in render(json.dumps(invalid), form)
