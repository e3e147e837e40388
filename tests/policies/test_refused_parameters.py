"""What CloudFormation refuses of a parameter's declaration, and what it accepts."""

from __future__ import annotations

import pytest

from policies.refused_parameters import problems
from policies.signatures import Place

Json = dict[str, object]
Problem = tuple[str, str]

NEEDS_A_TYPE = "a parameter needs a type, which is a string"
A_TYPE = "a parameter is a String, a Number, a CommaDelimitedList, a List<Number> or of a type of AWS"
A_STRING = "a string is expected here"
A_LIST = "a list is expected here"
A_NUMBER = "a number is expected here"
A_LENGTH = "a whole number is expected here"
A_PATTERN = "a regular expression is expected here"
NONE_OF_THEM = "the default is none of AllowedValues"

OF_AWS = (
    *("AWS::EC2::AvailabilityZone::Name", "AWS::EC2::Image::Id", "AWS::EC2::Instance::Id"),
    *("AWS::EC2::KeyPair::KeyName", "AWS::EC2::KeyPair::KeyPairName", "AWS::EC2::SecurityGroup::GroupName"),
    *("AWS::EC2::SecurityGroup::Id", "AWS::EC2::Subnet::Id", "AWS::EC2::VPC::Id", "AWS::EC2::Volume::Id"),
    *("AWS::Route53::HostedZone::Id", "AWS::SSM::Parameter::Name"),
)
PLAIN = ("String", "Number", *OF_AWS)
LISTS = ("CommaDelimitedList", *(f"List<{kind}>" for kind in PLAIN))


def told(body: Json) -> list[Problem]:
    """Return the problems of a declaration of a parameter, each with its place within."""
    return [(one.path.removeprefix("$.P"), one.problem) for one in problems(body, Place() / "P")]


@pytest.mark.parametrize("kind", [*PLAIN, *LISTS])
def test_types(kind: str) -> None:
    """A parameter is of each type that CloudFormation lists, or is one that is kept in the Parameter Store."""
    assert told({"Type": kind}) == []
    assert told({"Type": f"AWS::SSM::Parameter::Value<{kind}>"}) == []


@pytest.mark.parametrize(
    "kind",
    [
        *("", "string", "Boolean", "List", "List<>", "List<List<String>>", "List<CommaDelimitedList>", " String"),
        *("String\n", "Strings", "AWS::EC2::Image", "AWS::EC2::VPC::Ids", "AWS::S3::Bucket::Name"),
        *("AWS::SSM::Parameter::Value", "AWS::SSM::Parameter::Value<Any>"),
        "AWS::SSM::Parameter::Value<AWS::SSM::Parameter::Value<String>>",
    ],
)
def test_types_that_there_are_not(kind: str) -> None:
    """A type that CloudFormation does not list is told."""
    assert told({"Type": kind}) == [(".Type", A_TYPE)]


@pytest.mark.parametrize("body", [{}, {"Type": None}, {"Type": ["String"]}, {"Type": 1}])
def test_a_type_is_needed(body: Json) -> None:
    """A parameter without a type, or of one that is no string, is told."""
    assert told(body) == [(".Type", NEEDS_A_TYPE)]


@pytest.mark.parametrize(
    "key", ["AllowedPattern", "ConstraintDescription", "Default", "Description", "MaxLength", "MaxValue", "MinLength"]
)
@pytest.mark.parametrize("value", [None, [], {"Ref": "Other"}])
def test_attributes_are_strings(key: str, value: object) -> None:
    """Each attribute of a parameter is a string or what CloudFormation makes one of: no null, list or object."""
    assert told({"Type": "String", key: value}) == [(f".{key}", A_STRING)]


