"""The summary section: one sentence a finding, on one screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from refaudit._known.knowledge import is_unchanged
from refaudit._pytest import terminal_known
from refaudit._pytest.report import sentence

if TYPE_CHECKING:
    from refaudit._pytest.record import Record

#: Findings shown without `-v`; the rest is in the report.
SCREEN = 15
#: The same for notes.
NOTES = 3


def summarise(reporter: Any, record: Record) -> None:
    """Print what was found and how far to trust it."""
    document = record.document
    findings = document["findings"] if document else record.findings
    if findings or record.invalid:
        known = not record.invalid and all(map(is_unchanged, findings))
        color = {"red": True} if record.invalid or _certain(findings) else {"yellow": True}
        color = {"green": True} if known else color
        reporter.write_sep("=", "refaudit", bold=True, **color)
    else:
        reporter.ensure_newline()
    _findings(reporter, findings)
    if record.invalid:
        reporter.write_line(f"refaudit could not audit: {record.invalid}", red=True, bold=True)
        reporter.write_line("No test is to be taken for clean.", red=True)
    elif document is not None:
        reporter.write_line(trust(document))
        terminal_known.summarise(reporter, document, record.knowledge)
        _notes(reporter, document["trust"]["notes"])
    for line in record.written:
        reporter.write_line(f"refaudit: {line}", red="NOT" in line)


def trust(document: dict[str, Any]) -> str:
    """One line: how much was looked at, and with what."""
    block, tests = document["trust"], document["tests"]
    leaking = sum(1 for test in tests if test["findings"])
    hooks = [hook["name"] for hook in block["hooks"] if hook["state"] in ("lost", "wrapped")]
    parts = [f"{len(tests)} tests audited" if len(tests) != 1 else "1 test audited"]
    known = sum(1 for test in tests if test["outcome"] == "known")
    said = f"{leaking} with findings" if leaking else "nothing leaks"
    if known:
        of_them = f", {known} of them with known ones only"
        said = (
            "nothing new leaks" + f", {known} with known findings"
            if known == leaking
            else said + of_them
        )
    parts.append(said)
    parts.append(f"canary {block['canary']}")
    parts.append("hooks active" if not hooks else f"hooks lost: {', '.join(hooks)}")
    if block["dropped"]:
        parts.append(f"{block['dropped']} events dropped")
    if not tests:
        parts[1] = "nothing to say"
    return "refaudit: " + ", ".join(parts)


def _notes(reporter: Any, notes: list[str]) -> None:
    shown = notes if reporter.config.get_verbosity() > 0 else notes[:NOTES]
    for note in shown:
        reporter.write_line(f"refaudit: note: {note}")
    if len(shown) < len(notes):
        reporter.write_line(f"refaudit: and {len(notes) - len(shown)} more notes, use -v")


def _certain(findings: list[dict[str, Any]]) -> bool:
    return any(f["verdict"] != "maybe" for f in findings if not is_unchanged(f))


def _findings(reporter: Any, findings: list[dict[str, Any]]) -> None:
    """The same leak seen in several tests is one sentence."""
    groups: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for finding in sorted(findings, key=is_unchanged):
        holder = (finding["holder"] or {}).get("text", "")
        key = (
            finding["rule"],
            finding["verdict"],
            finding["type_name"],
            finding["object_label"],
            holder,
            where(finding),
            (finding.get("known") or {}).get("state"),
        )
        groups.setdefault(key, []).append(finding)
    verbose = reporter.config.get_verbosity()
    shown = list(groups.values())
    hidden = 0
    if verbose <= 0 and len(shown) > SCREEN:
        hidden = sum(len(group) for group in shown[SCREEN:])
        shown = shown[:SCREEN]
    for group in shown:
        others = len(group) - 1
        more = f" (and in {others} other test{'s' if others > 1 else ''})" if others else ""
        first = group[0]
        reporter.write_line(f"{first['subject']}: {sentence(first)}{more}")
        if place := where(first):
            reporter.write_line(f"    at {place}")
        if taken := by_whom(first):
            reporter.write_line(f"    {taken}")
        if verbose > 0:
            for finding in group:
                _details(reporter, finding)
    if hidden:
        reporter.write_line(f"and {hidden} more, see the report (--refaudit-report) or use -v")


def where(finding: dict[str, Any]) -> str:
    """The frame to blame, as the text report writes it; empty when there is none."""
    frame = (finding.get("site") or {}).get("frame")
    if not frame:
        return ""
    address = f"{frame['module']}+{frame['offset']}"
    if frame["line"]:
        library = f"  ({frame['module']})" if frame["module"] else ""
        return f"{frame['function'] or address}  {frame['file']}:{frame['line']}{library}"
    return f"{frame['function']}  {address}".lstrip()


def by_whom(finding: dict[str, Any]) -> str:
    """Which line took the reference, as far as somebody asked and it can be told; else empty."""
    ledger = finding.get("ledger")
    if not ledger or not ledger["places"]:
        return ""
    place = ledger["places"][0]
    if place["function"] == "tp_dealloc":
        return f"probably not given back by tp_dealloc at {where({'site': place})}"
    verb = "given back" if finding["verdict"] == "over-released" else "taken"
    sure = "probably " if ledger["account"] == "named" else "perhaps "
    by = f" by {place['function']}" if place["function"] else ""
    return f"{sure}{verb}{by} at {where({'site': place})}"


def _by_run(finding: dict[str, Any]) -> str:
    sizes = finding.get("bytes_per_run")
    return f" ({', '.join(map(str, sizes))})" if sizes else ""


def _details(reporter: Any, finding: dict[str, Any]) -> None:
    runs = ", ".join(map(str, finding["per_run"]))
    reporter.write_line(
        f"    {finding['subject']}: {finding['verdict']}, per run [{runs}], "
        f"{finding['bytes']} bytes{_by_run(finding)}, fingerprint {finding['fingerprint']}"
    )
    if finding["object_label"] or finding["address"]:
        reporter.write_line(f"    {finding['object_label']} at {finding['address']}")
    if finding["holder"]:
        reporter.write_line(f"    held by {finding['holder']['text']}")
    for kept in finding["keeps"]:
        reporter.write_line(
            f"    keeps {kept['count']} {kept['type_name']} ({kept['bytes']} bytes)"
        )
