"""The worlds of a template: what they assume, that none contradicts itself, and that none is missing."""

import pytest

from policies.catalogue import load
from policies.errors import TemplateError
from policies.exploration import MAX_WORLDS, explore
from policies.judge import judge_template
from policies.model import Outcome
from policies.stacks import NESTED_STACK, Stacks
from policies.template import Template
from policies.values import Text, Unknown
from policies.worlds import World

Json = dict[str, object]
IF: Json = {"Fn::If": ["C", "then", "else"]}
ENTRIES = {entry.name: entry for entry in load()}


def ref(name: str) -> Json:
    """Refer to a parameter."""
    return {"Ref": name}


def equals(left: object, right: object) -> Json:
    """Compare two values."""
    return {"Fn::Equals": [left, right]}


def parameter(*allowed: str, **more: object) -> Json:
    """Declare a parameter."""
    return {"Type": "String", **({"AllowedValues": list(allowed)} if allowed else {}), **more}


def table(value: object, **sections: object) -> Template:
    """Make a template whose table holds a value."""
    resources = {"Table": {"Type": "AWS::DynamoDB::Table", "Properties": {"Value": value}}}
    return Template("t", {"Resources": resources, **sections})


def read(
    template: Template, *, defaults: bool = False, most: int = 5 * MAX_WORLDS
) -> list[tuple[tuple[str, ...], Text]]:
    """Read the value in every world, with what each assumes; fail where exploring does not come to an end."""
    runs = 0

    def run(world: World) -> Text:
        nonlocal runs
        runs += 1
        assert runs <= most, "the worlds do not come to an end"
        return world.properties(template.resources["Table"]).get("Value").text()

    return [(world.assumptions, value) for world, value in explore(World(template, defaults), run)]


def values(template: Template, *, defaults: bool = False) -> list[str | None]:
    """Return the values of all worlds, in their order."""
    return [value.literal for _, value in read(template, defaults=defaults)]


def then(*assumptions: str) -> tuple[tuple[str, ...], Text]:
    """Expect the value of a condition that holds."""
    return assumptions, Text.of("then")


def otherwise(*assumptions: str) -> tuple[tuple[str, ...], Text]:
    """Expect the value of a condition that does not hold."""
    return assumptions, Text.of("else")


# Conditions


A, B = equals(ref("P"), "a"), equals(ref("Q"), "b")


@pytest.mark.parametrize(
    ("condition", "worlds"),
    [
        (equals("x", "x"), [then()]),
        (equals("x", "y"), [otherwise()]),
        (equals(1, "1"), [then()]),
        (equals(True, "true"), [then()]),
        (equals(ref("P"), ref("P")), [then()]),
        (A, [then("C is true", 'P is "a"'), otherwise("C is false", 'P is not "a"')]),
        (equals("a", ref("P")), [then("C is true", 'P is "a"'), otherwise("C is false", 'P is not "a"')]),
        ({"Fn::Not": [A]}, [otherwise("C is false", 'P is "a"'), then("C is true", 'P is not "a"')]),
        (
            {"Fn::And": [A, B]},
            [
                then("C is true", 'P is "a"', 'Q is "b"'),
                otherwise("C is false", 'P is "a"', 'Q is not "b"'),
                otherwise("C is false", 'P is not "a"'),
            ],
        ),
        (
            {"Fn::Or": [A, {"Fn::Not": [B]}]},
            [
                then("C is true", 'P is "a"'),
                otherwise("C is false", 'Q is "b"', 'P is not "a"'),
                then("C is true", 'P is not "a"', 'Q is not "b"'),
            ],
        ),
        (
            {"Fn::And": [A, equals(ref("P"), "b")]},
            [otherwise("C is false", 'P is "a"'), otherwise("C is false", 'P is not "a"')],
        ),
        (
            {"Condition": "D"},
            [then("C is true", "D is true", 'P is "a"'), otherwise("C is false", "D is false", 'P is not "a"')],
        ),
        (
            {"Fn::Or": [A, {"Fn::Not": [{"Condition": "D"}]}]},
            [then("C is true", 'P is "a"'), then("C is true", "D is false", 'P is not "a"')],
        ),
    ],
)
def test_conditions(condition: Json, worlds: list[tuple[tuple[str, ...], Text]]) -> None:
    """A condition takes the worlds apart, once for each comparison that it needs."""
    sections = {"Parameters": {"P": parameter(), "Q": parameter()}, "Conditions": {"C": condition, "D": A}}
    assert read(table(IF, **sections)) == worlds


