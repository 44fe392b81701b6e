"""Instances made and dropped, and what the type gained by that."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterable
from typing import Any

from refaudit import _audit

#: Seconds that making the instances of one ledger may take, about.
_SECONDS = 0.2
#: Not fewer instances than these are made.
_LEAST = 8


class SameInstance(Exception):
    """The type hands out one instance again and again."""


class Ledger:
    """References that a type gained while instances were alive, and after they were dropped."""

    def __init__(self, kind: type, make: Callable[[], Any], is_gc: bool) -> None:
        self._kind, self._make, self._is_gc = kind, make, is_gc
        self._births: list[tuple[int, int]] = []

    def run(self, most: int, targets: Iterable[int] = ()) -> dict[str, Any]:
        """Make and drop two rounds of instances. Raises what making one raises, `SameInstance`."""
        number = self._affordable(most)
        addresses = [id(self._kind), *targets]
        before = _counts(addresses)
        made = [self._make() for _ in range(number)]
        self._births = [_audit.core().identify(one) for one in made]
        if len({address for address, _ in self._births}) < number:
            raise SameInstance
        alive = _counts(addresses)
        untracked = sum(1 for address in map(gc.is_tracked, made) if not address)
        made.clear()
        parked = self._parked()
        left = _counts(addresses)
        self._survivors()
        again = [self._make() for _ in range(number)]
        again.clear()
        second = _counts(addresses)
        return {
            "made": number,
            "immortal": before[0] is None,
            "gained": _difference(before[0], alive[0]),
            "left": _difference(before[0], left[0]),
            "left_again": _difference(left[0], second[0]),
            "survivors": self._survivors(),
            "parked": len(parked),
            "parked_tracked": sum(parked),
            "untracked": untracked,
            "of_targets": [
                None if old is None or new is None else round((new - old) / number)
                for old, new in zip(before[1:], alive[1:], strict=True)
            ],
        }

    def collected(self, found: dict[str, Any]) -> None:
        """After a collection: what is left now, of instances that only the collector could free."""
        found["survivors"] = self._survivors()

    def _affordable(self, most: int) -> int:
        started = time.perf_counter()
        for _ in range(3):
            self._make()
        each = (time.perf_counter() - started) / 3
        return max(_LEAST, min(most, int(_SECONDS / max(each, 1e-9))))

    def _parked(self) -> list[bool]:
        """Of each dead instance whose block is still there, whether the collector tracks it."""
        found = (_audit.core().parked(address, self._is_gc) for address in self._blocks())
        return [tracked for tracked in found if tracked is not None]

    def _blocks(self) -> list[int]:
        core = _audit.core()
        return [a for a, serial in self._births if serial and core.is_alive(a, serial)]

    def _survivors(self) -> int:
        """How many instances of the first round are still alive, and in no free list."""
        return len(self._blocks()) - len(self._parked())


def _counts(addresses: list[int]) -> list[int | None]:
    return list(_audit.core().reference_counts(addresses))


def _difference(old: int | None, new: int | None) -> int | None:
    return None if old is None or new is None else new - old
