"""The ways in which a text of which several parts are unknown may become a string."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice

from policies.assumptions import Assumptions
from policies.values import Text, Unknown

MAX_WAYS = 64
"""How many ways are looked at, and how long a string; beyond it, a text just becomes the string or does not."""

_MAX_PARTS = 16

_MayBe = Callable[[str, str], bool]
"""Tells whether the unknown with a key may have a value."""


def ways_to_become(text: Text, value: str, assumed: Assumptions, may_be: _MayBe) -> list[Assumptions] | None:
    """Return the assumptions, beside those made, under each of which a text becomes a string; None: too many."""
    if len(value) > MAX_WAYS or len(text.parts) > _MAX_PARTS:
        return None
    found = [(assumed, value)]
    for part in text.parts:
        longer = (way for so_far, rest in found for way in _begun(so_far, part, rest, may_be))
        found = list(islice(longer, MAX_WAYS + 1))
        if len(found) > MAX_WAYS:
            return None
    return [way for way, rest in found if not rest]


def _begun(assumed: Assumptions, part: str | Unknown, value: str, may_be: _MayBe) -> Iterator[tuple[Assumptions, str]]:
    """Yield what is to be assumed where a part begins a string, and what is left of the string."""
    known = part if isinstance(part, str) else assumed.known(part).literal
    if known is not None and value.startswith(known):
        yield assumed, value[len(known) :]
    if known is None and isinstance(part, Unknown):
        for end in range(len(value) + 1):
            if may_be(part.key, value[:end]):
                yield assumed.assume(part.key, value[:end]), value[end:]
