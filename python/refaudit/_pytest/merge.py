"""One audit document out of several."""

from __future__ import annotations

from typing import Any

_OUTCOMES = ("clean", "maybe", "leak", "invalid")
_VERDICTS = ("over-released", "leak", "maybe")
#: As they stand in the schema.
_FATES = ("invisible", "uncollectable", "resurrected", "collectable")
#: Rows of a table of dominators.
_MOST_ROWS = 200
#: The row of such a table for all that it has no room for.
_OTHER = "other"
_HOOK_STATES = ("active", "wrapped", "absent", "lost")


def merge(documents: list[dict[str, Any]], notes: list[str]) -> dict[str, Any]:
    """All findings and tests; of everything that says how far to trust them, the worst."""
    merged = dict(documents[0])
    merged["outcome"] = max((part["outcome"] for part in documents), key=_OUTCOMES.index)
    merged["findings"] = sorted(
        (finding for part in documents for finding in part["findings"]), key=_weight
    )
    merged["cycles"] = sorted((cycle for part in documents for cycle in part["cycles"]), key=_cost)
    merged["dominators"] = joined([part["dominators"] for part in documents])
    # Workers share the tests out anew each time; by name, the document does not depend on it.
    merged["tests"] = sorted(
        (test for part in documents for test in part["tests"]), key=lambda test: test["id"]
    )
    merged["layers"] = _layers([part["layers"] for part in documents])
    merged["trust"] = _trust([part["trust"] for part in documents], notes)
    return merged


def _weight(finding: dict[str, Any]) -> tuple[Any, ...]:
    """Most certain first, then most costly."""
    certainty = _VERDICTS.index(finding["verdict"])
    return certainty, -finding["bytes"], -finding["total"], finding["subject"], finding["rule"]


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
