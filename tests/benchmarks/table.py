"""Markdown tables and the sentence about a goal."""

from __future__ import annotations

from collections.abc import Sequence


def heading(text: str) -> None:
    """Print the heading of one benchmark."""
    print(f"## {text}\n", flush=True)


def table(columns: Sequence[str], rows: Sequence[Sequence[str | float]]) -> None:
    """Print a table; numbers get two places and stand on the right."""
    print("| " + " | ".join(columns) + " |")
    print("| --- |" + " ---: |" * (len(columns) - 1))
    for row in rows:
        print("| " + " | ".join(_cell(value) for value in row) + " |")
    print(flush=True)


def _cell(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:,.2f}"


def goal(what: str, measured: float | None, limit: float, unit: str = "x") -> None:
    """State a goal and whether this run meets it."""
    if measured is None:
        verdict = "not measured"
    else:
        verdict = f"{measured:.2f}{unit}, {'met' if measured <= limit else 'MISSED'}"
    print(f"Goal: {what} at most {limit:g}{unit}: **{verdict}**.\n", flush=True)
