"""Parameters that are read from the SSM Parameter Store: one name there is one value, whoever reads it."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from policies.catalogue import load
from policies.exploration import explore
from policies.externals import NOTHING, Externals
from policies.judge import judge_template
from policies.model import Outcome
from policies.stacks import NESTED_STACK, Stacks
from policies.template import Template
from policies.worlds import World
from tests.policies.templates import POLICY, TABLE, table_arn, template

Json = dict[str, object]
STORED = "AWS::SSM::Parameter::Value<String>"
P, Q = {"Ref": "P"}, {"Ref": "Q"}
SAME: Json = {"Fn::If": ["Same", "same", "other"]}
PARTED = [
    (("Same is true", "P is Q"), "same"),
    (("Same is false",), "other"),
]


def stored(**more: object) -> Json:
    """Declare a parameter that is read from the store."""
    return {"Type": STORED, **more}


def compared(
    left: object,
    right: object,
    parameters: Mapping[str, object],
    given: Mapping[str, str] | None = None,
    externals: Externals = NOTHING,
) -> Template:
    """Make a template whose table holds whether two values are the same."""
    return Template(
        "t",
        {
            "Parameters": parameters,
            "Conditions": {"Same": {"Fn::Equals": [left, right]}},
            "Resources": {"Table": {"Type": "AWS::DynamoDB::Table", "Properties": {"Value": SAME}}},
        },
        given_parameters=given or {},
        externals=externals,
    )


def read(told: Template, stacks: Stacks | None = None, *, defaults: bool = False) -> list[tuple[tuple[str, ...], str]]:
    """Read the value in every world, with what each assumes."""

    def run(world: World) -> str:
        return world.properties(told.resources["Table"]).get("Value").string()

    world = World(told, defaults, stacks or Stacks((told,)))
    return [(here.assumptions, value) for here, value in explore(world, run)]


BOTH = {"P": stored(), "Q": stored()}
AS_GIVEN = ('P is "/x", as given', 'Q is "/x", as given')


def test_one_name_is_one_value() -> None:
    """Two parameters that are given the same name hold the same value."""
    assert read(compared(P, Q, BOTH, {"P": "/x", "Q": "/x"})) == [(("Same is true", *AS_GIVEN), "same")]


def test_two_names_may_be_one_value() -> None:
    """Two parameters that are given different names may hold the same value, and may not."""
    given = ('P is "/x", as given', 'Q is "/y", as given')
    bound = "{{resolve:ssm:/x}} is {{resolve:ssm:/y}}"
    assert read(compared(P, Q, BOTH, {"P": "/x", "Q": "/y"})) == [
        (("Same is true", bound, *given), "same"),
        (("Same is false", *given), "other"),
    ]


@pytest.mark.parametrize("given", [{}, {"P": "/x"}], ids=["neither", "one"])
def test_a_name_that_is_open(given: dict[str, str]) -> None:
    """Two parameters, of which one may be given any name, may hold the same value, and may not."""
    assert [value for _, value in read(compared(P, Q, BOTH, given))] == ["same", "other"]


def test_defaults_are_names_in_their_world_only() -> None:
    """Two parameters with the same default hold the same value by default; else each may be given another name."""
    told = compared(P, Q, {"P": stored(Default="/x"), "Q": stored(Default="/x")})
    by_default = ("Same is true", 'P is "/x", its default', 'Q is "/x", its default')
    assert read(told, defaults=True) == [(by_default, "same")]
    assert read(told) == PARTED


def test_the_only_name_that_is_allowed() -> None:
    """Two parameters that allow one name, and the same, hold the same value."""
    one = stored(AllowedValues=["/x"])
    only = ("Same is true", 'P is "/x", all that it allows', 'Q is "/x", all that it allows')
    assert read(compared(P, Q, {"P": one, "Q": one})) == [(only, "same")]
    several = stored(AllowedValues=["/x", "/y"])
    assert read(compared(P, Q, {"P": several, "Q": several})) == PARTED


def test_a_dynamic_reference_by_the_same_name() -> None:
    """A parameter holds what a dynamic reference gives by the name that it is given, and by no other."""
    told = compared(P, "{{resolve:ssm:/x}}", {"P": stored()}, {"P": "/x"})
    assert read(told) == [(("Same is true", 'P is "/x", as given'), "same")]
    told = compared(P, "{{resolve:ssm:/x:1}}", {"P": stored()}, {"P": "/x"})
    assert [value for _, value in read(told)] == ["same", "other"]


def test_a_plain_parameter_with_the_name_is_not_its_value() -> None:
    """What the store holds under a name is not the name."""
    told = compared(P, Q, {"P": stored(), "Q": {"Type": "String"}}, {"P": "/x", "Q": "/x"})
    assert [value for _, value in read(told)] == ["same", "other"]


def test_what_was_told_of_the_store() -> None:
    """Where it was told what the store holds, the values decide, not the names."""
    told = Externals(ssm_parameters={"/x": "a", "/y": "a", "/z": "b"})
    for other, value in (("/y", "same"), ("/z", "other")):
        assert [found for _, found in read(compared(P, Q, BOTH, {"P": "/x", "Q": other}, told))] == [value]


def test_items_of_one_list() -> None:
    """The items of two lists that are read by the same name are the same."""
    kind = {"Type": "AWS::SSM::Parameter::Value<List<String>>"}
    first, other = ({"Fn::Select": [0, named]} for named in (P, Q))
    told = compared(first, other, {"P": kind, "Q": kind}, {"P": "/x", "Q": "/x"})
    assert read(told) == [(("Same is true", *AS_GIVEN), "same")]


@pytest.mark.parametrize(
    ("handed", "found"),
    [
        ({"P": "/x", "Q": "/x"}, ["same"]),
        ({"P": "/x", "Q": "/y"}, ["same", "other"]),
        ({"P": {"Ref": "Name"}, "Q": {"Fn::Sub": "${Name}"}}, ["same"]),
        ({"P": {"Ref": "Name"}, "Q": "/x"}, ["same", "other"]),
    ],
)
def test_names_that_a_nested_stack_is_handed(handed: Json, found: list[str]) -> None:
    """What is handed to a nested stack's parameter is a name, too."""
    child = compared(P, Q, BOTH)
    nested = {"Type": NESTED_STACK, "Properties": {"Parameters": handed}}
    document = {"Parameters": {"Name": {"Type": "String"}}, "Resources": {"Nested": nested}}
    parent = Template("parent", document, scope="(parent)")
    stacks = Stacks((child, parent), {"": parent.resources["Nested"]})
    assert [value for _, value in read(child, stacks)] == found


