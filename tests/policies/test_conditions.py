"""The conditions of IAM statements, by the tables of IAM's own documentation."""

import pytest

from policies.conditions import Condition, Request, request_of, resolved
from policies.values import NO, YES, Origin, Text, Truth, Unknown, unknown

ACCOUNT = "111122223333"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/service/serve"
FUNCTION = f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:serve"
TABLE = f"arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/orders"

NAMED_LATER = Unknown("Ref Role", "Role is named at deployment", Origin.GENERATED, atomic=True)
PARTITION = Unknown("AWS::Partition", "AWS::Partition is known at deployment only", atomic=True)
FREE = Unknown("Ref Free", "parameter Free may be given any value")
IS_FREE = unknown(FREE.reason)


def tags() -> dict[str, Text]:
    """Return the tags of the role, by key in lower case."""
    return {
        "team": Text.of("Orders"),
        "level": Text.of("7"),
        "address": Text.of("10.0.0.7"),
        "since": Text.of("2024-02-29T12:00:00Z"),
        "odd": Text.of("a*c"),
        "later": Text((FREE,)),
        "empty": Text.of(""),
    }


def function() -> Text:
    """Return the ARN of the function."""
    return Text.of(FUNCTION)


REQUEST = request_of(Text.of(ROLE), function, Text.of(TABLE), Text.of(ACCOUNT), tags)


def met(operator: str, key: str, *values: str | Text, request: Request = REQUEST, variables: bool = True) -> Truth:
    """Tell whether a condition is met."""
    texts = tuple(value if isinstance(value, Text) else Text.of(value) for value in values)
    return Condition(operator, key, texts, variables).met(request)


def by_request(key: str) -> Truth:
    """Return the answer that only the request has."""
    return unknown(f"the condition on {key} is decided by each request")


# What is certain of a request


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("aws:SecureTransport", "true"),
        ("aws:ViaAWSService", "false"),
        ("aws:PrincipalIsAWSService", "false"),
        ("aws:PrincipalType", "AssumedRole"),
        ("aws:PrincipalArn", ROLE),
        ("aws:PrincipalAccount", ACCOUNT),
        ("aws:ResourceAccount", ACCOUNT),
        ("aws:RequestedRegion", "eu-west-1"),
        ("lambda:SourceFunctionArn", FUNCTION),
        ("aws:PrincipalTag/Team", "Orders"),
    ],
)
@pytest.mark.parametrize("written", [str, str.lower, str.upper], ids=["documented", "lower", "upper"])
def test_certain_values(key: str, value: str, written: type[str]) -> None:
    """Key names are not case-sensitive (Condition); the value is what the call carries, and no other."""
    asked = written(key)
    assert REQUEST.possible(asked) == (Text.of(value),)
    assert met("StringEquals", asked, value) == YES
    assert met("StringEquals", asked, f"{value}x") == NO
    assert met("Null", asked, "false") == YES
    assert met("Null", asked, "true") == NO


@pytest.mark.parametrize(
    "key",
    [
        "aws:CalledVia",
        "aws:CalledViaFirst",
        "aws:CalledViaLast",
        "aws:PrincipalServiceName",
        "aws:PrincipalServiceNamesList",
        "aws:SourceAccount",
        "aws:SourceArn",
        "aws:SourceOrgID",
        "aws:SourceOrgPaths",
        "aws:username",
        "aws:FederatedProvider",
        "aws:MultiFactorAuthAge",
        "saml:sub",
        "s3:prefix",
    ],
)
def test_certain_absence(key: str) -> None:
    """Keys of calls by services and users are not in the request context of a role that calls for itself."""
    assert REQUEST.possible(key) == (None,)
    assert met("StringLike", key, "*") == NO
    assert met("Null", key, "true") == YES


@pytest.mark.parametrize(
    "key",
    [
        "aws:PrincipalOrgID",
        "aws:PrincipalTag/Empty",
        "aws:PrincipalTag/Other",
        "aws:PrincipalTag/Cost:Center",
        "aws:ResourceTag/Team",
        "aws:SourceIp",
        "aws:SourceVpc",
        "aws:SourceVpce",
        "dynamodb:Attributes",
        "dynamodb:LeadingKeys",
        "dynamodb:Select",
        "sts:ExternalId",
    ],
)
def test_uncertain_keys(key: str) -> None:
    """What a request carries, or an organization, a network or the stack's own tags give, is not certain."""
    for operator in ("StringEquals", "StringNotEquals", "StringLike", "StringNotLike"):
        assert met(operator, key, "*") == by_request(key)
    assert met("Null", key, "true") == met("Null", key, "false") == by_request(key)


