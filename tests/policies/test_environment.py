"""Who is told a table's name: which outputs and variables are it, and which conditions are asked for that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from policies.assumptions import Assumptions
from policies.environment import functions_told, is_surely_told, is_told, may_be_told, output_is, outputs
from policies.errors import ForkError, MismatchError, TemplateError, UndeterminedError
from policies.identity import id_of
from policies.stacks import Stacks
from policies.template import Resource, Template
from policies.values import NO, YES, Text, Truth, unknown
from policies.worlds import World

Json = dict[str, Any]

COUNT = 5
PARAMETERS = {
    "Free": {"Type": "String"},
    "Other": {"Type": "String"},
    **{f"P{i}": {"Type": "String", "AllowedValues": ["a", "b"]} for i in range(COUNT)},
    **{f"Of{i}": {"Type": "String", "AllowedValues": [f"v{n}" for n in range(i)]} for i in (16, 17)},
}
CONDITIONS = {f"C{i}": {"Fn::Equals": [{"Ref": f"P{i}"}, "a"]} for i in range(COUNT)}
NO_VALUE, NAME = {"Ref": "AWS::NoValue"}, {"Ref": "Table"}
FREE, OTHER = {"Ref": "Free"}, {"Ref": "Other"}
FREE_IS_OPEN = unknown("parameter Free may be given any value")
OTHER_IS_OPEN = unknown("parameter Other may be given any value")


def either(value: object, other: object = NO_VALUE, number: int = 0) -> Json:
    """Return one of two values, by a condition."""
    return {"Fn::If": [f"C{number}", value, other]}


def joined(*ends: object) -> Json:
    """Return a text that comes to more than are listed, with ends that do not depend on conditions."""
    return {"Fn::Join": ["", [*(either("a", "b", number) for number in range(COUNT)), *ends]]}


def function(environment: object, **more: object) -> Json:
    """Return a function with an environment."""
    return {"Type": "AWS::Lambda::Function", "Properties": {"Environment": environment}, **more}


def told(value: object, **more: object) -> Json:
    """Return a function that has a value in its environment."""
    return function({"Variables": {"X": value}}, **more)


def template(resources: Mapping[str, Json], name: object = NO_VALUE, scope: str = "", **sections: object) -> Template:
    """Return a template of a table, which may be given a name, and of other resources."""
    table = {"Type": "AWS::DynamoDB::Table", "Properties": {"TableName": name}}
    document = {"Parameters": PARAMETERS, "Conditions": CONDITIONS, "Resources": {"Table": table, **resources}}
    return Template("t", {**document, **sections}, scope=scope)


def asked(
    resources: Mapping[str, Json], name: object = NO_VALUE, assumed: Mapping[str, str] | None = None
) -> tuple[list[str], list[tuple[str, Truth]], bool]:
    """Return the functions that may be told in some world, those that are in this one, and whether one surely is."""
    one = template(resources, name)
    world, table = World(one, assumed=Assumptions(assumed or {})), one.resources["Table"]
    return (
        [function.logical_id for function in may_be_told(world, table)],
        [(function.logical_id, truth) for function, truth in functions_told(world, table)],
        is_surely_told(world, table),
    )


def answer(value: object, name: object = NO_VALUE, assumed: Mapping[str, str] | None = None) -> Truth | str | None:
    """Return whether a function with a value in its environment is told, or the parameter that decides it."""
    one = template({"F": told(value)}, name)
    world = World(one, assumed=Assumptions(assumed or {}))
    try:
        return is_told(world, one.resources["F"], one.resources["Table"])
    except ForkError as fork:
        (parameter,) = fork.worlds[0].assumed.bound.keys() - (assumed or {}).keys()
        return parameter.removeprefix("Ref ")


@pytest.mark.parametrize(
    ("value", "name", "expected"),
    [
        (NAME, NO_VALUE, YES),
        ({"Fn::Sub": "${Table}"}, NO_VALUE, YES),
        ({"Fn::Sub": "${Table}-x"}, NO_VALUE, NO),
        ({"Fn::GetAtt": ["Table", "Arn"]}, NO_VALUE, NO),
        ("orders", NO_VALUE, NO),
        ("orders", "orders", YES),
        ("orders-x", "orders", NO),
        (FREE, NO_VALUE, NO),
        (FREE, "orders", FREE_IS_OPEN),
        (FREE, FREE, YES),
        ("orders", FREE, FREE_IS_OPEN),
        (NO_VALUE, NO_VALUE, NO),
    ],
)
def test_a_variable(value: object, name: object, expected: Truth) -> None:
    """A function is told the table's name where a variable is it, and may be where one may."""
    assert answer(value, name) == expected
    one = [] if expected == NO else ["F"]
    assert asked({"F": told(value)}, name) == (one, [(name, expected) for name in one], expected == YES)


