"""Sequences of which nothing but their items' numbers is kept."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar, overload

_Item_co = TypeVar("_Item_co", covariant=True)


class Made(Sequence[_Item_co]):
    """So many items, each made by its number from 0 whenever it is asked for, and held by nobody else.

    It equals any sequence of equal items.
    """

    def __init__(self, length: int, make: Callable[[int], _Item_co]) -> None:
        self._numbers = range(length)
        self._make = make

    def __len__(self) -> int:
        return len(self._numbers)

    @overload
    def __getitem__(self, place: int) -> _Item_co: ...

    @overload
    def __getitem__(self, place: slice) -> Made[_Item_co]: ...

    def __getitem__(self, place: int | slice) -> _Item_co | Made[_Item_co]:
        if isinstance(place, int):
            return self._make(self._numbers[place])
        numbers = self._numbers[place]
        return Made(len(numbers), lambda number: self._make(numbers[number]))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and len(self) == len(other) and all(map(operator.eq, self, other))

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __iter__(self) -> Iterator[_Item_co]:
        return map(self._make, self._numbers)
