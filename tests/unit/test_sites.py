"""The catalogue's own helpers: names as compilers write them, and marks in sources."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.sites import MarkFailure, is_function, marked_line


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("leaky_malloc", "leaky_malloc"),
        ("leaky_new(_object*, _object*)", "leaky_new"),
        ("pyo3leaks::native::boxed", "boxed"),
        ("pyo3leaks::native::boxed::h0123456789abcdef", "boxed"),
        ("cyleaks.leaky_copy", "leaky_copy"),
        ("__pyx_pf_7cyleaks_10leaky_copy", "leaky_copy"),
        ("cyleaks.LeakyBuffer.__cinit__", "__cinit__"),
        ("fill.constprop.0", "fill"),
    ],
)
def test_a_name_is_the_function(name: str, wanted: str) -> None:
    assert is_function(name, wanted)


@pytest.mark.parametrize("name", ["", "unfill", "filled", "fill_up", "refill(int)"])
def test_another_name_is_not(name: str) -> None:
    assert not is_function(name, "fill")


def test_a_mark_stands_once(tmp_path: Path) -> None:
    source = tmp_path / "source.c"
    source.write_text("int a; /* SITE one */\nint b; /* SITE one_more */\nint c; /* SITE two */\n")
    assert marked_line(source, "one") == 1
    assert marked_line(source, "one_more") == 2
    with pytest.raises(MarkFailure, match="0 lines marked SITE three"):
        marked_line(source, "three")
    twice = tmp_path / "twice.c"
    twice.write_text("/* SITE one */\n/* SITE one */\n")
    with pytest.raises(MarkFailure, match="2 lines"):
        marked_line(twice, "one")