@pytest.mark.parametrize(
    ("value", "name", "expected"),
    [
        (either("x", "y"), NO_VALUE, NO),
        (either("x"), NO_VALUE, NO),
        (either(NAME, NAME), NO_VALUE, YES),
        (either(FREE, FREE), NO_VALUE, NO),
        (either(NAME, "x"), NO_VALUE, "P0"),
        (either("x", NAME), NO_VALUE, "P0"),
        (either(NO_VALUE, NAME), NO_VALUE, "P0"),
        (either(FREE, "x"), NO_VALUE, NO),
        (either(FREE, "x"), "orders", "P0"),
        (either(FREE, OTHER), "orders", "P0"),
        (either(FREE, {"Fn::Sub": "${Free}x"}), "orders", "P0"),
        # What is one of so many is listed, and of more only what is spelled out is known.
        ({"Ref": "Of16"}, NO_VALUE, NO),
        ({"Ref": "Of17"}, NO_VALUE, "Of17"),
        (joined(), NO_VALUE, NO),
        (joined(), "orders", NO),
        (joined(), "baba", "P0"),
        (joined(), FREE, "P0"),
        (joined(), {"Fn::Sub": "${Free}-x"}, "P0"),
        (joined(FREE), NO_VALUE, "P0"),
        (either({"Fn::Split": [",", "x"]}, "x"), NO_VALUE, "P0"),
    ],
)
def test_a_variable_that_conditions_decide(value: object, name: object, expected: Truth | str) -> None:
    """Only a condition that decides whether a variable is the name is asked for."""
    assert answer(value, name) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (FREE, YES),
        (either(FREE, FREE), "P0"),
        (OTHER, OTHER_IS_OPEN),
        ("x", NO),
    ],
)
def test_what_this_world_knows(value: object, expected: Truth | str) -> None:
    """What may be the name in some world is the name where this one takes it for that."""
    assert answer(value, "orders", {"Ref Free": "orders"}) == expected


@pytest.mark.parametrize(("held", "expected"), [("a", YES), ("b", NO)])
def test_a_condition_that_is_decided(held: str, expected: Truth) -> None:
    """In a world that decides the condition of a variable it is what it is there."""
    assert answer(either(NAME), NO_VALUE, {"Ref P0": held}) == expected


def test_several_variables() -> None:
    """One variable is enough, and one that may be the name makes it uncertain."""
    both = {"A": "x", "B": FREE, "C": "orders"}
    assert asked({"F": function({"Variables": both})}, "orders") == (["F"], [("F", YES)], True)
    both = {"A": "x", "B": FREE, "C": OTHER}
    assert asked({"F": function({"Variables": both})}, "orders") == (["F"], [("F", FREE_IS_OPEN)], False)


def test_several_functions() -> None:
    """Each function is told by its own environment, in the order of the template; nothing but a function is."""
    resources = {
        "A": told(FREE),
        "B": told("x"),
        "C": told("orders"),
        "Topic": told("orders") | {"Type": "AWS::SNS::Topic"},
    }
    assert asked(resources, "orders") == (["A", "C"], [("A", FREE_IS_OPEN), ("C", YES)], True)


@pytest.mark.parametrize("environment", [NO_VALUE, {}, {"Variables": NO_VALUE}, {"Variables": {}}])
def test_nothing_is_told(environment: object) -> None:
    """A function without variables is told nothing."""
    assert asked({"F": function(environment)}, FREE) == ([], [], False)
    one = template({"F": function(environment)}, FREE)
    assert is_told(World(one), one.resources["F"], one.resources["Table"]) == NO


