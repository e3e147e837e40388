"""Rules: a world that they refuse is no world."""

from collections.abc import Mapping

import pytest

from policies import assertions
from policies.assertions import Assertion
from policies.errors import TemplateError, UndeterminedError
from policies.exploration import explore, possible
from policies.template import Template
from policies.values import NO, YES, Truth
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


Held = list[tuple[tuple[str, ...], Truth]]
ALWAYS = equals("a", "a")
"""Of a rule with a condition, what it lists is no declaration of a parameter: it has to be asked."""
AT_ASSERT = "$.Rules.R.Assertions[0].Assert"
WHICH = "an assertion is Fn::And, Or, Not, Equals, Contains, EachMemberEquals or EachMemberIn"
AT_DEPLOYMENT = "what Fn::RefAll and Fn::ValueOfAll give is known at deployment only"
NO_TEXT: Json = {"a": 1}
ZONES: Json = {"Ref": "Zones"}


def rule(told: Template) -> Assertion:
    """Return the only rule of a template."""
    (only,) = assertions.of(told)
    return only


def held(told: Template) -> Held:
    """Return in which worlds the only rule of a template holds."""
    return [(here.assumptions, answer) for here, answer in explore(World(told), rule(told).holds)]


def zones(**declared: object) -> Json:
    """Declare the parameters anew, of which Zones is a list."""
    return {"Parameters": {"Zones": {"Type": "CommaDelimitedList", **declared}}}


@pytest.mark.parametrize(
    ("assertion", "expected"),
    [
        (IS_PROD, [(('Stage is "prod"',), YES), (('Stage is not "prod"',), NO)]),
        (
            {"Fn::And": [IS_PROD, equals({"Ref": "Size"}, "large")]},
            [
                (('Size is "large"', 'Stage is "prod"'), YES),
                (('Stage is "prod"', 'Size is not "large"'), NO),
                (('Stage is not "prod"',), NO),
            ],
        ),
        (
            {"Fn::Contains": [["dev", "staging"], STAGE]},
            [(('Stage is "dev"',), YES), (('Stage is "staging"',), YES), (('Stage is not "dev" or "staging"',), NO)],
        ),
        ({"Fn::Contains": [["dev", STAGE], "x"]}, [(('Stage is "x"',), YES), (('Stage is not "x"',), NO)]),
        (
            {"Fn::EachMemberIn": [["prod", "dev"], ["prod", STAGE]]},
            [(('Stage is "dev"',), YES), (('Stage is not "dev"',), NO)],
        ),
        (
            {"Fn::EachMemberEquals": [[STAGE, "prod"], "prod"]},
            [(('Stage is "prod"',), YES), (('Stage is not "prod"',), NO)],
        ),
        ({"Fn::EachMemberEquals": [[], "prod"]}, [((), YES)]),
    ],
)
def test_each_function(assertion: Json, expected: Held) -> None:
    """Each function of rules holds in those worlds alone in which what it says is so."""
    assert held(template(asserts(assertion, when=ALWAYS))) == expected


def test_every_assertion_of_a_rule() -> None:
    """A rule holds where all of its assertions do."""
    large = equals({"Ref": "Size"}, "large")
    assert held(template(asserts(large, equals("a", "b"), when=ALWAYS))) == [
        (('Size is "large"',), NO),
        (('Size is not "large"',), NO),
    ]


@pytest.mark.parametrize("allowed", [["a", "b"], ["b", "c", "a"]])
def test_all_that_a_list_may_hold(allowed: list[str]) -> None:
    """Of a list that may hold these values alone, each is among others where all of these are."""
    told = template(asserts({"Fn::EachMemberIn": [ZONES, allowed]}, when=ALWAYS), **zones(AllowedValues=["a", "b"]))
    assert held(told) == [((), YES)]


@pytest.mark.parametrize(
    ("parameters", "allowed", "reason"),
    [
        (zones(AllowedValues=["a", "b"]), ["a"], "parameter Zones may be given any value"),
        (zones(), ["a"], "parameter Zones may be given any value"),
        (
            zones(Type="AWS::SSM::Parameter::Value<List<String>>", AllowedValues=["a"]),
            ["a"],
            "{{resolve:ssm:a}} is known at deployment only",
        ),
    ],
)
def test_lists_that_may_hold_others(parameters: Json, allowed: list[str], reason: str) -> None:
    """Whether each of a list is among others is known at deployment only, where it may hold another."""
    told = template(asserts({"Fn::EachMemberIn": [ZONES, allowed]}, when=ALWAYS), **parameters)
    with pytest.raises(UndeterminedError) as caught:
        held(told)
    assert (caught.value.reason, caught.value.path) == (reason, AT_ASSERT)


@pytest.mark.parametrize(
    ("assertion", "reason"),
    [
        ({"Fn::Contains": [{"Fn::RefAll": "AWS::EC2::VPC::Id"}, "a"]}, AT_DEPLOYMENT),
        ({"Fn::EachMemberIn": [{"Fn::RefAll": "AWS::EC2::VPC::Id"}, ["a"]]}, AT_DEPLOYMENT),
        ({"Fn::EachMemberIn": [["a"], {"Fn::ValueOfAll": ["AWS::EC2::Subnet::Id", "VpcId"]}]}, AT_DEPLOYMENT),
        ({"Fn::EachMemberEquals": [{"Fn::ValueOfAll": ["AWS::EC2::Subnet::Id", "VpcId"]}, "a"]}, AT_DEPLOYMENT),
        ({"Fn::Contains": [ZONES, "a"]}, "parameter Zones may be given any value"),
        ({"Fn::EachMemberEquals": [ZONES, "a"]}, "parameter Zones may be given any value"),
    ],
)
def test_what_the_deployment_knows(assertion: Json, reason: str) -> None:
    """What is asserted of lists that only the deployment knows is not to be told, and why and where is."""
    with pytest.raises(UndeterminedError) as caught:
        held(template(asserts(assertion, when=ALWAYS)))
    assert (caught.value.reason, caught.value.path) == (reason, AT_ASSERT)


