"""Templates: what each section has to be, every problem at once, and what is told of parameters and resources."""

from typing import Any

import pytest

from policies.errors import TemplateError, UndeterminedError
from policies.externals import NOTHING
from policies.parameters import Parameter
from policies.reading import InputError
from policies.template import Resource, Template

Json = dict[str, object]
TABLE: Json = {"Type": "AWS::DynamoDB::Table"}


def template(**sections: object) -> Template:
    """Make a template with a table."""
    return Template("t", {"Resources": {"Table": TABLE}, **sections})


@pytest.mark.parametrize("document", [{}, {"Resources": {}}, {"Resources": None}, {"Resources": []}])
def test_without_resources(document: Json) -> None:
    """What has no resources is no template."""
    with pytest.raises(InputError) as raised:
        Template("t.json", document)
    assert (raised.value.where, raised.value.problem) == (
        "t.json",
        "$: a template needs at least one resource under Resources",
    )


def test_resources() -> None:
    """Resources are told with their logical id, type, body and path; tables are those of both types."""
    body: Json = {"Type": "AWS::DynamoDB::GlobalTable", "Condition": "C"}
    role: Json = {"Type": "AWS::IAM::Role"}
    told = Template("t", {"Resources": {"B": body, "R": role, "A": TABLE}})
    b = Resource("B", "AWS::DynamoDB::GlobalTable", body, "$.Resources.B", told)
    a = Resource("A", "AWS::DynamoDB::Table", TABLE, "$.Resources.A", told)
    r = Resource("R", "AWS::IAM::Role", role, "$.Resources.R", told)
    assert told.resources == {"B": b, "R": r, "A": a}
    assert (told.tables, told.of_type("AWS::IAM::Role"), told.of_type("X")) == ((b, a), (r,), ())


def test_a_resource_and_its_owner() -> None:
    """A resource knows its template, which is neither shown with it nor asked whether it is the same as another."""
    told, other = template(), template(Outputs={})
    table = told.resources["Table"]
    assert table.owner is told
    assert repr(table) == (
        "Resource(logical_id='Table', type='AWS::DynamoDB::Table', body={'Type': 'AWS::DynamoDB::Table'}, "
        "path='$.Resources.Table')"
    )
    assert table == other.resources["Table"]


def test_what_is_not_told() -> None:
    """Of a template of which nothing else is told, no constructs, nothing of the world and no values are known."""
    told = template()
    assert (told.constructs, told.externals, told.given_parameters, told.scope) == (None, NOTHING, {}, "")


@pytest.mark.parametrize("name", ["resources", "parameters", "pending"])
def test_what_is_read(name: str) -> None:
    """What a template says itself is read there, and cannot be given."""
    given: dict[str, Any] = {name: {}}
    with pytest.raises(TypeError, match=f"unexpected keyword argument '{name}'"):
        Template("t", {"Resources": {"Table": TABLE}}, **given)


def test_parameters() -> None:
    """A parameter is told with what the template's Rules leave of it; what is no object declares none."""
    rules = {"R": {"Assertions": [{"Assert": {"Fn::Contains": [["dev", "prod"], {"Ref": "P"}]}}]}}
    told = template(Parameters={"P": {"Type": "String"}, "Q": "String", "R": None}, Rules=rules)
    assert told.parameters == {"P": Parameter("P", "String", None, None, secret=False, asserted=("dev", "prod"))}


def test_unknowns() -> None:
    """Parameters are told by the keys of their unknowns, which bear the template's scope."""
    declared = {"P": {"Type": "String"}}
    told = Template("t", {"Resources": {"Table": TABLE}, "Parameters": declared}, scope="(t)")
    assert told.unknowns == {"(t)Ref P": told.parameters["P"]}


def test_conditions() -> None:
    """A condition is given as it stands; one that is not defined is an error where it is asked for."""
    told = template(Conditions={"C": {"Fn::Equals": [1, 1]}})
    assert told.condition("C", "$") == {"Fn::Equals": [1, 1]}
    with pytest.raises(TemplateError) as raised:
        told.condition("D", "$.Here")
    assert (raised.value.path, raised.value.problem) == ("$.Here", "the template defines no condition D")