@pytest.mark.parametrize("key", ["aws:CurrentTime", "aws:EpochTime", "aws:TokenIssueTime", "aws:userid"])
def test_certain_presence(key: str) -> None:
    """What every call carries is there, whatever its value."""
    assert (met("Null", key, "false"), met("Null", key, "true"), met("StringLike", key, "*")) == (YES, NO, YES)
    assert met("StringEquals", key, "x") == unknown(f"{key} is known at each request")


def test_what_each_request_tells() -> None:
    """It is computed, and for one key it is one and the same."""
    reason = "aws:SourceIp is known at each request"
    assert REQUEST.possible("aws:SourceIp") == (None, Text((Unknown(reason, reason, Origin.COMPUTED),)))


def test_a_request_of_which_nothing_is_certain() -> None:
    """Where neither a function nor tags are given, a key of theirs is as uncertain as any."""
    for key in ("lambda:SourceFunctionArn", "aws:PrincipalTag/Team"):
        assert met("Null", key, "true", request=Request({})) == by_request(key)


def test_a_tag_with_the_name_of_a_key() -> None:
    """A tag of the role is what its own key asks for, and no other."""
    request = Request({}, tags=lambda: {"aws:sourceip": Text.of("10.0.0.7")})
    assert request.possible("aws:PrincipalTag/aws:SourceIp") == (Text.of("10.0.0.7"),)
    assert request.possible("aws:SourceIp") == REQUEST.possible("aws:SourceIp")


def test_no_second_factor() -> None:
    """A function has none: the key says so, or is absent."""
    key = "aws:MultiFactorAuthPresent"
    assert REQUEST.possible(key) == (None, Text.of("false"))
    assert (met("Bool", key, "true"), met("BoolIfExists", key, "false")) == (NO, YES)
    assert met("Bool", key, "false").value is None


def test_what_is_not_given_is_uncertain() -> None:
    """Without a function there is no certain source function, and without a table's ARN no region and no account."""
    bare = request_of(Text.of(ROLE), None, Text.of("*"), Text.of(ACCOUNT), dict)
    for key in ("lambda:SourceFunctionArn", "aws:RequestedRegion", "aws:ResourceAccount", "aws:PrincipalTag/Team"):
        assert met("StringEquals", key, "x", request=bare) == by_request(key)


def test_tags_and_function_are_read_on_demand() -> None:
    """A condition that asks for neither the role's tags nor the function reads neither."""

    def unread() -> Text:
        raise AssertionError("read")

    lazy = Request({"aws:principaltype": Text.of("AssumedRole")}, unread)
    assert met("StringEquals", "aws:PrincipalType", "AssumedRole", request=lazy) == YES
    with pytest.raises(AssertionError, match="read"):
        met("StringEquals", "lambda:SourceFunctionArn", FUNCTION, request=lazy)


def test_table_of_another_account() -> None:
    """The account and the region asked for are those of the table."""
    other = Text.of("arn:aws:dynamodb:us-east-1:999999999999:table/theirs")
    request = request_of(Text.of(ROLE), None, other, Text.of(ACCOUNT), dict)
    assert met("StringEquals", "aws:ResourceAccount", "999999999999", request=request) == YES
    assert met("StringEquals", "aws:PrincipalAccount", "999999999999", request=request) == NO
    assert met("StringEquals", "aws:RequestedRegion", "us-east-1", request=request) == YES


# Operators


