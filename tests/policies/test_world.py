"""What one world answers of a template's unknowns, by what is declared, told and assumed of them."""

from __future__ import annotations

from typing import Any

import pytest

from policies.errors import ForkError, TemplateError, UndeterminedError
from policies.externals import NOTHING, Externals
from policies.stacks import NESTED_STACK, Stacks
from policies.template import Template
from policies.values import NO, YES, Text, Truth, Unknown
from policies.worlds import World

Json = dict[str, Any]
Fork = list[tuple[dict[str, object], dict[str, set[str]]]]


def string(*allowed: str, **more: object) -> Json:
    """Declare a parameter."""
    return {"Type": "String", **({"AllowedValues": list(allowed)} if allowed else {}), **more}


PARAMETERS: Json = {
    "Free": string(),
    "Same": string(),
    "Empty": string(MaxLength=0),
    "One": string("a"),
    "Two": string("a", "b"),
    "Three": string("a", "b", "c"),
    "Others": string("d", "c", "b"),
}
TABLE: Json = {"Type": "AWS::DynamoDB::Table"}


def template(scope: str = "", externals: Externals = NOTHING, **sections: object) -> Template:
    """Make a template with a table and the parameters."""
    document = {"Resources": {"Table": TABLE}, "Parameters": PARAMETERS, **sections}
    return Template("t", document, externals=externals, scope=scope)


def hidden(name: str) -> Unknown:
    """Return the unknown that a parameter is."""
    return Unknown(f"Ref {name}", f"parameter {name} may be given any value")


WORLD = World(template())
NOTHING_ASSUMED = WORLD.assumed


def forks(error: ForkError) -> Fork:
    """Return what the worlds of a fork assume."""
    return [
        (dict(world.assumed.bound), {key: set(values) for key, values in world.assumed.excluded.items()})
        for world in error.worlds
    ]


# What a world is


def test_a_world_is_what_it_assumes() -> None:
    """What a run has found out makes no other world; another template, default or assumption does."""
    world = World(WORLD.template)
    world.conditions["C"] = True
    world.settled["P"] = "P is so"
    world.resolving.add("condition C")
    world.memo["known"] = "at a cost", frozenset()
    world.step("$")
    assert world == World(world.template, False, Stacks((world.template,)))
    assert world != World(world.template, True)
    assert world != World(world.template, assumed=NOTHING_ASSUMED.assume("Ref Free", "x"))


def test_how_a_run_begins() -> None:
    """A run knows of the world what it assumes, and counts on from where others stopped."""
    world = World(WORLD.template, True)
    world.conditions["C"] = True
    assumed = NOTHING_ASSUMED.assume("Ref Free", "x")
    begun = world.under(assumed)
    assert (begun, begun.conditions) == (World(world.template, True, world.stacks, assumed), {})
    assert begun.steps is world.steps


def test_as_another_template_sees_it() -> None:
    """The world is the same, with all that was found out; only from elsewhere."""
    here, there = template("(here)"), template("(there)")
    world = World(here, stacks=Stacks((here, there)))
    within = world.within(there)
    assert (within.template, within.conditions is world.conditions) == (there, True)
    assert world.within(here) is world


def test_as_many_values_as_are_resolved() -> None:
    """A judgement resolves 300,000 values, wherever they stand, and no more."""
    world = World(WORLD.template)
    world.step("$", 299_998)
    world.step("$")
    world.under(NOTHING_ASSUMED).step("$")
    with pytest.raises(UndeterminedError) as raised:
        world.step("$.Outputs")
    assert (raised.value.reason, raised.value.path) == (
        "more than 300000 values would have to be resolved",
        "$.Outputs",
    )