NO_CONDITIONS: tuple[object, ...] = (
    None,
    True,
    "D",
    [],
    {},
    {"Fn::Equals": ["a"]},
    {"Fn::Equals": ["a", "a", "a"]},
    {"Fn::Equals": "a"},
    {"Fn::Not": []},
    {"Fn::Not": [A, A]},
    {"Fn::And": [A]},
    {"Fn::Or": [A]},
    {"Fn::Or": A},
    {"Condition": ["D"]},
    {"Ref": "P"},
)


@pytest.mark.parametrize(
    ("conditions", "path", "problem"),
    [
        ({"Other": A}, "$.Resources.Table.Properties.Value['Fn::If']", "the template defines no condition C"),
        ({"C": {"Condition": "D"}}, "$.Conditions.C", "the template defines no condition D"),
        ({"C": {"Condition": "C"}}, "$.Conditions.C", "condition C needs itself"),
        (
            {"C": {"Fn::Not": [{"Condition": "D"}]}, "D": {"Condition": "C"}},
            "$.Conditions.C",
            "conditions C and D need each other",
        ),
        (
            {"C": {"Fn::Equals": ["a", "a"], "Fn::Not": [A]}},
            "$.Conditions.C",
            "Fn::Equals has to stand alone in its object",
        ),
        *(
            (
                {"C": wrong},
                "$.Conditions.C",
                "a condition is Fn::Equals of two values, Fn::Not of one condition, "
                "Fn::And or Fn::Or of two to ten, or the name of a Condition",
            )
            for wrong in NO_CONDITIONS
        ),
    ],
)
def test_wrong_conditions(conditions: Json, path: str, problem: str) -> None:
    """A condition that CloudFormation refuses is an error at its place."""
    with pytest.raises(TemplateError) as raised:
        read(table(IF, Parameters={"P": parameter()}, Conditions=conditions))
    assert (raised.value.path, raised.value.problem) == (path, problem)


def test_correlated_conditions() -> None:
    """The same condition is the same everywhere in a world, and so is its opposite."""
    both: Json = {"Fn::Join": ["-", [IF, {"Fn::If": ["D", "x", "y"]}, IF]]}
    template = table(both, Parameters={"P": parameter()}, Conditions={"C": A, "D": {"Fn::Not": [{"Condition": "C"}]}})
    assert values(template) == ["then-y-then", "else-x-else"]


def test_no_contradictory_world() -> None:
    """A parameter has one value in a world: of three comparisons with it, at most one holds."""
    conditions = {name: equals(ref("P"), name) for name in "abc"}
    told: Json = {"Fn::Join": ["", [{"Fn::If": [name, name, "-"]} for name in "abc"]]}
    assert values(table(told, Parameters={"P": parameter()}, Conditions=conditions)) == ["a--", "-b-", "--c", "---"]
    assert values(table(told, Parameters={"P": parameter(*"abc")}, Conditions=conditions)) == ["a--", "-b-", "--c"]


def test_comparison_with_a_value_that_is_not_allowed() -> None:
    """A parameter is not equal to what it may not be, and is equal to the one value that it may be."""
    assert values(table(IF, Parameters={"P": parameter("x", "y")}, Conditions={"C": A})) == ["else"]
    assert values(table(IF, Parameters={"P": parameter("a")}, Conditions={"C": A})) == ["then"]


def test_one_value_allowed_twice() -> None:
    """A value that is listed twice is one value: the world in which the parameter has none of them is impossible."""
    assert values(table(IF, Parameters={"P": parameter("a", "a")}, Conditions={"C": A})) == ["then"]


@pytest.mark.parametrize(
    ("first", "second", "outcomes"),
    [
        (parameter("a", "b"), parameter("c"), {"else"}),
        (parameter("a"), parameter("a"), {"then"}),
        (parameter("a", "b"), parameter("b", "c"), {"then", "else"}),
        (parameter("a"), parameter(), {"then", "else"}),
        (parameter(), parameter(), {"then", "else"}),
    ],
)
def test_parameters_compared_with_each_other(first: Json, second: Json, outcomes: set[str]) -> None:
    """Two parameters are equal in a world only where both may have the same value."""
    template = table(IF, Parameters={"P": first, "Q": second}, Conditions={"C": equals(ref("P"), ref("Q"))})
    assert set(values(template)) == outcomes