@pytest.mark.parametrize(
    ("operator", "key", "values", "answer"),
    [
        ("StringEquals", "aws:PrincipalTag/Team", ["Orders"], YES),
        ("StringEquals", "aws:PrincipalTag/Team", ["orders"], NO),
        ("StringEquals", "aws:PrincipalTag/Team", ["Sales", "Orders"], YES),
        ("StringEquals", "aws:PrincipalTag/Team", ["Ord*"], NO),
        ("StringEquals", "aws:PrincipalTag/Odd", ["a*c"], YES),
        ("StringNotEquals", "aws:PrincipalTag/Team", ["Orders"], NO),
        ("StringNotEquals", "aws:PrincipalTag/Team", ["Sales"], YES),
        ("StringNotEquals", "aws:PrincipalTag/Team", ["Sales", "Orders"], NO),
        ("StringEqualsIgnoreCase", "aws:PrincipalTag/Team", ["oRDERS"], YES),
        ("StringEqualsIgnoreCase", "aws:PrincipalTag/Team", ["order"], NO),
        ("StringNotEqualsIgnoreCase", "aws:PrincipalTag/Team", ["oRDERS"], NO),
        ("StringLike", "aws:PrincipalTag/Team", ["Ord*"], YES),
        ("StringLike", "aws:PrincipalTag/Team", ["?rders"], YES),
        ("StringLike", "aws:PrincipalTag/Team", ["ord*"], NO),
        ("StringLike", "aws:PrincipalTag/Odd", ["a*c"], YES),
        ("StringNotLike", "aws:PrincipalTag/Team", ["Ord*"], NO),
        ("StringNotLike", "aws:PrincipalTag/Team", ["Sal*", "Exp*"], YES),
        ("StringLike", "aws:PrincipalArn", ["arn:aws:iam::*:role/serve"], NO),
        ("StringLike", "aws:PrincipalArn", ["arn:*/serve"], YES),
        ("ArnLike", "aws:PrincipalArn", ["arn:aws:iam::*:role/*"], YES),
        ("ArnEquals", "aws:PrincipalArn", ["arn:aws:iam::*:role/*"], YES),
        ("ArnEquals", "aws:PrincipalArn", [ROLE], YES),
        ("ArnEquals", "aws:PrincipalArn", [ROLE.upper()], NO),
        ("ArnEquals", "aws:PrincipalArn", ["*"], YES),
        ("ArnNotEquals", "aws:PrincipalArn", [ROLE], NO),
        ("ArnNotLike", "aws:PrincipalArn", ["arn:aws:iam::*:role/Admin*"], YES),
        ("ArnLike", "aws:PrincipalArn", ["arn:*/serve"], unknown("an ARN has six segments")),
        ("ArnLike", "aws:PrincipalAccount", [f"arn:aws:iam::{ACCOUNT}:root"], unknown("an ARN has six segments")),
        ("ArnLike", "lambda:SourceFunctionArn", ["arn:aws:lambda:*:*:function:serve"], YES),
        ("ArnLike", "lambda:SourceFunctionArn", ["arn:aws:lambda:*:function:serve:*"], NO),
        ("Bool", "aws:SecureTransport", ["True"], YES),
        ("Bool", "aws:SecureTransport", ["false"], NO),
        ("Bool", "aws:ViaAWSService", ["false"], YES),
        ("NumericEquals", "aws:PrincipalTag/Level", ["7.0"], YES),
        ("NumericNotEquals", "aws:PrincipalTag/Level", ["7"], NO),
        ("NumericLessThan", "aws:PrincipalTag/Level", ["7"], NO),
        ("NumericLessThanEquals", "aws:PrincipalTag/Level", ["7"], YES),
        ("NumericGreaterThan", "aws:PrincipalTag/Level", ["6.99"], YES),
        ("NumericGreaterThanEquals", "aws:PrincipalTag/Level", ["8"], NO),
        (
            "NumericEquals",
            "aws:PrincipalTag/Team",
            ["7"],
            unknown("a condition cannot be compared: a number is expected"),
        ),
        ("DateEquals", "aws:PrincipalTag/Since", ["1709208000"], YES),
        ("DateEquals", "aws:PrincipalTag/Since", ["2024-02-29T13:00:00+01:00"], YES),
        ("DateLessThan", "aws:PrincipalTag/Since", ["2024-03-01T00:00:00Z"], YES),
        ("DateGreaterThanEquals", "aws:PrincipalTag/Since", ["2024-03-01T00:00:00Z"], NO),
        ("DateNotEquals", "aws:PrincipalTag/Since", ["2024-02-29T12:00:00Z"], NO),
        (
            "DateLessThan",
            "aws:PrincipalTag/Since",
            ["2024-03-01"],
            unknown("a condition cannot be compared: a time with its time zone is expected"),
        ),
        ("IpAddress", "aws:PrincipalTag/Address", ["10.0.0.0/8"], YES),
        ("IpAddress", "aws:PrincipalTag/Address", ["10.0.0.8", "2001:db8::/32"], NO),
        ("NotIpAddress", "aws:PrincipalTag/Address", ["192.168.0.0/16"], YES),
        ("NumericEquals", "aws:PrincipalTag/Later", ["7"], IS_FREE),
        ("BinaryEquals", "aws:PrincipalType", ["x"], unknown("the condition operator BinaryEquals is not resolved")),
        ("stringequals", "aws:PrincipalType", ["x"], unknown("the condition operator stringequals is not resolved")),
        ("NullIfExists", "aws:PrincipalType", ["true"], unknown("the condition operator NullIfExists is not resolved")),
        ("", "aws:SourceIp", ["x"], unknown("the condition operator  is not resolved")),
        ("StringEquals", "aws:PrincipalType", [], unknown("the condition on aws:PrincipalType names no value")),
    ],
)
def test_operators(operator: str, key: str, values: list[str], answer: Truth) -> None:
    """Several values are alternatives, of which a negated operator allows none."""
    assert met(operator, key, *values) == answer


