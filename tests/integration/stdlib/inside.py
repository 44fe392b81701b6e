"""Audits one sample in a fresh interpreter: ``inside.py MODULE FUNCTION ANSWER``."""

import importlib
import json
import sys
from pathlib import Path

import refaudit

#: The default, and the least that can still tell a cache from a leak.
REPETITIONS = ({}, {"warmup": 1, "runs": 2})


def main():
    """One audit after the other, in the same process: the first may not disturb the second."""
    module, function, answer = sys.argv[1:4]
    sample = getattr(importlib.import_module(module), function)
    documents = [refaudit.check(sample, **repetition).document for repetition in REPETITIONS]
    Path(answer).write_text(json.dumps(documents), encoding="utf-8")


main()
