"""SARIF: the committee's schema, and what code scanning needs beyond it."""

from __future__ import annotations

import copy
import gzip
import json
import subprocess
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import jsonschema
import pytest
from hostile import hostile, level
from refaudit._refaudit import judge_module, judge_types, render, render_module, render_types
from refaudit._report import Report

HERE = Path(__file__).parent
Document = dict[str, Any]


@cache
def schema() -> Any:
    """The schema of SARIF 2.1.0, out of the crate that `schemas/Cargo.toml` pins."""
    command = ["cargo", "metadata", "--locked", "--format-version", "1"]
    done = subprocess.run(
        [*command, "--manifest-path", HERE / "schemas" / "Cargo.toml"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"cargo cannot fetch the schema: {done.stderr}"
    crate = next(p for p in json.loads(done.stdout)["packages"] if p["name"] == "serde-sarif")
    text = (Path(crate["manifest_path"]).parent / "src" / "schema.json").read_text("utf-8")
    return jsonschema.Draft7Validator(
        json.loads(text), format_checker=jsonschema.Draft7Validator.FORMAT_CHECKER
    )


def run(text: str) -> Document:
    """The one run of a log that the schema accepts."""
    log = json.loads(text)
    errors = [f"{error.json_path}: {error.message}" for error in schema().iter_errors(log)]
    assert not errors, errors[:5]
    (one,) = log["runs"]
    found: Document = one
    return found


def sarif(document: Document, root: str = "") -> Document:
    return run(render(json.dumps(document), "sarif", root))


def test_the_schema_is_the_committees_and_refuses_what_is_wrong() -> None:
    assert "oasis-tcs/sarif-spec" in json.dumps(schema().schema)
    assert not schema().is_valid({"version": "2.1.0"})
    assert not schema().is_valid({"version": "2.1.0", "runs": [{"tool": {"driver": {}}}]})


@pytest.mark.parametrize("which", ["sample", "clean", "invalid"])
def test_every_kind_of_session_is_valid(which: str, request: pytest.FixtureRequest) -> None:
    document: Document = request.getfixturevalue(which)
    one = sarif(document)
    assert len(one["results"]) == len(document["findings"])
    (invocation,) = one["invocations"]
    assert invocation["executionSuccessful"] == (which != "invalid")
    told = invocation["toolExecutionNotifications"]
    if which == "invalid":
        assert told[0]["level"] == "error"
        assert told[0]["message"]["text"] == document["trust"]["reason"]
        assert {(r["kind"], r["level"]) for r in one["results"]} == {("open", "none")}
    else:
        assert all(note["level"] != "error" for note in told)


def test_rules_carry_their_own_pages(sample: Document) -> None:
    one = sarif(sample)
    rules = one["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == sorted({f["rule"] for f in sample["findings"]})
    for rule in rules:
        page = Path(HERE.parents[1], "docs/reference/rules", f"{rule['id']}.md").read_text("utf-8")
        heading = page.splitlines()[0]
        assert heading == f"# {rule['id']} {rule['name']}"
        assert rule["help"]["markdown"].startswith(heading)
        assert rule["shortDescription"]["text"] and rule["help"]["text"]
    for result in one["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]


def test_levels_fingerprints_and_places(sample: Document) -> None:
    one = sarif(sample, "/srv/sample")
    by_print = {f["fingerprint"]: f for f in sample["findings"]}
    assert len(by_print) == len(one["results"])
    for result in one["results"]:
        finding = by_print[result["partialFingerprints"]["refaudit/v1"]]
        assert result["level"] == level(finding)
        assert result["message"]["text"].startswith(finding["message"].replace("\n", "\\n"))
        (location,) = result["locations"]
        place = location["physicalLocation"]["artifactLocation"]
        assert place["uriBaseId"] in one["originalUriBaseIds"]
        assert not urlsplit(place["uri"]).scheme and not place["uri"].startswith("/")
        assert location["logicalLocations"][0]["fullyQualifiedName"] == finding["subject"]


def test_paths_begin_at_the_root_or_are_absolute_uris(sample: Document) -> None:
    """What lies elsewhere is no place of the finding, but related to it."""
    for finding in sample["findings"]:
        if finding["site"]:
            frame = finding["site"]["frame"]
            frame["file"] = "/srv/sample/" + frame["file"].removeprefix("/srv/sample/")
    inside = sarif(sample, "/srv/sample")
    blamed = [r for r in inside["results"] if "region" in r["locations"][0]["physicalLocation"]]
    assert blamed
    elsewhere = sarif(sample, "/somewhere/else")
    for result in elsewhere["results"]:
        assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uriBaseId"]
    related = [
        place["physicalLocation"]["artifactLocation"]
        for result in elsewhere["results"]
        for place in result.get("relatedLocations", [])
    ]
    assert any(place["uri"].startswith("file:///srv/") for place in related)
    assert all("uriBaseId" not in place for place in related if place["uri"].startswith("file:"))


def test_code_flows_are_the_paths_and_the_history(sample: Document) -> None:
    one = sarif(sample)
    by_print = {f["fingerprint"]: f for f in sample["findings"]}
    flows = histories = 0
    for result in one["results"]:
        finding = by_print[result["partialFingerprints"]["refaudit/v1"]]
        told = result.get("codeFlows", [])
        flows += len(told)
        history = bool(finding["ledger"] and finding["ledger"]["history"])
        histories += history
        assert len(told) == len(finding["paths"][:4]) + history
        for flow in told:
            (thread,) = flow["threadFlows"]
            for step in thread["locations"]:
                assert step["location"]["message"]["text"]
                assert "physicalLocation" in step["location"]  # code scanning wants it
        if history:
            steps = told[0]["threadFlows"][0]["locations"]
            assert [s["importance"] for s in steps].count("essential") >= 1
    assert flows > histories > 0


def test_the_baseline_and_the_suppressions(sample: Document) -> None:
    for finding, state in zip(sample["findings"], ("new", "unchanged", "grown"), strict=False):
        finding["known"] = {"state": state, "first_seen": "2026-01-02"}
    sample["suppressions"] = [
        {"name": "old", "reason": "", "source": "a.supp:1", "expires": "2025-01-01", "expired": True, "findings": 0},
        {"name": "used", "reason": "r", "source": "a.supp:2", "expires": "", "expired": False, "findings": 3},
    ]  # fmt: skip
    one = sarif(sample)
    by_print = {r["partialFingerprints"]["refaudit/v1"]: r for r in one["results"]}
    for finding, state in zip(sample["findings"], ("new", "unchanged", "updated"), strict=False):
        result = by_print[finding["fingerprint"]]
        assert result["baselineState"] == state
        assert ("suppressions" in result) == (state == "unchanged")
    (told,) = one["invocations"][0]["toolConfigurationNotifications"]
    assert "`old`" in told["message"]["text"] and "over" in told["message"]["text"]


def test_hostile_names_are_data(sample: Document) -> None:
    hostile(sample)
    one = sarif(sample, "/srv/sample")
    for result in one["results"]:
        for location in [*result["locations"], *result.get("relatedLocations", [])]:
            uri = location["physicalLocation"]["artifactLocation"]["uri"]
            assert uri.isascii() and unquote(uri) is not None
            assert not set(uri) & set('<>"{}|\\^` \n\t')


def test_many_findings_stay_within_the_limits_of_uploads(sample: Document) -> None:
    document = copy.deepcopy(sample)
    document["findings"] = [
        {**finding, "fingerprint": f"{number:016x}"}
        for number, finding in enumerate(sample["findings"] * (27_000 // len(sample["findings"])))
    ]
    text = render(json.dumps(document), "sarif")
    log = json.loads(text)["runs"][0]
    assert len(log["results"]) <= 25_000
    assert len(gzip.compress(text.encode(), 6)) < 10_000_000
    left_out = len(document["findings"]) - len(log["results"])
    assert f"{left_out} more findings" in json.dumps(log["invocations"])


def test_a_report_tells_paths_from_the_current_folder(
    sample: Document, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = next(
        f["site"]["frame"] for f in sample["findings"] if f["site"] and f["site"]["frame"]["line"]
    )
    site["file"] = str(tmp_path / "src" / "a.c")
    monkeypatch.chdir(tmp_path)
    Report(sample).write("leaks.sarif")
    assert '"src/a.c"' in Path("leaks.sarif").read_text("utf-8")
    Report(sample).write("leaks.sarif.json", root="")
    assert f'"file://{tmp_path}/src/a.c"' in Path("leaks.sarif.json").read_text("utf-8")


def interpreter(sample: Document) -> tuple[str, str]:
    return json.dumps(sample["tool"]), json.dumps(sample["interpreter"])


@pytest.mark.parametrize("name", ["lxml", "numpy", "regex", "died", "pure"])
def test_module_audits(name: str, sample: Document) -> None:
    observed = (HERE / "modules" / f"{name}.observed.json").read_text("utf-8")
    document = judge_module(observed, *interpreter(sample))
    verdict = json.loads(document)["verdict"]
    one = run(render_module(document, "sarif"))
    kept = [m for m in json.loads(document)["members"] if m["verdict"].startswith("kept")]
    assert len(one["results"]) == len(kept)
    assert one["invocations"][0]["executionSuccessful"] == (verdict != "not-audited")
    for result in one["results"]:
        assert result["codeFlows"] and result["ruleId"].startswith("module-kept-by-")


def test_type_audits(sample: Document) -> None:
    observed = {
        "name": "m",
        "package": "m",
        "imported": True,
        "complete": True,
        "steps": [],
        "notes": [],
    }
    document = judge_types(
        json.dumps({**observed, "types": [{"key": "m.T"}]}), *interpreter(sample)
    )
    one = run(render_types(document, "sarif"))
    assert one["invocations"][0]["executionSuccessful"] is False  # no instance was seen
    for form in ("dot", "speedscope", "collapsed"):
        with pytest.raises(ValueError, match="a type audit is written as"):
            render_types(document, form)