def test_the_default_of_a_nested_stack() -> None:
    """The default of a nested stack's parameter is a name, not what the store holds under it."""
    child = compared(P, "/x", {"P": stored(Default="/x")})
    parent = Template("parent", {"Resources": {"Nested": {"Type": NESTED_STACK, "Properties": {}}}}, scope="(parent)")
    stacks = Stacks((child, parent), {"": parent.resources["Nested"]})
    assert read(child, stacks) == [
        (("Same is true", '{{resolve:ssm:/x}} is "/x"'), "same"),
        (("Same is false", '{{resolve:ssm:/x}} is not "/x"'), "other"),
    ]


def test_the_rules_of_a_template_speak_of_it() -> None:
    """What a rule of the template refuses of a parameter's value is refused of what the store holds."""
    document = template(
        {
            "Parameters.Mode": stored(),
            "Rules.OnDemand.Assertions": [{"Assert": {"Fn::Equals": [{"Ref": "Mode"}, "PAY_PER_REQUEST"]}}],
            "Conditions.OnDemand": {"Fn::Equals": [{"Ref": "Mode"}, "PAY_PER_REQUEST"]},
            f"{TABLE}BillingMode": {"Fn::If": ["OnDemand", {"Ref": "Mode"}, "PROVISIONED"]},
        }
    )
    assert outcome("table-billing-mode/pay-per-request-billing", document, {"Mode": "/mode"}) is Outcome.COMPLIANT
    del document["Rules"]
    assert outcome("table-billing-mode/pay-per-request-billing", document, {"Mode": "/mode"}) is Outcome.NON_COMPLIANT


def test_a_secret_name_is_not_shown() -> None:
    """The name that a NoEcho parameter is given is not said, nor what it is assumed to hold."""
    secret = stored(NoEcho=True)
    assert read(compared(P, "a", {"P": secret}, {"P": "/hush/word"})) == [
        (("Same is true", "{{resolve:ssm:(hidden)}} is (hidden)", "P is (hidden), as given"), "same"),
        (("Same is false", "{{resolve:ssm:(hidden)}} is not (hidden)", "P is (hidden), as given"), "other"),
    ]


def outcome(scenario: str, document: Json, given: Mapping[str, str]) -> Outcome:
    """Judge a template with given parameters against one scenario."""
    entries = [entry for entry in load() if entry.name == scenario]
    (one,) = judge_template(entries, Template("t", document, given_parameters=given))
    return one.outcome


NAMED = {
    "Parameters.Named": stored(),
    "Parameters.Granted": stored(),
    f"{TABLE}TableName": {"Ref": "Named"},
    f"{POLICY}PolicyDocument.Statement.0.Resource": table_arn("${Granted}"),
}


@pytest.mark.parametrize(
    ("granted", "expected"), [("/table", Outcome.COMPLIANT), ("/other", Outcome.UNDETERMINED)], ids=["same", "other"]
)
def test_a_grant_by_another_parameter(granted: str, expected: Outcome) -> None:
    """A grant on the table that another parameter names is one on the table where both read the same name."""
    document = template(NAMED)
    given = {"Named": "/table", "Granted": granted}
    for scenario in ("read-permissions-granted", "write-permissions-granted"):
        assert outcome(f"lambda-dynamodb-integration/{scenario}", document, given) is expected