def test_equality_is_transitive() -> None:
    """Where P equals Q and Q equals R, P equals R."""
    conditions = {"PQ": equals(ref("P"), ref("Q")), "QR": equals(ref("Q"), ref("R")), "PR": equals(ref("P"), ref("R"))}
    told: Json = {"Fn::If": ["PQ", {"Fn::If": ["QR", {"Fn::If": ["PR", "same", "absurd"]}, "else"]}, "else"]}
    template = table(told, Parameters=dict.fromkeys("PQR", parameter()), Conditions=conditions)
    assert set(values(template)) == {"same", "else"}


def test_comparison_of_a_joined_text() -> None:
    """A text that holds a parameter equals a literal only where the parameter is what the literal leaves for it."""
    conditions = {"Joined": equals({"Fn::Join": ["-", [ref("P"), "x"]]}, "a-x"), "C": A}
    told: Json = {"Fn::If": ["Joined", {"Fn::If": ["C", "then", "absurd"]}, {"Fn::If": ["C", "absurd", "else"]}]}
    template = table(told, Parameters={"P": parameter()}, Conditions=conditions)
    assert set(values(template)) == {"then", "else"}


@pytest.mark.parametrize(
    "operand",
    [
        {"Fn::FindInMap": ["Map", ref("AWS::Region"), "key"]},
        {"Fn::Select": [0, ref("Names")]},
        {"Fn::Select": [0, {"Fn::Split": ["-", ref("P")]}]},
        {"Fn::Join": ["", ref("Names")]},
    ],
)
def test_comparison_of_a_computed_value(operand: Json) -> None:
    """What a function makes of an unknown has one value in a world: both outcomes are seen, and an end is found."""
    template = table(
        IF,
        Parameters={"P": parameter(), "Names": {"Type": "CommaDelimitedList"}},
        Mappings={"Map": {"us-east-1": {"key": "x"}, "eu-west-1": {"key": "y"}}},
        Conditions={"C": equals(operand, "x")},
    )
    assert set(values(template)) == {"then", "else"}


PATTERN = parameter(AllowedPattern="[a-z]+")


@pytest.mark.parametrize(
    ("parameters", "worlds"),
    [
        ({"P": parameter(), "Q": parameter()}, [then("C is true", 'P is "a"', 'Q is "b"'), otherwise("C is false")]),
        ({"P": parameter(MaxLength=0), "Q": parameter()}, [otherwise()]),
        ({"P": PATTERN, "Q": parameter(AllowedPattern="[A-Z]+")}, [otherwise("C is false")]),
    ],
)
def test_comparison_of_several_unknowns(parameters: Json, worlds: list[tuple[tuple[str, ...], Text]]) -> None:
    """A text of several unknowns is a string in as many ways as their declarations leave."""
    condition = equals({"Fn::Join": ["-", [ref("P"), ref("Q")]]}, "a-b")
    assert read(table(IF, Parameters=parameters, Conditions={"C": condition})) == worlds


def test_comparison_of_several_unknowns_in_several_ways() -> None:
    """Each way is a world of its own, in which every part has its value."""
    condition = equals({"Fn::Join": ["", [ref("P"), ref("Q")]]}, "ab")
    assert read(table(IF, Parameters={"P": parameter(), "Q": PATTERN}, Conditions={"C": condition})) == [
        then("C is true", 'P is ""', 'Q is "ab"'),
        then("C is true", 'P is "a"', 'Q is "b"'),
        otherwise("C is false"),
    ]


def test_what_is_declared_of_equals_holds_for_each() -> None:
    """Where P is Q, what Q may not be P is not either, in whichever order they are compared."""
    conditions = {"Same": equals(ref("P"), ref("Q")), "C": equals(ref("Q"), "")}
    for short in "PQ":
        parameters = {"P": parameter(), "Q": parameter(), short: parameter(MinLength=1)}
        told: Json = {"Fn::If": ["Same", {"Fn::If": ["C", "absurd", "same"]}, "else"]}
        assert set(values(table(told, Parameters=parameters, Conditions=conditions))) == {"same", "else"}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (equals(ref("AWS::URLSuffix"), "amazonaws.com.cn"), equals(ref("AWS::Partition"), "aws")),
        (equals(ref("AWS::Partition"), "aws"), equals(ref("AWS::URLSuffix"), "amazonaws.com.cn")),
        (equals(ref("AWS::Region"), "cn-north-1"), equals(ref("AWS::URLSuffix"), "amazonaws.com")),
        (equals(ref("AWS::URLSuffix"), "amazonaws.com"), equals(ref("AWS::Region"), "cn-north-1")),
        ({"Fn::Not": [equals(ref("AWS::Partition"), "aws")]}, equals(ref("AWS::Region"), "eu-west-1")),
        (equals("a", "a"), equals(ref("AWS::AccountId"), "prod")),
        (equals("a", "a"), equals(ref("AWS::Region"), "")),
    ],
)
def test_no_contradictory_environment(first: Json, second: Json) -> None:
    """Region, partition and suffix of URLs fit each other in a world, and an account has twelve digits."""
    told: Json = {"Fn::If": ["First", {"Fn::If": ["Second", "absurd", "then"]}, "else"]}
    assert "absurd" not in values(table(told, Conditions={"First": first, "Second": second}))


