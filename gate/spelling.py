"""What stands in a template as findings are known by it: by construct paths, for logical ids may change alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from evidence.paths import way
from policies.reading import InputError, read_document
from policies.scopes import part_judged
from policies.waiving import TEMPLATE, spelt
from scanners.places import Place

_ENTRY = 2
"""How deep the entries of a template's sections are: a resource, a parameter, an output."""
_WORD = re.compile("(?<![A-Za-z0-9])(?<!::)[A-Za-z0-9]+")
"""What can be a logical id: behind `::` it is part of a type's name, which an id may be like."""


class Spelling:
    """A template's values as fingerprints are made of them, each spelt once; `paths` are by logical id."""

    def __init__(self, source: bytes, paths: Mapping[str, str]) -> None:
        self._paths = paths
        self._document = _document(source)
        self._spelt: dict[tuple[str | int, ...], str] = {}

    def at(self, place: Place | None, scanner: str, rule: str) -> str:
        """Return what of a template a finding is about: of the resource that the place is in, what the rule judges.

        Of a place within a resource the way there and what stands there count as well; of one elsewhere, the way and
        all of the parameter, output or other entry that it is in. Where no place is told, or none but the template, it
        is all of that: what cannot be narrowed to one entry is known by more.
        """
        path = "$" if place is None or place.path == "$.Resources" else place.path
        steps = way(path) or ()
        if not steps:
            return self._once(("$",), lambda: _deployed(self._document))
        if place is None or place.logical_id is None:
            entry = steps[:_ENTRY]
            return f"{self._spell(list(steps))}, {self._once(entry, lambda: self._held(entry))}"
        within = steps[_ENTRY:]
        resource = self._once(
            ("judged", place.logical_id, scanner, rule), lambda: part_judged(scanner, rule, self._held(steps[:_ENTRY]))
        )
        # What is on the line of a resource's type is about the resource.
        if within in {(), ("Type",)}:
            return resource
        return f"{self._spell(list(within))}, {self._once(steps, lambda: self._held(steps))}, {resource}"

    def _held(self, steps: Iterable[str | int]) -> object:
        held: Any = self._document
        for step in steps:
            held = held[step]  # the place is of this document
        return held

    def _spell(self, value: object) -> str:
        return spelt_by_paths(value, self._paths)

    def _once(self, key: tuple[str | int, ...], value: Callable[[], object]) -> str:
        if key not in self._spelt:
            self._spelt[key] = self._spell(value())
        return self._spelt[key]


def spelt_by_paths(value: object, paths: Mapping[str, str]) -> str:
    """Return JSON as fingerprints are made of it, with construct paths for logical ids."""
    return spelt(_renamed(value, paths))


def by_paths(text: str, paths: Mapping[str, str]) -> str:
    """Return a text with construct paths for logical ids, be they part of it, as in `${Table.Arn}`."""
    return _WORD.sub(lambda word: paths.get(word[0], word[0]), text)


def _renamed(value: object, paths: Mapping[str, str]) -> object:
    if isinstance(value, dict):
        return {by_paths(key, paths): _renamed(member, paths) for key, member in value.items()}
    if isinstance(value, list):
        return [_renamed(item, paths) for item in value]
    return by_paths(value, paths) if isinstance(value, str) else value


def _document(source: bytes) -> object:
    try:
        return read_document(source, TEMPLATE)
    except InputError:
        return None


def _deployed(document: object) -> object:
    """Return a template without metadata."""
    if not isinstance(document, dict) or not isinstance(document.get("Resources"), dict):
        return document
    bare = {
        name: {key: value for key, value in one.items() if key != "Metadata"} if isinstance(one, dict) else one
        for name, one in document["Resources"].items()
    }
    return {name: value for name, value in document.items() if name != "Metadata"} | {"Resources": bare}
