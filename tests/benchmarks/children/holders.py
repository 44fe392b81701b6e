"""Fills blocks of memory and times the search for 1,000 suspects in them.

``python holders.py MEGABYTES CONTENTS``; prints one line of JSON. Each suspect is pointed to once.
"""

from __future__ import annotations

import array
import json
import random
import sys
import time

import refaudit
from refaudit import _refaudit

SUSPECTS, BLOCK = 1_000, 1 << 20
WORDS = BLOCK // 8
OTHERS = [object() for _ in range(1_000)]


def filling(contents: str, chance: random.Random) -> bytes:
    """One block of chance, or of addresses of objects that are no suspects."""
    if contents == "bytes":
        return chance.randbytes(BLOCK)
    return array.array("Q", [id(chance.choice(OTHERS)) for _ in range(WORDS)]).tobytes()


def main() -> None:
    """Build, search, and copy for comparison."""
    megabytes, contents = int(sys.argv[1]), sys.argv[2]
    chance = random.Random(7)
    text = filling(contents, chance)
    with refaudit.track():  # blocks are known that are born in an audit
        suspects = [object() for _ in range(SUSPECTS)]
        blocks = [bytearray(text) for _ in range(megabytes)]
    addresses = [id(suspect) for suspect in suspects]
    for address in addresses:
        at = 8 * chance.randrange(1, WORDS)
        chance.choice(blocks)[at : at + 8] = address.to_bytes(8, "little")

    seconds, found = min(_refaudit._benchmark_holders(addresses) for _ in range(3))
    target = bytearray(BLOCK)
    started = time.perf_counter()
    for block in blocks:
        target[:] = block
    copy = time.perf_counter() - started
    # Two that were written to one place are found once.
    assert SUSPECTS * 0.98 <= found <= SUSPECTS * 1.02, found
    print(
        json.dumps({"tool": seconds, "copy": copy, "searched": megabytes * BLOCK, "found": found})
    )


if __name__ == "__main__":
    main()
