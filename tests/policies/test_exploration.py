"""Worlds that a judgement can tell apart: each is run once, none too many, and what has no answer is none."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from policies.assumptions import Assumptions
from policies.errors import ForkError, MismatchError, TemplateError, UndeterminedError
from policies.exploration import alternatives, explore, possible, refused, surely
from policies.template import Template
from policies.values import NO, YES, Truth, Unknown, unknown
from policies.worlds import World

ERRORS = [
    MismatchError("$", None, "a string"),
    TemplateError("$", "wrong"),
    UndeterminedError("anything"),
]


def world(count: int = 3) -> World:
    """Return a world in which a parameter may have so many values."""
    allowed = [f"v{number}" for number in range(count)]
    declared = {"Given": {"Type": "String", "AllowedValues": allowed}}
    return World(Template("t", {"Parameters": declared, "Resources": {"Table": {"Type": "AWS::DynamoDB::Table"}}}))


def given(here: World) -> str:
    """Return what the parameter is given."""
    return here.node({"Ref": "Given"}, "$.Here").string()


def is_first(here: World) -> bool:
    """Tell whether the parameter is given the first value."""
    return given(here) == "v0"


def raising(error: Exception) -> Callable[[], Truth]:
    """Return what ends with an error."""

    def ask() -> Truth:
        raise error

    return ask


def test_each_world_once() -> None:
    """The worlds come in the order of the values, each with what is assumed in it and what the run came to."""
    assert [(here.assumed.bound, found) for here, found in explore(world(), given)] == [
        ({"Ref Given": "v0"}, "v0"),
        ({"Ref Given": "v1"}, "v1"),
        ({"Ref Given": "v2"}, "v2"),
    ]
    assert [(here.assumed.bound, found) for here, found in explore(world(), lambda _: 1)] == [({}, 1)]


def test_worlds_are_bounded() -> None:
    """So many worlds are told; where there is one more, that nobody knows."""
    assert [found for _, found in explore(world(3), given, 3)] == ["v0", "v1", "v2"]
    found: list[str] = []
    with pytest.raises(UndeterminedError) as raised:
        found.extend(one for _, one in explore(world(4), given, 3))
    assert raised.value.reason == "more than 3 worlds of the template differ in what is judged"
    assert found == ["v0", "v1", "v2"]


def test_as_many_as_are_documented() -> None:
    """Nobody says how many: 512."""
    assert len(list(explore(world(512), given))) == 512
    with pytest.raises(UndeterminedError) as raised:
        list(explore(world(513), given))
    assert raised.value.reason == "more than 512 worlds of the template differ in what is judged"


def test_runs_are_bounded() -> None:
    """A run that forks for ever ends, after four runs for each world that there may be."""
    runs = []

    def fork(here: World) -> None:
        runs.append(here)
        raise ForkError((here,))

    with pytest.raises(UndeterminedError) as raised:
        list(explore(world(), fork, 5))
    assert raised.value.reason == "more than 5 worlds of the template differ in what is judged"
    assert len(runs) == 20


def test_alternatives() -> None:
    """What something comes to is told once each, if that is all."""
    assert alternatives(world(), given, 3) == ["v0", "v1", "v2"]
    assert alternatives(world(), is_first, 3) == [True, False]
    assert alternatives(world(), lambda _: 1, 3) == [1]
    assert alternatives(world(4), given, 3) is None


def test_alternatives_under_assumptions() -> None:
    """What is assumed already is taken for granted."""
    here = world().under(Assumptions({"Ref Given": "v1"}))
    assert alternatives(here, given, 3) == ["v1"]


def test_no_alternative() -> None:
    """Where there is no world at all there is nothing to tell."""

    def refuse(_: World) -> None:
        raise ForkError(())

    assert alternatives(world(), refuse, 3) is None


@pytest.mark.parametrize("error", ERRORS)
def test_no_answer_in_one_world(error: Exception) -> None:
    """Where one of the worlds has no answer, nothing is told of any."""

    def answer(here: World) -> str:
        if given(here) == "v1":
            raise error
        return "x"

    assert alternatives(world(), answer, 3) is None


@pytest.mark.parametrize(
    ("ask", "sure"),
    [
        (lambda: YES, True),
        (lambda: NO, False),
        (lambda: unknown("anything"), False),
        *((raising(error), False) for error in (*ERRORS, ForkError(()))),
    ],
)
def test_surely(ask: Callable[[], Truth], sure: bool) -> None:
    """What is certainly so is; what is open, or cannot be read, is not."""
    assert surely(ask) is sure


FREE = {"Ref": "Free"}
BY_REGION = {"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-west-1"]}
BY_SUBNETS = {"Fn::Contains": [{"Fn::RefAll": "AWS::EC2::Subnet::Id"}, FREE]}


def ruled(**asserted: object) -> World:
    """Return a world in which a parameter is given `a`, with rules of an assertion each."""
    document = {
        "Parameters": {"Free": {"Type": "String"}, "Other": {"Type": "String"}},
        "Rules": {name: {"Assertions": [{"Assert": one}]} for name, one in asserted.items()},
        "Resources": {"Table": {"Type": "AWS::DynamoDB::Table"}},
    }
    return World(Template("t", document, given_parameters={"Free": "a"}))


def test_refused() -> None:
    """The rules that refuse what is given are told, and no others: not those of which nobody knows."""
    found = refused(
        ruled(
            Right={"Fn::Equals": [FREE, "a"]},
            Wrong={"Fn::Equals": [FREE, "b"]},
            Open={"Fn::Equals": [{"Ref": "Other"}, "b"]},
            Unknown=BY_SUBNETS,
            Later={"Fn::Not": [{"Fn::Equals": [FREE, "a"]}]},
        )
    )
    assert [rule.path for rule in found] == ["$.Rules.Wrong", "$.Rules.Later"]
    assert list(refused(ruled(Right={"Fn::Equals": [FREE, "a"]}))) == []


@pytest.mark.parametrize(
    ("asserted", "because"),
    [
        (BY_SUBNETS, "what Fn::RefAll and Fn::ValueOfAll give is known at deployment only"),
        (
            {"Fn::If": ["a", "b", "c"]},
            "$.Rules.Rule.Assertions[0].Assert['Fn::And'][1]: "
            "an assertion is Fn::And, Or, Not, Equals, Contains, EachMemberEquals or EachMemberIn",
        ),
    ],
)
def test_rules_that_nobody_can_tell(asserted: object, because: str) -> None:
    """Where a rule cannot be told whether it refuses a world, the reason is."""
    here = ruled(Rule={"Fn::And": [{"Fn::Equals": [FREE, "a"]}, asserted]})
    assert here.node(FREE, "$.Here").string() == "a"
    assert possible(here) == unknown(because)


def test_rules_of_too_many_worlds() -> None:
    """A rule that more worlds differ in than are looked at may refuse all of them, or not."""
    listed = [f"P{number}" for number in range(10)]
    joined = {"Fn::Join": ["", [{"Ref": name} for name in listed]]}
    assertions = [{"Assert": {"Fn::Equals": [joined, other]}} for other in (FREE, "c")]
    choices = {name: {"Type": "String", "AllowedValues": ["a", "b"]} for name in listed}
    document = {
        "Parameters": {**choices, "Free": {"Type": "String"}},
        "Rules": {"Rule": {"Assertions": assertions}},
        "Resources": {"Table": {"Type": "AWS::DynamoDB::Table"}},
    }
    here = World(Template("t", document)).under(Assumptions().assume("Ref P0", "a"))
    assert possible(here) == unknown("more than 512 worlds of the template differ in what is judged")


@pytest.mark.parametrize(
    ("left", "right", "answer"),
    [
        ({"AllowedPattern": "[a-z]+"}, {"AllowedPattern": "[a-f]+"}, True),
        ({"AllowedPattern": "[a-f]+"}, {"AllowedPattern": "[0-9]+"}, False),
        ({"MinLength": 5}, {"MaxLength": 4}, False),
        ({"AllowedPattern": "(?=a).*"}, {"AllowedPattern": "(?=b).*"}, None),
    ],
)
def test_two_parameters_of_one_value(left: dict[str, object], right: dict[str, object], answer: bool | None) -> None:
    """A world in which two parameters are the same is one that a value which both may have allows."""
    declared = {"A": {"Type": "String", **left}, "B": {"Type": "String", **right}}
    document = {"Parameters": declared, "Resources": {"Table": {"Type": "AWS::DynamoDB::Table"}}}
    same = Assumptions().assume("Ref A", Unknown("Ref B", "parameter B may be given any value"))
    assert possible(World(Template("t", document)).under(same)).value is answer
