"""What stands around a finding's place in its template: enough to see it, and little enough for a page."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from policies.nodes import child
from policies.parameters import scalar
from policies.template import Template

MAX_LENGTH = 8_000
"""The most characters of an excerpt, as JSON in ASCII."""

LEFT_OUT = "…"
"""Stands for what an excerpt leaves out."""

_ELEMENT = 2
"""How far down the elements of a template's sections are: a resource, an output, a parameter."""

_MAX_WAY = 40
"""How far down an excerpt follows a path."""

_LEVELS = (12, 4, 2, 1, 0, -1)
"""How many levels are shown of what does not lead to the path, the most first; at -1 not even a string of it is."""


@dataclass(frozen=True, slots=True)
class Excerpt:
    """JSON that stands in a template, secrets hidden; `at` is the JSONPath of its place there."""

    at: str
    value: object


def excerpt(template: Template, path: str) -> Excerpt | None:
    """Return the resource, or other element of a section, that a path leads into, or as near to it as it leads.

    There is none for the path of another template. What makes it longer than `MAX_LENGTH` is left out, what leads to
    the path last of all.
    """
    if not path.startswith("$"):
        return None
    at = "$"
    value: object = template.document
    keys: list[object] = []
    for depth, (key, place, member) in enumerate(_way(template.document, path), 1):
        if depth <= _ELEMENT:
            at, value = place, member
        else:
            keys.append(key)
    for levels in _LEVELS:
        shown = _shown(template, value, keys, levels)
        if len(json.dumps(shown)) <= MAX_LENGTH:
            return Excerpt(at, shown)
    return Excerpt(at, LEFT_OUT)


def _way(value: object, path: str) -> Iterator[tuple[object, str, object]]:
    """Return key, path and value of each member that leads to a path, from the top down, as far as it leads."""
    here = "$"
    for _ in range(_MAX_WAY):
        for key, place, member in _members(value, here):
            if path.startswith(place) and path[len(place) :][:1] in {"", ".", "["}:
                yield key, place, member
                here, value = place, member
                break
        else:
            return


def _members(value: object, path: str) -> Iterable[tuple[object, str, object]]:
    if isinstance(value, dict):
        return ((key, child(path, key), member) for key, member in value.items())
    if isinstance(value, list):
        return ((i, f"{path}[{i}]", member) for i, member in enumerate(value))
    return ()


def _shown(template: Template, value: object, keys: list[object], levels: int) -> object:
    """Return a value with all that leads to what stands under `keys`, and so many levels of all else."""

    def member(key: object, held: object) -> object:
        if keys and key == keys[0]:
            return _shown(template, held, keys[1:], levels)
        return LEFT_OUT if levels < 0 else _shown(template, held, [], levels - 1)

    match value:
        case dict() | list() if value and not keys and levels <= 0:
            return LEFT_OUT
        case dict():
            return {template.without_secrets(key): member(key, held) for key, held in value.items()}
        case list():
            return [member(i, held) for i, held in enumerate(value)]
        case str():
            return template.without_secrets(value)
    text = scalar(value)
    masked = template.without_secrets(text)
    return value if masked == text else masked
