"""What the lists of a statement name, read without asking for a condition of the template.

A statement that names several actions or resources is as many statements of one each. So each that a condition decides
can be considered by itself, and is asked for only where it decides something.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from policies.documents import named
from policies.errors import ForkError
from policies.exploration import alternatives

if TYPE_CHECKING:
    from policies.nodes import Node
    from policies.values import Text

MOST_ALTERNATIVES = 16
"""In how many worlds a place is read at most before its conditions are asked for."""


class Name(NamedTuple):
    """What a statement names; `ask` asks for the conditions that decide whether it does, if any do."""

    text: Text
    ask: Callable[[], object] | None = None


def names(statement: Node, element: str, read: Callable[[Node], Text]) -> list[Name]:
    """Return what `Action` or `Resource` names, or what its `Not` form leaves out, each as it is read.

    What is left out is left out together, and a list of which no item is certain may name nothing, which IAM refuses:
    conditions that decide these are asked for.
    """
    if statement.get(element).exists and not statement.get(f"Not{element}").exists:
        items = [_alternatives(item, read) for item in statement.get(element).members()]
        certain = {text for texts, ask in items for text in texts if ask is None}
        if any(None not in texts for texts, _ in items):
            found = [Name(text, ask) for texts, ask in items for text in texts if text is not None]
            return [one for one in found if one.ask is None or one.text not in certain]
    return [Name(read(one)) for one in named(statement, element)]


def _alternatives(item: Node, read: Callable[[Node], Text]) -> tuple[list[Text | None], Callable[[], object] | None]:
    """Return all that an item comes to in some world, None for nothing, and what asks which it is."""

    def stated(here: Node) -> Text | None:
        return read(here) if here.exists else None

    try:
        return [stated(item)], None
    except ForkError:
        found = alternatives(item.world, lambda here: stated(replace(item, world=here)), MOST_ALTERNATIVES)
        if found is None:
            raise
        return found, None if len(found) == 1 else partial(stated, item)
