"""The tables of facts, ``cases.toml`` and ``clean.toml``, as Python objects."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:  # pytest itself needs tomli there
    import tomli as tomllib

FOLDER = Path(__file__).parent
CASES = FOLDER / "cases.toml"
CLEAN = FOLDER / "clean.toml"


@dataclass(frozen=True)
class Build:
    """A module that must be compiled against the package's headers first."""

    module: str
    source: str


@dataclass(frozen=True)
class Growth:
    """What plain Python measured per call on the bad and on the fixed version."""

    measure: str
    bad: float
    fixed: float


@dataclass(frozen=True)
class Fix:
    """Functions that the fix changed, and how that is known: ``diff``, ``issue text``, ``inferred``."""

    functions: tuple[str, ...]
    source: str


@dataclass(frozen=True)
class Use:
    """Some use of a package: what every entry of either table has."""

    id: str
    package: str
    python: tuple[str, ...]
    setup: str
    trigger: str
    also_true: tuple[str, ...]
    witness: tuple[str, ...]


@dataclass(frozen=True)
class CleanUse(Use):
    """Use of a current version that is expected to leak nothing."""

    version: str


@dataclass(frozen=True)
class Case(Use):
    """A real leak: the versions with and without it, and what must be named."""

    bad: str
    fixed: str
    kind: str
    defect: str
    leaked: str
    expect: tuple[str, ...]
    block_bytes: int
    allocator: str
    functions: tuple[str, ...]
    #: Type that keeps a cycle from the collector; empty when the leak is no cycle.
    closed_by: str
    growth: Growth
    calls: int
    required: bool
    reason: str
    reference: str
    build: Build | None
    #: None where what leaks is no reference, or nobody knows the function.
    fix: Fix | None

    @property
    def is_interpreter(self) -> bool:
        """Whether the versions are those of CPython itself."""
        return self.package == "CPython"


def _use(row: dict[str, Any]) -> dict[str, Any]:
    """The fields that both tables share."""
    return {
        "id": row["id"],
        "package": row["package"],
        "python": tuple(row["python"]),
        "setup": row["setup"],
        "trigger": row["trigger"],
        "also_true": tuple(row.get("also_true", ())),
        "witness": tuple(row.get("witness", ())),
    }


def _case(row: dict[str, Any]) -> Case:
    """One row of ``cases.toml``; a missing field is an error, never a default that hides it."""
    build, fix = row.get("build"), row.get("fix")
    case = Case(
        **_use(row),
        bad=row["bad"],
        fixed=row["fixed"],
        kind=row["class"],
        defect=row["defect"],
        leaked=row["leaked"],
        expect=tuple(row["expect"]),
        block_bytes=row.get("block_bytes", 0),
        allocator=row["allocator"],
        functions=tuple(row.get("functions", ())),
        closed_by=row.get("closed_by", ""),
        growth=Growth(**row["growth"]),
        calls=row.get("calls", 300),
        required=row["required"],
        reason=row.get("reason", ""),
        reference=row["reference"],
        build=Build(build["module"], build["source"]) if build else None,
        fix=Fix(tuple(fix["functions"]), fix["source"]) if fix else None,
    )
    if not case.required and not case.reason:
        raise ValueError(f"{case.id}: not required, but without a reason")
    if (case.kind == "uncollectable-cycle") != bool(case.closed_by):
        raise ValueError(f"{case.id}: a cycle has a type that closes it, and nothing else has")
    return case


def rows_of(path: Path, name: str) -> list[dict[str, Any]]:
    """The rows of a file; names are its own, so that one can be asked for."""
    rows: list[dict[str, Any]] = tomllib.loads(path.read_text(encoding="utf-8"))[name]
    names = [row["id"] for row in rows]
    twice = {n for n in names if names.count(n) > 1}
    if twice:
        raise ValueError(f"{path.name}: more than one {', '.join(sorted(twice))}")
    return rows


def load_cases(path: Path = CASES) -> list[Case]:
    """Every real leak, in the order of the table."""
    return [_case(row) for row in rows_of(path, "case")]


def load_clean(path: Path = CLEAN) -> list[CleanUse]:
    """Every clean use, in the order of the table."""
    return [CleanUse(**_use(row), version=row["version"]) for row in rows_of(path, "use")]
