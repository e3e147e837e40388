"""What is declared of values that a template does not tell."""

import pytest

from policies.declarations import declared, meet, of_environment
from policies.parameters import Parameter, read_parameter
from policies.values import NO, YES, Truth, unknown

Json = dict[str, object]
PARAMETERS = {
    "Ref P": read_parameter("P", {"Type": "String", "AllowedPattern": "[a-z]+"}),
    "Ref L": read_parameter("L", {"Type": "CommaDelimitedList", "AllowedPattern": "^[a-z]+$"}),
    "Ref C": read_parameter("C", {"Type": "CommaDelimitedList", "AllowedValues": ["a.b", "c"]}),
    "Ref N": read_parameter("N", {"Type": "List<Number>"}),
    "Ref S": read_parameter("S", {"Type": "AWS::SSM::Parameter::Value<List<String>>", "AllowedValues": ["/x"]}),
    "(child)Ref L": read_parameter("L", {"Type": "CommaDelimitedList", "AllowedValues": ["x"]}),
}
DOUBT = unknown("whether two parameters may have the same value hangs on their AllowedPatterns")


@pytest.mark.parametrize(
    ("key", "value", "answer"),
    [
        ("Ref P", "abc", YES),
        ("Ref P", "ABC", NO),
        ("Ref L", "ABC", None),
        ("Ref Nowhere", "ABC", None),
        ("item 0 of Ref L", "abc", YES),
        ("item 12 of Ref L", "ABC", NO),
        ("item 0 of Ref N", "1.5", YES),
        ("item 0 of Ref N", "abc", NO),
        ("item 0 of Ref S", "abc", None),
        ("item 0 of Ref P", "ABC", None),
        ("item 0 of (child)Ref L", "x", YES),
        ("item 0 of (child)Ref L", "abc", NO),
        ('Fn::Join [",", {"Ref": "L"}]', "a,b", YES),
        ('Fn::Join [",", {"Ref": "L"}]', "a,B", NO),
        ('Fn::Join ["", {"Ref": "C"}]', "a.bc", YES),
        ('Fn::Join ["", {"Ref": "C"}]', "axb", NO),
        ('Fn::Join ["", {"Ref": "C"}]', "", NO),
        ('(child)Fn::Join ["-", {"Ref": "L"}]', "x-x", YES),
        ('(child)Fn::Join ["-", {"Ref": "L"}]', "a", NO),
        ('Fn::Join ["", {"Ref": "N"}]', "x", None),
        ('Fn::Join ["", {"Ref": "P"}]', "X", None),
        ('Fn::Length {"Ref": "L"}', "1", YES),
        ('Fn::Length {"Ref": "L"}', "0", NO),
        ('Fn::Length {"Ref": "L"}', "x", NO),
        ('Fn::Length {"Fn::GetAZs": ""}', "0", YES),
        ('Fn::Length {"Fn::GetAZs": ""}', "two", NO),
        ("AWS::AccountId", "111122223333", YES),
        ("AWS::AccountId", "prod", NO),
        ("AWS::Region", "", NO),
        ("(child)AWS::StackName", "orders-prod", YES),
        ("(child)AWS::StackName", "", NO),
        ("AWS::StackId", "", None),
    ],
)
def test_declared(key: str, value: str, answer: Truth | None) -> None:
    """A value is admitted by what is declared of the unknown with the key; None: nothing is."""
    found = declared(PARAMETERS, key)
    assert (None if found is None else found.admits(value)) == answer


def parameter(**body: object) -> Parameter:
    """Declare a parameter."""
    return read_parameter("P", {"Type": "String", **body})


@pytest.mark.parametrize(
    ("parameters", "answer"),
    [
        ([], YES),
        ([parameter(), parameter(AllowedPattern="a+")], YES),
        ([parameter(AllowedPattern="a+"), parameter(AllowedPattern="a+")], YES),
        ([parameter(AllowedPattern="a+"), parameter(AllowedPattern="b+")], NO),
        ([parameter(AllowedPattern="[a-z]+"), parameter(AllowedPattern="[a-z0-9]+")], YES),
        ([parameter(AllowedPattern="[a-z]+x"), parameter(AllowedPattern="[a-z]+y")], DOUBT),
        ([parameter(AllowedPattern="(?=p).*"), parameter(AllowedPattern="q")], DOUBT),
        ([parameter(MaxLength=2), parameter(MinLength=3)], NO),
        ([parameter(MaxLength=3), parameter(MinLength=3)], YES),
        ([parameter(Type="Number", MaxValue=3), parameter(Type="Number", MinValue=5)], NO),
        ([parameter(Type="Number", MaxValue=3), parameter(Type="Number", MinValue=3)], YES),
        ([parameter(Type="Number"), parameter(AllowedPattern="[a-z]+")], NO),
    ],
)
def test_meet(parameters: list[Parameter], answer: Truth) -> None:
    """Parameters may have one value where no bound and no pattern of one keeps it from the other."""
    assert meet(parameters) == answer


@pytest.mark.parametrize(
    ("region", "partition", "found"),
    [
        (None, None, {}),
        ("eu-west-1", None, {"AWS::Partition": "aws", "AWS::URLSuffix": "amazonaws.com"}),
        ("cn-north-1", None, {"AWS::Partition": "aws-cn", "AWS::URLSuffix": "amazonaws.com.cn"}),
        (None, "aws-us-gov", {"AWS::Partition": "aws-us-gov", "AWS::URLSuffix": "amazonaws.com"}),
        (None, "another", {"AWS::Partition": "another"}),
    ],
)
def test_of_environment(region: object, partition: object, found: Json) -> None:
    """The partition follows from the region, and the suffix of URLs from the partition."""
    assert of_environment(region, partition) == found
