"""Templates: what each section has to be, every problem at once, and what is told of parameters and resources."""

import pytest

from policies.errors import TemplateError
from policies.reading import InputError
from policies.template import Parameter, Resource, Template
from policies.values import Unknown

Json = dict[str, object]
TABLE: Json = {"Type": "AWS::DynamoDB::Table"}


def template(**sections: object) -> Template:
    """Make a template with a table."""
    return Template("t", {"Resources": {"Table": TABLE}, **sections})


NO_OBJECTS: tuple[object, ...] = ([], "a", None)
AN_OBJECT = "an object is expected here"
NEEDS_RESOURCE = "a template needs at least one resource under Resources"
RESOURCE_TYPE = "a resource needs a type, which is a string"
PARAMETER_TYPE = "a parameter needs a type, which is a string"
CONDITION_NAME = "the name of a condition is expected here"


@pytest.mark.parametrize(
    ("document", "problems"),
    [
        ({}, [f"$: {NEEDS_RESOURCE}"]),
        ({"Resources": {}}, [f"$: {NEEDS_RESOURCE}"]),
        ({"Resources": None}, [f"$.Resources: {AN_OBJECT}", f"$: {NEEDS_RESOURCE}"]),
        ({"Resources": []}, [f"$.Resources: {AN_OBJECT}"]),
        *(
            ({"Resources": {"Table": TABLE}, name: wrong}, [f"$.{name}: {AN_OBJECT}"])
            for name in ("Conditions", "Mappings", "Metadata", "Outputs", "Parameters")
            for wrong in NO_OBJECTS
        ),
        *(({"Resources": {"A": wrong}}, [f"$.Resources.A: {AN_OBJECT}"]) for wrong in NO_OBJECTS),
        *(
            ({"Resources": {"A": body}}, [f"$.Resources.A.Type: {RESOURCE_TYPE}"])
            for body in ({}, {"Type": None}, {"Type": 1}, {"Type": {"Ref": "P"}})
        ),
        *(
            ({"Resources": {"A": {**TABLE, "Properties": wrong}}}, [f"$.Resources.A.Properties: {AN_OBJECT}"])
            for wrong in NO_OBJECTS
        ),
        *(
            ({"Resources": {"A": {**TABLE, "Condition": wrong}}}, [f"$.Resources.A.Condition: {CONDITION_NAME}"])
            for wrong in ({"Fn::Equals": [1, 1]}, True, None)
        ),
        ({"Resources": {"a'b": []}}, [f"$.Resources['a\\'b']: {AN_OBJECT}"]),
        ({"Resources": {"A": TABLE}, "Parameters": {"P": []}}, [f"$.Parameters.P: {AN_OBJECT}"]),
        ({"Resources": {"A": TABLE}, "Parameters": {"P": {}}}, [f"$.Parameters.P.Type: {PARAMETER_TYPE}"]),
        (
            {
                "Resources": {"A": TABLE},
                "Parameters": {"P": {"Type": "String", "Default": "x", "AllowedValues": ["a", "b"]}},
            },
            ["$.Parameters.P.Default: the default is none of AllowedValues"],
        ),
        (
            {"Resources": {"A": [], "B": {"Properties": []}}, "Outputs": [], "Parameters": {"P": {"Type": 1}}},
            [
                f"$.Outputs: {AN_OBJECT}",
                f"$.Resources.A: {AN_OBJECT}",
                f"$.Resources.B.Type: {RESOURCE_TYPE}",
                f"$.Resources.B.Properties: {AN_OBJECT}",
                f"$.Parameters.P.Type: {PARAMETER_TYPE}",
            ],
        ),
    ],
)
def test_problems(document: Json, problems: list[str]) -> None:
    """A template of the wrong kind is refused, with every place of it in one message."""
    with pytest.raises(InputError) as raised:
        Template("t.json", document)
    assert (raised.value.where, raised.value.problem) == ("t.json", "; ".join(problems))


def test_resources() -> None:
    """Resources are told with their logical id, type, body and path; tables are those of both types."""
    body: Json = {"Type": "AWS::DynamoDB::GlobalTable", "Condition": "C"}
    role: Json = {"Type": "AWS::IAM::Role"}
    told = Template("t", {"Resources": {"B": body, "R": role, "A": TABLE}})
    b = Resource("B", "AWS::DynamoDB::GlobalTable", body, "$.Resources.B")
    a = Resource("A", "AWS::DynamoDB::Table", TABLE, "$.Resources.A")
    r = Resource("R", "AWS::IAM::Role", role, "$.Resources.R")
    assert told.resources == {"B": b, "R": r, "A": a}
    assert (told.tables, told.of_type("AWS::IAM::Role"), told.of_type("X")) == ((b, a), (r,), ())