@pytest.mark.parametrize(
    ("written", "place", "problem"),
    [
        ({}, "", "a rule needs a list of Assertions"),
        ({"Assertions": {"Assert": IS_PROD}}, "", "a rule needs a list of Assertions"),
        ({"Assertions": [{"Assert": ALWAYS}, IS_PROD]}, ".Assertions[1]", "an assertion needs an Assert"),
        ({"Assertions": ["Assert"]}, ".Assertions[0]", "an assertion needs an Assert"),
        ({"Assertions": [{"Assert": {"Condition": "IsProd"}}]}, ".Assertions[0].Assert", WHICH),
        (
            {"RuleCondition": {"Fn::And": [{"Fn::Or": [{"Fn::Not": [equals(NO_TEXT, "x")]}]}]}, "Assertions": []},
            ".RuleCondition['Fn::And'][0]['Fn::Or'][0]['Fn::Not'][0]['Fn::Equals'][0]",
            "a string is expected here",
        ),
    ],
)
def test_what_is_no_rule(written: Json, place: str, problem: str) -> None:
    """What is no rule, or asserts what no rule may, is told with its place."""
    with pytest.raises(TemplateError) as caught:
        held(template({"R": written}))
    assert (caught.value.path, caught.value.problem) == (f"$.Rules.R{place}", problem)


@pytest.mark.parametrize(
    "assertion",
    [
        {"Fn::And": [ALWAYS], "more": 1},
        {"Fn::Or": [ALWAYS], "more": 1},
        {"Fn::Not": [ALWAYS], "more": 1},
        {**ALWAYS, "more": 1},
        {"Fn::Contains": [["a"], "a"], "more": 1},
        {"Fn::EachMemberIn": [["a"], ["a"]], "more": 1},
        {"Fn::EachMemberEquals": [["a"], "a"], "more": 1},
    ],
)
def test_functions_stand_alone(assertion: Json) -> None:
    """A function that does not stand alone in its object is none."""
    with pytest.raises(TemplateError) as caught:
        held(template(asserts(assertion, when=ALWAYS)))
    assert (caught.value.path, caught.value.problem) == (AT_ASSERT, WHICH)


@pytest.mark.parametrize(
    ("assertion", "place", "problem"),
    [
        ({"Fn::Contains": ["a", "a"]}, "", "a list is expected here"),
        ({"Fn::Contains": [[NO_TEXT], "a"]}, "[0]", "a string is expected here"),
        ({"Fn::Contains": [["a"], NO_TEXT]}, "[1]", "a string is expected here"),
        ({"Fn::EachMemberIn": ["a", ["a"]]}, "", "a list is expected here"),
        ({"Fn::EachMemberIn": [["a"], "a"]}, "", "a list is expected here"),
        ({"Fn::EachMemberIn": [["a"], [NO_TEXT]]}, "[0]", "a string is expected here"),
        ({"Fn::EachMemberIn": [ZONES, [NO_TEXT]]}, "[0]", "a string is expected here"),
        ({"Fn::EachMemberEquals": [[NO_TEXT], "a"]}, "[1]", "a string is expected here"),
    ],
)
def test_members_of_another_kind(assertion: Json, place: str, problem: str) -> None:
    """What is compared has to be texts, and their lists lists."""
    with pytest.raises(TemplateError) as caught:
        held(template(asserts(assertion, when=ALWAYS), **zones(AllowedValues=["a"])))
    assert (caught.value.path, caught.value.problem) == (AT_ASSERT + place, problem)


def test_what_rules_are_about() -> None:
    """Each rule has its place, and the parameters that it names in whatever way; what is no object is no rule."""
    rules: Json = {
        "A": {"Assertions": [{"Assert": equals(STAGE, {"Ref": "Free"})}]},
        "B-1": {"Assertions": [{"Assert": equals({"Fn::ValueOf": ["Vpc", "Tags.Name"]}, REGION)}]},
        "C": "no rule",
    }
    assert [(one.path, set(one.about)) for one in assertions.of(template(rules))] == [
        ("$.Rules.A", {"Ref Stage", "Ref Free"}),
        ("$.Rules['B-1']", {"Ref Vpc", "AWS::Region"}),
    ]


def test_rules_bear_on_each_other() -> None:
    """Asked are the rules about what a world assumes, and those about the other parameters that these speak of."""

    def both(one: str, other: str) -> Json:
        return {"Assertions": [{"Assert": equals({"Ref": one}, {"Ref": other})}]}

    told = template({"A": both("Size", "Free"), "B": both("Stage", "Size"), "C": both("Zones", "AWS::Region")})
    world = World(told)
    assert assertions.about(world) == []
    assumed = world.under(world.assumed.assume("Ref Stage", "prod"))
    assert [one.path for one in assertions.about(assumed)] == ["$.Rules.B", "$.Rules.A"]
    excluded = world.under(world.assumed.exclude("Ref Zones", "a"))
    assert [one.path for one in assertions.about(excluded)] == ["$.Rules.C"]
