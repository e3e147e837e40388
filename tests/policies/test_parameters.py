"""Parameters: what their declarations let a deployment give."""

from dataclasses import replace
from math import inf

import pytest

from policies.parameters import Parameter, read_parameter, unknown_of
from policies.values import NO, YES, Truth, Unknown

Json = dict[str, object]


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
        (
            {"Type": "String", "Default": "Dev", "AllowedValues": ["Dev", "PROD"]},
            Parameter("P", "String", "Dev", ("Dev", "PROD"), secret=False),
            False,
        ),
        ({"Type": "String", "AllowedValues": []}, Parameter("P", "String", None, None, secret=False), False),
        ({"Type": "String", "AllowedValues": "a"}, Parameter("P", "String", None, None, secret=False), False),
        ({"Type": "String", "NoEcho": True}, Parameter("P", "String", None, None, secret=True), False),
        ({"Type": "String", "NoEcho": "true"}, Parameter("P", "String", None, None, secret=True), False),
        ({"Type": "String", "NoEcho": "false"}, Parameter("P", "String", None, None, secret=False), False),
        ({"Type": "CommaDelimitedList"}, Parameter("P", "CommaDelimitedList", None, None, secret=False), True),
        ({"Type": "List<Number>"}, Parameter("P", "List<Number>", None, None, secret=False), True),
        ({}, Parameter("P", "String", None, None, secret=False), False),
        ({"AllowedPattern": "a|b"}, Parameter("P", "String", None, None, secret=False, pattern="a|b"), False),
        ({"AllowedPattern": ["a"]}, Parameter("P", "String", None, None, secret=False), False),
        (
            {"MinLength": "1", "MaxLength": 2, "MinValue": "-1.5", "MaxValue": 3},
            Parameter("P", "String", None, None, secret=False, lengths=(1, 2), values=(-1.5, 3)),
            False,
        ),
        (
            {"MinLength": "x", "MaxLength": [], "MinValue": None, "MaxValue": 10**400},
            Parameter("P", "String", None, None, secret=False, lengths=(0, inf), values=(-inf, inf)),
            False,
        ),
        (
            {"Type": "AWS::SSM::Parameter::Value<List<String>>"},
            Parameter("P", "AWS::SSM::Parameter::Value<List<String>>", None, None, secret=False),
            True,
        ),
        (
            {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/x", "AllowedValues": ["/x"]},
            Parameter("P", "AWS::SSM::Parameter::Value<String>", "/x", ("/x",), secret=False),
            False,
        ),
    ],
)
def test_parameters(declared: Json, parameter: Parameter, is_list: bool) -> None:
    """A parameter is told with its default and allowed values as CloudFormation's strings."""
    told = read_parameter("P", declared)
    assert (told, told.is_list) == (parameter, is_list)


@pytest.mark.parametrize(
    ("declared", "value", "answer"),
    [
        ({"Type": "String"}, "", YES),
        ({"Type": "String", "AllowedValues": ["a"]}, "a", YES),
        ({"Type": "String", "AllowedValues": ["a"]}, "b", NO),
        ({"Type": "String", "AllowedPattern": "[a-z]+"}, "b", YES),
        ({"Type": "String", "AllowedPattern": "[a-z]+"}, "b1", NO),
        ({"Type": "String", "MinLength": 1}, "", NO),
        ({"Type": "String", "MinLength": "1", "MaxLength": 2}, "ab", YES),
        ({"Type": "String", "MaxLength": 2}, "abc", NO),
        ({"Type": "String", "MinLength": 1}, "a", YES),
        ({"Type": "String", "MinLength": 1, "AllowedPattern": "[a-z]*"}, "", NO),
        ({"Type": "String", "MinValue": 1}, "0", YES),
        ({"Type": "Number"}, "1.5", YES),
        ({"Type": "Number"}, "one", NO),
        ({"Type": "Number", "MinValue": 1, "MaxValue": "2"}, "2", YES),
        ({"Type": "Number", "MinValue": 1, "MaxValue": "2"}, "3", NO),
        ({"Type": "Number", "MinValue": 1, "MaxValue": "2"}, "1", YES),
        ({"Type": "Number", "MinValue": 1, "MaxValue": "2"}, "0.5", NO),
        ({"Type": "Number", "MaxLength": 1}, "22", YES),
        ({"Type": "AWS::EC2::VPC::Id"}, "", NO),
        ({"Type": "AWS::EC2::VPC::Id"}, "vpc-1", YES),
        ({"Type": "CommaDelimitedList", "AllowedValues": ["a", "b"]}, "b, a", YES),
        ({"Type": "CommaDelimitedList", "AllowedValues": ["a", "b"]}, "a,c", NO),
        ({"Type": "CommaDelimitedList"}, "", YES),
        ({"Type": "CommaDelimitedList", "AllowedPattern": "[a-z]+"}, "a, b", YES),
        ({"Type": "CommaDelimitedList", "AllowedPattern": "[a-z]+"}, "A,b", NO),
        ({"Type": "List<Number>"}, "1, 2.5", YES),
        ({"Type": "List<Number>"}, "1,x", NO),
        ({"Type": "List<AWS::EC2::Subnet::Id>"}, "subnet-1,", NO),
    ],
)
def test_admits(declared: Json, value: str, answer: Truth) -> None:
    """A value is admitted where it keeps all that the declaration says."""
    assert read_parameter("P", declared).admits(value) == answer


