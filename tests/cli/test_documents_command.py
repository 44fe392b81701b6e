"""``refaudit report``, ``merge`` and ``diff``: commands that read audit documents."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from support.command import command

SAMPLE = json.loads((Path(__file__).parents[1] / "report/sample.json").read_text())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    _write(tmp_path, "a.json", SAMPLE["findings"][:3])
    return tmp_path


def _write(folder: Path, name: str, findings: list[dict[str, Any]], **fields: Any) -> None:
    document = {
        **copy.deepcopy(SAMPLE),
        "findings": findings,
        "outcome": "leak" if findings else "clean",
    }
    (folder / name).write_text(json.dumps({**document, **fields}))


def _changed(number: int, **fields: Any) -> dict[str, Any]:
    return {**copy.deepcopy(SAMPLE["findings"][number]), **fields}


def _sorted_out(folder: Path) -> tuple[int, dict[str, list[str]]]:
    """Exit code of ``refaudit diff a.json b.json``, and the fingerprints of each list that is not empty."""
    done = command("diff", "a.json", "b.json", "-f", "json", cwd=folder)
    found = json.loads(done.stdout)
    assert (found["format"], found["version"]) == ("refaudit-diff", 1)
    assert found["worse"] == bool(done.returncode)
    lists = {
        key: [c["fingerprint"] for c in value]
        for key, value in found.items()
        if isinstance(value, list)
    }
    return done.returncode, {key: value for key, value in lists.items() if value}


def _prints(*numbers: int) -> list[str]:
    return [SAMPLE["findings"][number]["fingerprint"] for number in numbers]


def test_the_sample_has_findings_that_differ():
    assert len(set(_prints(0, 1, 2))) == 3


def test_the_same_document_is_unchanged(folder):
    (folder / "b.json").write_text((folder / "a.json").read_text())
    code, lists = _sorted_out(folder)
    assert code == 0
    assert {key: sorted(value) for key, value in lists.items()} == {
        "unchanged": sorted(_prints(0, 1, 2))
    }


def test_another_address_or_message_is_no_change(folder):
    same = [_changed(0, address="0x1", message="else"), _changed(1), _changed(2)]
    _write(folder, "b.json", same)
    assert set(_sorted_out(folder)[1]) == {"unchanged"}


def test_what_was_not_there_is_new(folder):
    _write(
        folder, "b.json", [_changed(0), _changed(1), _changed(2), _changed(0, fingerprint="f" * 16)]
    )
    code, lists = _sorted_out(folder)
    assert (code, lists["new"]) == (1, ["f" * 16])


def test_more_in_each_run_is_grown_and_less_is_not(folder):
    first, second = SAMPLE["findings"][0], SAMPLE["findings"][1]
    more = _changed(0, total=first["total"] * 2)
    less = _changed(1, total=1, per_run=second["per_run"] * 2)
    _write(folder, "b.json", [more, less, _changed(2)])
    code, lists = _sorted_out(folder)
    assert (code, lists["grown"]) == (1, _prints(0))
    assert sorted(lists["unchanged"]) == sorted(_prints(1, 2))


def test_more_runs_alone_are_no_growth(folder):
    first = SAMPLE["findings"][0]
    longer = _changed(
        0, per_run=first["per_run"] * 2, total=first["total"] * 2, bytes=first["bytes"] * 2
    )
    _write(folder, "b.json", [longer, _changed(1), _changed(2)])
    assert _sorted_out(folder)[0] == 0


def test_gone_needs_that_the_test_ran(folder):
    ran = SAMPLE["findings"][0]["subject"]
    tests = [test for test in SAMPLE["tests"] if test["id"] == ran] or [
        {**SAMPLE["tests"][0], "id": ran}
    ]
    _write(folder, "b.json", [], tests=tests)
    code, lists = _sorted_out(folder)
    assert code == 0
    assert _prints(0)[0] in lists["gone"]
    others = {f["fingerprint"] for f in SAMPLE["findings"][:3] if f["subject"] != ran}
    assert set(lists.get("not_run", [])) == others


def test_the_difference_as_text_and_markdown(folder):
    hostile = _changed(0, fingerprint="f" * 16, message="<b>|`x`\n\u202e</b>")
    _write(folder, "b.json", [_changed(0), _changed(1), hostile])
    text = command("diff", "a.json", "b.json", cwd=folder).stdout
    assert text.startswith("It got worse: 1 new, ")
    assert "\nNEW\n" in text and "<b>|`x`\\n\\u202e</b>" in text
    command("diff", "a.json", "b.json", "-f", "markdown", "-o", "diff.md", cwd=folder)
    page = (folder / "diff.md").read_text()
    assert "### New" in page
    assert "&lt;b\\>\\|\\`x\\`" in page
    assert "\u202e" not in page


@pytest.mark.parametrize("order", [("a.json", "bad.json"), ("bad.json", "a.json")])
def test_an_invalid_audit_is_compared_with_nothing(folder, order):
    _write(folder, "bad.json", [], outcome="invalid")
    done = command("diff", *order, cwd=folder)
    assert (done.returncode, done.stdout) == (3, "")
    assert "bad.json: the audit is invalid" in done.stderr


@pytest.mark.parametrize("name", ["merge", "report"])
def test_several_documents_are_one(folder, name):
    _write(folder, "b.json", [_changed(0, subject="other", fingerprint="f" * 16)], tests=[])
    words = {"merge": ["-o", "all.json"], "report": ["-o", "all.json"]}[name]
    done = command(name, "a.json", "b.json", *words, cwd=folder)
    assert (done.returncode, done.stderr) == (1, "")
    merged = json.loads((folder / "all.json").read_text())
    assert {f["fingerprint"] for f in merged["findings"]} == {*_prints(0, 1, 2), "f" * 16}


def test_merge_prints_and_its_output_may_be_one_of_its_inputs(folder):
    _write(folder, "b.json", [])
    printed = command("merge", "a.json", "b.json", cwd=folder).stdout
    assert command("merge", "a.json", "b.json", "-o", "a.json", cwd=folder).returncode == 1
    assert (folder / "a.json").read_text() == printed
    assert sorted(path.name for path in folder.iterdir()) == ["a.json", "b.json"]


@pytest.mark.parametrize(("outcome", "code"), [("clean", 0), ("known", 0), ("invalid", 3)])
@pytest.mark.parametrize("name", ["merge", "report"])
def test_the_exit_code_is_that_of_the_whole(folder, name, outcome, code):
    _write(folder, "a.json", [], outcome="clean")
    _write(folder, "b.json", [], outcome=outcome)
    assert command(name, "a.json", "b.json", cwd=folder).returncode == code


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["report"], "DOC"),
        (["report", "a.json", "a.json"], "is named twice"),
        (["report", "a.json", "-f", "text", "-o", "leaks.html"], "contradicts the ending"),
        (["report", "a.json", "-f", "pdf"], "invalid choice"),
        (["report", "a.json", "-o", "folder.html"], "is a folder"),
        (["merge", "a.json", "corrupt.json"], "corrupt.json: not an audit document"),
        (["merge", "a.json", "b.json", "-o", "nowhere/all.json"], "nowhere: no such folder"),
        (["diff", "a.json"], "B"),
        (["diff", "a.json", "missing.json"], "missing.json"),
        (["diff", "a.json", "corrupt.json"], "corrupt.json: not an audit document"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_usage_is_2(folder, arguments, words):
    (folder / "corrupt.json").write_text("{")
    (folder / "folder.html").mkdir()
    _write(folder, "b.json", [])
    done = command(*arguments, cwd=folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_format_that_is_named_goes_into_a_file_of_any_name(folder):
    assert command("report", "a.json", "-f", "html", "-o", "page", cwd=folder).returncode == 1
    assert "<html" in (folder / "page").read_text()
