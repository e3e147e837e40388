"""Findings that several rules make alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from policies.errors import UndeterminedError
from policies.model import Finding, Outcome

T = TypeVar("T")


def undetermined(error: UndeterminedError) -> Finding:
    """Return the finding that the template alone cannot say."""
    return Finding(error.reason, error.path or "", outcome=Outcome.UNDETERMINED)


def for_each(items: Iterable[T], check: Callable[[T], Iterator[Finding]]) -> Iterator[Finding]:
    """Check each of several things, so that one of which nothing is known hides no violation of another."""
    for item in items:
        try:
            yield from check(item)
        except UndeterminedError as error:
            yield undetermined(error)
