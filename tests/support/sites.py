"""Where the catalogue says that something was born: the marked line of a fixture's source."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from .building import EXTENSIONS, source_of
from .catalogue import Case


class MarkFailure(Exception):
    """A mark that is missing from its source, or there more than once."""


def site_source(case: Case) -> Path:
    """The file that the site is in: the module's own source unless the case names another."""
    return EXTENSIONS / case.site_file if case.site_file else source_of(case.module)


def site_line(case: Case) -> int:
    """The line, from 1, that ends with `SITE <mark>`."""
    return marked_line(site_source(case), case.site_mark or case.site)


@cache
def marked_line(source: Path, mark: str) -> int:
    """The one line of a file with this mark."""
    wanted = re.compile(rf"\bSITE {re.escape(mark)}(?!\w)")
    lines = source.read_text(encoding="utf-8").splitlines()
    found = [number for number, text in enumerate(lines, 1) if wanted.search(text)]
    if len(found) != 1:
        raise MarkFailure(f"{source.name} has {len(found)} lines marked SITE {mark}")
    return found[0]


def is_function(name: str, wanted: str) -> bool:
    """Whether a demangled name is this function: bare, qualified, or with its parameters.

    `cyleaks.leaky_copy`, `make_thing()`, `__pyx_pf_7cyleaks_10leaky_copy`, `fill.constprop.0` and
    `pyo3leaks::native::boxed::h0123456789abcdef` are what compilers and languages make of a name.
    """
    end = r"($|[(<\[.]|::h[0-9a-f]{16}$)"
    return re.search(rf"(?<![A-Za-z]){re.escape(wanted)}{end}", name) is not None
