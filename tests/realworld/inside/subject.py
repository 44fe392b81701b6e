"""Turns a case's source text into a function; runs inside the interpreter under test.

Standard library only and Python 3.10, as is everything in this folder.
"""

import json
import os
import sys
import textwrap
import types
from pathlib import Path

#: A real module, so that a class made by the case has a name that a report can give.
MODULE = "realworld_case"


def load(case):
    """Execute the setup, and compile the trigger's statements into a function of no arguments."""
    module = types.ModuleType(MODULE)
    module.__file__ = f"<{case['id']}>"
    sys.modules[MODULE] = module
    source = f"{case['setup']}\n\ndef trigger():\n{textwrap.indent(case['trigger'], '    ')}\n"
    exec(compile(source, module.__file__, "exec"), module.__dict__)
    return module.trigger


def read_case():
    """The case that the harness wrote, and where it wants the answer."""
    source, answer = map(Path, sys.argv[1:3])
    return json.loads(source.read_text(encoding="utf-8")), answer


def write_answer(path, answer):
    """Into a file, since a trigger may print; then leave at once.

    An interpreter whose None was released too often aborts while it finalises.
    """
    path.write_text(json.dumps(answer), encoding="utf-8")
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