@pytest.mark.parametrize(
    ("environment", "may_be"),
    [
        (either({"Variables": {"X": NAME}}), True),
        (either(NO_VALUE, {"Variables": {"X": NAME}}), True),
        ({"Variables": either({"X": NAME})}, True),
        ({"Variables": either({"X": "x"}, {"X": NAME})}, True),
        (either({"Variables": {"X": "x"}}), False),
        ({"Variables": either({"X": "x"}, {"X": "y"})}, False),
    ],
)
def test_environments_that_conditions_decide(environment: object, may_be: bool) -> None:
    """Who cannot be told the name in any world is left out without a condition being asked for."""
    one = template({"F": function(environment)})
    world, table = World(one), one.resources["Table"]
    assert list(may_be_told(world, table)) == ([one.resources["F"]] if may_be else [])
    assert world.conditions == {}
    assert is_surely_told(world, table) is False


@pytest.mark.parametrize(
    ("environment", "error"),
    [
        ("x", MismatchError),
        ({"Variables": "x"}, MismatchError),
        ({"Variables": FREE}, UndeterminedError),
        ({"Variables": {"Ref": "Nowhere"}}, TemplateError),
    ],
)
def test_an_environment_that_cannot_be_read(environment: object, error: type[Exception]) -> None:
    """A function of which nobody can read what it is told may be told, until what is wrong with it is found."""
    one = template({"F": function(environment), "G": told(NAME)})
    world, table = World(one), one.resources["Table"]
    assert [function.logical_id for function in may_be_told(world, table)] == ["F", "G"]
    assert is_surely_told(world, table) is True
    with pytest.raises(error):
        list(functions_told(world, table))
    alone = template({"F": function(environment)})
    assert is_surely_told(World(alone), alone.resources["Table"]) is False


def test_a_function_of_some_worlds() -> None:
    """A function that does not exist in a world is not told there, and is not surely told where nobody knows."""
    resources = {"F": told(NAME, Condition="C0")}
    assert asked(resources, assumed={"Ref P0": "a"}) == (["F"], [("F", YES)], True)
    assert asked(resources, assumed={"Ref P0": "b"}) == (["F"], [], False)
    one = template(resources)
    assert is_surely_told(World(one), one.resources["Table"]) is False
    with pytest.raises(ForkError):
        list(functions_told(World(one), one.resources["Table"]))


def test_an_environment_is_read_once() -> None:
    """What a function is told is found out once in a world, for however many tables."""
    one = template({"F": told(either("x", "y")), "G": told("orders")}, "orders")
    world, table = World(one), one.resources["Table"]
    functions = one.resources["F"], one.resources["G"]

    def ask() -> tuple[list[Truth], list[Resource]]:
        return [is_told(world, function, table) for function in functions], list(may_be_told(world, table))

    assert ask() == ([NO, YES], [one.resources["G"]])
    steps = [world.steps["resolved"]]
    assert ask() == ([NO, YES], [one.resources["G"]])
    steps.append(world.steps["resolved"])
    assert [id_of(world, table) for _ in range(3)] == [Text.of("orders")] * 3
    assert steps[1] - steps[0] == world.steps["resolved"] - steps[1]


# Several stacks


def stacks(value: object, name: object = NO_VALUE) -> tuple[World, Template, Template]:
    """Return the world of a stack with a table, beside another with a function that has a value in its environment."""
    data = template({}, name, "(data)", Outputs={"Name": {"Value": NAME, "Export": {"Name": "Name"}}})
    code = template({"F": told(value)}, scope="(code)")
    return World(data, stacks=Stacks((data, code))), data, code


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"Fn::ImportValue": "Name"}, YES),
        ("x", NO),
        (NAME, NO),
        (NO_VALUE, NO),
        ("", NO),
        (FREE, FREE_IS_OPEN),
        (either(FREE), FREE_IS_OPEN),
        (either("x", FREE), FREE_IS_OPEN),
        (either("x", "y"), NO),
        ({"Fn::ImportValue": "Elsewhere"}, unknown("what Fn::ImportValue gives is known at deployment only")),
        ({"Fn::Sub": "${Free}-x"}, NO),
        ({"Fn::Sub": "${Free}${Other}"}, NO),
        ({"Fn::GetAtt": ["Table", "StreamArn"]}, NO),
        *(({"Ref": f"AWS::{name}"}, NO) for name in ("AccountId", "Partition", "Region", "StackName", "URLSuffix")),
        ({"Ref": "Of16"}, NO),
        (joined(), NO),
    ],
)
def test_a_function_of_another_stack(value: object, expected: Truth) -> None:
    """A stack may be handed the name that another makes, as what is open as a whole; what AWS itself says is not."""
    world, data, code = stacks(value)
    table, function = data.resources["Table"], code.resources["F"]
    assert is_told(world, function, table) == expected
    assert list(may_be_told(world, table)) == [function]
    assert list(functions_told(world, table)) == ([] if expected == NO else [(function, expected)])
    assert is_surely_told(world, table) is (expected == YES)