@pytest.mark.parametrize(
    ("operator", "answer"),
    [
        # "The values do not match and the condition is false. If the policy condition requires that the key is not
        # matched, such as StringNotLike or ArnNotLike, and the right key is not present, the condition is true."
        ("StringEquals", NO),
        ("StringNotEquals", YES),
        ("StringEqualsIgnoreCase", NO),
        ("StringNotEqualsIgnoreCase", YES),
        ("StringLike", NO),
        ("StringNotLike", YES),
        ("ArnEquals", NO),
        ("ArnNotEquals", YES),
        ("ArnLike", NO),
        ("ArnNotLike", YES),
        ("Bool", NO),
        ("NumericEquals", NO),
        ("NumericNotEquals", YES),
        ("DateLessThan", NO),
        ("DateNotEquals", YES),
        ("IpAddress", NO),
        ("NotIpAddress", YES),
        # "If the key is not present, evaluate the condition element as true."
        ("StringEqualsIfExists", YES),
        ("StringNotEqualsIfExists", YES),
        ("ArnLikeIfExists", YES),
        ("BoolIfExists", YES),
        # Set operators: ForAllValues "returns true if there are no context keys in the request", ForAnyValue false.
        ("ForAllValues:StringEquals", YES),
        ("ForAllValues:StringNotEquals", YES),
        ("ForAnyValue:StringEquals", NO),
        ("ForAnyValue:StringNotEquals", NO),
        ("ForAnyValue:StringEqualsIfExists", YES),
        ("Null", NO),
    ],
)
def test_absent_key(operator: str, answer: Truth) -> None:
    """What a condition makes of a key that the request certainly has not."""
    assert met(operator, "aws:SourceArn", "value") == answer


@pytest.mark.parametrize(
    ("operator", "values", "answer"),
    [
        ("StringEqualsIfExists", ["Orders"], YES),
        ("StringEqualsIfExists", ["Sales"], NO),
        ("StringNotEqualsIfExists", ["Orders"], NO),
        ("ForAllValues:StringEquals", ["Orders", "Sales"], YES),
        ("ForAllValues:StringEquals", ["Sales"], NO),
        ("ForAnyValue:StringLike", ["Ord*"], YES),
        ("ForAnyValue:StringNotLike", ["Ord*", "x"], NO),
        ("ForAllValues:StringNotLike", ["Sal*"], YES),
    ],
)
def test_present_key_of_one_value(operator: str, values: list[str], answer: Truth) -> None:
    """IfExists and the set operators change nothing where the key is there with one value."""
    assert met(operator, "aws:PrincipalTag/Team", *values) == answer


@pytest.mark.parametrize(
    ("operator", "values", "answer"),
    [
        ("StringLikeIfExists", ["*"], YES),
        ("ForAllValues:StringLike", ["*"], YES),
        ("ForAnyValue:StringNotLike", ["*"], NO),
        ("Null", ["true", "false"], YES),
        ("StringLike", ["*"], by_request("aws:SourceVpc")),
        ("StringLikeIfExists", ["vpc-*"], by_request("aws:SourceVpc")),
        ("Bool", ["true"], by_request("aws:SourceVpc")),
        ("ArnLike", ["arn:aws:ec2:*:*:vpc/*"], by_request("aws:SourceVpc")),
        ("NumericLessThan", ["7"], by_request("aws:SourceVpc")),
        ("IpAddress", ["10.0.0.0/8"], by_request("aws:SourceVpc")),
    ],
)
def test_uncertain_key_that_decides_nothing(operator: str, values: list[str], answer: Truth) -> None:
    """A condition that holds, or fails, for whatever the key may be does not depend on it."""
    assert met(operator, "aws:SourceVpc", *values) == answer


