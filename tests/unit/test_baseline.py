"""The baseline's file: what is compared, what an update changes, and what is refused."""

from __future__ import annotations

import copy
import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest
from refaudit._known.baseline import Baseline
from refaudit._known.knowledge import Knowledge
from refaudit.config import ConfigError

SAMPLE = json.loads((Path(__file__).parents[1] / "report" / "sample.json").read_text("utf-8"))
Row = dict[str, Any]


@pytest.fixture
def findings() -> list[Row]:
    found: list[Row] = copy.deepcopy(SAMPLE["findings"])
    for finding in found:
        finding["known"] = None
    return found


def ran(findings: list[Row]) -> set[str]:
    return {finding["subject"] for finding in findings}


def test_what_was_taken_in_is_known_and_what_grew_is_told(findings: list[Row]) -> None:
    baseline = Baseline().updated(findings[1:], ran(findings), "2026-01-02")
    assert baseline.known(findings[0]) == {"state": "new", "first_seen": ""}
    one = findings[1]
    assert baseline.known(one) == {"state": "unchanged", "first_seen": "2026-01-02"}
    one["per_run"] = [count * 2 for count in one["per_run"]]
    assert baseline.known(one) == {"state": "grown", "first_seen": "2026-01-02"}


@pytest.mark.parametrize(
    ("per_run", "state"),
    [
        ([1, 1, 1], "unchanged"),
        ([1, 2, 1], "unchanged"),  # a table that happens to grow
        ([2, 1, 2], "grown"),
        ([0, 1, 0], "unchanged"),
        ([-1, -1, -1], "unchanged"),
    ],
)
def test_one_large_run_is_not_growth(per_run: list[int], state: str, findings: list[Row]) -> None:
    one = findings[1] | {"per_run": [1, 1, 1]}
    baseline = Baseline().updated([one], ran(findings), "2026-01-02")
    assert baseline.known(one | {"per_run": per_run})["state"] == state


@pytest.mark.parametrize(("size", "state"), [(125, "unchanged"), (126, "grown"), (40, "unchanged")])
def test_objects_may_be_a_quarter_larger(size: int, state: str, findings: list[Row]) -> None:
    one = findings[1] | {"bytes_per_run": [100, 100]}
    baseline = Baseline().updated([one], ran(findings), "2026-01-02")
    assert baseline.known(one | {"bytes_per_run": [size, size]})["state"] == state


def test_an_update_changes_what_changed_and_nothing_else(findings: list[Row]) -> None:
    before = Baseline().updated(findings, ran(findings), "2026-01-02")
    lines = before.to_json().splitlines()
    # Addresses and words of the message are others in each session.
    again = copy.deepcopy(findings)
    for finding in again:
        finding["message"] += " differently said"
    assert before.updated(again, ran(findings), "2026-02-02").to_json().splitlines() == lines
    again[1]["per_run"] = [9] * len(again[1]["per_run"])
    grown = before.updated(again, ran(findings), "2026-02-02").to_json().splitlines()
    changed = [line for line in grown if line not in lines]
    assert len(changed) == 2 and '"per_run": 9' in "".join(changed)  # and its message
    assert '"first_seen": "2026-02-02"' not in "\n".join(grown)


def test_an_update_keeps_what_did_not_run_and_drops_what_is_gone(findings: list[Row]) -> None:
    before = Baseline().updated(findings, ran(findings), "2026-01-02")
    subject = findings[1]["subject"]
    of_test = {f["fingerprint"] for f in findings if f["subject"] == subject}
    after = before.updated([], {subject}, "2026-02-02")
    assert of_test and set(before.entries) - set(after.entries) == of_test
    compared = before.compared({subject}, set())
    assert {entry["fingerprint"] for entry in compared["gone"]} == of_test
    assert compared["not_run"] == len(before.entries) - len(of_test)