def test_what_is_being_resolved() -> None:
    """What needs itself is refused where it does so; once it is resolved it may be needed again."""
    world = World(template(Conditions={"C": {"Fn::Equals": ["a", "a"]}}))
    with world.guard("condition C", "$"), pytest.raises(TemplateError) as raised:
        world.condition("C", "$.there")
    assert (raised.value.path, raised.value.problem) == ("$.there", "condition C is defined by itself")
    assert world.condition("C", "$.there") is True


@pytest.mark.parametrize("by_name", [{"Condition": "D"}, {"Condition": {"Condition": "D"}}])
@pytest.mark.parametrize(("value", "holds"), [("a", True), ("b", False)])
def test_a_condition_by_its_name(by_name: Json, value: str, *, holds: bool) -> None:
    """What names another condition turns out as that does, and needs it at the place where it is named."""
    world = World(template("(here)", Conditions={"C": by_name, "D": {"Fn::Equals": [value, "a"]}}))
    with world.guard("condition D", "$"), pytest.raises(TemplateError) as raised:
        world.condition("C", "$")
    assert (raised.value.path, raised.value.problem) == (
        "(here)$.Conditions.C",
        "(here)condition D is defined by itself",
    )
    assert (world.condition("C", "$"), world.conditions) == (holds, {"(here)C": holds, "(here)D": holds})


def test_a_condition_turns_out_once() -> None:
    """How a condition turned out in a world is kept, and costs nothing more."""
    world = World(template(Conditions={"C": {"Fn::Equals": ["a", "a"]}}))
    assert world.condition("C", "$") is True
    resolved = world.steps["resolved"]
    assert (world.condition("C", "$"), world.steps["resolved"]) == (True, resolved)


SAME_VALUES: Json = {"Fn::Equals": ["a", "a"]}
FORMS: list[Json] = [
    SAME_VALUES,
    {"Fn::Not": [SAME_VALUES]},
    {"Fn::And": [SAME_VALUES, SAME_VALUES]},
    {"Fn::Or": [SAME_VALUES, SAME_VALUES]},
    {"Condition": "D"},
    {"Condition": {"Condition": "D"}},
]
MACRO: Json = {"Fn::Transform": {"Name": "M"}}


@pytest.mark.parametrize("wrong", [MACRO, *(form | MACRO for form in FORMS), {"Condition": {"Condition": "D"} | MACRO}])
def test_no_condition_is_left_to_a_macro(wrong: Json) -> None:
    """A macro within a condition, alone or beside something, is none of its forms."""
    world = World(template(Conditions={"C": {"Fn::Not": [wrong]}, "D": SAME_VALUES}))
    with pytest.raises(TemplateError) as raised:
        world.condition("C", "$")
    assert (raised.value.path, raised.value.problem) == (
        "$.Conditions.C['Fn::Not'][0]",
        "a condition is Fn::Equals of two values, Fn::Not of one condition, "
        "Fn::And or Fn::Or of two to ten, or the name of a Condition",
    )


def test_the_place_of_what_is_wrong_in_a_condition() -> None:
    """It is told from the condition's beginning on, through all that it stands in."""
    wrong = {"Fn::Equals": ["a", {"Fn::FindInMap": ["Map", {"Ref": "One"}, "b"]}]}
    either = {"Fn::Or": [{"Fn::Equals": ["a", "b"]}, wrong]}
    document = {"C": {"Fn::Not": [{"Fn::And": [{"Fn::Equals": ["a", "a"]}, either]}]}}
    with pytest.raises(TemplateError) as raised:
        World(template("(here)", Conditions=document, Mappings={"Map": {"x": {"b": 1}}})).condition("C", "$")
    assert raised.value.path == (
        "(here)$.Conditions.C['Fn::Not'][0]['Fn::And'][1]['Fn::Or'][1]['Fn::Equals'][1]['Fn::FindInMap']"
    )


# What an unknown is


