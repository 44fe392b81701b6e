"""The data files about the interpreter's own caches."""

from __future__ import annotations

import subprocess
import sys

import pytest
from refaudit._known import caches

VERSIONS = [f"3.{minor}" for minor in range(10, 16)]


@pytest.mark.parametrize("version", VERSIONS)
def test_each_version_has_its_file_and_each_entry_its_reason(version: str) -> None:
    entries = caches.entries(version)
    assert entries
    for entry in entries:
        assert set(entry) == {"when", "rule", "type", "most", "reason"}
        assert entry["when"] in ("single-run", "coverage") and len(entry["reason"]) > 40
    about = [(entry["when"], entry["rule"], entry["type"]) for entry in entries]
    assert len(set(about)) == len(about)


def test_of_another_version_nothing_is_known() -> None:
    assert caches.entries("3.99") == ()


def test_an_entry_is_about_one_thing_and_not_about_many() -> None:
    finding = {"rule": "RA103", "type_name": "str", "total": 1}
    assert caches.entry_of(finding, "single-run") is not None
    assert caches.entry_of(finding | {"total": 2}, "single-run") is None
    assert caches.entry_of(finding | {"type_name": "list"}, "single-run") is None
    assert caches.entry_of(finding, "coverage") is None


def test_importing_refaudit_reads_none_of_it() -> None:
    code = (
        "import sys, refaudit; print([n for n in sys.modules if n.startswith('refaudit._known')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