# Values that are not known


@pytest.mark.parametrize(
    ("operator", "value", "answer"),
    [
        ("StringEquals", Text((FREE,)), IS_FREE),
        ("StringNotEquals", Text((FREE,)), IS_FREE),
        ("StringEquals", Text.of("x", FREE), NO),
        ("StringLike", Text.of("arn:", FREE), IS_FREE),
        ("ArnLike", Text((FREE,)), IS_FREE),
        ("ArnLike", Text.of("arn:aws:iam::", FREE, ":role/*"), IS_FREE),
        ("ArnLike", Text.of("arn:aws:s3:::", FREE), NO),
        ("Null", Text((FREE,)), IS_FREE),
        ("Bool", Text((FREE,)), IS_FREE),
        ("NumericEquals", Text((FREE,)), IS_FREE),
    ],
)
def test_unknown_values(operator: str, value: Text, answer: Truth) -> None:
    """A value that the template does not know leaves the answer open, unless what is known of it decides."""
    assert met(operator, "aws:PrincipalArn", value) == answer


@pytest.mark.parametrize("operator", ["StringEquals", "StringLike", "ArnEquals", "ArnLike", "StringEqualsIgnoreCase"])
def test_role_named_at_deployment(operator: str) -> None:
    """A role is itself whatever it is called, and a partition spelled out is the stack's own."""
    role = Text.of("arn:", PARTITION, f":iam::{ACCOUNT}:role/", NAMED_LATER)
    request = request_of(role, None, Text.of(TABLE), Text.of(ACCOUNT), dict)
    spelled_out = [Text.of(f"arn:{name}:iam::{ACCOUNT}:role/", NAMED_LATER) for name in ("aws", "aws-cn", "aws-us-gov")]
    for value in (role, *spelled_out):
        assert met(operator, "aws:PrincipalArn", value, request=request) == YES
    for other in ("", "arn:aws:iam::999999999999:role/Admin"):
        assert met(operator, "aws:PrincipalArn", other, request=request).value is not True


@pytest.mark.parametrize("operator", ["StringEquals", "StringLike", "ArnEquals", "ArnLike", "StringEqualsIgnoreCase"])
def test_role_of_a_known_partition(operator: str) -> None:
    """Where the partition is known, an ARN of another is another role's."""
    request = request_of(Text.of("arn:aws-cn:iam::1:role/serve"), None, Text.of(TABLE), Text.of("1"), dict)
    for partition, answer in (("aws-cn", YES), ("aws", NO)):
        assert met(operator, "aws:PrincipalArn", f"arn:{partition}:iam::1:role/serve", request=request) == answer


# Policy variables


@pytest.mark.parametrize(
    ("operator", "value", "answer"),
    [
        ("StringEquals", "${aws:PrincipalTag/Team}", YES),
        ("StringEquals", "${AWS:principaltag/team}", YES),
        ("StringEquals", "x${aws:PrincipalTag/Team}", NO),
        ("StringEquals", "${aws:PrincipalTag/Team, 'Sales'}", YES),
        ("StringEquals", "${aws:username, 'Orders'}", YES),
        ("StringEquals", "${aws:username, 'Sales'}", NO),
        # "There is no equal or like value": a variable that has none matches nothing.
        ("StringEquals", "${aws:username}", NO),
        ("StringNotEquals", "${aws:username}", YES),
        ("StringLike", "*${aws:username}*", NO),
        ("StringEquals", "${aws:SourceIp}", unknown("the policy variable ${aws:SourceIp} is known at each request")),
        (
            "StringEquals",
            "${aws:SourceIp, 'Orders'}",
            unknown("the policy variable ${aws:SourceIp, 'Orders'} is known at each request"),
        ),
        (
            "StringEquals",
            "${aws:username, Orders}",
            unknown("the policy variable ${aws:username, Orders} is known at each request"),
        ),
        ("Bool", "${aws:SecureTransport}", unknown("Bool takes no policy variable")),
    ],
)
def test_variables(operator: str, value: str, answer: Truth) -> None:
    """A policy variable stands for the value of its key in the request, or for its default."""
    assert met(operator, "aws:PrincipalTag/Team", value) == answer