@pytest.mark.parametrize(
    ("name", "values", "others", "answer"),
    [
        ("One", ["a", "b"], True, "a"),
        ("One", ["b"], True, None),
        ("Three", ["z"], True, None),
        ("Two", ["a", "b"], True, [({"Ref Two": "a"}, {}), ({"Ref Two": "b"}, {})]),
        ("Two", ["a"], True, [({"Ref Two": "a"}, {}), ({}, {"Ref Two": {"a"}})]),
        ("Two", ["a"], False, [({"Ref Two": "a"}, {})]),
        (
            "Three",
            ["b", "z", "a"],
            True,
            [({"Ref Three": "b"}, {}), ({"Ref Three": "a"}, {}), ({}, {"Ref Three": {"a", "b"}})],
        ),
        ("Free", ["x"], True, [({"Ref Free": "x"}, {}), ({}, {"Ref Free": {"x"}})]),
        ("Free", ["x"], False, [({"Ref Free": "x"}, {})]),
    ],
)
def test_which_of_some_values(name: str, values: list[str], others: bool, answer: str | Fork | None) -> None:
    """An unknown is the one value that it may be, or none of them; else there is a world for each, and for others."""
    try:
        found: str | Fork | None = WORLD.one_of(hidden(name), values, others=others)
    except ForkError as error:
        found = forks(error)
    assert found == answer


def test_which_of_some_values_it_is_assumed_to_be() -> None:
    """What is assumed of an unknown, or left of its values, is what it is."""
    two, three = hidden("Two"), hidden("Three")
    bound = WORLD.under(NOTHING_ASSUMED.assume("Ref Three", "b"))
    assert [bound.one_of(three, values, others=True) for values in (["a", "b"], ["a"])] == ["b", None]
    assert [bound.has_value(three, value) for value in "ab"] == [False, True]
    left = WORLD.under(NOTHING_ASSUMED.exclude("Ref Two", "a"))
    assert [left.one_of(two, values, others=True) for values in (["a", "b"], ["a"])] == ["b", None]
    assert [left.has_value(two, value) for value in "ab"] == [False, True]


def test_whether_it_has_a_value() -> None:
    """Where nothing decides, there is a world in which it has the value, and one in which it has not."""
    with pytest.raises(ForkError) as raised:
        WORLD.has_value(hidden("Three"), "a")
    assert forks(raised.value) == [({"Ref Three": "a"}, {}), ({}, {"Ref Three": {"a"}})]
    assert [WORLD.has_value(hidden(name), value) for name, value in (("One", "a"), ("One", "b"))] == [True, False]


def test_worlds_that_contradict_themselves() -> None:
    """A fork leads to no world in which a partition is not its region's."""
    world = WORLD.under(NOTHING_ASSUMED.assume("AWS::Region", "cn-north-1"))
    fork = world.fork(world.assumed.assume("AWS::Partition", name) for name in ("aws", "aws-cn"))
    assert [one.assumed.bound["AWS::Partition"] for one in fork.worlds] == ["aws-cn"]


def test_what_is_left_of_the_values() -> None:
    """What is declared of all that are taken to be the same counts, and what is excluded does not."""
    assert [WORLD.choices(f"Ref {name}") for name in ("Free", "Three", "Nowhere")] == [None, ("a", "b", "c"), None]
    assumed = NOTHING_ASSUMED.assume("Ref Others", hidden("Same")).assume("Ref Same", hidden("Three"))
    alike = WORLD.under(assumed)
    assert alike.declarations("Ref Three") == [WORLD.template.parameters[name] for name in ("Three", "Others", "Same")]
    assert alike.declarations("Ref Free") == [WORLD.template.parameters["Free"]]
    assert alike.choices("Ref Three") == ("b", "c")
    assert WORLD.under(assumed.exclude("Ref Three", "b")).choices("Ref Three") == ("c",)
    assert WORLD.under(NOTHING_ASSUMED.assume("Ref Three", hidden("Free"))).choices("Ref Free") == ("a", "b", "c")


