"""Who is told a table's name: the outputs of the stack and the environment of its functions.

What cannot be the name, whatever a condition says, is found out without asking for the condition: twenty conditions
about something else make no worlds.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeAlias

from policies.identity import PSEUDO_PARAMETERS, id_of
from policies.nodes import Node
from policies.values import NO, Origin, Text, Truth, any_of, unknown

if TYPE_CHECKING:
    from policies.template import Resource
    from policies.worlds import World

_Variable: TypeAlias = tuple[object, str, tuple[Text | None, ...]]
"""What an environment variable is in the template, its path, and what it comes to in some world; None for nothing."""


def outputs(world: World) -> Iterator[tuple[World, str]]:
    """Return the names of the outputs of every stack of a deployment, each with the world that sees it."""
    for template in world.stacks.members:
        for name in template.section("Outputs"):
            yield world.within(template), name


def output_is(world: World, output: str, name: Text) -> Truth:
    """Tell whether an output is a name; one that does not exist in this world is not."""
    stated = world.output(output)
    value = stated.get("Value")
    answer = _is(value, _texts(value), name)
    condition = stated.get("Condition")
    if answer.value is False or not condition.exists:
        return answer
    return answer if world.condition(condition.string(), condition.path) else NO


def functions_told(world: World, table: Resource) -> Iterator[tuple[Resource, Truth]]:
    """Return the functions that are, or may be, given the table's name in their environment."""
    name = id_of(world, table)
    for function in world.declared("AWS::Lambda::Function"):
        within = world.within(function.owner)
        told = any_of(_is(Node(within, raw, path), values, name) for raw, path, values in _variables(world, function))
        if told.value is False and function.owner is not table.owner:
            told = any_of(_handed_over(value) for _, _, values in _variables(world, function) for value in values)
        if told.value is not False and world.has(function):
            yield function, told


def _handed_over(value: Text | None) -> Truth:
    """Tell whether a value of another stack of the deployment may be a name that this one makes: if all of it is open.

    The stack that makes the name may be deployed first, and who deploys the other hand it over.
    """
    hidden = value.unknowns[0] if value is not None and len(value.parts) == len(value.unknowns) == 1 else None
    if hidden is None or hidden.origin is not Origin.EXTERNAL or hidden.key in PSEUDO_PARAMETERS:
        return NO
    return unknown(hidden.reason)


def _variables(world: World, function: Resource) -> list[_Variable]:
    """Return a function's environment variables, read once in a world."""
    key = ("environment", function.path)
    if key not in world.memo:
        stated = world.properties(function).get("Environment").get("Variables")
        values = stated.values() if stated.exists else ()
        world.memo[key] = [(value.raw, value.path, _texts(value)) for value in values]
    found: list[_Variable] = world.memo[key]
    return found


def _texts(value: Node) -> tuple[Text | None, ...]:
    return tuple(branch.text() if branch.exists else None for branch in value.branches())


def _is(stated: Node, values: tuple[Text | None, ...], name: Text) -> Truth:
    """Tell whether a value is a name; only where that differs between what it comes to does this world decide."""
    first, *others = (NO if value is None else value.same(name) for value in values)
    if all(other.value is first.value for other in others):
        return first
    return stated.text().same(name) if stated.exists else NO