@pytest.mark.parametrize(
    ("declared", "choices"),
    [
        ({"Type": "String"}, None),
        ({"Type": "String", "AllowedValues": ["a", "a", "b"]}, ("a", "b")),
        ({"Type": "String", "AllowedValues": ["a", "bb"], "MaxLength": 1}, ("a",)),
        ({"Type": "String", "AllowedValues": ["a", "b"], "AllowedPattern": "[b-z]"}, ("b",)),
        ({"Type": "String", "AllowedValues": ["a", "1"], "AllowedPattern": "[a-z]+"}, ("a",)),
        ({"Type": "String", "AllowedPattern": "^(dev|prod)$"}, ("dev", "prod")),
        ({"Type": "String", "AllowedPattern": "^(dev|prod)$", "MinLength": 4}, ("prod",)),
        ({"Type": "String", "AllowedPattern": "[a-z]+"}, None),
        ({"Type": "Number", "AllowedValues": [1, 5], "MaxValue": 4}, ("1",)),
        ({"Type": "String", "MaxLength": 0}, ("",)),
        ({"Type": "CommaDelimitedList", "AllowedValues": ["a"]}, None),
        ({"Type": "AWS::SSM::Parameter::Value<String>", "AllowedValues": ["/x"]}, None),
    ],
)
def test_choices(declared: Json, choices: tuple[str, ...] | None) -> None:
    """The values that a parameter may have are listed where its declaration makes them finite."""
    assert read_parameter("P", declared).choices == choices


@pytest.mark.parametrize(
    ("declared", "asserted", "choices"),
    [
        ({"Type": "String"}, ("a", "b"), ("a", "b")),
        ({"Type": "String"}, (), ()),
        ({"Type": "String", "MaxLength": 1}, ("a", "bb"), ("a",)),
        ({"Type": "String", "AllowedValues": ["a", "b", "c"]}, ("d", "c", "b"), ("b", "c")),
        ({"Type": "CommaDelimitedList"}, ("a",), None),
    ],
)
def test_choices_that_rules_leave(declared: Json, asserted: tuple[str, ...], choices: tuple[str, ...] | None) -> None:
    """Of the values that a declaration allows, those are left that the template's Rules list."""
    parameter = replace(read_parameter("P", declared), asserted=asserted)
    assert parameter.choices == choices
    assert [parameter.may_be(value) for value in ("a", "z")] == [choices is None or "a" in choices, choices is None]


def test_items() -> None:
    """Each item of a list keeps what is declared of all, but for the bounds of strings and numbers."""
    declared = {"Type": "CommaDelimitedList", "AllowedPattern": "a|b", "MaxLength": 1}
    assert read_parameter("L", declared).item == Parameter("L", "String", None, None, secret=False, pattern="a|b")
    assert read_parameter("L", declared).item.choices == ("a", "b")
    numbers = read_parameter("L", {"Type": "List<Number>", "MinValue": 1}).item
    assert numbers == Parameter("L", "Number", None, None, secret=False)
    ids = read_parameter("L", {"Type": "List<AWS::EC2::VPC::Id>", "MinLength": 9}).item
    assert ids == Parameter("L", "AWS::EC2::VPC::Id", None, None, secret=False)


@pytest.mark.parametrize(
    ("declared", "value", "answer"),
    [
        ({"AllowedValues": ["a"]}, "a", True),
        ({"AllowedValues": ["a"]}, "b", False),
        ({"AllowedPattern": "a|b"}, "b", True),
        ({"AllowedPattern": "a|b"}, "c", False),
        ({"AllowedPattern": "[a-z]+"}, "a", True),
        ({"AllowedPattern": "[a-z]+"}, "A", False),
        ({"AllowedPattern": "(?=a)a"}, "a", True),
    ],
)
def test_may_be(declared: Json, value: str, answer: bool) -> None:
    """A value may be given where nothing that is declared excludes it, as far as it is understood."""
    assert read_parameter("P", declared).may_be(value) is answer


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("String", "parameter P may be given any value"),
        ("AWS::SSM::Parameter::Name", "parameter P may be given any value"),
        ("AWS::SSM::Parameter::Value<String>", "parameter P is read from the SSM Parameter Store at deployment"),
    ],
)
def test_unknown_of(kind: str, reason: str) -> None:
    """Until a deployment gives it a parameter's value is unknown, for a reason that names the parameter."""
    assert unknown_of("Ref P", read_parameter("P", {"Type": kind})) == Unknown("Ref P", reason)
