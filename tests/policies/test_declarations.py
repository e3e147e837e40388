"""What is declared of values that a template does not tell."""

import pytest

from policies.declarations import declared, meet, of_environment
from policies.parameters import Parameter, read_parameter
from policies.values import NO, YES, Truth, Unknown, unknown

Json = dict[str, object]
PARAMETERS = {
    "Ref P": read_parameter("P", {"Type": "String", "AllowedPattern": "[a-z]+"}),
    "Ref L": read_parameter("L", {"Type": "CommaDelimitedList", "AllowedPattern": "^[a-z]+$"}),
    "Ref C": read_parameter("C", {"Type": "CommaDelimitedList", "AllowedValues": ["a.b", "c"]}),
    "Ref N": read_parameter("N", {"Type": "List<Number>"}),
    "Ref T": read_parameter("T", {"Type": "AWS::SSM::Parameter::Value<String>", "AllowedValues": ["/x"]}),
    "Ref E": read_parameter("E", {"Type": "CommaDelimitedList", "AllowedPattern": "[^a]"}),
    f"Ref {'L' * 996}": read_parameter("L", {"Type": "String", "AllowedValues": ["x"]}),
    f"Ref {'L' * 997}": read_parameter("L", {"Type": "String", "AllowedValues": ["x"]}),
    "(a\nb)Ref L": read_parameter("L", {"Type": "CommaDelimitedList", "AllowedValues": ["x"]}),
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
        ("Ref T", "ABC", None),
        (f"Ref {'L' * 996}", "ABC", NO),
        (f"Ref {'L' * 997}", "ABC", None),
        ("item 0 of Ref Nowhere", "x", None),
        ("item 0 of (a\nb)Ref L", "y", NO),
        ('(a\nb)Fn::Join ["", {"Ref": "L"}]', "y", NO),
        ('(a\nb)Fn::Length {"Ref": "L"}', "0", NO),
        ("(a\nb)AWS::Region", "", NO),
        ('Fn::Join ["", {"Ref": "S"}]', "y", None),
        ('Fn::Join ["", {"Ref": "Nowhere"}]', "y", None),
        ('Fn::Join [",", {"Ref": "E"}]', "b,c", YES),
        ('Fn::Join [",", {"Ref": "E"}]', "b,a", NO),
        ('Fn::Join ["\\"", {"Ref": "L"}]', 'a"b', YES),
        ('Fn::Join ["\\"", {"Ref": "L"}]', "a,b", NO),
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
        ('Fn::Length {"Ref": "Nowhere"}', "0", YES),
        ('(child)Fn::Length {"Ref": "L"}', "0", NO),
        ('(child)Fn::Length {"Ref": "P"}', "0", YES),
        ('Fn::Length {"Fn::GetAZs": ""}', "0", YES),
        ('Fn::Length {"Fn::GetAZs": ""}', "10", YES),
        ('Fn::Length {"Fn::GetAZs": ""}', "01", NO),
        ('Fn::Length {"Fn::GetAZs": ""}', "two", NO),
        ("AWS::AccountId", "111122223333", YES),
        ("AWS::AccountId", "prod", NO),
        ("AWS::Region", "", NO),
        ("AWS::Region", "x", YES),
        ("AWS::Partition", "", NO),
        ("AWS::Partition", "x", YES),
        ("AWS::URLSuffix", "", NO),
        ("AWS::URLSuffix", "x", YES),
        ("AWS::StackName", "Orders-PROD1", YES),
        ("AWS::StackName", "1st", NO),
        ("AWS::StackName", "s" * 128, YES),
        ("AWS::StackName", "s" * 129, NO),
        ("(child)AWS::StackName", "orders-prod", YES),
        ("(child)AWS::StackName", "", NO),
        ("AWS::StackId", "", None),
    ],
)
def test_declared(key: str, value: str, answer: Truth | None) -> None:
    """A value is admitted by what is declared of the unknown with the key; None: nothing is."""
    found = declared(PARAMETERS, key)
    assert (None if found is None else found.admits(value)) == answer


@pytest.mark.parametrize(
    ("key", "name"),
    [(f"AWS::{name}", name) for name in ("AccountId", "Partition", "Region", "StackName", "URLSuffix")]
    + [('Fn::Join ["", {"Ref": "C"}]', "C")],
)
def test_names(key: str, name: str) -> None:
    """What is declared of a pseudo parameter, and of a list's items joined, has its name."""
    found = declared(PARAMETERS, key)
    assert found is not None
    assert (found.name, found.type, found.secret) == (name, "String", False)


@pytest.mark.parametrize(
    ("key", "pattern"), [('Fn::Length {"Ref": "L"}', "[1-9][0-9]*"), ('Fn::Length "x"', "0|[1-9][0-9]*")]
)
def test_lengths(key: str, pattern: str) -> None:
    """The length of a list is a whole number, and of a parameter's one at least."""
    assert declared(PARAMETERS, key) == Parameter("Fn::Length", "String", None, None, secret=False, pattern=pattern)


@pytest.mark.parametrize("anchor", [r"\b", r"\B", r"\A", r"\z", r"\Z", r"\G", "^", "$"])
def test_an_anchor_within_a_pattern(anchor: str) -> None:
    """What an anchor within the pattern of an item means among others, nothing says."""
    parameters = {"Ref L": read_parameter("L", {"Type": "CommaDelimitedList", "AllowedPattern": f"a{anchor}b"})}
    assert declared(parameters, 'Fn::Join ["", {"Ref": "L"}]') is None


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
        ([parameter(Type="Number"), parameter(AllowedPattern="1e5")], YES),
        ([parameter(Type="Number"), parameter(AllowedPattern="1E[+]5")], YES),
        ([parameter(Type="Number"), parameter(AllowedPattern="-1[.]5")], YES),
        ([parameter(Type="Number", MinValue=1), parameter(Type="Number")], YES),
        ([parameter(Type="Number", MaxLength=2, AllowedPattern="a"), parameter(MinLength=3)], YES),
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
        (None, "aws-iso", {"AWS::Partition": "aws-iso", "AWS::URLSuffix": "c2s.ic.gov"}),
        (None, "aws-iso-b", {"AWS::Partition": "aws-iso-b", "AWS::URLSuffix": "sc2s.sgov.gov"}),
        (None, "aws-iso-e", {"AWS::Partition": "aws-iso-e", "AWS::URLSuffix": "cloud.adc-e.uk"}),
        (None, "aws-iso-f", {"AWS::Partition": "aws-iso-f", "AWS::URLSuffix": "csp.hci.ic.gov"}),
        (None, "aws-eusc", {"AWS::Partition": "aws-eusc", "AWS::URLSuffix": "amazonaws.eu"}),
        (Unknown("R", "later"), "aws", {"AWS::Partition": "aws", "AWS::URLSuffix": "amazonaws.com"}),
        (None, Unknown("P", "later"), {}),
        (None, {"Ref": "P"}, {}),
    ],
)
def test_of_environment(region: object, partition: object, found: Json) -> None:
    """The partition follows from the region, and the suffix of URLs from the partition."""
    assert of_environment(region, partition) == found
