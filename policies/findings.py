"""Findings that several rules make alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TypeVar

from policies.errors import ForkError, UndeterminedError
from policies.exploration import alternatives
from policies.model import Finding, Outcome
from policies.worlds import World

T = TypeVar("T")

_MOST_APART = 64
"""How many worlds are looked at for one thing alone, before they are taken for worlds of all."""


def undetermined(error: UndeterminedError) -> Finding:
    """Return the finding that the template alone cannot say."""
    return Finding(error.reason, error.path or "", outcome=Outcome.UNDETERMINED)


def for_each_apart(
    world: World, items: Iterable[T], check: Callable[[World, T], Iterator[Finding]]
) -> Iterator[Finding]:
    """Check each of several things that have nothing to do with each other.

    One that holds in all worlds makes no worlds for the others: what is open of it is found out for it alone.
    """
    for item in items:
        found: list[Finding] = []
        try:
            found.extend(check(world, item))
        except UndeterminedError as error:
            found.append(undetermined(error))
        except ForkError:
            if alternatives(world, partial(_holds, check, item), _MOST_APART) == [True]:
                continue
            raise
        yield from found


def _holds(check: Callable[[World, T], Iterator[Finding]], item: T, world: World) -> bool:
    return not any(check(world, item))


def for_each(items: Iterable[T], check: Callable[[T], Iterator[Finding]]) -> Iterator[Finding]:
    """Check each of several things, so that one of which nothing is known hides no violation of another."""
    for item in items:
        try:
            yield from check(item)
        except UndeterminedError as error:
            yield undetermined(error)
