"""Who is told a table's name: the outputs of the stack and the environment of its functions.

What cannot be the name, whatever a condition says, is found out without asking for the condition: twenty conditions
about something else make no worlds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from policies.assumptions import Assumptions
from policies.errors import MismatchError, TemplateError, UndeterminedError
from policies.exploration import alternatives, surely
from policies.identity import id_of, is_open
from policies.nodes import Node
from policies.spelling import can_spell, pieces
from policies.values import NO, YES, Text, Truth, any_of

if TYPE_CHECKING:
    from policies.template import Resource
    from policies.worlds import World

_MOST_ALTERNATIVES = 16
"""How many things a value may come to before its conditions are asked for."""


class _Value(NamedTuple):
    """A value as it stands in the template, and what it comes to in some world; None for nothing.

    Where that is too much to list, or cannot be told, `texts` is None.
    """

    stated: Node
    texts: Sequence[Text | None] | None

    def may_be(self, name: Text) -> bool:
        """Tell whether it is, or may be, a name in some world."""
        if self.texts is not None:
            return any(text is not None and text.same(name).value is not False for text in self.texts)
        spelled = pieces(self.stated.raw)
        if spelled is None:
            return True
        if name.literal is None:
            return not any(part.is_new_name for part in name.unknowns)
        return can_spell(spelled, name.literal)

    def is_name(self, name: Text) -> Truth:
        """Tell whether it is a name; only where that is so in some worlds and not in others does this one decide."""
        if not self.may_be(name):
            return NO
        if self.texts == [name]:
            return YES
        return self.stated.text().same(name) if self.stated.exists else NO

    def is_handed_over(self) -> Truth:
        """Tell whether it may be a name that another stack of the deployment makes: if all of it is open.

        The stack that makes the name may be deployed first, and who deploys the other hand it over.
        """
        if self.texts is None and pieces(self.stated.raw) is not None:
            return NO
        texts = (_text(self.stated),) if self.texts is None else self.texts
        return any_of(is_open(self.stated.world, text) for text in texts)


def outputs(world: World) -> Iterator[tuple[World, str]]:
    """Return the names of the outputs of every stack of a deployment, each with the world that sees it."""
    for template in world.stacks.members:
        for name in template.section("Outputs"):
            yield world.within(template), name


def output_is(world: World, output: str, name: Text) -> Truth:
    """Tell whether an output is a name; one that does not exist in this world is not."""
    stated = world.output(output)
    value = _value(stated.get("Value"))
    if not value.may_be(name):
        return NO
    condition = stated.get("Condition")
    exists = not condition.exists or world.condition(condition.string(), condition.path)
    return value.is_name(name) if exists else NO


def functions_told(world: World, table: Resource) -> Iterator[tuple[Resource, Truth]]:
    """Return the functions that are, or may be, given the table's name in their environment."""
    told = ((function, is_told(world, function, table)) for function in may_be_told(world, table))
    return ((function, answer) for function, answer in told if answer.value is not False)


def may_be_told(world: World, table: Resource) -> Iterator[Resource]:
    """Return the functions that are, or may be, given the table's name in some world, asking for no condition.

    So may be one whose environment cannot be read: `is_told` raises what is wrong with it.
    """
    name = id_of(world, table)
    for function in world.declared("AWS::Lambda::Function"):
        try:
            may_be = any(value.may_be(name) for value in _remembered(world, function, _in_some_world))
        except (MismatchError, TemplateError, UndeterminedError):
            may_be = True
        if may_be or function.owner is not table.owner:
            yield function


def is_told(world: World, function: Resource, table: Resource) -> Truth:
    """Tell whether a function is given the table's name; one that does not exist in this world is not."""
    if not world.has(function):
        return NO
    values = _remembered(world, function, _in_this_world)
    name = id_of(world, table)
    told = any_of(value.is_name(name) for value in values)
    if told.value is False and function.owner is not table.owner:
        return any_of(value.is_handed_over() for value in values)
    return told


def is_surely_told(world: World, table: Resource) -> bool:
    """Tell whether a function is given the table's name whatever the conditions that this world leaves open."""
    return any(surely(partial(is_told, world, function, table)) for function in may_be_told(world, table))


def _remembered(world: World, function: Resource, read: Callable[[Node], Iterator[_Value]]) -> list[_Value]:
    """Return a function's environment variables, read once in a world."""
    key = (read.__name__, function.path)
    return world.remember(key, lambda: list(read(world.properties(function).get("Environment"))))


def _in_this_world(environment: Node) -> Iterator[_Value]:
    variables = environment.get("Variables")
    yield from map(_value, variables.values() if variables.exists else ())


def _in_some_world(environment: Node) -> Iterator[_Value]:
    """Return the variables of an environment in any world, asking for no condition."""
    for stated in environment.branches():
        for variables in stated.get("Variables").branches():
            yield from map(_value, variables.values() if variables.exists else ())


def _value(stated: Node) -> _Value:
    anywhere = stated.world.under(Assumptions())
    texts = alternatives(anywhere, lambda here: _text(replace(stated, world=here)), _MOST_ALTERNATIVES)
    return _Value(stated, texts)


def _text(stated: Node) -> Text | None:
    return stated.text() if stated.exists else None
