"""Rules: a world that they refuse is no world."""

from collections.abc import Mapping

import pytest

from policies.exploration import explore, possible
from policies.template import Template
from policies.values import Truth
from policies.worlds import World

Json = dict[str, object]
STAGE: Json = {"Ref": "Stage"}
REGION: Json = {"Ref": "AWS::Region"}


def template(rules: Mapping[str, object], **more: object) -> Template:
    """Make a template whose table holds a value that depends on whether the stage is prod."""
    return Template(
        "t",
        {
            "Parameters": {
                "Stage": {"Type": "String"},
                "Size": {"Type": "String", "AllowedValues": ["small", "large"]},
                "Zones": {"Type": "CommaDelimitedList"},
                "Free": {"Type": "String"},
            },
            "Conditions": {"IsProd": {"Fn::Equals": [STAGE, "prod"]}},
            "Rules": rules,
            "Resources": {
                "Table": {
                    "Type": "AWS::DynamoDB::Table",
                    "Properties": {"Value": {"Fn::If": ["IsProd", "prod", "other"]}},
                }
            },
            **more,
        },
    )


def asserts(*assertions: object, when: object = None) -> Json:
    """Make a rule."""
    rule: Json = {"Assertions": [{"Assert": assertion, "AssertDescription": "because"} for assertion in assertions]}
    return {"R": rule if when is None else {"RuleCondition": when, **rule}}


def worlds(told: Template, *, defaults: bool = False) -> dict[str, bool | None]:
    """Return which of the two values a deployment can come to."""

    def run(world: World) -> str:
        return world.properties(told.resources["Table"]).get("Value").string()

    found: dict[str, Truth] = {}
    for world, value in explore(World(told, defaults), run):
        found[value] = possible(world)
    return {value: answer.value for value, answer in found.items()}


def equals(left: object, right: object) -> Json:
    """Compare two values."""
    return {"Fn::Equals": [left, right]}


IS_PROD = equals(STAGE, "prod")
BOTH = {"prod": True, "other": True}
ONLY_PROD = {"prod": True, "other": False}
ONLY_OTHER = {"prod": False, "other": True}
PROD, OTHER = {"prod": True}, {"other": True}


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ({}, BOTH),
        (asserts(IS_PROD), PROD),
        (asserts({"Fn::Not": [IS_PROD]}), ONLY_OTHER),
        (asserts({"Fn::Contains": [["prod"], STAGE]}), PROD),
        (asserts({"Fn::Contains": [["dev", "staging"], STAGE]}), OTHER),
        (asserts({"Fn::EachMemberIn": [[STAGE], ["prod", "live"]]}), BOTH),
        (asserts({"Fn::EachMemberEquals": [[STAGE, "prod"], "prod"]}), ONLY_PROD),
        (asserts({"Fn::And": [IS_PROD, equals("a", "a")]}), PROD),
        (asserts({"Fn::Or": [IS_PROD, equals("a", "b")]}), ONLY_PROD),
        (asserts(equals("a", "a"), IS_PROD), PROD),
        (asserts(IS_PROD, when=equals({"Ref": "Size"}, "large")), BOTH),
        (asserts(IS_PROD, when=equals("a", "b")), BOTH),
        (
            {
                **asserts(IS_PROD, when=equals({"Ref": "Size"}, "large")),
                "S": {"Assertions": [{"Assert": equals({"Ref": "Size"}, "large")}]},
            },
            ONLY_PROD,
        ),
        (asserts(equals(STAGE, {"Ref": "Free"})), BOTH),
        (asserts(IS_PROD, when=equals(REGION, "eu-west-1")), BOTH),
        (asserts({"Fn::EachMemberIn": [{"Fn::ValueOfAll": ["AWS::EC2::Subnet::Id", "VpcId"]}, [STAGE]]}), None),
        (asserts({"Fn::Contains": [{"Fn::RefAll": "String"}, STAGE]}), None),
        (asserts(equals({"Fn::ValueOf": ["Stage", "Tags.Name"]}, "a")), None),
        (asserts({"Fn::Contains": [{"Ref": "Zones"}, STAGE]}), None),
        (asserts({"Fn::If": ["IsProd", "a", "b"]}, STAGE), None),
        ({"R": {"Assertions": {"Assert": IS_PROD}}}, None),
        ({"R": {"Assertions": [IS_PROD]}}, None),
    ],
)
def test_worlds(rules: Json, expected: dict[str, bool | None] | None) -> None:
    """A world in which a rule fails for every value of the other parameters is impossible; None: nobody knows.

    What a rule without a condition lists is all that there is: no other world is looked at.
    """
    assert worlds(template(rules)) == (expected or {"prod": None, "other": None})


def test_rules_about_other_parameters_are_not_asked() -> None:
    """A rule that has nothing to do with what a world assumes changes nothing, however wrong it is."""
    assert worlds(template({"R": {"Assertions": [{"Assert": equals({"Ref": "Size"}, "huge")}]}})) == BOTH
    assert worlds(template({"R": "no rule"})) == BOTH


def test_rules_about_defaults() -> None:
    """The world of the defaults is none where a rule refuses them."""
    stage: Json = {"Parameters": {"Stage": {"Type": "String", "Default": "dev"}}}
    assert worlds(template(asserts(IS_PROD), **stage), defaults=True) == {"other": False}
    assert worlds(template(asserts({"Fn::Not": [IS_PROD]}), **stage), defaults=True) == {"other": True}


@pytest.mark.parametrize(
    ("stage", "expected"),
    [
        ({"AllowedPattern": "[a-z]+"}, BOTH),
        ({"AllowedPattern": "[A-Z]+"}, {"other": True}),
        ({"AllowedPattern": "prod"}, {"prod": True}),
        ({"AllowedPattern": "(?=p).*"}, {"prod": None, "other": True}),
        ({"MinLength": 5}, {"other": True}),
    ],
)
def test_patterns(stage: Json, expected: dict[str, bool | None]) -> None:
    """A world that a parameter's own declaration refuses is none; one whose pattern nobody understands is in doubt."""
    assert worlds(template({}, Parameters={"Stage": {"Type": "String", **stage}})) == expected