def test_items_of_a_secret_list_are_not_shown() -> None:
    """What an item of a NoEcho parameter is assumed to be is not said."""
    secret: Json = {"Type": "CommaDelimitedList", "NoEcho": True}
    condition = equals({"Fn::Select": [0, ref("L")]}, "a")
    assert read(table(IF, Parameters={"L": secret}, Conditions={"C": condition})) == [
        then("C is true", "item 0 of Ref L is (hidden)"),
        otherwise("C is false", "item 0 of Ref L is not (hidden)"),
    ]


@pytest.mark.parametrize("properties", [None, [], "x", 1])
def test_properties_that_are_no_object(properties: object) -> None:
    """CloudFormation refuses a resource whose Properties are no object."""
    document: Json = {"Resources": {"Table": {"Type": "AWS::DynamoDB::Table", "Properties": properties}}}
    template = Template("t", document)
    with pytest.raises(TemplateError) as raised:
        World(template).properties(template.resources["Table"])
    assert (raised.value.path, raised.value.problem) == (
        "$.Resources.Table.Properties",
        "the Properties of a resource are an object",
    )


def test_a_value_that_a_nested_stack_does_not_allow() -> None:
    """What a template gives to one that it nests has to be allowed there: an error at the place that gives it."""
    declared: Json = {"Parameters": {"P": parameter("a")}}
    resources: Json = {"Table": {"Type": "AWS::DynamoDB::Table", "Properties": {"Value": ref("P")}}}
    child = Template("child", {"Resources": resources, **declared}, scope="(child)")
    nested = {"Type": NESTED_STACK, "Properties": {"Parameters": {"P": "b"}}}
    parent = Template("parent", {"Resources": {"Nested": nested}}, scope="(parent)")
    stacks = Stacks((child, parent), {"(child)": parent.resources["Nested"]})
    with pytest.raises(TemplateError) as raised:
        World(child, stacks=stacks).properties(child.resources["Table"]).get("Value").text()
    assert (raised.value.path, raised.value.problem) == (
        "(parent)$.Resources.Nested.Properties.Parameters.P",
        "the nested stack's parameter P does not allow this value",
    )


def test_rules_that_leave_no_world() -> None:
    """Where the Rules refuse what is given, the verdict says so."""
    value: Json = {"SSESpecification": {"SSEEnabled": ref("P")}}
    rules: Json = {"R": {"Assertions": [{"Assert": equals(ref("P"), "true")}]}}
    resources: Json = {"Table": {"Type": "AWS::DynamoDB::Table", "Properties": value}}
    document: Json = {"Parameters": {"P": parameter()}, "Rules": rules, "Resources": resources}
    told = Template("t", document, given_parameters={"P": "false"})
    (found,) = judge_template([ENTRIES["table-encryption/encryption-enabled"]], told)
    refused = "the template's Rules refuse every value that its parameters are given or may have"
    assert (found.outcome, found.path, found.message) == (Outcome.ERROR, "$.Rules", refused)


# Parameters


def test_free_parameter_is_one_world() -> None:
    """What may be anything is an unknown of one world."""
    hidden = Unknown("Ref P", "parameter P may be given any value")
    assert read(table(ref("P"), Parameters={"P": parameter(Default="x")})) == [((), Text.of(hidden))]


def test_allowed_values() -> None:
    """A parameter with allowed values is each of them, in a world of its own."""
    template = table(ref("P"), Parameters={"P": parameter("a", "b", Default="b")})
    assert read(template) == [(('P is "a"',), Text.of("a")), (('P is "b"',), Text.of("b"))]
    assert read(table(ref("P"), Parameters={"P": parameter("a")})) == [((), Text.of("a"))]