def test_variable_in_an_arn() -> None:
    """ARN operators take policy variables too."""
    assert met("ArnLike", "aws:PrincipalArn", "arn:aws:iam::${aws:PrincipalAccount}:role/service/*") == YES
    assert (
        met("ArnLike", "aws:PrincipalArn", "arn:aws:iam::${aws:PrincipalAccount}:role/${aws:PrincipalTag/Team}") == NO
    )


@pytest.mark.parametrize(
    ("value", "answer"),
    [("a${*}c", YES), ("a?c", YES), ("?${*}?", YES), ("a${?}c", NO), ("${*}", NO), ("${aws:PrincipalTag/Odd}", YES)],
)
def test_escaped_wildcards(value: str, answer: Truth) -> None:
    """`${*}` and `${?}` are the characters themselves, and so is what a variable stands for."""
    assert met("StringLike", "aws:PrincipalTag/Odd", value) == answer


def test_value_of_a_variable_holds_no_wildcard() -> None:
    """A star in the value of a variable matches a star only."""
    request = Request({"a": Text.of("a*c"), "b": Text.of("abc"), "c": Text.of("$")})
    assert met("StringLike", "b", "${a}", request=request) == NO
    assert met("StringLike", "a", "${a}", request=request) == YES
    assert met("StringEquals", "c", "${$}", request=request) == YES


def test_without_version() -> None:
    """Without Version 2012-10-17, variables are treated as literal strings."""
    assert met("StringEquals", "aws:PrincipalTag/Team", "${aws:PrincipalTag/Team}", variables=False) == NO
    assert met("Bool", "aws:SecureTransport", "${aws:SecureTransport}", variables=False) == NO


def test_resolved() -> None:
    """A Resource is resolved by the same variables; one with a variable of no value names no resource."""
    assert resolved(Text.of("a/${aws:PrincipalType}/*"), REQUEST) == Text.of("a/AssumedRole/*")
    assert resolved(Text.of("a/${aws:username}"), REQUEST) is None
    assert resolved(Text.of("a/", FREE, "/${aws:PrincipalType}"), REQUEST) == Text.of("a/", FREE, "/AssumedRole")
    assert resolved(Text.of("${aws:PrincipalType}/${aws:PrincipalAccount}/x"), REQUEST) == (
        Text.of(f"AssumedRole/{ACCOUNT}/x")
    )
    assert resolved(Text.of("${aws:username, 'a,b'}"), REQUEST) == Text.of("a,b")
    assert resolved(Text.of("${$}", FREE), REQUEST) == Text.of("$", FREE)
    assert resolved(Text.of("a$b"), REQUEST) == Text.of("a$b")
    assert resolved(Text.of("${*}${?}${$}"), REQUEST) == Text.of("\ue000\ue001$")


@pytest.mark.parametrize("beginning", ["a/${", "${aws:PrincipalType}/${", "${aws:PrincipalType}${aws:userid}${"])
def test_a_variable_named_at_deployment(beginning: str) -> None:
    """Which variable it is that a parameter completes is known at deployment only."""
    half = resolved(Text.of(f"{beginning}aws:PrincipalTag/", FREE, "}"), REQUEST)
    assert half is not None
    assert [part.reason for part in half.unknowns] == ["a policy variable is named at deployment only"]


def test_value_longer_than_a_policy() -> None:
    """What is longer than IAM lets a policy be is not resolved."""
    too_long = unknown("a value is longer than IAM lets a policy be")
    assert met("StringLike", "aws:PrincipalType", "x" * 10_240) == NO
    assert met("StringLike", "aws:PrincipalType", "x" * 10_241) == too_long


@pytest.mark.parametrize(
    "value",
    ["${" * 50_000, "${a" * 50_000, "${a}" * 50_000, "${aws:username," + " " * 100_000, "*a" * 50_000],
    ids=["opened", "named", "many", "blank default", "stars"],
)
def test_hostile_values_take_bounded_time(value: str) -> None:
    """A value of any shape is answered; none makes the comparison explode."""
    for operator in ("StringLike", "ArnLike", "NumericEquals", "DateEquals", "IpAddress"):
        assert met(operator, "aws:PrincipalTag/Team", value).value in {None, False}
