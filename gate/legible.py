"""Untrusted text as a terminal may print it and a person takes it in."""

from __future__ import annotations

from collections.abc import Iterator

from evidence.console import escape
from policies.reading import printable

CUT = 300
"""How many characters of a text a person takes in."""

_LINES = 10


def legible(text: str, cut: int = CUT) -> str:
    """Return a text without control characters, with its markup as it stands, and cut where it is long."""
    shown = printable(text)
    return escape(shown if len(shown) <= cut else f"{shown[:cut]}…")


def legible_lines(text: str) -> Iterator[str]:
    """Return the first lines of a text, each as `legible` has it."""
    lines = text.splitlines()
    yield from map(legible, lines[:_LINES])
    if len(lines) > _LINES:
        yield f"… and {len(lines) - _LINES:,} more lines"
