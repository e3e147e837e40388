"""Places in a template, and templates that differ in one place; what does not differ is shared, so that none is copied.

Whoever reads such a template leaves it as it is, as rules do.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from policies.nodes import child

Place = tuple[str | int, ...]
"""The keys and indices that lead from a template to something in it."""

Document = Mapping[str, Any]
"""A template, as JSON."""

ROOT: Place = ()


def json_path(place: Place) -> str:
    """Return the JSONPath (RFC 9535) of a place."""
    path = "$"
    for key in place:
        path = child(path, key) if isinstance(key, str) else f"{path}[{key}]"
    return path


def value_at(document: Document, place: Place) -> Any:
    """Return what stands at a place. Raises `LookupError` where nothing does."""
    value: Any = document
    for key in place:
        value = value[key]
    return value


def put(document: Document, place: Place, value: object) -> Document:
    """Return a template that holds a value at a place; objects on the way are made, a list grows by its next index."""
    changed: Document = _put(document, place, value)
    return changed


def drop(document: Document, place: Place) -> Document:
    """Return a template without what stands at a place. Raises `LookupError` where nothing does."""
    *above, last = place
    held = value_at(document, tuple(above))
    kept: object
    if isinstance(held, list):
        kept = [item for i, item in enumerate(held) if i != last]
    else:
        kept = {key: item for key, item in held.items() if key != last}
    return put(document, tuple(above), kept)


def _put(held: Any, place: Place, value: object) -> Any:
    if not place:
        return value
    key, *rest = place
    if isinstance(key, int):
        item = held[key] if key < len(held) else {}
        return [*held[:key], _put(item, tuple(rest), value), *held[key + 1 :]]
    return {**held, key: _put(held.get(key, {}), tuple(rest), value)}
