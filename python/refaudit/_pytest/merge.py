"""One audit document out of several."""

from __future__ import annotations

from typing import Any

_OUTCOMES = ("clean", "maybe", "leak", "invalid")
_VERDICTS = ("over-released", "leak", "maybe")
_HOOK_STATES = ("active", "wrapped", "absent", "lost")


def merge(documents: list[dict[str, Any]], notes: list[str]) -> dict[str, Any]:
    """All findings and tests; of everything that says how far to trust them, the worst."""
    merged = dict(documents[0])
    merged["outcome"] = max((part["outcome"] for part in documents), key=_OUTCOMES.index)
    merged["findings"] = sorted(
        (finding for part in documents for finding in part["findings"]), key=_weight
    )
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