def test_what_it_may_be() -> None:
    """It may be what is declared of all that are taken to be the same, but for what is excluded."""
    alike = WORLD.under(NOTHING_ASSUMED.assume("Ref Others", hidden("Three")).exclude("Ref Three", "b"))
    assert [WORLD.may_be("Ref Three", value) for value in "abcd"] == [True, True, True, False]
    assert [alike.may_be("Ref Three", value) for value in "abcd"] == [False, False, True, False]
    assert WORLD.may_be("Ref Nowhere", "x") is True


FREE, SAME, TWO, THREE = map(hidden, ("Free", "Same", "Two", "Three"))
IS_FREE = Truth(None, FREE.reason)


@pytest.mark.parametrize(
    ("text", "value", "answer"),
    [
        (Text.of("a"), "a", YES),
        (Text.of("a"), "b", NO),
        (Text.of("x-", FREE), "x-a", IS_FREE),
        (Text.of("x-", FREE), "y-a", NO),
        (Text.of("x-", THREE), "x-z", NO),
        (Text.of("x-", hidden("One")), "x-a", YES),
        (Text.of(FREE, "-", SAME), "a-b", IS_FREE),
        (Text.of(hidden("Empty"), "-", FREE), "a-b", NO),
        (Text.of(TWO, FREE), "ab", Truth(None, TWO.reason)),
        (Text.of(TWO, FREE), "cb", NO),
    ],
)
def test_what_a_text_becomes(text: Text, value: str, answer: Truth) -> None:
    """A text is a string if its unknown parts may be what the string leaves for them."""
    assert WORLD.becomes(text, value) == answer


def test_what_a_text_becomes_by_assumption() -> None:
    """Where one part with listed values decides, it is assumed to have one; what it has not, the text is not."""
    text = Text.of("x-", THREE)
    with pytest.raises(ForkError) as raised:
        WORLD.becomes(text, "x-a")
    assert forks(raised.value) == [({"Ref Three": "a"}, {}), ({}, {"Ref Three": {"a"}})]
    bound = WORLD.under(NOTHING_ASSUMED.assume("Ref Three", "a"))
    assert [bound.becomes(text, value) for value in ("x-a", "x-b")] == [YES, NO]
    excluded = WORLD.under(NOTHING_ASSUMED.exclude("Ref Free", "a"))
    assert excluded.becomes(Text.of("x-", FREE), "x-a") == NO
    assert excluded.becomes(Text.of(FREE, "-", SAME), "a-b") == NO


# What is told


def pseudo(name: str) -> Unknown:
    """Return the unknown that a pseudo parameter is."""
    return Unknown(f"AWS::{name}", f"AWS::{name} is known at deployment only", atomic=True)


@pytest.mark.parametrize(
    ("told", "name", "value"),
    [
        ({"AWS::Region": "eu-west-1"}, "Region", "eu-west-1"),
        ({"AWS::Region": "eu-west-1"}, "AccountId", None),
        ({"AWS::Region": "cn-north-1"}, "Partition", "aws-cn"),
        ({"AWS::Region": "cn-north-1"}, "URLSuffix", "amazonaws.com.cn"),
        ({"AWS::Partition": "aws-iso"}, "URLSuffix", "c2s.ic.gov"),
        ({}, "Partition", None),
    ],
)
def test_what_is_told_of_the_environment(told: dict[str, str], name: str, value: str | None) -> None:
    """What is told or assumed of region and partition says what follows from them, and of nothing else."""
    assumed = NOTHING_ASSUMED
    for key, one in told.items():
        assumed = assumed.assume(key, one)
    expected = Text.of(pseudo(name) if value is None else value)
    assert WORLD.under(assumed).known(pseudo(name)) == expected
    assert World(template(externals=Externals(pseudo_parameters=told))).known(pseudo(name)) == expected


