"""What of a template is read, in pieces: what was found out by some holds of every template in which they are the same.

Rules ask for a piece by `policies.template` and `policies.nodes`, which take note of it, and are handed all of it. Of
the types of the resources, on which every rule depends, nothing is noted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

BASIS = ("Parameters", "Rules")
"""The sections on which every rule depends, beside the types of the resources."""

Piece = tuple[str, ...]
"""A piece of a template: of which kind, and the names by which it is found.

`document`; `section` name; `settings`; `setting` name; `lineage` logical id; `resource` logical id; `attributes` and
`properties` logical id: whether they are an object that no function gives; `attribute` and `property` logical id, name.
"""


class Reads:
    """Takes note of the pieces of a template that are read, while somebody listens."""

    def __init__(self) -> None:
        """Begin with nobody listening."""
        self._noted: set[Piece] | None = None

    def note(self, *piece: str) -> None:
        """Take note of a piece."""
        if self._noted is not None:
            self._noted.add(piece)

    def repeat(self, pieces: Iterable[Piece]) -> None:
        """Take note of the pieces by which something was found out that is used again."""
        if self._noted is not None:
            self._noted.update(pieces)

    @contextmanager
    def listening(self) -> Iterator[set[Piece]]:
        """Listen; gives the set of what is read within. Who listens already hears of it as well."""
        outer, inner = self._noted, set[Piece]()
        self._noted = inner
        try:
            yield inner
        finally:
            self._noted = outer
            self.repeat(inner)


class Part(NamedTuple):
    """The attributes of a resource, or its properties, each a piece of its own: `kind` is what one is called."""

    reads: Reads
    kind: str
    logical_id: str

    def note(self, name: str) -> None:
        """Take note of one."""
        self.reads.note(self.kind, self.logical_id, name)

    def note_all(self) -> None:
        """Take note of the resource as a whole."""
        self.reads.note("resource", self.logical_id)
