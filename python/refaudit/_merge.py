"""One audit document out of several."""

from __future__ import annotations

from collections import Counter
from typing import Any

_OUTCOMES = ("clean", "known", "maybe", "leak", "invalid")
_VERDICTS = ("over-released", "leak", "maybe")
#: As they stand in the schema, the worst first.
_FATES = ("invisible", "uncollectable", "resurrected", "collectable")
_STATES = ("new", "grown", "unchanged")
#: Rows of a table of dominators.
_MOST_ROWS = 200
#: The row of such a table for all that it has no room for.
_OTHER = "other"
_HOOK_STATES = ("active", "wrapped", "absent", "lost")

Document = dict[str, Any]


def merge(documents: list[Document], notes: list[str]) -> Document:
    """All findings and tests; of everything that says how far to trust them, the worst.

    A test that several documents have is one test, with the worst of its outcomes, and the same
    finding in several of them is one finding. What was audited on different interpreters is said.
    """
    merged = dict(documents[0])
    merged["interpreter"] = _joined_texts([part["interpreter"] for part in documents])
    merged["tool"] = _joined_texts([part["tool"] for part in documents])
    merged["outcome"] = max((part["outcome"] for part in documents), key=_OUTCOMES.index)
    merged["findings"] = _findings(documents)
    merged["cycles"] = _cycles([cycle for part in documents for cycle in part["cycles"]])
    merged["dominators"] = joined([part["dominators"] for part in documents])
    merged["tests"] = _tests(documents, merged["findings"])
    merged["layers"] = _layers([part["layers"] for part in documents])
    merged["baseline"] = _baseline(documents, merged["findings"])
    merged["suppressions"] = _suppressions(documents)
    merged["trust"] = _trust([part["trust"] for part in documents], notes + _notes(documents))
    return merged


def _python(document: Document) -> str:
    one = document["interpreter"]
    return f"{one['implementation']} {one['version']} {one['build']}, {one['platform']}"


def _joined_texts(parts: list[dict[str, str]]) -> dict[str, str]:
    return {key: ", ".join(dict.fromkeys(part[key] for part in parts)) for key in parts[0]}


def _notes(documents: list[Document]) -> list[str]:
    """What a reader of the whole must know of its parts."""
    notes = []
    pythons = [_python(document) for document in documents]
    if len(set(pythons)) > 1:
        counts = "; ".join(f"{name} ({pythons.count(name)})" for name in dict.fromkeys(pythons))
        notes.append(f"the documents are of different interpreters: {counts}")
    tools = list(dict.fromkeys(document["tool"]["version"] for document in documents))
    if len(tools) > 1:
        notes.append(
            f"the documents were written by different versions of refaudit: {', '.join(tools)}"
        )
    ids = [test["id"] for document in documents for test in document["tests"]]
    if again := len(ids) - len(set(ids)):
        notes.append(f"{again} test(s) were audited more than once; the worst outcome counts")
    without = sum(document.get("baseline") is None for document in documents)
    if 0 < without < len(documents):
        notes.append(f"{without} of {len(documents)} documents were not compared with a baseline")
    return notes


def _findings(documents: list[Document]) -> list[dict[str, Any]]:
    """Each finding once, the worst there is of it; where only some interpreters show it, which."""
    by_print: dict[str, list[tuple[str, dict[str, Any]]]] = {}
    ran: dict[str, set[str]] = {}
    for document in documents:
        python = _python(document)
        for test in document["tests"]:
            ran.setdefault(test["id"], set()).add(python)
        # A document of an older refaudit may have several of one fingerprint: they stay several.
        seen: dict[str, int] = {}
        for finding in document["findings"]:
            number = seen[finding["fingerprint"]] = seen.get(finding["fingerprint"], 0) + 1
            key = f"{finding['fingerprint']} {number}"
            by_print.setdefault(key, []).append((python, finding))
    found = []
    for same in by_print.values():
        worst = min((finding for _, finding in same), key=_worst)
        there = list(dict.fromkeys(python for python, _ in same))
        if len(there) < len(ran.get(worst["subject"], ())):
            worst = {**worst, "message": f"{worst['message']} (only on {'; '.join(there)})"}
        found.append(worst)
    return sorted(found, key=_weight)


def _worst(finding: dict[str, Any]) -> tuple[Any, ...]:
    state = (finding.get("known") or {"state": "new"})["state"]
    return _STATES.index(state), *_weight(finding)


def _weight(finding: dict[str, Any]) -> tuple[Any, ...]:
    """Most certain first, then most costly."""
    certainty = _VERDICTS.index(finding["verdict"])
    cost = (-finding["bytes"], -abs(finding["total"]))
    return certainty, *cost, finding["subject"], finding["rule"], finding["fingerprint"]


