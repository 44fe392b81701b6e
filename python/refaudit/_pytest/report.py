"""What a test's findings do to its teardown report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from refaudit._known.knowledge import is_unchanged

if TYPE_CHECKING:
    from refaudit._pytest.batch import Watched


def attach(test: Watched) -> None:
    """Put verdict and findings on the report; a leak fails it, a `maybe` does not.

    A teardown that failed by itself keeps its failure, and gets the findings as a section.
    """
    report = test.report
    if test.outcome == "skipped":
        return
    report.user_properties.append(("refaudit_verdict", test.verdict))
    if not test.findings:
        return
    told = [finding for finding in test.findings if not is_unchanged(finding)]
    # What fails a test is what nobody knew of; a known leak is told where nothing else is.
    lines = [sentence(finding) for finding in told or test.findings]
    report.user_properties.append(("refaudit_findings", "\n".join(lines)))
    if report.failed or test.verdict != "leak":
        report.sections.append(("refaudit", "\n".join(lines)))
        return
    # Read by `teststatus`. An attribute survives the way from an xdist worker.
    vars(report)["refaudit"] = test.verdict
    report.outcome = "failed"
    report.longrepr = f"{test.item.nodeid} does not give back all it takes:\n" + "\n".join(
        f"  {line}" for line in lines
    )


def sentence(finding: dict[str, Any]) -> str:
    """One finding in one line, with what the baseline says of it."""
    known: Any = finding.get("known") or {}
    since = {
        "unchanged": f"known since {known.get('first_seen')}: ",
        "grown": f"worse than at {known.get('first_seen')}: ",
    }.get(known.get("state"), "")
    return f"{finding['rule']} {finding['rule_name']}: {since}{finding['message']}"


def teststatus(report: Any) -> tuple[str, str, Any] | None:
    """`L`, `LEAKED` for a test with a leak; None for every other report."""
    if report.when == "teardown" and getattr(report, "refaudit", "") == "leak":
        return "leaked", "L", ("LEAKED", {"red": True})
    return None
