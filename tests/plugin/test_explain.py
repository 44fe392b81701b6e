"""`--refaudit-explain`: leaking tests run once more, and their findings name the line."""

from __future__ import annotations

from pathlib import Path

import pytest

TESTS = """
import sys
sys.path.insert(0, {folder!r})
import references

RUNS = []

def test_leaks():
    RUNS.append(1)
    references.leaky_argument(Thing())

def test_clean():
    references.clean_argument(Thing())

def test_runs():
    print("runs:", len(RUNS))
"""


@pytest.fixture
def project(inner, extension):
    inner.write(test_explained=TESTS.format(folder=str(Path(extension("references")).parent)))
    return inner


@pytest.mark.parametrize(
    "how", [("--refaudit-explain",), ("-o", "refaudit_explain=true")], ids=["option", "ini"]
)
def test_the_line_that_took_the_reference_is_named(project, how):
    result = project.run(*how)
    assert result.parseoutcomes() == {"passed": 3, "leaked": 1}
    (finding,) = project.document["findings"]
    ledger = finding["ledger"]
    assert ledger["sampled"]["watched"] == ledger["sampled"]["of"] == 3
    assert ledger["account"] == "named"
    place = ledger["places"][0]["frame"]
    assert (place["function"], Path(place["file"]).name) == ("leaky_argument", "references.c")
    assert ledger["history"]
    result.stdout.fnmatch_lines("*probably taken by Py_INCREF at leaky_argument *references.c:*")


def test_nobody_is_watched_unasked(project):
    project.run()
    (finding,) = project.document["findings"]
    assert finding["ledger"] is None


def test_a_marker_asks_for_one_test(inner, extension):
    folder = str(Path(extension("references")).parent)
    text = TESTS.format(folder=folder).replace(
        "def test_leaks", "@pytest.mark.refaudit(explain=True)\ndef test_leaks"
    )
    inner.write(test_marked=text)
    inner.run()
    (finding,) = inner.document["findings"]
    assert finding["ledger"]["account"] == "named"
