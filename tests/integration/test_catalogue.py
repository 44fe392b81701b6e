"""Every deliberate leak is found, named and counted; every clean twin stays silent."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from support.catalogue import RUNS, Case, everything, load, of_module
from support.child import measure

CASES = everything()

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
        for language in ("c", "cython", "pybind11", "nanobind", "pyo3")
    }
    assert count.pop("c") >= 20
    assert min(count.values()) >= 3, count
    assert all(case.twin for case in tables if not case.clean)
    rules = {case.expected for case in tables}
    assert rules == {"RA101", "RA102", "RA103", "RA104", "RA105", "RA201", "clean"}