def test_allowed_values_of_a_list() -> None:
    """AllowedValues of a list are those of each item: the list itself may hold several of them."""
    template = table(
        IF,
        Parameters={"P": {"Type": "CommaDelimitedList", "AllowedValues": ["a", "b"]}},
        Conditions={"C": equals({"Fn::Join": ["", ref("P")]}, "ab")},
    )
    assert set(values(template)) == {"then", "else"}


def test_allowed_values_after_a_comparison() -> None:
    """A value that a comparison has ruled out is not tried again."""
    told: Json = {"Fn::If": ["C", "then", ref("P")]}
    template = table(told, Parameters={"P": parameter("a", "b", "c")}, Conditions={"C": A})
    assert read(template) == [
        (("C is true", 'P is "a"'), Text.of("then")),
        (("C is false", 'P is "b"'), Text.of("b")),
        (("C is false", 'P is "c"'), Text.of("c")),
    ]


def test_pseudo_parameters() -> None:
    """A pseudo parameter is unknown until a comparison assumes its value, which then holds everywhere."""
    told: Json = {"Fn::Join": ["-", [IF, ref("AWS::Region")]]}
    region = Unknown("AWS::Region", "AWS::Region is known at deployment only", atomic=True)
    assert read(table(told, Conditions={"C": equals(ref("AWS::Region"), "us-east-1")})) == [
        (("C is true", 'AWS::Region is "us-east-1"'), Text.of("then-us-east-1")),
        (("C is false", 'AWS::Region is not "us-east-1"'), Text.of("else-", region)),
    ]


def test_defaults_world() -> None:
    """In the world of the defaults, a parameter with a default has it; one without is as free as ever."""
    sections: Json = {"Parameters": {"P": parameter("a", "b", Default="a"), "Q": parameter()}, "Conditions": {"C": A}}
    assert read(table(IF, **sections), defaults=True) == [then("C is true", 'P is "a", its default')]
    assert read(table(ref("P"), **sections), defaults=True) == [(('P is "a", its default',), Text.of("a"))]
    free = Text.of(Unknown("Ref Q", "parameter Q may be given any value"))
    assert read(table(ref("Q"), **sections), defaults=True) == [((), free)]
    assert read(table("plain", **sections), defaults=True) == [((), Text.of("plain"))]


def test_default_from_the_parameter_store_is_no_value() -> None:
    """The default of an SSM parameter is a name in the store, not what stands there."""
    stored = {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "a", "AllowedValues": ["a"]}
    hidden = Unknown("{{resolve:ssm:a}}", "{{resolve:ssm:a}} is known at deployment only")
    template = table(ref("P"), Parameters={"P": stored})
    assert read(template, defaults=True) == [(('P is "a", its default',), Text.of(hidden))]
    assert read(template) == [(('P is "a", all that it allows',), Text.of(hidden))]


@pytest.mark.parametrize("secret", [True, "true", "True"])
def test_no_echo_is_not_shown(secret: object) -> None:
    """What a NoEcho parameter is assumed to be is not said."""
    parameters = {"P": parameter("a", "b", NoEcho=secret, Default="a")}
    conditions = {"C": A}
    assert read(table(IF, Parameters=parameters, Conditions=conditions)) == [
        then("C is true", "P is (hidden)"),
        otherwise("C is false", "P is not (hidden)"),
    ]
    assert read(table(ref("P"), Parameters=parameters), defaults=True) == [
        (("P is (hidden), its default",), Text.of("a"))
    ]


# How many worlds


def switches(number: int) -> tuple[Json, Json]:
    """Declare parameters and conditions that are independent of each other."""
    return (
        {f"P{i}": parameter() for i in range(number)},
        {f"C{i}": equals(ref(f"P{i}"), "x") for i in range(number)},
    )


def test_unrelated_conditions_cost_nothing() -> None:
    """Conditions, parameters and resources that are not read are not resolved: one world, one run."""
    parameters, conditions = switches(60)
    value = {"Fn::If": ["C0", {"Fn::If": ["C1", "11", "10"]}, "0"]}
    template = table(value, Parameters=parameters, Conditions=conditions)
    assert values(template) == ["11", "10", "0"]
    one = table("plain", Parameters=parameters, Conditions=conditions)
    assert read(one, most=1) == [((), Text.of("plain"))]
