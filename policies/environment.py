"""Who is told a table's name: the outputs of the stack and the environment of its functions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from policies.identity import id_of
from policies.values import Text, Truth, any_of

if TYPE_CHECKING:
    from policies.template import Resource
    from policies.worlds import World


def outputs(world: World) -> Iterator[tuple[World, str]]:
    """Return the names of the outputs of every stack of a deployment, each with the world that sees it."""
    for template in world.stacks.members:
        for name in template.section("Outputs"):
            yield world.within(template), name


def output(world: World, name: str) -> Text | None:
    """Return the value of an output, or None where it does not exist in this world."""
    stated = world.output(name)
    condition = stated.get("Condition")
    if condition.exists and not world.condition(condition.string(), condition.path):
        return None
    return stated.get("Value").text()


def variables(world: World, function: Resource) -> Iterator[Text]:
    """Return the values of a function's environment variables."""
    for _, value in world.properties(function).get("Environment").get("Variables").entries():
        yield value.text()


def all_variables(world: World) -> Iterator[Text]:
    """Return the values of all functions' environment variables."""
    for function in world.of_type("AWS::Lambda::Function"):
        yield from variables(world, function)


def functions_told(world: World, table: Resource) -> Iterator[tuple[Resource, Truth]]:
    """Return the functions that are, or may be, given the table's name in their environment."""
    name = id_of(world, table)
    for function in world.of_type("AWS::Lambda::Function"):
        told = any_of(value.same(name) for value in variables(world, function))
        if told.value is not False:
            yield function, told
