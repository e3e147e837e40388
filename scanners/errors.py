"""What a SARIF log contradicts itself in, and where."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class ContradictionError(Exception):
    """A log refers to what it does not hold, or says one thing and another of the same; `place` is the path to it."""

    def __init__(self, problem: str, place: str = "") -> None:
        super().__init__(problem, place)
        self.problem = problem
        self.place = place

    def __str__(self) -> str:
        return f"{self.place}: {self.problem}"


@contextmanager
def within(place: str) -> Iterator[None]:
    """Say of what goes wrong that it is there."""
    try:
        yield
    except ContradictionError as error:
        raise ContradictionError(error.problem, place + error.place) from None
