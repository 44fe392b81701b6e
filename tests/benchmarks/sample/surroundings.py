"""Ten tests with pytest's own fixtures: files, output, logs, patches."""

from __future__ import annotations

import datetime
import logging
import os
import textwrap
from pathlib import Path

import pytest

LOG = logging.getLogger("sample")


@pytest.fixture(params=["utf-8", "utf-16"])
def letter(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, str]:
    """A file in some encoding."""
    path = tmp_path / "letter.txt"
    path.write_text("Grüße\nvon hier", encoding=request.param)
    return path, request.param


def test_read(letter: tuple[Path, str]) -> None:
    path, encoding = letter
    assert path.read_text(encoding=encoding).splitlines() == ["Grüße", "von hier"]


def test_listed(letter: tuple[Path, str]) -> None:
    path, _ = letter
    assert [entry.name for entry in os.scandir(path.parent)] == ["letter.txt"]


def test_output(capsys: pytest.CaptureFixture[str]) -> None:
    print("hello")
    assert capsys.readouterr().out == "hello\n"


def test_log(caplog: pytest.LogCaptureFixture) -> None:
    LOG.warning("%d left", 3)
    assert caplog.messages == ["3 left"]


def test_patched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAMPLE", "1")
    assert os.environ["SAMPLE"] == "1"


def test_wrapped() -> None:
    assert max(map(len, textwrap.wrap("many short words " * 20, 30))) <= 30


@pytest.mark.parametrize("days", [1, 366])
def test_calendar(days: int) -> None:
    first = datetime.date(2024, 1, 1)
    assert (first + datetime.timedelta(days) - first).days == days
