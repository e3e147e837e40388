"""Sequences that are made as they are read."""

from __future__ import annotations

import pytest

from evidence.sequences import Made


def test_items_are_made_when_they_are_asked_for() -> None:
    """Each by its number, as often as it is read; a part of them is made so, too."""
    asked: list[int] = []

    def make(number: int) -> str:
        asked.append(number)
        return "abcde"[number]

    made = Made(5, make)

    assert (len(made), asked) == (5, [])
    assert (made[0], made[-1], asked) == ("a", "e", [0, 4])
    part = made[3:0:-1]
    assert (len(part), asked) == (3, [0, 4])
    assert (list(part), part[1:][0], asked) == (["d", "c", "b"], "c", [0, 4, 3, 2, 1, 2])
    with pytest.raises(IndexError):
        made[5]


def test_it_equals_what_has_the_same_items() -> None:
    """Of any kind of sequence; neither another length nor another item will do."""
    made = Made(3, lambda number: number)

    assert made == [0, 1, 2]
    assert made == (0, 1, 2)
    assert made == Made(3, lambda number: number * 1)
    assert hash(made) == hash((0, 1, 2))
    assert made != [0, 1]
    assert made != [0, 1, 3]
    assert made != {0, 1, 2}
    assert not Made(0, lambda number: number)
