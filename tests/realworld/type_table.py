"""The table of packages whose types are audited, ``types.toml``, as Python objects."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .table import FOLDER, rows_of

TYPES = FOLDER / "types.toml"
#: Checks whose answer plain Python can prove.
PROVABLE = ("type-reference", "type-visit", "tracked")


@dataclass(frozen=True)
class Types:
    """A package of one version: how to make its types, and the rules that each of them breaks."""

    id: str
    name: str
    package: str
    version: str
    python: tuple[str, ...]
    make: dict[str, str]
    defects: dict[str, tuple[str, ...]]
    why: str


def _types(row: dict[str, Any]) -> Types:
    """One row; a missing field is an error, never a default that hides it."""
    defects = {name: tuple(checks) for name, checks in row["defects"].items()}
    strangers = set(defects) - set(row["make"])
    unproven = {check for checks in defects.values() for check in checks} - set(PROVABLE)
    if strangers or unproven:
        raise ValueError(f"{row['id']}: cannot be proven: {sorted(strangers | unproven)}")
    return Types(
        id=row["id"],
        name=row["name"],
        package=row["package"],
        version=row["version"],
        python=tuple(row["python"]),
        make=dict(row["make"]),
        defects=defects,
        why=row["why"],
    )


def load_types(path: Path = TYPES) -> list[Types]:
    """Every package, in the order of the table."""
    return [_types(row) for row in rows_of(path, "types")]
