"""The table of packages whose modules are dropped, ``modules.toml``, as Python objects."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .observation import CLASSES
from .table import FOLDER, rows_of

MODULES = FOLDER / "modules.toml"


@dataclass(frozen=True)
class Subject:
    """A package of one version: what to import, and the verdict on each of its extension modules."""

    id: str
    name: str
    package: str
    version: str
    python: tuple[str, ...]
    expect: dict[str, str]
    why: str
    breaks: tuple[str, ...]


def _subject(row: dict[str, Any]) -> Subject:
    """One row; a missing field is an error, never a default that hides it."""
    expect = dict(row["expect"])
    unknown = set(expect.values()) - set(CLASSES)
    if unknown or not expect:
        raise ValueError(f"{row['id']}: expects {sorted(unknown) or 'nothing'}")
    return Subject(
        id=row["id"],
        name=row["name"],
        package=row["package"],
        version=row["version"],
        python=tuple(row["python"]),
        expect=expect,
        why=row["why"],
        breaks=tuple(row.get("breaks", ())),
    )


def load_modules(path: Path = MODULES) -> list[Subject]:
    """Every package, in the order of the table."""
    return [_subject(row) for row in rows_of(path, "module")]
