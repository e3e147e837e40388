"""The names of inline policies, by which one may replace another, read without asking for a condition."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from policies import spelling
from policies.choices import MOST_ALTERNATIVES
from policies.exploration import alternatives
from policies.values import NO, Text, Truth

if TYPE_CHECKING:
    from policies.nodes import Node
    from policies.worlds import World


@dataclass(frozen=True, slots=True)
class PolicyName:
    """What a name comes to in some world, None for no name.

    Where that is too much to list, `texts` is None, and `pieces` are what it is put together from, if all of them are
    spelled out.
    """

    stated: Node
    texts: Sequence[Text | None] | None
    pieces: frozenset[str] | None

    def may_be(self, other: PolicyName) -> bool:
        """Tell whether two may have the same name in some world."""
        if self.texts is None:
            return other.texts is None or other.may_be(self)
        texts = (text for text in self.texts if text is not None)
        return any(other.may_become(text) if other.texts is None else other.has(text) for text in texts)

    def may_become(self, text: Text) -> bool:
        """Tell whether a name that is put together from pieces may be a text."""
        return self.pieces is None or text.literal is None or spelling.can_spell(self.pieces, text.literal)

    def has(self, text: Text) -> bool:
        """Tell whether one of the names that are listed is, or may be, a text."""
        world = self.stated.world
        return any(_same(world, one, text).value is not False for one in self.texts or () if one is not None)

    @property
    def ask(self) -> Callable[[], object] | None:
        """What asks for the conditions that decide the name, if any do."""
        return None if self.texts is not None and len(self.texts) == 1 else lambda: _text(self.stated)


def policy_name(world: World, stated: Node) -> PolicyName:
    """Return what is stated as the name of a policy."""
    here = replace(stated, world=world.within(stated.world.template))
    texts = alternatives(here.world, lambda one: _text(replace(here, world=one)), MOST_ALTERNATIVES)
    return PolicyName(here, texts, spelling.pieces(here.raw) if texts is None else None)


def alike(names: Mapping[str, PolicyName]) -> dict[str, list[str]]:
    """Return for each of some policies those others that may have its name, by their places in the template."""
    found: dict[str, list[str]] = defaultdict(list)
    for (path, name), (other_path, other) in itertools.combinations(names.items(), 2):
        if name.may_be(other):
            found[path].append(other_path)
            found[other_path].append(path)
    return found


def _text(stated: Node) -> Text | None:
    return stated.text() if stated.exists else None


def _same(world: World, left: Text, right: Text) -> Truth:
    """Tell whether two names are the same, by what is declared of an unknown that one leaves open."""
    answer = left.same(right)
    for text, literal in ((left, right.literal), (right, left.literal)):
        hidden = text.unknowns
        if answer.value is None and literal is not None and text.parts == hidden[:1]:
            answer = answer if world.may_be(hidden[0].key, literal) else NO
    return answer
