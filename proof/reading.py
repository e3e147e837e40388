"""Which places of a template a rule reads, found by watching the template while the rule runs.

The rules see objects and lists that behave as any others and take note of what is taken from them; so nothing has to be
said of a rule by hand, and nothing is changed in how it reads.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, SupportsIndex

from proof.places import ROOT, Document, Place


@dataclass(frozen=True, slots=True)
class Reading:
    """The places that were read: those where something stands, and those where something was looked for in vain."""

    present: set[Place] = field(default_factory=set)
    absent: set[Place] = field(default_factory=set)

    def forget(self) -> None:
        """Begin anew."""
        self.present.clear()
        self.absent.clear()


def watched(document: Document, reading: Reading) -> Document:
    """Return a template that is equal to another and notes what is read of it."""
    watching: Document = _watched(document, ROOT, reading)
    return watching


def is_function(value: object) -> bool:
    """Tell a call of an intrinsic function, which is one value whatever it is made of."""
    return isinstance(value, dict) and len(value) == 1 and all(map(_names_function, value))


def _names_function(key: str) -> bool:
    return key == "Ref" or key.startswith("Fn::")


def _watched(value: object, place: Place, reading: Reading) -> Any:
    # What a call of a function is made of is read with it.
    if isinstance(value, Mapping) and not is_function(value):
        return _Object(value, place, reading)
    if isinstance(value, list):
        return _List(value, place, reading)
    return value


class _Object(dict[str, Any]):
    def __init__(self, held: Mapping[str, object], place: Place, reading: Reading) -> None:
        super().__init__({key: _watched(value, (*place, key), reading) for key, value in held.items()})
        self._place = place
        self._reading = reading

    def __getitem__(self, key: str) -> Any:
        self._note(key)
        return super().__getitem__(key)

    def get(self, key: str, default: Any = None) -> Any:
        self._note(key)
        return super().get(key, default)

    def items(self) -> Any:
        self._note(*self)
        return super().items()

    def values(self) -> Any:
        self._note(*self)
        return super().values()

    def _note(self, *keys: str) -> None:
        for key in keys:
            if key in self:
                self._reading.present.add((*self._place, key))
            elif not _names_function(key):
                self._reading.absent.add((*self._place, key))


class _List(list[Any]):
    def __init__(self, held: list[object], place: Place, reading: Reading) -> None:
        super().__init__(_watched(value, (*place, i), reading) for i, value in enumerate(held))
        self._places = [(*place, i) for i in range(len(held))]
        self._reading = reading

    def __getitem__(self, index: SupportsIndex | slice) -> Any:
        chosen = self._places[index]
        self._reading.present.update(chosen if isinstance(chosen, list) else [chosen])
        return super().__getitem__(index)

    def __iter__(self) -> Iterator[Any]:
        for place, value in zip(self._places, super().__iter__(), strict=True):
            self._reading.present.add(place)
            yield value
