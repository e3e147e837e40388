"""The contexts of a run, thousands of which take little more than their names and digests."""

from __future__ import annotations

import json
from collections.abc import Iterator

from evidence.model import TracedContext


class Contexts:
    """Contexts without outcomes, by their numbers from 0; values that several have are kept once.

    `numbers` are by name. What was added must not change.
    """

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}
        self._names: list[str] = []
        self._rest: list[
            tuple[str | None, str | None, str | None, tuple[str, ...], tuple[tuple[str, object], ...]]
        ] = []
        self._values: dict[tuple[str, str], tuple[str, object]] = {}

    def add(self, context: TracedContext) -> None:
        """Take in a context, whose name no other has; the outcomes that it may have are not kept."""
        self.numbers[context.name] = len(self._names)
        self._names.append(context.name)
        values = tuple(
            self._values.setdefault((key, json.dumps(value)), (key, value)) for key, value in context.values.items()
        )
        self._rest.append((context.template, context.account, context.region, context.refused, values))

    def __len__(self) -> int:
        return len(self._names)

    def __getitem__(self, number: int) -> TracedContext:
        template, account, region, refused, values = self._rest[number]
        return TracedContext(self._names[number], dict(values), account, region, refused, template, ())

    def __iter__(self) -> Iterator[TracedContext]:
        return map(self.__getitem__, range(len(self._names)))
