"""What a role may do, compared case by case with an independent implementation of IAM's evaluation."""

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise, product
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policies.values import NO, YES, Truth, unknown
from tests.policies.oracle_iam import ACCOUNT, FUNCTION, REGION, ROLE, TABLE, Case, ours, simulated, theirs

Json = dict[str, Any]
Values = dict[str, tuple[str, ...]]
OTHER_ACCOUNT = "999999999999"
OTHER_TABLE = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/payroll"
OTHER_ROLE = f"arn:aws:iam::{ACCOUNT}:role/Admin"
RESOURCES = (TABLE, f"{TABLE}/index/by-day", f"{TABLE}/stream/2026-11-01T00:00:00.000")
ACTIONS = ("dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem", "dynamodb:BatchWriteItem", "dynamodb:DeleteTable")
ANSWERS = {"Allow": YES, "Deny": NO, "ImplicitDeny": NO}

# Generated policies: patterns are made from what is asked for, so that they often, and often just not, cover it


def one_or_some(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Make a value that stands by itself, or a list of some."""
    return values | st.lists(values, min_size=1, max_size=3)


@st.composite
def with_wildcard(draw: st.DrawFn, whole: str) -> str:
    """Put a wildcard in the place of some characters, or leave all as it is."""
    start = draw(st.integers(0, len(whole)))
    end = draw(st.integers(start, len(whole)))
    return draw(st.sampled_from((whole, f"{whole[:start]}*{whole[end:]}", f"{whole[:start]}?{whole[start + 1 :]}")))


@st.composite
def action_patterns(draw: st.DrawFn) -> str:
    """Make a pattern of actions; case does not matter in them."""
    service, _, name = draw(st.sampled_from((*ACTIONS, "s3:GetObject"))).partition(":")
    pattern = f"{service}:{draw(with_wildcard(name))}"
    return draw(st.sampled_from((pattern, pattern.upper(), f"{service}:*", "*")))


@st.composite
def resource_patterns(draw: st.DrawFn) -> str:
    """Make a pattern of resources: whole ARNs of six segments, each with its own wildcards, or a plain star."""
    *segments, last = draw(st.sampled_from((*RESOURCES, TABLE, OTHER_TABLE))).split(":", 5)
    account = st.sampled_from((ACCOUNT, ACCOUNT, OTHER_ACCOUNT, "*", "1111*", "11112222333?"))
    region = st.sampled_from((REGION, REGION, "us-east-1", "*", "eu-*", "eu-west-?"))
    arn = ":".join((*segments[:3], draw(region), draw(account), draw(with_wildcard(last))))
    return draw(st.sampled_from((arn, arn, "*", "*:table/orders", "arn:aws:dynamodb:*:*:table/*")))


SINGLE_VALUES: Values = {
    "aws:PrincipalType": ("AssumedRole", "User", "assumedrole", "Assumed*", "*"),
    "aws:PrincipalTag/Team": ("Orders", "orders", "Sales", "Ord???", "*"),
    "aws:PrincipalArn": (ROLE, OTHER_ROLE, "arn:aws:iam::*:role/*", "*"),
    "aws:PrincipalAccount": (ACCOUNT, OTHER_ACCOUNT, "1111*"),
    "aws:ResourceAccount": (ACCOUNT, OTHER_ACCOUNT),
    "aws:RequestedRegion": (REGION, "us-east-1", "eu-*"),
    "aws:username": ("someone", "*"),
    "aws:SourceAccount": (ACCOUNT, "*"),
    "aws:CalledViaFirst": ("athena.amazonaws.com", "*"),
}
ARNS: Values = {
    "aws:PrincipalArn": (ROLE, OTHER_ROLE, f"arn:aws:iam::{ACCOUNT}:role/*", "arn:*:iam::*:role/service/serv?"),
    "lambda:SourceFunctionArn": (FUNCTION, f"{FUNCTION}-other", "arn:aws:lambda:*:*:function:*"),
    "aws:SourceArn": ("arn:aws:sns:*:*:*", TABLE),
}
BOOLEANS: Values = dict.fromkeys(
    ("aws:SecureTransport", "aws:ViaAWSService", "aws:PrincipalIsAWSService"), ("true", "false")
)
NUMBERS: Values = {"aws:PrincipalTag/Level": ("7", "7.0", "6", "8")}
PRESENCE: Values = dict.fromkeys((*SINGLE_VALUES, *ARNS, *BOOLEANS), ("true", "false"))
STRINGS = ("Equals", "NotEquals", "EqualsIgnoreCase", "NotEqualsIgnoreCase", "Like", "NotLike")
ORDERS = ("Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals")


KINDS: tuple[tuple[str, tuple[str, ...], Values], ...] = (
    ("String", STRINGS, SINGLE_VALUES),
    ("Arn", ("Equals", "NotEquals", "Like", "NotLike"), ARNS),
    ("Bool", ("",), BOOLEANS),
    ("Numeric", ORDERS, NUMBERS),
    ("Null", ("",), PRESENCE),
)
"""What can be compared: the beginning of the operators, how they go on, and the keys with values for them."""


@st.composite
def conditions(draw: st.DrawFn) -> Json:
    """Make a condition on a key whose value, or absence, is certain."""
    kind, operators, values_by_key = draw(st.sampled_from(KINDS))
    operator = kind + draw(st.sampled_from(operators))
    key = draw(st.sampled_from(sorted(values_by_key)))
    values = st.sampled_from(values_by_key[key])
    if kind == "Null":
        return {operator: {key: draw(values)}}
    quantifier = draw(st.sampled_from(("", "", "ForAllValues:", "ForAnyValue:")))
    operator = quantifier + operator + draw(st.sampled_from(("", "", "IfExists")))
    return {operator: {draw(st.sampled_from((key, key.lower()))): draw(one_or_some(values))}}


@st.composite
def statements(draw: st.DrawFn) -> Json:
    """Make a statement, as often as not about everything, so that it decides."""
    made: Json = {"Effect": draw(st.sampled_from(("Allow", "Allow", "Deny")))}
    if draw(st.booleans()):
        return {**made, "Action": "*", "Resource": "*"} | draw(st.just({}) | conditions().map(as_block))
    made[draw(st.sampled_from(("Action", "Action", "NotAction")))] = draw(one_or_some(action_patterns()))
    made[draw(st.sampled_from(("Resource", "Resource", "NotResource")))] = draw(one_or_some(resource_patterns()))
    return made


def as_block(condition: Json) -> Json:
    """Write the Condition of a statement."""
    return {"Condition": condition}


PRINCIPALS = (
    "*",
    {"AWS": "*"},
    {"AWS": ROLE},
    {"AWS": [OTHER_ROLE, ROLE]},
    {"AWS": OTHER_ROLE},
    {"AWS": ACCOUNT},
    {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
    {"AWS": OTHER_ACCOUNT},
    {"Service": "lambda.amazonaws.com"},
)


@st.composite
def resource_statements(draw: st.DrawFn) -> Json:
    """Make a statement of a resource's own policy; it cannot use lambda:SourceFunctionArn."""
    made = draw(statements().filter(lambda one: "sourcefunctionarn" not in str(one).lower()))
    return {**made, "Principal": draw(st.sampled_from(PRINCIPALS))}


def some(statement: st.SearchStrategy[Json]) -> st.SearchStrategy[list[Json]]:
    """Make the statements of a policy."""
    return st.lists(statement, min_size=1, max_size=3)


def cases() -> st.SearchStrategy[Case]:
    """Make policies and what is asked of them."""
    return st.builds(
        Case,
        some(statements()),
        st.none() | some(statements()),
        st.none() | some(resource_statements()),
        st.sampled_from(ACTIONS),
        st.sampled_from((TABLE, *RESOURCES)),
    )


def kind_of(case: Case) -> str:
    """Name what bears on a case beside the role's own policies."""
    said = [("boundary", case.boundary), ("resource policy", case.resource_policy)]
    return " and ".join(name for name, policy in said if policy is not None) or "own policies only"


def test_generated_policies() -> None:
    """Both answer the same for every generated case, and each kind of case is allowed and denied often enough."""
    seen: Counter[tuple[str, str]] = Counter()

    @settings(max_examples=600, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(cases())
    def compare(case: Case) -> None:
        answer = theirs(case)
        seen[kind_of(case), answer] += 1
        assert ours(case) == ANSWERS[answer]

    compare()
    assert sum(seen.values()) >= 500
    assert len(seen) == 4 * len(ANSWERS)
    assert min(seen.values()) >= 10, seen


WIDE: list[Json] = [{"Effect": "Allow", "Action": "*", "Resource": "*"}]
NOTHING_SAID: list[Json] = [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]


def asking(**changes: object) -> Case:
    """Return a case of one Allow on the table."""
    return Case([{"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": TABLE, **changes}])


def every_condition() -> Iterator[Json]:
    """Return each operator, with each quantifier and suffix, on each of its keys with each value and each two."""
    for kind, operators, values_by_key in KINDS:
        quantifiers, suffixes = (
            (("",), ("",)) if kind == "Null" else (("", "ForAllValues:", "ForAnyValue:"), ("", "IfExists"))
        )
        for quantifier, name, suffix in product(quantifiers, operators, suffixes):
            for key, values in values_by_key.items():
                pairs = [] if kind == "Null" else [list(pair) for pair in pairwise(values)]
                for value in (*values, *pairs):
                    yield {f"{quantifier}{kind}{name}{suffix}": {key: value}}


def test_every_condition() -> None:
    """Both answer the same for an Allow on each condition whose key is certain; many hold and many do not."""
    seen: Counter[str] = Counter()
    for condition in every_condition():
        case = asking(Condition=condition)
        answer = theirs(case)
        seen[answer] += 1
        assert ours(case) == ANSWERS[answer], condition
    assert seen.keys() == {"Allow", "ImplicitDeny"}
    assert min(seen.values()) >= 500, seen


@pytest.mark.parametrize("identity", [NOTHING_SAID, WIDE], ids=["silent", "allowing"])
@pytest.mark.parametrize("boundary", [None, NOTHING_SAID, WIDE], ids=["no boundary", "silent", "allowing"])
@pytest.mark.parametrize("effect", ["Allow", "Deny"])
@pytest.mark.parametrize("principal", PRINCIPALS, ids=str)
def test_every_principal(principal: object, effect: str, boundary: list[Json] | None, identity: list[Json]) -> None:
    """Both answer the same for each way to name, or not to name, the role in the table's own policy."""
    policy = [{**WIDE[0], "Effect": effect, "Principal": principal}]
    case = Case(identity, boundary, policy)
    assert ours(case) == ANSWERS[theirs(case)]


def test_simulate_custom_policy_is_the_same_code() -> None:
    """What ministack's API answers for own policies without conditions is what its evaluator answers here."""
    words = {"allowed": "Allow", "explicitDeny": "Deny", "implicitDeny": "ImplicitDeny"}
    plain = statements().map(lambda one: {key: value for key, value in one.items() if key != "Condition"})
    seen: Counter[str] = Counter()

    @settings(max_examples=60, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.builds(Case, st.lists(plain, min_size=1, max_size=3), action=st.sampled_from(ACTIONS)))
    def compare(case: Case) -> None:
        answer = simulated(case)
        seen[answer] += 1
        assert words[answer] == theirs(case)

    compare()
    assert sorted(seen) == sorted(words)


SIX_SEGMENTS = unknown("an ARN has six segments")
TEAM = "aws:PrincipalTag/Team"


@pytest.mark.parametrize(
    ("case", "answer", "error"),
    [
        # Resource: "If you specify an incomplete ARN (one with fewer than the standard six fields) in the Resource
        # field of a policy, AWS automatically completes the ARN with wildcard characters (*) in all missing fields."
        pytest.param(asking(Resource="arn:aws:dynamodb"), YES, "ImplicitDeny", id="incomplete ARN"),
        # Resource: "You can use wildcard characters (* and ?) within the individual segments of an ARN"; only a star
        # that ends a segment "can expand to match beyond the colon boundaries".
        pytest.param(asking(Resource="arn:aws:dynamodb:e*/orders"), NO, "Allow", id="star across colons"),
        pytest.param(
            asking(Resource=f"arn:aws:dynamodb:{REGION}?{ACCOUNT}:table/orders"), NO, "Allow", id="? for a colon"
        ),
        # Condition operators: "Each of the six colon-delimited components of the ARN is checked separately". AWS does
        # not say what a value of fewer components matches.
        pytest.param(
            asking(Condition={"ArnLike": {"aws:PrincipalArn": "arn:*/serve"}}), SIX_SEGMENTS, "Allow", id="short ARN"
        ),
        # Variables and tags: "AWS substitutes a value from the request context key in place of the variable", and
        # ${*}, ${?} and ${$} are the characters.
        pytest.param(
            asking(Condition={"StringEquals": {TEAM: "${aws:PrincipalTag/Team}"}}), YES, "ImplicitDeny", id="variable"
        ),
        pytest.param(
            asking(Condition={"StringNotEquals": {TEAM: "${aws:PrincipalTag/Team}"}}), NO, "Allow", id="not a variable"
        ),
        # NotPrincipal: it denies "all principals except the one named"; ministack takes the statement for none.
        pytest.param(
            Case(
                asking().identity,
                resource_policy=[
                    {"Effect": "Deny", "Action": "*", "Resource": "*", "NotPrincipal": {"AWS": OTHER_ROLE}}
                ],
            ),
            NO,
            "Allow",
            id="NotPrincipal",
        ),
    ],
)
def test_known_errors_of_the_oracle(case: Case, answer: Truth, error: str) -> None:
    """Where AWS's documentation says otherwise than ministack, it decides; such cases are not generated above.

    A version of ministack that mends one fails here: let the generated policies hold such cases then.
    """
    assert ours(case) == answer
    assert theirs(case) == error