def test_settings() -> None:
    """Settings are those that were given, or else what the template's metadata states."""
    assert template().settings is None
    stated: Json = {"worthwatch:settings": {"stage": "prod"}}
    assert template(Metadata=stated).settings == {"stage": "prod"}
    assert template(Metadata={"worthwatch:settings": ["prod"]}).settings is None
    document: Json = {"Resources": {"Table": TABLE}, "Metadata": stated}
    assert Template("t", document, given_settings={"stage": "dev"}).settings == {"stage": "dev"}


def test_lineage() -> None:
    """What made a resource is known where a construct tree shows it."""
    document: Json = {"Resources": {"Table": TABLE}}
    assert [Template("t", document, tree).lineage("Table") for tree in ({"Table": ("a@1",)}, {}, None)] == [
        ("a@1",),
        None,
        None,
    ]


def test_settings_in_words() -> None:
    """Metadata may say "true" for true, as everywhere in a template; any other word is a word."""
    stated = {"a": "true", "b": "false", "c": True, "d": "True", "e": 1, "f": "no"}
    assert template(Metadata={"worthwatch:settings": stated}).settings == {**stated, "a": True, "b": False}


def test_a_setting() -> None:
    """A setting is one of its choices, or is not stated; of any other nobody knows what it means."""
    told = template(Metadata={"worthwatch:settings": {"stage": "prod", "size": 1}})
    assert (told.setting("stage", ["dev", "prod"]), told.setting("other", ["dev"])) == ("prod", None)
    assert template().setting("stage", ["dev"]) is None
    for name, choices, said in (("stage", ["dev"], '"prod"'), ("size", [True], "1")):
        with pytest.raises(UndeterminedError) as raised:
            told.setting(name, choices)
        assert (raised.value.reason, raised.value.path) == (
            f"the settings state {name} as {said}, which it cannot be",
            f"$.Metadata['worthwatch:settings'].{name}",
        )


@pytest.mark.parametrize(
    ("stated", "reason", "place"),
    [
        *((one, "the settings are no object", "") for one in ([1], "prod", None, True)),
        ({"Stage": "prod"}, "the settings state Stage, which is no setting; is stage meant?", ""),
        ({"stage": "prod", "STAGE": 1}, "the settings state STAGE, which is no setting; is stage meant?", ""),
        ({"stage": None}, "the settings state stage as null, which it cannot be", ".stage"),
    ],
)
def test_settings_that_nobody_can_read(stated: object, reason: str, place: str) -> None:
    """Settings that are there and cannot be read are not as good as none."""
    with pytest.raises(UndeterminedError) as raised:
        template(Metadata={"worthwatch:settings": stated}).setting("stage", ["dev", "prod"])
    assert (raised.value.reason, raised.value.path) == (reason, f"$.Metadata['worthwatch:settings']{place}")


def test_conditions_of_a_macro() -> None:
    """Where a macro stands among the conditions it may define any that is not there, and none that is."""
    same: Json = {"Fn::Equals": [1, 1]}
    told = template(Conditions={"C": same, "Fn::Transform": {"Name": "Company::Own"}})
    assert told.condition("C", "$") == same
    with pytest.raises(UndeterminedError) as raised:
        told.condition("D", "$.Here")
    assert (raised.value.reason, raised.value.path) == (
        "a macro may define the condition D at deployment",
        "$.Conditions",
    )


def test_conditions_that_are_refused() -> None:
    """What CloudFormation refuses of a condition is raised for it alone, not for one whose name begins as its does."""
    same: Json = {"Fn::Equals": [1, 1]}
    told = template(Conditions={"C": same, "CC": {"Fn::Equals": [1]}, "D": {"Fn::Not": [{"Fn::Equals": [1]}]}})
    assert told.condition("C", "$") == same
    for name, path in (("CC", "$.Conditions.CC"), ("D", "$.Conditions.D['Fn::Not'][0]")):
        with pytest.raises(TemplateError, match="a condition is Fn::Equals of two values") as raised:
            told.condition(name, "$")
        assert raised.value.path == path


