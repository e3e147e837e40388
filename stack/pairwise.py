"""Pairwise combination of axes, some of whose values exclude each other."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from allpairspy import AllPairs  # type: ignore[import-untyped]  # it ships no types

T = TypeVar("T")


def pairwise(axes: Sequence[Sequence[T]], admissible: Callable[[Sequence[T]], bool]) -> Iterator[list[T]]:
    """Give rows, one value of each axis, until each pair of values that an admissible row can hold was in one.

    `admissible` is asked about longer and longer beginnings of a row, in the order of the axes. Values of one
    axis are told apart by identity.
    """
    wanted: dict[int, T] = {}

    def acceptable(row: Sequence[T]) -> bool:
        return all(row[n] is value for n, value in wanted.items() if n < len(row)) and admissible(row)

    rows = AllPairs(axes, filter_func=acceptable)
    covered = set()
    for row in rows:
        covered |= _pairs(row)
        yield row
    # AllPairs stops at the first row that it finds nothing new in, whatever it could still cover. It goes on
    # when it is led to a pair that is left.
    for (n, left), (m, right) in itertools.combinations(enumerate(axes), 2):
        for a, b in itertools.product(left, right):
            if ((n, id(a)), (m, id(b))) not in covered:
                wanted = {n: a, m: b}
                for row in itertools.islice(rows, 1):
                    covered |= _pairs(row)
                    yield row


def _pairs(row: Sequence[T]) -> set[tuple[tuple[int, int], ...]]:
    return set(itertools.combinations(((n, id(value)) for n, value in enumerate(row)), 2))