def _tests(documents: list[Document], findings: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each test once. By name: workers share the tests out anew each time."""
    counts = Counter(finding["subject"] for finding in findings)
    by_id: dict[str, list[dict[str, Any]]] = {}
    for document in documents:
        for test in document["tests"]:
            by_id.setdefault(test["id"], []).append(test)
    merged = []
    for name, same in sorted(by_id.items()):
        worst = max(same, key=lambda test: _OUTCOMES.index(test["outcome"]))
        most = {key: max(test[key] for test in same) for key in ("warmup", "runs")}
        merged.append({**worst, **(most if len(same) > 1 else {}), "findings": counts[name]})
    return merged


def _cycles(cycles: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each cycle once, of several the one with most of its kind."""
    by_print: dict[tuple[str, str], dict[str, Any]] = {}
    for cycle in cycles:
        known = by_print.setdefault((cycle["fingerprint"], cycle["subject"]), cycle)
        if cycle["count"] > known["count"]:
            by_print[cycle["fingerprint"], cycle["subject"]] = cycle
    return sorted(by_print.values(), key=_cost)


def _baseline(documents: list[Document], findings: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Gone is what one part looked for in vain and no other found."""
    parts = [part for part in documents if part.get("baseline") is not None]
    if not parts:
        return None
    found = {f["fingerprint"] for f in findings if (f.get("known") or {}).get("first_seen")}
    gone = {entry["fingerprint"]: entry for part in parts for entry in part["baseline"]["gone"]}
    gone = {key: entry for key, entry in gone.items() if key not in found}
    # Every part had the same entries before it. Those that a suppression took out are not told.
    size = max(map(_entries, parts))
    suppressed = sum(size - _entries(part) for part in parts)
    return {
        "name": ", ".join(dict.fromkeys(part["baseline"]["name"] for part in parts)),
        "gone": sorted(gone.values(), key=lambda e: (e["subject"], e["rule"], e["fingerprint"])),
        "not_run": max(0, size - suppressed - len(found) - len(gone)),
    }


def _entries(document: Document) -> int:
    """How many entries the baseline had that a document was compared with."""
    known = sum(bool((f.get("known") or {}).get("first_seen")) for f in document["findings"])
    return known + len(document["baseline"]["gone"]) + int(document["baseline"]["not_run"])


def _suppressions(documents: list[Document]) -> list[dict[str, Any]]:
    """Each suppression once; what it took out of all documents is summed up."""
    merged: dict[tuple[str, str, str], dict[str, Any]] = {}
    for one in (one for document in documents for one in document.get("suppressions", [])):
        key = one["name"], one["source"], one["expires"]
        known = merged.get(key)
        if known is None:
            merged[key] = dict(one)
        else:
            known["findings"] += one["findings"]
            known["expired"] |= one["expired"]
    return list(merged.values())


def _cost(cycle: dict[str, Any]) -> tuple[Any, ...]:
    """The worst fate first, then the most costly."""
    cost = cycle["retained"]["bytes"] * cycle["count"]
    return _FATES.index(cycle["fate"]), -cost, cycle["subject"], cycle["fingerprint"]


def joined(tables: list[list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """One table of dominators out of several: their trees, the most costly first.

    What there is no room for is folded into one last row, as in each table.
    """
    trees: list[list[dict[str, Any]]] = []
    for table in tables:
        first = 0
        for number, row in enumerate(table):
            if row["parent"] is None:
                # A row stands after the one above it, and before the next at the top.
                trees.append([])
                first = number
            above = None if row["parent"] is None else row["parent"] - first
            trees[-1].append({**row, "parent": above})
    folded = [tree[0] for tree in trees if tree[0]["type_name"] == _OTHER]
    trees = [tree for tree in trees if tree[0]["type_name"] != _OTHER]
    trees.sort(key=lambda tree: (-tree[0]["retained"]["bytes"], tree[0]["type_name"]))
    rows: list[dict[str, Any]] = []
    for tree in trees:
        if len(rows) + len(tree) >= _MOST_ROWS:
            folded.append(tree[0])
            continue
        first = len(rows)
        rows += [
            {**row, "parent": None if row["parent"] is None else row["parent"] + first}
            for row in tree
        ]
    if folded:
        rows.append(_folded(folded))
    return rows


def _folded(rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "parent": None,
        "type_name": _OTHER,
        "label": "",
        "count": sum(row["count"] for row in rows),
        "shallow": sum(row["shallow"] for row in rows),
        "retained": {
            name: sum(row["retained"][name] for row in rows) for name in ("objects", "bytes")
        },
    }


def _trust(parts: list[dict[str, Any]], notes: list[str]) -> dict[str, Any]:
    return {
        "valid": all(part["valid"] for part in parts),
        "reason": "; ".join(_union([[part["reason"]] for part in parts if part["reason"]])),
        "canary": next((p["canary"] for p in parts if p["canary"] != "found"), "found"),
        "hooks": _hooks([hook for part in parts for hook in part["hooks"]]),
        "dropped": sum(part["dropped"] for part in parts),
        "unseen": _union([part["unseen"] for part in parts]),
        "others": _union([part["others"] for part in parts]),
        "notes": _union([part["notes"] for part in parts] + [notes]),
    }


def _layers(parts: list[dict[str, int] | None]) -> dict[str, int] | None:
    """The growth of all processes together."""
    known = [part for part in parts if part is not None]
    return {name: sum(part[name] for part in known) for name in known[0]} if known else None


def _hooks(hooks: list[dict[str, str]]) -> list[dict[str, str]]:
    worst: dict[str, dict[str, str]] = {}
    for hook in hooks:
        known = worst.setdefault(hook["name"], hook)
        if _HOOK_STATES.index(hook["state"]) > _HOOK_STATES.index(known["state"]):
            worst[hook["name"]] = hook
    return list(worst.values())


def _union(lists: list[list[str]]) -> list[str]:
    return list(dict.fromkeys(text for part in lists for text in part))