def test_what_is_told_of_the_parameter_store() -> None:
    """By the name in a dynamic reference."""
    world = World(template(externals=Externals(ssm_parameters={"/x": "stored"})))
    found = [world.known(Unknown(key, "later")).literal for key in ("{{resolve:ssm:/x}}", "{{resolve:ssm:/y}}", "/x")]
    assert found == ["stored", None, None]


def test_a_stack_of_its_own_name() -> None:
    """What a stack has for itself is of its template; what all have in common is not."""
    world = World(template("(here)"))
    assert [world.known(pseudo(name)).unknowns[0].key for name in ("StackName", "Region")] == [
        "(here)AWS::StackName",
        "AWS::Region",
    ]


def test_what_is_told_counts_before_what_follows() -> None:
    """A suffix of URLs that is told is the suffix, whatever is told of the partition."""
    told = {"AWS::Partition": "aws-iso", "AWS::URLSuffix": "example.org"}
    world = World(template(externals=Externals(pseudo_parameters=told)))
    assert world.known(pseudo("URLSuffix")) == Text.of("example.org")


# Parameters


def test_a_parameter_is_revealed_on_demand() -> None:
    """One that is not revealed stays what it is; else there is a world for each value that it may have."""
    assert WORLD.parameter("Two", reveal=False) == Text.of(TWO)
    with pytest.raises(ForkError) as raised:
        WORLD.parameter("Two", reveal=True)
    assert forks(raised.value) == [({"Ref Two": "a"}, {}), ({"Ref Two": "b"}, {})]
    alike = WORLD.under(NOTHING_ASSUMED.assume("Ref Free", TWO))
    assert alike.parameter("Free", reveal=False) == Text.of(TWO)
    with pytest.raises(ForkError) as raised:
        alike.parameter("Free", reveal=True)
    assert [world.assumed.bound["Ref Two"] for world in raised.value.worlds] == ["a", "b"]
    assert WORLD.parameter("One", reveal=True) == Text.of("a")
    bound = WORLD.under(NOTHING_ASSUMED.assume("Ref Two", "b"))
    assert bound.parameter("Two", reveal=True) == Text.of("b")
    assert (bound.settled, WORLD.parameter("Free", reveal=True)) == ({}, Text.of(FREE))


def test_a_parameter_as_given() -> None:
    """What is given is told, and a default counts where defaults are asked for only."""
    document = {"Resources": {"Table": TABLE}, "Parameters": {"P": string(Default="d"), "S": string(NoEcho=True)}}
    given = Template("t", document, given_parameters={"P": "g", "S": "hunter"}, scope="(here)")
    world = World(given)
    assert [world.parameter(name, reveal=True).literal for name in "PS"] == ["g", "hunter"]
    assert world.settled == {"(here)Ref P": '(here)P is "g", as given', "(here)Ref S": "(here)S is (hidden), as given"}
    assert World(given, True).parameter("P", reveal=True) == Text.of("d")
    assert World(Template("t", document)).parameter("P", reveal=True).literal is None


def nested(
    parameters: Json, given: Json, parent: Json | None = None, outputs: Json | None = None, **more: object
) -> World:
    """Return the world of a template that another nests, as the nested one sees it."""
    child = Template(
        "child", {"Resources": {"Table": TABLE}, "Parameters": parameters, "Outputs": outputs or {}}, scope="(child)"
    )
    stack = {"Type": NESTED_STACK, "Properties": {"Parameters": given}, **more}
    above = Template(
        "parent", {"Resources": {"Nested": stack}, "Parameters": PARAMETERS, **(parent or {})}, scope="(parent)"
    )
    return World(child, stacks=Stacks((child, above), {"(child)": above.resources["Nested"]}))


