"""`Report` and `Finding`: fields, formats, and texts that are no audit document."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
import refaudit

SAMPLE = (Path(__file__).parents[1] / "report" / "sample.json").read_text(encoding="utf-8")
FIELDS = {
    "rule": str, "rule_name": str, "verdict": str, "kind": str, "type_name": str,
    "object_label": str, "address": str, "subject": str, "per_run": list, "total": int,
    "since_run": int, "bytes": int, "keeps": list, "message": str, "fingerprint": str,
}  # fmt: skip


@pytest.fixture
def report() -> refaudit.Report:
    """A report with findings, read from a stored document."""
    return refaudit.Report.from_json(SAMPLE)


def test_findings_have_the_promised_fields(report: refaudit.Report) -> None:
    assert report.findings
    for finding in report.findings:
        assert {name: type(getattr(finding, name)) for name in FIELDS} == FIELDS
        assert finding.total == sum(finding.per_run)
        assert finding.verdict in {"leak", "maybe", "over-released"}
        assert finding.rule in str(finding)
        with pytest.raises(dataclasses.FrozenInstanceError):
            finding.rule = "RA999"  # type: ignore[misc]


def test_a_document_survives_the_round_trip(report: refaudit.Report) -> None:
    text = report.to_json()
    again = refaudit.Report.from_json(text)
    assert again.to_json() == text
    assert again.document == report.document
    assert not report.ok
    assert report.trust == report.document["trust"]
    assert report.cycles == report.document["cycles"] != []
    assert report.dominators == report.document["dominators"] != []


def test_the_suffix_says_the_format(report: refaudit.Report, tmp_path: Path) -> None:
    for name in ("a.html", "b.JSON", "c.txt"):
        report.write(str(tmp_path / name))
    assert (
        (tmp_path / "a.html").read_text(encoding="utf-8").lstrip().lower().startswith("<!doctype")
    )
    assert json.loads((tmp_path / "b.JSON").read_text(encoding="utf-8")) == report.document
    assert (tmp_path / "c.txt").read_text(encoding="utf-8") == str(report)


@pytest.mark.parametrize("name", ["report.pdf", "report"])
def test_other_suffixes_are_refused(report: refaudit.Report, tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match=r"\.html, \.htm, \.json, \.txt"):
        report.write(tmp_path / name)
    assert not (tmp_path / name).exists()


def test_a_path_that_cannot_be_written_is_named(report: refaudit.Report, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"nowhere"):
        report.write(tmp_path / "nowhere" / "report.html")


def _changed(**fields: Any) -> str:
    return json.dumps({**json.loads(SAMPLE), **fields})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "not an audit document"),
        (SAMPLE[: len(SAMPLE) // 2], "not an audit document"),
        ("[]", "not an audit document"),
        ('{"format": "coverage"}', "format is `coverage`"),
        (_changed(version=99), "upgrade refaudit"),
        (_changed(findings=3), "expected a sequence"),
        (_changed(outcome="fine"), "unknown variant"),
        (json.dumps({"format": "refaudit-audit", "version": 1}), "missing field"),
    ],
    ids=lambda value: value[:24],
)
def test_other_texts_are_no_documents(text: str, words: str) -> None:
    with pytest.raises(refaudit.DocumentError, match=words):
        refaudit.Report.from_json(text)