def looped(values: object, **given: str) -> Template:
    """Make a template whose tables a loop makes of what the mapping has for the stage, which is dev by default."""
    document: Json = {
        "Transform": "AWS::LanguageExtensions",
        "Parameters": {"Stage": {"Type": "String", "Default": "dev"}, "Other": {"Type": "String"}},
        "Mappings": {"Of": {"dev": {"Names": values}}},
        "Resources": {"Fn::ForEach::L": ["X", {"Fn::FindInMap": ["Of", {"Ref": "Stage"}, "Names"]}, {"T${X}": TABLE}]},
    }
    return Template("t", document, given_parameters=given)


def test_by_default() -> None:
    """By default a loop runs over what the defaults of the parameters say; what was given of others is kept."""
    told = looped(["a", "b"], Other="o")
    assert (list(told.resources), list(told.pending)) == (["Fn::ForEach::L"], ["Fn::ForEach"])
    assert (list(told.by_default.resources), told.by_default.pending) == (["Ta", "Tb"], {})
    assert told.by_default.given_parameters == {"Other": "o", "Stage": "dev"}


def test_by_default_without_resources() -> None:
    """Where loops make nothing by default the template is judged as it stands."""
    told = looped([])
    assert told.by_default is told


def test_resources_of_no_type() -> None:
    """A resource that is no object, or of no type, has none, and its path begins with the template's scope."""
    told = Template("t", {"Resources": {"A": {}, "B": "x", "C": {"Type": 1}}}, scope="(s)")
    assert told.resources == {
        "A": Resource("A", "", {}, "(s)$.Resources.A", told),
        "B": Resource("B", "", {}, "(s)$.Resources.B", told),
        "C": Resource("C", "1", {"Type": 1}, "(s)$.Resources.C", told),
    }


def test_sections() -> None:
    """A section is given as it stands, and is empty where there is none."""
    told = template(Mappings={"M": {}})
    assert (told.section("Mappings"), told.mappings, told.section("Outputs")) == ({"M": {}}, {"M": {}}, {})


@pytest.mark.parametrize(
    ("given", "message", "shown"),
    [
        ({}, "hunter2 and c3VtbWVy are told", "hunter2 and c3VtbWVy are told"),
        ({"Key": "hunter2"}, "xhunter2x is told", "x(hidden)x is told"),
        ({"Key": "aHR0cDov"}, "bases are told", "bases are told"),
        ({"Key": "Secret"}, "U2VjcmV0 is told", "(hidden) is told"),
        ({"Key": "Secret1"}, "U2VjcmV0MQ== is told", "(hidden) is told"),
        ({"Key": "a"}, "a table's name is a", "(hidden) table's name is (hidden)"),
        ({"Keys": "hunter2,summer"}, "the mode is summer", "the mode is (hidden)"),
        ({"Key": "left-right"}, "the mode is right, no upright", "the mode is (hidden), no upright"),
        ({"Open": "hunter2"}, "hunter2 is told", "hunter2 is told"),
        ({"Key": "abc"}, "xabcx or abc", "xabcx or (hidden)"),
        ({"Key": "abcd"}, "xabcdx or abcd", "x(hidden)x or (hidden)"),
        ({"Key": "a.b.c"}, "aXbXc is told", "aXbXc is told"),
        ({"Key": "long-er", "Keys": "long-er-still"}, "long-er-still is told", "(hidden) is told"),
        ({}, "a == b is told", "a == b is told"),
        ({"Key": "a-b"}, "a-b is told", "(hidden) is told"),
        ({"Key": "Secret1"}, "U2VjcmV0MQ is told", "(hidden) is told"),
        ({"Key": "SecreW"}, "U2VjcmVX is told", "(hidden) is told"),
        ({"Key": "half-\ud800"}, "half-\ud800 is told", "(hidden) is told"),
    ],
)
def test_secrets(given: dict[str, str], message: str, shown: str) -> None:
    """No value of a NoEcho parameter is shown, nor a word of it, nor the Base64 of either."""
    secret: Json = {"Type": "String", "NoEcho": True}
    declared = {"Key": secret, "Keys": {**secret, "Type": "CommaDelimitedList"}, "Open": {"Type": "String"}}
    document: Json = {"Resources": {"Table": TABLE}, "Parameters": declared}
    assert Template("t", document, given_parameters=given).without_secrets(message) == shown