def test_what_a_nested_template_is_given() -> None:
    """Its parameters are what the template around it says, or their defaults."""
    world = nested({"P": string(), "Q": string(Default="d")}, {"P": {"Ref": "Two"}})
    assert world.parameter("Q", reveal=True) == Text.of("d")
    with pytest.raises(ForkError) as raised:
        world.parameter("P", reveal=True)
    assert forks(raised.value) == [({"(parent)Ref Two": "a"}, {}), ({"(parent)Ref Two": "b"}, {})]
    assert nested({"P": string()}, {"P": "x"}).parameter("P", reveal=True) == Text.of("x")
    one = nested({"P": string()}, {"P": {"Ref": "One"}})
    assert one.parameter("P", reveal=True) == Text.of("a")
    assert one.parameter("P", reveal=False).unknowns[0].key == "(parent)Ref One"


@pytest.mark.parametrize(
    ("parameter", "given", "outputs", "path", "problem"),
    [
        (string(), {}, {}, "", "the nested stack gives no value for its parameter P"),
        (
            string("a"),
            {"P": "b"},
            {},
            ".Properties.Parameters.P",
            "the nested stack's parameter P does not allow this value",
        ),
        (
            string(),
            {"P": ["a"]},
            {},
            ".Properties.Parameters.P",
            "a string is expected here",
        ),
        (
            string(),
            {"P": {"Fn::GetAtt": ["Nested", "Outputs.O"]}},
            {"O": {"Value": {"Ref": "P"}}},
            "",
            "(child)(child)Ref P is defined by itself",
        ),
    ],
)
def test_what_a_nested_template_cannot_be_given(
    parameter: Json, given: Json, outputs: Json, path: str, problem: str
) -> None:
    """A value that is missing, not allowed or made of itself is an error of the template that nests."""
    with pytest.raises(TemplateError) as raised:
        nested({"P": parameter}, given, outputs=outputs).parameter("P", reveal=True)
    assert (raised.value.path, raised.value.problem) == (f"(parent)$.Resources.Nested{path}", problem)


def test_what_a_nested_template_reads_from_the_store() -> None:
    """The name in the store is what the template around it gives."""
    world = nested({"P": {"Type": "AWS::SSM::Parameter::Value<String>"}}, {"P": "/x"})
    assert world.parameter("P", reveal=True).unknowns[0].key == "{{resolve:ssm:/x}}"


def test_where_too_much_would_be_read_from_the_store() -> None:
    """What a parameter reads from the store is resolved where the parameter is declared."""
    parameters = {"P": {"Type": "AWS::SSM::Parameter::Value<String>"}}
    world = World(
        Template(
            "t",
            {"Resources": {"Table": TABLE}, "Parameters": parameters},
            given_parameters={"P": "/x"},
            scope="(here)",
        )
    )
    world.step("$", 300_000)
    with pytest.raises(UndeterminedError) as raised:
        world.parameter("P", reveal=True)
    assert raised.value.path == "(here)$.Parameters.P"


# Resources and outputs


@pytest.mark.parametrize(("value", "exists"), [("on", True), ("off", False)])
def test_a_resource_exists_where_its_stack_does(value: str, *, exists: bool) -> None:
    """What a nested stack that a world has not would make, that world has not."""
    world = nested({}, {}, {"Conditions": {"On": {"Fn::Equals": [value, "on"]}}}, Condition="On")
    (table,) = world.declared("AWS::DynamoDB::Table")
    assert world.has(table) is exists
    assert list(world.of_type("AWS::DynamoDB::Table")) == ([table] if exists else [])


@pytest.mark.parametrize(("value", "exists"), [("on", True), ("off", False)])
def test_a_resource_exists_where_its_condition_holds(value: str, *, exists: bool) -> None:
    """A condition of its own decides; one that the template does not define is an error at its place."""
    resources = {"Table": {**TABLE, "Condition": "On"}, "Wrong": {**TABLE, "Condition": "Nowhere"}}
    made = template("(here)", Resources=resources, Conditions={"On": {"Fn::Equals": [value, "on"]}})
    assert World(made).has(made.resources["Table"]) is exists
    with pytest.raises(TemplateError) as raised:
        World(made).has(made.resources["Wrong"])
    assert raised.value.path == "(here)$.Resources.Wrong.Condition"


