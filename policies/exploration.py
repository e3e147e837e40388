"""Every world of a template that a judgement can tell apart, and that a deployment can come to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from policies import assertions
from policies.assertions import Assertion
from policies.declarations import meet
from policies.errors import ForkError, MismatchError, TemplateError, UndeterminedError
from policies.values import Truth, all_of, any_of, unknown
from policies.worlds import World

MAX_WORLDS = 512
"""How many worlds one judgement may take; beyond it the answer is undetermined."""

_RUNS_FOR_A_WORLD = 4
"""How often a judgement may run for each world: once for itself, and once for each fork on the way to it."""

T = TypeVar("T")


def explore(world: World, run: Callable[[World], T], most: int = MAX_WORLDS) -> Iterator[tuple[World, T]]:
    """Run something in every world that it can tell apart.

    Raises `UndeterminedError` when there are more than `most`.
    """
    waiting = [world]
    found = 0
    for _ in range(_RUNS_FOR_A_WORLD * most):
        if not waiting:
            return
        if found == most:
            break
        here = waiting.pop()
        try:
            result = run(here)
        except ForkError as fork:
            waiting.extend(reversed(fork.worlds))
        else:
            found += 1
            yield here, result
    raise UndeterminedError(f"more than {most} worlds of the template differ in what is judged")


def alternatives(world: World, run: Callable[[World], T], most: int) -> list[T] | None:
    """Return what something comes to in the worlds that it alone can tell apart, the same once.

    None where these are more than `most`, where it has no answer in one of them, and where there is none.
    """
    try:
        return list(dict.fromkeys(found for _, found in explore(world.under(world.assumed), run, most))) or None
    except (MismatchError, TemplateError, UndeterminedError):
        return None


def surely(ask: Callable[[], Truth]) -> bool:
    """Tell whether the answer is yes whatever else a world leaves open, asking for no condition."""
    try:
        return ask().value is True
    except (ForkError, MismatchError, TemplateError, UndeterminedError):
        return False


def possible(world: World) -> Truth:
    """Tell whether a deployment can come to a world: whether the parameters' patterns and the Rules allow it."""
    return all_of(_admitted(world)) & _hold(assertions.about(world), world)


def refused(world: World) -> Iterator[Assertion]:
    """Yield the rules of a template that refuse what its parameters are given, whatever else they may be."""
    rules = assertions.of(world.template)
    yield from (assertion for assertion in rules if _hold([assertion], world).value is False)


def _hold(asserted: Sequence[Assertion], world: World) -> Truth:
    """Tell whether all assertions hold for some value of what a world leaves open."""

    def hold(here: World) -> Truth:
        try:
            return all_of(assertion.holds(here) for assertion in asserted)
        except UndeterminedError as error:
            return unknown(error.reason)
        except TemplateError as error:
            return unknown(f"{error.path}: {error.problem}")

    try:
        return any_of(answer for _, answer in explore(world.under(world.assumed), hold))
    except UndeterminedError as error:
        return unknown(error.reason)


def _admitted(world: World) -> Iterator[Truth]:
    """Yield whether what is declared of the unknowns allows what is assumed of each."""
    for key, value in world.assumed.bound.items():
        if isinstance(value, str):
            yield from (parameter.admits(value) for parameter in world.declarations(key))
        else:
            yield from (meet(world.declarations(free.key)) for free in world.assumed.known(value).unknowns)
