"""The lines of the summary about baseline and suppressions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from refaudit._known.knowledge import Knowledge

#: Names of one kind that are shown without `-v`.
SHOWN = 5


def summarise(reporter: Any, document: dict[str, Any], knowledge: Knowledge | None) -> None:
    """Say what was known, what is gone, and which suppressions are used, unused or over."""
    if knowledge is None:
        return
    if document["baseline"] is not None:
        reporter.write_line(f"refaudit: {_tally(document, knowledge)}")
        gone = [f"{e['rule']} {e['subject']}: {e['message']}" for e in document["baseline"]["gone"]]
        _list(reporter, "gone", gone)
        if gone and not knowledge.update:
            reporter.write_line("refaudit: --refaudit-update-baseline takes out what is gone")
    suppressions = document["suppressions"]
    if taken := sum(one["findings"] for one in suppressions):
        used = sum(1 for one in suppressions if one["findings"])
        reporter.write_line(f"refaudit: {taken} suppressed by {used} suppression{_s(used)}")
    over = [one for one in suppressions if one["expired"]]
    _list(
        reporter,
        "suppression is over and does nothing",
        [f"{named(one)} since {one['expires']}" for one in over],
    )
    unused = [one for one in suppressions if not one["findings"] and not one["expired"]]
    _list(reporter, "suppression is not used", [named(one) for one in unused])


def _tally(document: dict[str, Any], knowledge: Knowledge) -> str:
    """`baseline refaudit.baseline.json: 1 new, 1 grown, 3 known, 2 gone, 4 not run`."""
    block, findings = document["baseline"], document["findings"]
    assert knowledge.baseline is not None
    # Of an update, too, what was new before it.
    states = [knowledge.baseline.known(finding)["state"] for finding in findings]
    parts = [f"{states.count('new')} new", f"{states.count('grown')} grown"]
    parts += [f"{states.count('unchanged')} known", f"{len(block['gone'])} gone"]
    if block["not_run"]:
        parts.append(f"{block['not_run']} of tests that did not run")
    return f"baseline {block['name']}: {', '.join(parts)}"


def named(suppression: dict[str, Any]) -> str:
    """Name and place of a suppression."""
    return f"`{suppression['name']}` ({suppression['source']})"


def _s(number: int) -> str:
    return "" if number == 1 else "s"


def _list(reporter: Any, what: str, names: list[str]) -> None:
    shown = names if reporter.config.get_verbosity() > 0 else names[:SHOWN]
    for name in shown:
        reporter.write_line(f"refaudit: {what}: {name}")
    if len(shown) < len(names):
        reporter.write_line(f"refaudit: and {len(names) - len(shown)} more, use -v")