def test_resources_of_a_template_that_is_rewritten() -> None:
    """What a macro makes of another template is not known: nothing is said of its resources; of its own, all is."""
    here = template("(here)")
    there = Template("there.json", {"Resources": {"Table": TABLE}, "Transform": ["Macro"]}, scope="(there)")
    stacks = Stacks((here, there))
    with pytest.raises(UndeterminedError) as raised:
        list(World(here, stacks=stacks).declared("AWS::DynamoDB::Table"))
    assert raised.value.reason == "there.json is rewritten at deployment"
    assert list(World(there, stacks=Stacks((there,))).declared("AWS::DynamoDB::Table")) == [there.resources["Table"]]


def test_imports() -> None:
    """An import is the export of that name, of whichever template; what exports nothing or cannot be read is passed."""
    outputs = {
        "Plain": {"Value": "1"},
        "Wrong": {"Value": "2", "Export": {"Name": {"Ref": "Nowhere"}}},
        "None": {"Value": "3", "Export": 3},
        "Other": {"Value": "4", "Export": {"Name": "other"}},
        "Right": {"Value": "5", "Export": {"Name": "name"}},
    }
    here, there = template("(here)"), template("(there)", Outputs=outputs)
    world = World(here, stacks=Stacks((here, there)))
    found = world.imported(Text.of("name"))
    assert found is not None
    assert (found.raw, found.path) == ("5", "(there)$.Outputs.Right.Value")
    assert world.imported(Text.of("nobody's")) is None


# What tells a world from others


def test_assumptions_in_words() -> None:
    """Conditions, values and what is excluded are told in order, in the template's words."""
    assumed = (
        NOTHING_ASSUMED.assume("Ref Two", "b")
        .assume("Ref Same", FREE)
        .exclude("Ref Two", "a")
        .exclude("Ref Three", "c", "a", "b")
        .exclude("AWS::Region", "eu-west-1")
    )
    world = WORLD.under(assumed)
    world.conditions.update({"D": True, "C": False})
    world.settled.update({"Ref Q": "Q is so", "Ref P": "P is so"})
    assert world.assumptions == (
        "C is false",
        "D is true",
        "Same is Free",
        'Two is "b"',
        'AWS::Region is not "eu-west-1"',
        'Three is not "a" or "b" or "c"',
        "P is so",
        "Q is so",
    )


def test_what_is_decided_alone_is_no_assumption() -> None:
    """Where nothing is assumed, how a condition turns out is no difference between worlds."""
    world = World(WORLD.template)
    world.conditions["C"] = True
    assert world.assumptions == ()


def test_a_label_is_without_the_kind_of_key() -> None:
    """A parameter is called by its name, after the template that has it, whatever that is called."""
    world = World(template("(a Ref b)"))
    assert [world.label(key) for key in ("(a Ref b)Ref Free", "Ref Nowhere")] == ["(a Ref b)Free", "Ref Nowhere"]


def test_secrets_are_not_shown() -> None:
    """What must not be shown is not, be it a value or within what a value is read by; all else is."""
    parameters = {"Secret": string(NoEcho=True, Default="hunter22"), "Plain": string()}
    world = World(Template("t", {"Resources": {"Table": TABLE}, "Parameters": parameters}))
    by_name = "{{resolve:ssm:/hunter22/x}}"
    assumed = NOTHING_ASSUMED
    for key in ("Ref Secret", "Ref Plain", "item 0 of Ref Secret", by_name):
        assumed = assumed.assume(key, "value")
    assert world.under(assumed).assumptions == (
        'Plain is "value"',
        "Secret is (hidden)",
        "item 0 of Ref Secret is (hidden)",
        "{{resolve:ssm:/(hidden)/x}} is (hidden)",
    )
