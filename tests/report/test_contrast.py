"""The page's colours can be read by everybody: WCAG AA in both schemes and on paper."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

STYLE = (Path(__file__).parents[2] / "src/report/static/report.css").read_text("utf-8")
PLAIN, DARK, PRINT = re.findall(r":root \{(.*?)\}", STYLE, re.S)

TEXT = 4.5
GRAPHICS = 3.0
PAIRS = [
    *[(ink, paper, TEXT) for ink in ("ink", "quiet", "link") for paper in ("paper", "sheet")],
    *[(ink, "paper", TEXT) for ink in ("over", "leak", "maybe", "clean")],
    *[(ink, f"{ink}-bg", TEXT) for ink in ("over", "leak", "maybe", "clean")],
    *[("ink", fill, TEXT) for fill in ("ext", "py", "int", "line")],
    # Pages of module audits: answers in folded sections, and roots of chains.
    *[(ink, "sheet", TEXT) for ink in ("leak", "maybe", "clean")],
    *[("ink", fill, TEXT) for fill in ("maybe-bg", "leak-bg", "py", "paper", "sheet")],
    *[(mark, "sheet", GRAPHICS) for mark in ("bar", "leak", "maybe")],
    *[(mark, "paper", GRAPHICS) for mark in ("bar", "over", "quiet")],
]


def colours(*sheets: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for sheet in sheets:
        found.update(re.findall(r"--([\w-]+): (#[0-9a-f]+)", sheet))
    return found


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(c * 2 for c in colour[1:])
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_the_measure_itself() -> None:
    assert contrast("#000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#fff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("ink, paper, least", PAIRS)
@pytest.mark.parametrize(
    "scheme", [(PLAIN,), (PLAIN, DARK), (PLAIN, PRINT)], ids=["light", "dark", "print"]
)
def test_contrast(scheme: tuple[str, ...], ink: str, paper: str, least: float) -> None:
    palette = colours(*scheme)
    assert contrast(palette[ink], palette[paper]) >= least, (palette[ink], palette[paper])
