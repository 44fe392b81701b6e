"""Every deliberate leak is found, named and counted; every clean twin stays silent."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from support.catalogue import RUNS, Case, everything, load, of_module
from support.child import measure
from support.sites import is_function, site_line, site_source

CASES = everything()

#: Types with a free list. Before 3.13 nobody is told when memory comes back from one, so that a
#: stack may be that of an earlier object; it must say so.
FREE_LISTS = ("list", "tuple", "dict", "float")
TOLD_OF_RECYCLING = sys.version_info >= (3, 13)

Audited = Callable[[Case], dict]


@pytest.fixture(scope="session")
def audited(extension: Callable[[str], Path]) -> Audited:
    """The audit of a case; one child audits all cases of a module."""
    modules: dict[str, dict[Case, dict]] = {}

    def audit(case: Case) -> dict:
        if case.module not in modules:
            cases = of_module(CASES, case.module)
            results = measure("audit", extension(case.module), cases)
            modules[case.module] = dict(zip(cases, results, strict=True))
        result = modules[case.module][case]
        assert "error" not in result, result["error"]
        return result

    return audit


def _said(findings: list[dict]) -> str:
    """The findings in words, for the message of a failed assertion."""
    lines = [f"{f['rule']} {f['type_name']} {f['per_run']}: {f['message']}" for f in findings]
    return "\n".join(lines) or "no findings"


def _names(finding: dict, wanted: str) -> bool:
    """Whether a finding is about this type; a type reference names it in its label."""
    return wanted in finding["type_name"] or (
        finding["rule"] == "RA102" and wanted in finding["object_label"]
    )


def _matching(case: Case, findings: list[dict]) -> list[dict]:
    """The findings that are what the catalogue says."""
    return [f for f in findings if f["rule"] == case.expected and _names(f, case.type)]


@pytest.mark.parametrize("case", [c for c in CASES if not c.clean], ids=lambda c: c.id)
def test_leak_is_found(case: Case, audited: Audited) -> None:
    result = audited(case)
    findings = result["document"]["findings"]
    matching = _matching(case, findings)
    assert len(matching) == 1, f"{case.function} {case.defect}\n{_said(findings)}"
    finding = matching[0]
    assert finding["verdict"] == ("over-released" if case.expected == "RA201" else "leak")
    if case.per_run is not None:
        assert finding["per_run"] == [case.per_run] * RUNS
    assert finding["bytes"] >= case.bytes * RUNS
    kept = [victim["type_name"] for victim in finding["keeps"]]
    missing = [name for name in case.keeps if not any(name in other for other in kept)]
    assert not missing, f"not among the victims {kept}"
    if case.holder is not None:
        assert finding["holder"]["kind"] == case.holder
    assert not result["ok"]
    if case.alone:
        assert findings == matching, _said(findings)


def _found(case: Case, audited: Audited) -> dict:
    """The one finding of a case."""
    findings = audited(case)["document"]["findings"]
    matching = _matching(case, findings)
    assert len(matching) == 1, _said(findings)
    return matching[0]


def _may_be_stale(case: Case) -> bool:
    return not TOLD_OF_RECYCLING and case.type in FREE_LISTS


@pytest.mark.parametrize("case", [c for c in CASES if c.site], ids=lambda c: c.id)
def test_site_is_the_marked_line(case: Case, audited: Audited) -> None:
    """The function, the file and the line that took what is not given back, or a stack that says
    of itself that it may be of an earlier object."""
    finding = _found(case, audited)
    stale = [trace["stale"] for trace in finding["traces"]]
    assert stale, "no stack of birth"
    if _may_be_stale(case) and all(stale):
        return
    assert not any(stale)
    site = finding["site"]
    assert site is not None, finding["traces"][0]["frames"]
    frame = site["frame"]
    assert frame["origin"] == "extension"
    assert is_function(frame["function"], case.site), frame
    place = (Path(frame["file"]).name, frame["line"])
    assert place == (site_source(case).name, site_line(case))
    assert not frame["guess"]
    marked = [line for line in site["source"] if line["number"] == frame["line"]]
    assert len(marked) == 1
    assert "SITE" in marked[0]["text"]


@pytest.mark.parametrize(
    "case", [c for c in CASES if c.site and not _may_be_stale(c)], ids=lambda c: c.id
)
def test_stack_is_hybrid(case: Case, audited: Audited) -> None:
    """The Python function that made the call is on the stack, outside of the frame to blame."""
    finding = _found(case, audited)
    trace = finding["traces"][0]
    assert not trace["stale"]
    frames = trace["frames"]
    native = [i for i, frame in enumerate(frames) if is_function(frame["function"], case.site)]
    python = [i for i, frame in enumerate(frames) if frame["origin"] == "python"]
    assert native, frames
    if case.threaded:
        assert not python, frames
        return
    assert python, frames
    assert frames[python[0]]["function"] == case.function
    assert native[0] < python[0]


@pytest.mark.parametrize("case", [c for c in CASES if c.reach and not c.clean], ids=lambda c: c.id)
def test_reach_and_path_are_as_the_catalogue_says(case: Case, audited: Audited) -> None:
    finding = _found(case, audited)
    assert finding["reach"] == case.reach, finding["reached"]
    roots = [chain["root"] for chain in finding["paths"]]
    assert roots[:1] == ([case.root] if case.root else []), finding["paths"]
    if case.root is None:
        assert case.reach == "definitely-lost"


@pytest.mark.parametrize("case", [c for c in CASES if c.expected == "RA106"], ids=lambda c: c.id)
def test_native_bytes_are_counted(case: Case, audited: Audited) -> None:
    """For each run, and in the layer of native blocks."""
    finding = _found(case, audited)
    assert len(finding["bytes_per_run"]) == RUNS
    assert min(finding["bytes_per_run"]) >= case.bytes
    assert sum(finding["bytes_per_run"]) == finding["bytes"]
    layers = audited(case)["document"]["layers"]
    assert layers["native"] >= finding["bytes"]


@pytest.mark.parametrize("case", [c for c in CASES if c.clean], ids=lambda c: c.id)
def test_clean_function_is_silent(case: Case, audited: Audited) -> None:
    result = audited(case)
    findings = result["document"]["findings"]
    assert not findings, _said(findings)
    assert result["ok"]
    assert result["document"]["outcome"] == "clean"


def test_catalogue_is_as_large_as_promised() -> None:
    tables = load()
    count = {
        language: sum(case.language == language and not case.clean for case in tables)
        for language in ("c", "cpp", "cython", "pybind11", "nanobind", "pyo3")
    }
    assert count.pop("c") >= 20
    assert min(count.values()) >= 3, count
    assert all(case.twin for case in tables if not case.clean)
    rules = {case.expected for case in tables}
    assert rules == {
        *("RA101", "RA102", "RA103", "RA104", "RA105", "RA106", "RA201"),
        "clean",
    }
    native = {case.type for case in tables if case.expected == "RA106"}
    assert native == {
        f"{route} block"
        for route in (
            *("malloc", "calloc", "realloc", "aligned_alloc", "strdup", "mmap"),
            *("operator new", "operator new[]"),
        )
    }


def test_every_mark_is_in_its_source() -> None:
    for case in load():
        if case.site:
            assert site_line(case) > 0
