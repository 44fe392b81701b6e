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
    members, contradictions = _members(survey.data.get("members", []), ended)
    return {
        "name": request["name"],
        "package": request["package"],
        "subject": survey.data.get("subject", "unknown"),
        "steps": [end.step for end in (survey, *ended)],
        "members": members,
        "residue": life.get("residue"),
        "reload": found.get("reload", {}).get("reload"),
        "interpreters": [
            run for end in ended if end.step["name"] == "interpreters" for run in _runs(end)
        ],
        "cost": _cost(survey, life, found.get("confirm", {})),
        "notes": [
            *(note for end in (survey, *ended) for note in end.data.get("notes", [])),
            *contradictions,
        ],
    }


def _members(
    known: list[dict[str, str]], ended: list[Ended]
) -> tuple[list[dict[str, Any]], list[str]]:
    """Every extension module, also those that nothing could be seen of, and notes on contradictions."""
    steps = {end.step["name"]: end for end in ended}
    life, confirm = steps.get("life"), steps.get("confirm")
    seen = {member["name"]: member for member in life.data.get("members", [])} if life else {}
    members = [{**member, **seen.pop(member["name"], {})} for member in known]
    members += seen.values()
    proofs = confirm.data.get("confirmed", {}) if confirm else {}
    notes = []
    for member in members:
        if life is not None and life.outcome != "ok" and "module_alive" in member:
            # Everything was told before the second import, which it did not survive.
            member["reimport"] = {"outcome": "died", "detail": life.step["detail"]}
        proof = proofs.get(member["name"])
        if proof is not None and _contradicted(member, proof):
            name = member["name"]
            notes.append(f"{name} was freed in one process and not in another: no verdict on it")
    return members, notes


def _contradicted(member: dict[str, Any], proof: dict[str, Any]) -> bool:
    """Add what weak references prove. If they contradict what was seen, nothing counts as seen."""
    if member.get("what_if") is not None:
        member["what_if"].update(confirmed=proof["gone"], detail=proof["detail"])
    alive, dropped = member.get("module_alive"), proof["dropped"]
    if alive is None or dropped is None or alive is not dropped:
        return False
    member["module_alive"] = None
    return True


def _runs(ended: Ended) -> list[dict[str, Any]]:
    """The sub-interpreters of one child: what it reported, or that it died."""
    if ended.outcome == "ok":
        return list(ended.data["interpreters"])
    outcome = "failed" if ended.outcome in ("failed", "timeout") else "died"
    return [{"kind": ended.data["kind"], "outcome": outcome, "detail": ended.step["detail"]}]


def _cost(survey: Ended, life: dict[str, Any], confirm: dict[str, Any]) -> dict[str, Any] | None:
    """What importing costs; None when it could not be imported."""
    if survey.outcome != "ok":
        return None
    return {
        "milliseconds": survey.data["milliseconds"],
        "own_milliseconds": confirm.get("own_milliseconds"),
        "dependencies": survey.data["dependencies"],
        **(life.get("cost") or {}),
    }
