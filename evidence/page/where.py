"""Where a scenario fails, in words: the values of one or two axes, if these alone say it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any, NamedTuple

from evidence.page.axes import UNSET, Axis, plain, read_axes

_BAD = {"error", "non-compliant", "undetermined"}
_MOST_VALUES = 2
"""So many values of one axis a reader takes in at once."""

_MOST_AXES = 40


class _Among(NamedTuple):
    """The values of an axis that the failing contexts have, in words, and a bit for each context that has them."""

    words: str
    bits: int


def failing(document: Mapping[str, Any]) -> list[str | None]:
    """Return for each scenario where it fails, such as `in exactly the contexts with stage prod and deployVpc true`.

    None where it fails in none, or where the values of two axes are not enough to say it. Contexts that are to be
    refused do not count, nor those in which the scenario was not judged.
    """
    contexts = document["contexts"]
    admitted: list[int] = []
    judged, bad = ([0] * len(document["scenarios"]) for _ in range(2))
    for place, context in enumerate(contexts):
        if context["refused"]:
            continue
        admitted.append(place)
        for column, outcome in enumerate(context["outcomes"]):
            judged[column] |= (outcome is not None) << place
            bad[column] |= (outcome in _BAD) << place
    axes = [(axis, _bits_of_values(axis, admitted)) for axis in read_axes(document["axes"], contexts)]
    return [_where(axes, *each) for each in zip(judged, bad, strict=True)]


def _bits_of_values(axis: Axis, places: Iterable[int]) -> dict[int, int]:
    bits: dict[int, int] = {}
    for place in places:
        value = axis.places[place]
        bits[value] = bits.get(value, 0) | 1 << place
    return bits


def _where(axes: Sequence[tuple[Axis, dict[int, int]]], judged: int, bad: int) -> str | None:
    if not bad:
        return None
    if bad == judged:
        return "in every context in which it was judged"
    among = list(_among(axes, judged, bad))[:_MOST_AXES]
    for one in among:
        if one.bits == bad:
            return f"in exactly the contexts with {one.words}"
    for one, other in combinations(among, 2):
        if one.bits & other.bits == bad:
            return f"in exactly the contexts with {one.words} and {other.words}"
    return None


def _among(axes: Sequence[tuple[Axis, dict[int, int]]], judged: int, bad: int) -> Iterator[_Among]:
    """Give for each axis that says something the values that the failing contexts have."""
    for axis, values in axes:
        had = {value: bits for value, bits in values.items() if bits & bad}
        bits = sum(had.values()) & judged  # no context has two values of an axis
        words = dict.fromkeys("unset" if value == UNSET else plain(axis.values[value]) for value in sorted(had))
        if bits != judged and len(words) <= _MOST_VALUES:
            yield _Among(f"{axis.label} {' or '.join(words)}", bits)
