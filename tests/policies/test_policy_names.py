"""Names of inline policies: which may be the same, told without asking for a condition."""

from __future__ import annotations

import pytest

from policies.assumptions import Assumptions
from policies.errors import ForkError
from policies.policy_names import alike, policy_name
from policies.template import Template
from policies.worlds import World

COUNT = 5
PARAMETERS = {
    **{f"P{number}": {"Type": "String", "AllowedValues": ["a", "b"]} for number in range(COUNT)},
    "Free": {"Type": "String"},
    "Short": {"Type": "String", "MaxLength": 3},
}
CONDITIONS = {f"C{number}": {"Fn::Equals": [{"Ref": f"P{number}"}, "a"]} for number in range(COUNT)}
TEMPLATE = Template(
    "t",
    {
        "Parameters": PARAMETERS,
        "Conditions": CONDITIONS,
        "Resources": {"Table": {"Type": "AWS::DynamoDB::Table"}},
    },
)
NO_VALUE = {"Ref": "AWS::NoValue"}
FREE, SHORT = {"Ref": "Free"}, {"Ref": "Short"}


def either(value: object, other: object = NO_VALUE, number: int = 0) -> object:
    """Return one of two values, by a condition."""
    return {"Fn::If": [f"C{number}", value, other]}


def joined(*ends: object) -> object:
    """Return a text that more conditions decide than are listed, with ends that do not depend on them."""
    return {"Fn::Join": ["", [*(either("a", "b", number) for number in range(COUNT)), *ends]]}


def same(*names: object) -> dict[str, list[str]]:
    """Return for each of some names, by their positions, which others it may be the same as."""
    world = World(TEMPLATE)
    return alike({f"{at}": policy_name(world, world.node(name, f"$[{at}]")) for at, name in enumerate(names)})


@pytest.mark.parametrize(
    ("left", "right", "may_be"),
    [
        ("x", "x", True),
        ("x", "y", False),
        ("x", {"Fn::Sub": "x"}, True),
        (NO_VALUE, NO_VALUE, False),
        (NO_VALUE, "x", False),
        (either("x"), "x", True),
        (either("x"), "y", False),
        (either("x", "y"), either("y", "z", 1), True),
        (either("x", "y"), either("v", "w", 1), False),
        (either("x", "y"), either("w", "y", 1), True),
        (FREE, "x", True),
        (FREE, FREE, True),
        (SHORT, "abc", True),
        (SHORT, "abcd", False),
        ({"Fn::Sub": "x-${Short}"}, "x-abcd", True),
        ({"Fn::Sub": "${Short}${Free}"}, "abcd", True),
        (FREE, SHORT, True),
        (either(SHORT, "y"), "abcd", False),
        (either(SHORT, "abcd"), "abcd", True),
        # What is put together from more than is listed may be what its pieces spell.
        (joined(), "abab", True),
        (joined(), "abc", False),
        (joined("c"), "abc", True),
        (joined(FREE), "abc", True),
        (joined(), FREE, True),
        (joined(), NO_VALUE, False),
        (joined(), either("c"), False),
        (joined(), either("c", "aa"), True),
        (joined(), joined("c"), True),
    ],
)
def test_alike(left: object, right: object, may_be: bool) -> None:
    """Two may have one name where in some world both come to it; which of them stands first tells nothing."""
    expected = {"0": ["1"], "1": ["0"]} if may_be else {}
    assert same(left, right) == expected
    assert same(right, left) == expected


def test_several() -> None:
    """Of several, each is told with all those that may have its name."""
    assert same("x", "y", either("x", "y"), "x", "z") == {
        "0": ["2", "3"],
        "1": ["2"],
        "2": ["0", "1", "3"],
        "3": ["0", "2"],
    }


@pytest.mark.parametrize("name", ["x", FREE, NO_VALUE, either("x", "x")])
def test_nothing_to_ask(name: object) -> None:
    """A name that no condition decides asks for none."""
    world = World(TEMPLATE)
    assert policy_name(world, world.node(name, "$")).ask is None


@pytest.mark.parametrize("name", [either("x"), either("x", "y"), joined()])
def test_ask(name: object) -> None:
    """A name that conditions decide asks for the first of them."""
    world = World(TEMPLATE)
    ask = policy_name(world, world.node(name, "$")).ask
    assert ask is not None
    with pytest.raises(ForkError) as raised:
        ask()
    assert [here.assumed for here in raised.value.worlds] == [
        Assumptions().assume("Ref P0", "a"),
        Assumptions().exclude("Ref P0", "a"),
    ]


def test_under_assumptions() -> None:
    """What a world assumes already decides a name in it."""
    world = World(TEMPLATE).under(Assumptions().assume("Ref P0", "a"))
    names = {name: policy_name(world, world.node(raw, "$")) for name, raw in {"a": either("x", "y"), "b": "y"}.items()}
    assert alike(names) == {}
    assert names["a"].ask is None


def test_a_name_that_was_read_in_another_world() -> None:
    """A name is what it is in the world that asks, wherever it was read."""
    other = World(TEMPLATE).under(Assumptions().assume("Ref P0", "a"))
    name = other.node(either("x", "y"), "$.Name")
    assert policy_name(World(TEMPLATE), name).ask is not None
    assert policy_name(other, World(TEMPLATE).node(name.raw, "$.Name")).ask is None