def test_entries_are_sorted_and_say_no_address(findings: list[Row]) -> None:
    findings[0]["message"] = "1 reference to <Thing object at 0x7f0012ab>"
    baseline = Baseline().updated(findings[::-1], ran(findings), "2026-01-02")
    entries = json.loads(baseline.to_json())["findings"]
    assert [e["subject"] for e in entries] == sorted(e["subject"] for e in entries)
    assert "0x7f0012ab" not in baseline.to_json()


def test_writing_is_whole_or_not_at_all(
    tmp_path: Path, findings: list[Row], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "refaudit.baseline.json"
    path.write_text("before", encoding="utf-8")
    path.chmod(0o640)
    baseline = Baseline(str(path), Baseline().updated(findings, set(), "2026-01-02").entries)

    def full(number: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space left"):
            baseline.write()
    assert path.read_text("utf-8") == "before" and list(tmp_path.iterdir()) == [path]
    baseline.write()
    assert Baseline.read(str(path)).entries == baseline.entries
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert list(tmp_path.iterdir()) == [path]


REFUSED = {
    "empty": ("", "not a baseline"),
    "truncated": ('{"format": "refaudit-baseline", "version": 1, "find', "not a baseline"),
    "deep": ("[" * 100_000, "not a baseline"),
    "a list": ("[]", "its `format` is not `refaudit-baseline`"),
    "a document": (json.dumps({"format": "refaudit-audit", "version": 1}), "its `format` is not"),
    "newer": (json.dumps({"format": "refaudit-baseline", "version": 2}), "upgrade refaudit"),
    "older": (json.dumps({"format": "refaudit-baseline", "version": 0}), "make it anew"),
    "no entries": (json.dumps({"format": "refaudit-baseline", "version": 1}), "not as expected"),
    "bad entry": (
        json.dumps({"format": "refaudit-baseline", "version": 1, "findings": [{"rule": 1}]}),
        "not as expected",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_baseline_is_refused_in_a_sentence(name: str, tmp_path: Path) -> None:
    text, message = REFUSED[name]
    path = tmp_path / "b.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"b\.json") as refused:
        Baseline.read(str(path), missing_ok=True)
    assert message in str(refused.value)


def test_what_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file; --refaudit-update-baseline"):
        Baseline.read(str(tmp_path / "none.json"))
    with pytest.raises(ConfigError, match="cannot be read"):
        Baseline.read(str(tmp_path))
    path = tmp_path / "b.json"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="cannot be read"):
        Baseline.read(str(path))


def test_two_entries_of_one_fingerprint_are_refused(tmp_path: Path, findings: list[Row]) -> None:
    document = json.loads(Baseline().updated(findings, set(), "2026-01-02").to_json())
    document["findings"].append(document["findings"][0])
    path = tmp_path / "b.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(ConfigError, match="same fingerprint"):
        Baseline.read(str(path))


def test_a_document_is_judged_by_what_is_new(findings: list[Row]) -> None:
    document = copy.deepcopy(SAMPLE) | {"findings": findings}
    everything = Baseline().updated(findings, ran(findings), "2026-01-02")
    Knowledge(everything).apply(document)
    assert document["outcome"] == "known"
    assert {test["outcome"] for test in document["tests"]} == {"clean", "known"}
    assert document["baseline"] == {"name": "refaudit.baseline.json", "gone": [], "not_run": 0}
    maybe = [f for f in findings if f["verdict"] == "maybe"]
    assert maybe
    known = [f for f in findings if f["verdict"] != "maybe"]
    Knowledge(Baseline().updated(known, ran(findings), "2026-01-02")).apply(document)
    assert document["outcome"] == "maybe"
    Knowledge(Baseline().updated(maybe, ran(findings), "2026-01-02")).apply(document)
    assert document["outcome"] == "leak"


def test_an_invalid_document_stays_invalid(findings: list[Row]) -> None:
    document = copy.deepcopy(SAMPLE) | {"findings": findings, "outcome": "invalid"}
    Knowledge(Baseline().updated(findings, ran(findings), "2026-01-02")).apply(document)
    assert document["outcome"] == "invalid"
