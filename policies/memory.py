"""Verdicts remembered by all that they were found by: where that is the same in another template, so is the verdict."""

from __future__ import annotations

import marshal
import secrets
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from policies.externals import Externals
from policies.model import Outcome, Verdict
from policies.nodes import is_plain
from policies.reads import BASIS, Piece
from policies.template import Template

_MOST = 4096
"""How many verdicts are remembered at most; the next begins anew."""

_Seen = dict[Hashable, dict[tuple[Piece, ...], dict[tuple[bytes, ...], Verdict]]]
"""Verdicts by what they are about, by the pieces that were read, and by what these were."""


class Memory:
    """Verdicts on templates that stand alone, as they were written, where the same was told of the world around."""

    def __init__(self, externals: Externals) -> None:
        """Begin with nothing remembered."""
        self._externals = externals
        self._seen: dict[bytes, _Seen] = {}
        self._count = 0

    def of(self, template: Template) -> Known | None:
        """Return what is known of a template, or None for one of which nothing is remembered."""
        is_plain = not (template.scope or template.given_parameters or template.pending)
        if not is_plain or template.externals is not self._externals:
            return None
        types = [(one.logical_id, one.type) for one in template.resources.values()]
        sections = [_member(template.document, name) for name in BASIS]
        return Known(self, _bytes((types, sections)), _Written(template))

    def seen(self, basis: bytes) -> _Seen:
        """Return the verdicts on templates with what every rule depends on."""
        return self._seen.setdefault(basis, {})

    def make_room(self) -> None:
        """Forget everything where there is no room for one more."""
        self._count += 1
        if self._count > _MOST:
            self._seen.clear()
            self._count = 1


@dataclass(frozen=True, slots=True)
class Known:
    """What a memory knows of a template."""

    memory: Memory
    basis: bytes
    written: _Written

    def recall(self, about: Hashable) -> Verdict | None:
        """Return the verdict that is remembered of a template which is the same in all that it was found by.

        `about` says on what it is, and by which rule. The verdict names the template and context that it was said of.
        """
        for pieces, verdicts in self.memory.seen(self.basis).get(about, {}).items():
            found = verdicts.get(tuple(map(self.written.__getitem__, pieces)))
            if found is not None:
                return found
        return None

    def keep(self, about: Hashable, noted: Iterable[Piece], verdict: Verdict) -> None:
        """Remember a verdict and all that it was found by, but not that judging failed."""
        if verdict.outcome is not Outcome.ERROR:
            self.memory.make_room()
            pieces = tuple(sorted(noted))
            of_pieces = self.memory.seen(self.basis).setdefault(about, {}).setdefault(pieces, {})
            of_pieces[tuple(map(self.written.__getitem__, pieces))] = verdict


class _Written(dict[Piece, bytes]):
    """The pieces of a template as bytes, which are equal in two templates only if the pieces are the same."""

    def __init__(self, template: Template) -> None:
        self._template = template

    def __missing__(self, piece: Piece) -> bytes:
        value = self[piece] = _bytes(_piece(self._template, *piece))
        return value


def _piece(template: Template, kind: str, *names: str) -> object:
    """Return what a piece is in a template."""
    if kind in _OF_RESOURCES:
        resource = template.resources.get(names[0])
        # What was told of a role from outside is the same wherever a memory serves.
        return None if resource is None else _OF_RESOURCES[kind](resource, *names[1:])
    return _OF_TEMPLATES[kind](template, *names)


_OF_TEMPLATES: dict[str, Callable[..., object]] = {
    "document": lambda template: template.document,
    "section": lambda template, name: _member(template.document, name),
    "settings": lambda template: template.settings,
    "setting": lambda template, name: template.stated(name),
    "lineage": lambda template, logical_id: _member(template.constructs, logical_id),
}
_OF_RESOURCES: dict[str, Callable[..., object]] = {
    "resource": lambda resource: resource.body,
    "attributes": lambda resource: is_plain(resource.body),
    "attribute": lambda resource, name: _member(resource.body, name),
    "properties": lambda resource: is_plain(resource.body.get("Properties")),
    "property": lambda resource, name: _member(resource.body.get("Properties"), name),
}


def _member(held: object, name: str) -> tuple[object, ...]:
    return (held[name],) if isinstance(held, Mapping) and name in held else ()


def _bytes(value: Any) -> bytes:
    # The last version of this format in which it changes nothing what objects are shared. What it cannot write, an
    # object that is no plain JSON, is like nothing else.
    try:
        return marshal.dumps(value, 2)
    except ValueError:
        return secrets.token_bytes()
