"""Whether two expressions of a template come to the same string in a world.

Where neither what is known nor what is assumed decides, the worlds fork, and in each of them something does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from policies import intrinsics
from policies.ways import ways_to_become

if TYPE_CHECKING:
    from policies.assumptions import Assumptions
    from policies.values import Text
    from policies.worlds import World


def equal(world: World, left: object, right: object, path: str) -> bool:
    """Tell whether two expressions come to the same string. Raises `ForkError` where worlds differ in it."""
    world.step(path)
    a = intrinsics.operand(world, left, f"{path}[0]")
    b = intrinsics.operand(world, right, f"{path}[1]")
    answer = a.same(b)
    if answer.value is not None:
        return answer.value
    a, b = a.rest(b)
    for one, other in ((a, b), (b, a)):
        if other.literal is not None and one.unknowns == one.parts and len(one.parts) == 1:
            return world.has_value(one.unknowns[0], other.literal)
    for hidden in (*a.unknowns, *b.unknowns):
        choices = world.choices(hidden.key)
        if choices is not None:
            raise world.fork(world.assumed.assume(hidden.key, value) for value in choices)
    pair = frozenset((a, b))
    if pair in world.assumed.equalities:
        return world.assumed.equalities[pair]
    raise world.fork((*_where_same(world, a, b), world.assumed.decide(pair, equal=False)))


def _where_same(world: World, a: Text, b: Text) -> list[Assumptions]:
    """Return the assumptions, one of which holds where two texts are the same."""
    for one, other in ((a, b), (b, a)):
        ways = None if other.literal is None else ways_to_become(one, other.literal, world.assumed, world.may_be)
        if ways is not None:
            return ways
    if len(a.unknowns) == len(a.parts) == len(b.unknowns) == len(b.parts) == 1:
        return [world.assumed.assume(a.unknowns[0].key, b.unknowns[0])]
    return [world.assumed.decide(frozenset((a, b)), equal=True)]
