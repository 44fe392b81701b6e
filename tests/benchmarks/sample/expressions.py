"""Ten tests of regular expressions."""

from __future__ import annotations

import re

import pytest

DATE = re.compile(r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)")
WORD = re.compile(r"\w+")


@pytest.mark.parametrize("text", ["2024-02-29", "1999-12-31", "0001-01-01", "2030-06-15"])
def test_date(text: str) -> None:
    found = DATE.fullmatch(text)
    assert found is not None
    assert "-".join(found.groups()) == text


@pytest.mark.parametrize("text", ["24-02-29", "1999/12/31", ""])
def test_no_date(text: str) -> None:
    assert DATE.fullmatch(text) is None


class TestWords:
    text = "it was a dark and stormy night, and the rain fell in torrents"

    def test_all(self) -> None:
        assert len(WORD.findall(self.text)) == 13

    def test_replaced(self) -> None:
        assert WORD.sub(lambda word: word[0].upper(), self.text).isupper()

    def test_split(self) -> None:
        assert re.split(r"[ ,]+", self.text)[-1] == "torrents"
