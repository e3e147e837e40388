"""Templates: what each section has to be, every problem at once, and what is told of parameters and resources."""

import pytest

from policies.errors import TemplateError
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
    ],
)
def test_secrets(given: dict[str, str], message: str, shown: str) -> None:
    """No value of a NoEcho parameter is shown, nor a word of it, nor the Base64 of either."""
    secret: Json = {"Type": "String", "NoEcho": True}
    declared = {"Key": secret, "Keys": {**secret, "Type": "CommaDelimitedList"}, "Open": {"Type": "String"}}
    document: Json = {"Resources": {"Table": TABLE}, "Parameters": declared}
    assert Template("t", document, given_parameters=given).without_secrets(message) == shown
