"""Whole audits of a sample of every kind: verdict, kind, proof, and what the model had predicted."""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import refaudit
from support.modules import Sample, build, sample, samples

SAMPLES = [one for one in samples() if not one.fails]
#: What registers itself or refuses is nothing that a kind could tell.
PREDICTABLE = [one for one in SAMPLES if one.verdict != "kept-by-program"]

_WITNESS = """
import gc, importlib, sys, weakref
name = sys.argv[1]
sys.path.insert(0, sys.argv[2])
reference = weakref.ref(importlib.import_module(name))
del sys.modules[name]
for _ in range(5):
    gc.collect()
print(reference() is None)
"""


@cache
def audit(name: str) -> refaudit.ModuleAudit:
    """One audit for all tests: each asks another question of it."""
    sys.path.insert(0, str(build(name)))
    try:
        return refaudit.audit_module(name)
    finally:
        sys.path.remove(str(build(name)))


def observed(name: str) -> dict[str, Any]:
    (member,) = audit(name).members
    return dict(member.document["observed"])


def names(one: Sample) -> str:
    return one.name


@pytest.mark.parametrize("one", SAMPLES, ids=names)
def test_the_verdict_and_the_kind_are_those_of_the_table(one: Sample) -> None:
    found = audit(one.name)
    assert found.audited, found.complaint
    assert (found.verdict, found.kind) == (one.verdict, one.kind), found.sentence
    assert found.ok == (one.verdict == "unloads")


@pytest.mark.parametrize("one", SAMPLES, ids=names)
def test_a_weak_reference_in_a_process_of_its_own_agrees(one: Sample) -> None:
    command = [sys.executable, "-c", _WITNESS, one.name, str(build(one.name))]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert (said.strip() == "True") == (audit(one.name).verdict == "unloads")


@pytest.mark.parametrize("one", PREDICTABLE, ids=names)
def test_the_model_had_predicted_it(one: Sample) -> None:
    (member,) = audit(one.name).members
    predicted = member.document["predicted"]
    if one.name == "single_reference":
        # A kind says nothing of a static that holds one reference besides.
        assert (predicted, member.verdict) == ("kept-by-caches", "kept-by-module")
    else:
        assert predicted == member.verdict


@pytest.mark.parametrize("one", [s for s in SAMPLES if s.verdict != "unloads"], ids=names)
def test_the_what_if_and_its_destructive_proof_agree(one: Sample) -> None:
    what_if = observed(one.name)["what_if"]
    assert what_if["confirmed"] is not None, what_if
    assert what_if["confirmed"] == what_if["unloads"] == (one.verdict == "kept-by-caches")


@pytest.mark.parametrize("one", SAMPLES, ids=names)
def test_every_rung_is_answered(one: Sample) -> None:
    levels = {level.name: level.answer for level in audit(one.name).levels}
    freed = "yes" if one.verdict == "unloads" else "no"
    assert (levels["name"], levels["module"], levels["library"]) == ("yes", freed, "not-applicable")
    # Slots of 3.15 give m_free to the interpreter alone: that it ran cannot be seen.
    assert levels["state"] == freed
    assert levels["types"] == freed
    assert "not-seen" not in levels.values(), levels


def test_what_an_import_leaks_is_its_residue_and_leaks_with_every_reload() -> None:
    document = audit("multi_leaky").document["observed"]
    residue, reload = document["residue"], document["reload"]
    assert residue["objects"] == 1
    assert residue["bytes"] + residue["native_bytes"] >= 4000
    assert all(size >= 4000 for size in reload["bytes"])
    kinds = {finding["rule"] for finding in reload["findings"]}
    assert "RA103" in kinds
    assert kinds & {"RA105", "RA106"}
    # Before 3.13 nobody tells that the list came from a free list, so that its stack is another's.
    told = [f for f in reload["findings"] if f["rule"] != "RA103" or sys.version_info >= (3, 13)]
    frames = [finding["site"]["frame"] for finding in told]
    assert {Path(frame["file"]).name for frame in frames} == {"multi.c"}


def test_the_clean_twin_leaves_nothing() -> None:
    document = audit("multi_tidy").document["observed"]
    residue, reload = document["residue"], document["reload"]
    assert [residue[key] for key in ("objects", "blocks", "native_blocks", "bytes")] == [0] * 4
    assert reload["findings"] == []
    assert reload["bytes"] == [0, 0, 0]


def test_a_static_is_named_with_its_line() -> None:
    found = audit("single_reference")
    source = Path(__file__).parents[1] / "extensions" / "modules" / sample("single_reference").file
    (holder,) = [one for one in found.holders if one.root == "static"]
    assert holder.place.endswith(":cache")
    declared = source.read_text(encoding="utf-8").splitlines()[holder.line - 1]
    assert "static PyObject *cache" in declared
    assert Path(holder.file).name == source.name
    assert "cache" in found.sentence
    assert f"{source.name}:{holder.line}" in found.sentence


def test_a_refusal_to_be_imported_again_is_told_and_no_crash() -> None:
    found = audit("multi_refuses")
    assert observed("multi_refuses")["reimport"]["outcome"] == "refused"
    assert found.document["observed"]["reload"]["refused"].startswith("ImportError")
    assert [step["outcome"] for step in found.document["observed"]["steps"]].count("ok") >= 4
