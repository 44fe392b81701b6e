"""``python tests/exam/run.py``: starts the command as a module of its package."""

import importlib
import sys
from pathlib import Path

if __name__ == "__main__":
    # The script's own folder would offer `table` and the like as top-level modules.
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    sys.exit(importlib.import_module("exam.command").main())
