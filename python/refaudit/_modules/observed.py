"""What the steps found, put together into one observation: `Observed` of the compiled core."""

from __future__ import annotations

from typing import Any

from refaudit._modules.process import Ended

#: Kinds of sub-interpreters. Source: CPython 3.12 `Include/cpython/pylifecycle.h`, `PyInterpreterConfig`.
KINDS = ("legacy", "isolated")


def merged(request: dict[str, Any], survey: Ended, ended: list[Ended]) -> dict[str, Any]:
    """The observation of one subject. What a step did not give is left unseen."""
    found: dict[str, dict[str, Any]] = {end.step["name"]: end.data for end in ended}
    life = found.get("life", {})
    return {
        "name": request["name"],
        "package": request["package"],
        "subject": survey.data.get("subject", "unknown"),
        "steps": [end.step for end in (survey, *ended)],
        "members": _members(survey.data.get("members", []), life, found.get("confirm", {})),
        "residue": life.get("residue"),
        "reload": found.get("reload", {}).get("reload"),
        "interpreters": [
            run for end in ended if end.step["name"] == "interpreters" for run in _runs(end)
        ],
        "cost": _cost(survey, life, found.get("confirm", {})),
        "notes": [note for end in (survey, *ended) for note in end.data.get("notes", [])],
    }


def _members(
    known: list[dict[str, str]], life: dict[str, Any], confirm: dict[str, Any]
) -> list[dict[str, Any]]:
    """Every extension module, also those that nothing could be seen of."""
    seen = {member["name"]: member for member in life.get("members", [])}
    members = [{**member, **seen.pop(member["name"], {})} for member in known]
    members += seen.values()
    for member in members:
        proof = confirm.get("confirmed", {}).get(member["name"])
        if proof is not None and member.get("what_if") is not None:
            member["what_if"].update(confirmed=proof.get("gone"), detail=proof.get("detail", ""))
    return members


def _runs(ended: Ended) -> list[dict[str, Any]]:
    """The sub-interpreters of one child: what it reported, or that it died."""
    if ended.outcome == "ok":
        return list(ended.data["interpreters"])
    outcome = "failed" if ended.outcome == "failed" else "died"
    return [{"kind": ended.data["kind"], "outcome": outcome, "detail": ended.step["detail"]}]


def _cost(survey: Ended, life: dict[str, Any], confirm: dict[str, Any]) -> dict[str, Any] | None:
    """What importing costs; None when it could not be imported."""
    if survey.outcome != "ok":
        return None
    return {
        "milliseconds": survey.data["milliseconds"],
        "own_milliseconds": confirm.get("own_milliseconds", 0.0),
        "dependencies": survey.data["dependencies"],
        **(life.get("cost") or {}),
    }