def test_nobody_hands_over_within_a_stack() -> None:
    """In the stack that makes the name a parameter is given before the name is made."""
    world, _, code = stacks(FREE)
    assert is_told(world, code.resources["F"], code.resources["Table"]) == NO


def nested(number: int) -> object:
    """Return one of seventeen parameters, by so many conditions."""
    return either({"Ref": f"Q{number}"}, nested(number + 1), number) if number < 16 else {"Ref": "Q16"}


def test_one_of_many_is_handed_over() -> None:
    """A value that is one of more than are listed, each of them open, is handed over as any other is."""
    count = range(17)
    parameters = {f"{name}{i}": {"Type": "String"} for i in count for name in "PQ"}
    conditions = {f"C{i}": {"Fn::Equals": [{"Ref": f"P{i}"}, "a"]} for i in count}
    _, data, _ = stacks("x")
    code = template({"F": told(nested(0))}, scope="(code)", Parameters=parameters, Conditions=conditions)
    assumed = Assumptions({"(code)Ref P0": "b", "(code)Ref P1": "a"})
    world = World(data, stacks=Stacks((data, code)), assumed=assumed)
    expected = unknown("parameter Q1 may be given any value")
    assert is_told(world, code.resources["F"], data.resources["Table"]) == expected


# Outputs


def test_outputs_of_every_stack() -> None:
    """Each output is named with the world in which its own stack sees it."""
    data = template({}, scope="(data)", Outputs={"A": {"Value": "x"}, "B": {"Value": "x"}})
    code = template({}, scope="(code)", Outputs={"A": {"Value": "x"}})
    world = World(data, stacks=Stacks((data, code, template({}))))
    assert list(outputs(world)) == [(world, "A"), (world, "B"), (world.within(code), "A")]


@pytest.mark.parametrize(
    ("output", "name", "expected"),
    [
        ({"Value": NAME}, NO_VALUE, YES),
        ({"Value": "x"}, NO_VALUE, NO),
        ({"Value": NAME, "Condition": "C0"}, NO_VALUE, "P0"),
        ({"Value": "x", "Condition": "C0"}, NO_VALUE, NO),
        ({"Value": NAME, "Condition": "Yes"}, NO_VALUE, YES),
        ({"Value": NAME, "Condition": "No"}, NO_VALUE, NO),
        ({"Value": either(NAME, "x")}, NO_VALUE, "P0"),
        ({"Value": either("y", "x")}, NO_VALUE, NO),
        ({"Value": FREE}, "orders", FREE_IS_OPEN),
    ],
)
def test_an_output(output: object, name: object, expected: Truth | str) -> None:
    """An output is the name where its value is, in a world that has it; one that cannot be asks for no condition."""
    always = {"Yes": {"Fn::Equals": ["a", "a"]}, "No": {"Fn::Equals": ["a", "b"]}}
    one = template({}, name, Conditions={**CONDITIONS, **always}, Outputs={"Name": output})
    world = World(one)
    table = id_of(world, one.resources["Table"])
    if isinstance(expected, str):
        with pytest.raises(ForkError) as raised:
            output_is(world, "Name", table)
        assert list(raised.value.worlds[0].assumed.bound) == [f"Ref {expected}"]
    else:
        assert output_is(world, "Name", table) == expected


def test_an_output_of_no_condition() -> None:
    """An output under a condition that there is not is refused where it names it."""
    one = template({}, Outputs={"Name": {"Value": NAME, "Condition": "Nowhere"}})
    with pytest.raises(TemplateError) as raised:
        output_is(World(one), "Name", id_of(World(one), one.resources["Table"]))
    assert (raised.value.path, raised.value.problem) == (
        "$.Outputs.Name.Condition",
        "the template defines no condition Nowhere",
    )
