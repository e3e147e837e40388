"""Every world of a template that a judgement can tell apart, and that a deployment can come to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

from policies import assertions
from policies.errors import TemplateError, UndeterminedError
from policies.values import Truth, all_of, any_of, unknown
from policies.worlds import ForkError, World

MAX_WORLDS = 512
"""How many worlds one judgement may take; beyond it the answer is undetermined."""

_MAX_RUNS = 4 * MAX_WORLDS
"""How often one judgement may run: once for each world, and once for each fork."""

T = TypeVar("T")


def explore(world: World, run: Callable[[World], T]) -> Iterator[tuple[World, T]]:
    """Run something in every world that it can tell apart.

    Raises `UndeterminedError` when there are more than `MAX_WORLDS`.
    """
    waiting = [world]
    found = 0
    for _ in range(_MAX_RUNS):
        if not waiting:
            return
        if found == MAX_WORLDS:
            break
        here = waiting.pop()
        try:
            result = run(here)
        except ForkError as fork:
            waiting.extend(reversed(fork.worlds))
        else:
            found += 1
            yield here, result
    raise UndeterminedError(f"more than {MAX_WORLDS} worlds of the template differ in what is judged")


def possible(world: World) -> Truth:
    """Tell whether a deployment can come to a world: whether the parameters' patterns and the Rules allow it."""
    admitted = (
        world.stacks.parameters[key].admits(value)
        for key, value in world.assumed.bound.items()
        if isinstance(value, str) and key in world.stacks.parameters and not world.stacks.parameters[key].is_stored
    )
    asserted = assertions.about(world)
    if not asserted:
        return all_of(admitted)

    def hold(here: World) -> Truth:
        try:
            return all_of(assertion.holds(here) for assertion in asserted)
        except UndeterminedError as error:
            return unknown(error.reason)
        except TemplateError as error:
            return unknown(f"{error.path}: {error.problem}")

    try:
        somewhere = any_of(answer for _, answer in explore(world.under(world.assumed), hold))
    except UndeterminedError as error:
        somewhere = unknown(error.reason)
    return all_of((*admitted, somewhere))
