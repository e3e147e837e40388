"""What statements name: each thing by itself, and of which a condition decides whether it is named."""

from __future__ import annotations

import pytest

from policies.assumptions import Assumptions
from policies.choices import names
from policies.errors import ForkError, MismatchError, UndeterminedError
from policies.nodes import Node
from policies.template import Template
from policies.values import Text
from policies.worlds import World


def one_of(count: int) -> dict[str, object]:
    """Return the declaration of a parameter that allows so many actions."""
    return {"Type": "String", "AllowedValues": [f"dynamodb:A{number}" for number in range(count)]}


COUNT = 5
PARAMETERS = {f"P{number}": {"Type": "String", "AllowedValues": ["a", "b"]} for number in range(COUNT)}
CONDITIONS = {f"C{number}": {"Fn::Equals": [{"Ref": f"P{number}"}, "a"]} for number in range(COUNT)}
TEMPLATE = Template(
    "t",
    {
        "Parameters": {**PARAMETERS, "Sixteen": one_of(16), "Seventeen": one_of(17)},
        "Conditions": CONDITIONS,
        "Resources": {"Table": {"Type": "AWS::DynamoDB::Table"}},
    },
)
NO_VALUE = {"Ref": "AWS::NoValue"}

GET, PUT = "dynamodb:GetItem", "dynamodb:PutItem"


def either(value: object, other: object = NO_VALUE, number: int = 0) -> object:
    """Return one of two values, by a condition."""
    return {"Fn::If": [f"C{number}", value, other]}


def joined(count: int) -> object:
    """Return a text that a number of conditions decide, each a character of it."""
    return {"Fn::Join": ["", [either("a", "b", number) for number in range(count)]]}


def named(**statement: object) -> list[tuple[str | None, bool]]:
    """Return the actions that a statement names, and of each whether a condition decides it."""
    here = Node(World(TEMPLATE), statement, "$.Statement")
    return [(one.text.literal, one.ask is not None) for one in names(here, "Action", Node.text)]


@pytest.mark.parametrize(
    ("action", "found"),
    [
        (GET, [(GET, False)]),
        ([GET, PUT], [(GET, False), (PUT, False)]),
        ([GET, NO_VALUE], [(GET, False)]),
        ([GET, either(PUT)], [(GET, False), (PUT, True)]),
        ([either(PUT), GET], [(PUT, True), (GET, False)]),
        ([GET, either(PUT, "s3:*")], [(GET, False), (PUT, True), ("s3:*", True)]),
        # One that is named in every world is named, whatever else decides it.
        ([GET, either(GET)], [(GET, False)]),
        ([GET, either(GET, PUT)], [(GET, False), (PUT, True)]),
        ([either(GET, GET)], [(GET, False)]),
        ([either(GET, GET), either(GET, PUT, 1)], [(GET, False), (PUT, True)]),
        ([GET, {"Ref": "Sixteen"}], [(GET, False), *((f"dynamodb:A{number}", True) for number in range(16))]),
        # The list is not empty in any world: one of two is named in each.
        ([either(GET, PUT)], [(GET, True), (PUT, True)]),
        (
            [joined(4), GET],
            [*((f"{a}{b}{c}{d}", True) for a in "ab" for b in "ab" for c in "ab" for d in "ab"), (GET, False)],
        ),
    ],
)
def test_names(action: object, found: list[tuple[str | None, bool]]) -> None:
    """Each action is told by itself; no condition is asked for that decides one of them only."""
    assert named(Action=action) == found


@pytest.mark.parametrize("action", [[GET, either(PUT)], [GET, either(PUT, "s3:*")]])
def test_ask(action: list[object]) -> None:
    """What a condition decides asks for it: it is met in one world, and not in the other."""
    here = Node(World(TEMPLATE), {"Action": action}, "$.Statement")
    asks = [one.ask for one in names(here, "Action", Node.text) if one.ask is not None]
    for ask in asks:
        with pytest.raises(ForkError) as raised:
            ask()
        assert [world.assumed for world in raised.value.worlds] == [
            Assumptions().assume("Ref P0", "a"),
            Assumptions().exclude("Ref P0", "a"),
        ]


@pytest.mark.parametrize(
    "statement",
    [
        {"Action": [either(GET)]},
        {"Action": [either(GET), either(PUT, NO_VALUE, 1)]},
        {"NotAction": [GET, either(PUT)]},
        {"Action": [GET, joined(5)]},
        {"Action": [GET, {"Ref": "Seventeen"}]},
        {"Action": either([GET], [PUT])},
        {"Action": either(GET, PUT)},
        {"Action": either(GET), "NotAction": PUT},
    ],
)
def test_asked_for(statement: dict[str, object]) -> None:
    """Where nothing may be named, all is left out together, or there is too much to tell, conditions are asked for."""
    with pytest.raises(ForkError):
        named(**statement)


def test_left_out() -> None:
    """What a statement leaves out is told as it is read."""
    assert named(NotAction=[GET, PUT]) == [(GET, False), (PUT, False)]


@pytest.mark.parametrize(
    ("statement", "path", "found", "expected"),
    [
        ({}, "$.Statement.Action", None, "at least one name"),
        ({"Action": []}, "$.Statement.Action", [], "at least one name"),
        ({"Action": [NO_VALUE]}, "$.Statement.Action", [NO_VALUE], "at least one name"),
        ({"Action": GET, "NotAction": PUT}, "$.Statement.NotAction", PUT, "either Action or NotAction"),
        ({"Action": [GET, []]}, "$.Statement.Action[1]", [], "a string"),
    ],
)
def test_no_names(statement: dict[str, object], path: str, found: object, expected: str) -> None:
    """A statement that names nothing, or both ways, or no text, is refused."""
    with pytest.raises(MismatchError) as raised:
        named(**statement)
    assert (raised.value.path, raised.value.found, raised.value.expected) == (path, found, expected)


def test_as_it_is_read() -> None:
    """What is named is what the reader makes of it; what it refuses is refused."""

    def read(stated: Node) -> Text:
        if stated.text().literal == "dynamodb":
            raise UndeterminedError("no action")
        return Text.of(stated.text(), "!")

    here = Node(World(TEMPLATE), {"Resource": [GET, either(PUT)], "NotAction": GET}, "$.Statement")
    assert [one.text.literal for one in names(here, "Resource", read)] == [f"{GET}!", f"{PUT}!"]
    assert [one.text.literal for one in names(here, "Action", read)] == [f"{GET}!"]
    refused = Node(World(TEMPLATE), {"Action": [GET, "dynamodb"]}, "$.Statement")
    with pytest.raises(UndeterminedError, match=r"^no action$"):
        names(refused, "Action", read)
