"""`snapshot`: counts of all objects by type, in the manner of tracemalloc."""

from __future__ import annotations

from dataclasses import dataclass

from refaudit import _audit


@dataclass(frozen=True)
class Statistic:
    """Objects of one type, and how that changed."""

    type_name: str
    #: Objects, and the change of it.
    count: int
    count_diff: int
    #: Sum of unexplained references, and the change of it.
    unexplained: int
    unexplained_diff: int
    #: Shallow bytes, and the change of it.
    size: int
    size_diff: int


class Snapshot:
    """A moment: for every type the number of objects, unexplained references and bytes."""

    def __init__(self, rows: list[tuple[str, int, int, int]]) -> None:
        self._rows = {name: (count, unexplained, size) for name, count, unexplained, size in rows}

    def statistics(self) -> list[Statistic]:
        """All types, largest first."""
        return self.compare_to(Snapshot([]))

    def compare_to(self, old: Snapshot) -> list[Statistic]:
        """Types that changed since an older snapshot, largest change first."""
        changed = []
        for name in self._rows.keys() | old._rows.keys():
            new_row = self._rows.get(name, (0, 0, 0))
            old_row = old._rows.get(name, (0, 0, 0))
            if new_row != old_row:
                diff = [new - before for new, before in zip(new_row, old_row, strict=True)]
                changed.append(
                    Statistic(name, new_row[0], diff[0], new_row[1], diff[1], new_row[2], diff[2])
                )
        changed.sort(key=lambda s: (-abs(s.unexplained_diff), -abs(s.size_diff), s.type_name))
        return changed


def snapshot() -> Snapshot:
    """Settle the interpreter and count every object by type."""
    _audit.ensure_installed()
    return Snapshot(_audit.core().statistics())
