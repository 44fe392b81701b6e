"""What plain Python saw of a dropped package, as a verdict; and whether another verdict agrees."""

from __future__ import annotations

from typing import Any

#: What ``inside/unloading.py`` says of one extension module.
Seen = dict[str, Any]

UNLOADS = "unloads"
KEPT_BY_CACHES = "kept-by-caches"
KEPT_BY_PROGRAM = "kept-by-program"
KEPT_BY_MODULE = "kept-by-module"
#: It stays, but ``gc`` alone cannot tell a C static from a part that it does not see.
KEPT = "kept"
CLASSES = (UNLOADS, KEPT_BY_CACHES, KEPT_BY_PROGRAM, KEPT_BY_MODULE, KEPT)


def classify(seen: Seen) -> str:
    """The verdict that the observation proves.

    References to the module or to its dict from nowhere are a C static's; so is a type in static
    storage whose dict leads to the module. References from nowhere to anything else may come from
    objects that the collector does not list, unless importing again gives the same module: then its
    init function has found it somewhere out of sight.
    """
    if seen["freed"] and seen["dict_freed"]:
        return UNLOADS
    if seen["only_atexit"]:
        return KEPT_BY_PROGRAM
    roots = seen["roots"]
    if seen["unexplained"] or "static-type" in roots:
        return KEPT_BY_MODULE
    if "unexplained" in roots or not roots:
        return KEPT_BY_MODULE if seen["reimport"] == "same" else KEPT
    return KEPT_BY_PROGRAM if "program" in roots else KEPT_BY_CACHES


def agrees(proven: str, verdict: str) -> bool:
    """Whether a verdict of refaudit says what is proven; ``kept`` leaves open by whom."""
    if proven == KEPT:
        return verdict in (KEPT_BY_CACHES, KEPT_BY_PROGRAM, KEPT_BY_MODULE)
    return verdict == proven


def describe(seen: Seen) -> str:
    """The observation in a few words."""
    if seen["freed"] and seen["dict_freed"]:
        return f"freed; re-import: {seen['reimport']}"
    parts = ["module freed, its dict is not" if seen["freed"] else "not freed"]
    if seen["unexplained"]:
        parts.append(f"{seen['unexplained']} unexplained")
    if seen["referrers"]:
        parts.append("from " + ", ".join(f"{n} {kind}" for kind, n in seen["referrers"].items()))
    if seen["only_atexit"]:
        parts.append("freed once atexit forgets its functions")
    parts += [_roots(kind, found) for kind, found in seen["roots"].items()]
    return "; ".join([*parts, f"re-import: {seen['reimport']}"])


def _roots(kind: str, found: dict[str, Any]) -> str:
    """The roots of one kind: a few, and how many more."""
    more = found["count"] - len(found["some"])
    return f"{kind}: {', '.join(found['some'])}" + (f" and {more} more" if more else "")