@pytest.mark.parametrize(
    ("declared", "parameter", "is_list"),
    [
        ({"Type": "String"}, Parameter("P", "String", None, None, secret=False), False),
        ({"Type": "String", "Default": ""}, Parameter("P", "String", "", None, secret=False), False),
        ({"Type": "Number", "Default": 5}, Parameter("P", "Number", "5", None, secret=False), False),
        (
            {"Type": "String", "Default": True, "AllowedValues": [True, False, "x", 1]},
            Parameter("P", "String", "true", ("true", "false", "x", "1"), secret=False),
            False,
        ),
        ({"Type": "String", "AllowedValues": []}, Parameter("P", "String", None, None, secret=False), False),
        ({"Type": "String", "AllowedValues": "a"}, Parameter("P", "String", None, None, secret=False), False),
        ({"Type": "String", "NoEcho": True}, Parameter("P", "String", None, None, secret=True), False),
        ({"Type": "String", "NoEcho": "true"}, Parameter("P", "String", None, None, secret=True), False),
        ({"Type": "String", "NoEcho": "false"}, Parameter("P", "String", None, None, secret=False), False),
        ({"Type": "CommaDelimitedList"}, Parameter("P", "CommaDelimitedList", None, None, secret=False), True),
        ({"Type": "List<Number>"}, Parameter("P", "List<Number>", None, None, secret=False), True),
        (
            {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/x", "AllowedValues": ["/x"]},
            Parameter("P", "AWS::SSM::Parameter::Value<String>", None, None, secret=False),
            False,
        ),
    ],
)
def test_parameters(declared: Json, parameter: Parameter, is_list: bool) -> None:
    """A parameter is told with its default and allowed values as CloudFormation's strings."""
    told = template(Parameters={"P": declared}).parameters
    assert told == {"P": parameter}
    assert told["P"].is_list is is_list


def test_what_is_behind_an_unknown() -> None:
    """Allowed values and secrecy are a parameter's, by the key of its unknown."""
    told = template(Parameters={"P": {"Type": "String", "AllowedValues": ["a"], "NoEcho": True}})
    key = told.parameters["P"].hidden.key
    assert told.parameters["P"].hidden == Unknown("Ref P", "parameter P may be given any value")
    assert (told.allowed_values(key), told.is_secret(key)) == (("a",), True)
    assert (told.allowed_values("AWS::Region"), told.is_secret("AWS::Region")) == (None, False)


def test_conditions() -> None:
    """A condition is given as it stands; one that is not defined is an error where it is asked for."""
    told = template(Conditions={"C": {"Fn::Equals": [1, 1]}})
    assert told.condition("C", "$") == {"Fn::Equals": [1, 1]}
    with pytest.raises(TemplateError) as raised:
        told.condition("D", "$.Here")
    assert (raised.value.path, raised.value.problem) == ("$.Here", "the template defines no condition D")


@pytest.mark.parametrize(
    ("document", "macros"),
    [
        ({}, ()),
        ({"Transform": "AWS::LanguageExtensions"}, ()),
        ({"Transform": ["AWS::SecretsManager-2020-07-23", "AWS::LanguageExtensions"]}, ()),
        ({"Transform": "AWS::Serverless-2016-10-31"}, ("AWS::Serverless-2016-10-31",)),
        ({"Transform": ["Mine", "AWS::LanguageExtensions", "Mine", "Other"]}, ("Mine", "Other")),
        ({"Transform": {"Name": "AWS::Include", "Parameters": {}}}, ("Fn::Transform",)),
        ({"Transform": None}, ("Fn::Transform",)),
        ({"Resources": {"Table": TABLE, "Fn::ForEach::X": ["x", ["a"], {}]}}, ("Fn::ForEach",)),
        ({"Resources": {"Table": TABLE, "Fn::Transform": {"Name": "AWS::Include"}}}, ("Fn::Transform",)),
    ],
)
def test_macros(document: Json, macros: tuple[str, ...]) -> None:
    """The macros that rewrite the template are named once each; harmless ones are not."""
    assert template(**document).macros == macros


def test_settings() -> None:
    """Settings are those that were given, or else what the template's metadata states."""
    assert template().settings is None
    stated: Json = {"worthwatch:settings": {"stage": "prod"}}
    assert template(Metadata=stated).settings == {"stage": "prod"}
    assert template(Metadata={"worthwatch:settings": ["prod"]}).settings is None
    document: Json = {"Resources": {"Table": TABLE}, "Metadata": stated}
    assert Template("t", document, given_settings={"stage": "dev"}).settings == {"stage": "dev"}


def test_sections() -> None:
    """A section is given as it stands, and is empty where there is none."""
    told = template(Mappings={"M": {}})
    assert (told.section("Mappings"), told.mappings, told.section("Outputs")) == ({"M": {}}, {"M": {}}, {})