def test_all_attributes() -> None:
    """Each attribute that is wrong is told, in one order, whichever the template's, and so is each allowed value."""
    last_to_first = ("MinValue", "MinLength", "MaxValue", "MaxLength", "NoEcho", "Description", "Default")
    every: Json = {key: [] for key in (*last_to_first, "ConstraintDescription", "AllowedPattern")}
    every["AllowedValues"] = ["a", [], 1, None]
    assert told({"Type": "String", **every}) == [
        *((f".{key}", A_STRING) for key in ("AllowedPattern", "ConstraintDescription", "Default", "Description")),
        *((f".{key}", A_STRING) for key in ("NoEcho", "MaxLength", "MaxValue", "MinLength", "MinValue")),
        *((f".AllowedValues[{i}]", A_STRING) for i in (1, 3)),
    ]


@pytest.mark.parametrize("allowed", ["a", None, {"a": "b"}, 1])
def test_allowed_values_are_a_list(allowed: object) -> None:
    """Allowed values that are no list are told, and nothing is said of the default for them."""
    assert told({"Type": "String", "Default": "x", "AllowedValues": allowed}) == [(".AllowedValues", A_LIST)]


@pytest.mark.parametrize(
    "body",
    [
        {"Type": "String", "Default": "a", "AllowedValues": ["b", "a"]},
        {"Type": "String", "Default": True, "AllowedValues": ["true"]},
        {"Type": "String", "Default": "a", "AllowedValues": []},
        {"Type": "Number", "Default": 1, "AllowedValues": ["1", 2]},
        {"Type": "CommaDelimitedList", "Default": "a,b", "AllowedValues": ["a", "b"]},
        {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/a", "AllowedValues": ["/b"]},
        {"Type": "String", "Default": "a"},
    ],
)
def test_defaults(body: Json) -> None:
    """A default is one of the allowed values, if any are named, of a type that takes one value of the template."""
    assert told(body) == []


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"Type": "String", "Default": "x", "AllowedValues": ["a", "b"]}, NONE_OF_THEM),
        ({"Type": "Number", "Default": 1, "AllowedValues": [2]}, NONE_OF_THEM),
        ({"Type": "Number", "Default": "x"}, A_NUMBER),
        ({"Type": "Number", "Default": "x", "AllowedValues": ["x"]}, A_NUMBER),
        ({"Type": "Number", "Default": "x", "AllowedValues": [1]}, A_NUMBER),
        ({"Type": "Number", "Default": ""}, A_NUMBER),
    ],
)
def test_defaults_that_are_refused(body: Json, expected: str) -> None:
    """A default that is no number where one is asked for, or none of the allowed values, is told."""
    assert told(body) == [(".Default", expected)]


@pytest.mark.parametrize("key", ["MinValue", "MaxValue"])
@pytest.mark.parametrize("value", [0, 1.5, "1", "-1", "+1", "1.", ".5", "-0.5", "10.25", "1e3", "1E-3", "1.5e+10"])
def test_numbers(key: str, value: object) -> None:
    """A bound of a number is a number, however it is written."""
    assert told({"Type": "Number", key: value, "Default": value}) == []


@pytest.mark.parametrize("key", ["MinValue", "MaxValue"])
@pytest.mark.parametrize("value", ["", "a", "1x", "x1", ".", "-", "1e", "e3", "1 ", "--1", "1.2.3", "1e1.5", True])
def test_numbers_that_are_none(key: str, value: object) -> None:
    """A bound of a number that is no number is told."""
    assert told({"Type": "Number", key: value}) == [(f".{key}", A_NUMBER)]


@pytest.mark.parametrize("key", ["MinLength", "MaxLength"])
def test_lengths(key: str) -> None:
    """A bound of a length is a number of characters."""
    assert [told({"Type": "String", key: value}) for value in (0, 19, "0", "190")] == [[]] * 4
    for value in (-1, 1.5, "", "a", "1x", "x1", "1.", False):
        assert told({"Type": "String", key: value}) == [(f".{key}", A_LENGTH)]


def test_patterns() -> None:
    """A pattern of which a bracket is not closed is told; one that is no string has been told already."""
    assert told({"Type": "String", "AllowedPattern": "("}) == [(".AllowedPattern", A_PATTERN)]
    assert told({"Type": "String", "AllowedPattern": "[a-z]+"}) == []
    assert told({"Type": "String", "AllowedPattern": 1}) == []
