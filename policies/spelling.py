"""What a value can be spelled as, whatever the conditions of the template are, where that is too much to list."""

from __future__ import annotations

from collections.abc import Iterable


def pieces(raw: object) -> frozenset[str] | None:
    """Return the strings that a value is put together from, or None where not all of them are spelled out."""
    match raw:
        case str() if "{{" not in raw:  # a dynamic reference
            return frozenset({raw})
        case {"Ref": "AWS::NoValue", **rest} if not rest:
            return frozenset()
        case {"Fn::If": [_, *stated], **rest} if not rest:
            return _all_pieces(stated)
        case {"Fn::Join": [str(separator), list(items)], **rest} if not rest:
            return _all_pieces([separator, *items])
    return None


def _all_pieces(raws: Iterable[object]) -> frozenset[str] | None:
    found: frozenset[str] = frozenset()
    for raw in raws:
        of_one = pieces(raw)
        if of_one is None:
            return None
        found |= of_one
    return found


def can_spell(parts: frozenset[str], word: str) -> bool:
    """Tell whether a word can be put together from parts, each as often as need be."""
    reached = {0}
    for start in range(len(word)):
        if start in reached:
            reached |= {start + len(part) for part in parts if part and word.startswith(part, start)}
    return len(word) in reached
