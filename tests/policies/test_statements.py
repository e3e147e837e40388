"""Statements of policies: what is read of each, and in which worlds it stands there."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest

from policies.conditions import Condition, Request
from policies.errors import ForkError, MismatchError
from policies.nodes import Node
from policies.statements import InlinePolicy, Statement, is_silent, lazily, of_resource, statements_of
from policies.template import Template
from policies.values import NO, YES, Text, Truth, Unknown, unknown
from policies.worlds import World

Json = dict[str, object]

COUNT = 5
TEMPLATE = Template(
    "t",
    {
        "Parameters": {
            "Free": {"Type": "String"},
            **{f"P{i}": {"Type": "String", "AllowedValues": ["a", "b"]} for i in range(COUNT)},
        },
        "Conditions": {f"C{i}": {"Fn::Equals": [{"Ref": f"P{i}"}, "a"]} for i in range(COUNT)},
        "Resources": {"Role": {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "serve"}}},
    },
)
PERHAPS = unknown("a condition of the template decides which statements a policy has")
SOMETIMES = unknown("sometimes")
FREE = unknown("parameter Free may be given any value")
NO_VALUE = {"Ref": "AWS::NoValue"}
GET, PUT = "dynamodb:GetItem", "dynamodb:PutItem"
ONE, OTHER = "arn:aws:dynamodb:eu-west-1:111122223333:table/one", "arn:aws:dynamodb:eu-west-1:111122223333:table/other"
ALLOW: Json = {"Effect": "Allow", "Action": GET, "Resource": ONE}
LOGS: Json = {"Effect": "Allow", "Action": "logs:*", "Resource": "*"}


def either(value: object, other: object = NO_VALUE, number: int = 0) -> Json:
    """Return one of two values, by a condition."""
    return {"Fn::If": [f"C{number}", value, other]}


def at(raw: object) -> Node:
    """Return a place of the template."""
    return Node(World(TEMPLATE), raw, "$.Policy")


def texts(*said: str) -> tuple[Text, ...]:
    """Return texts of which all is known."""
    return tuple(map(Text.of, said))


def read(*stated: object, applies: Truth = YES, document: Json | None = None) -> list[Statement]:
    """Return the statements of a role's policy, which may have more elements."""
    return statements_of(applies, at({"Statement": list(stated), **(document or {})}))


def asked(statement: Statement) -> str | None:
    """Return the parameter of the condition that a statement asks for, if it asks for any."""
    if statement.ask is None:
        return None
    with pytest.raises(ForkError) as raised:
        statement.ask()
    (parameter,) = raised.value.worlds[0].assumed.bound
    return parameter.removeprefix("Ref ")


ALLOWED = Statement(YES, "Allow", texts("dynamodb:getitem"), False, texts(ONE))


@pytest.mark.parametrize(
    ("stated", "document", "expected"),
    [
        (ALLOW, {}, ALLOWED),
        (ALLOW, {"Version": "2008-10-17"}, ALLOWED),
        (ALLOW, {"Version": "2012-10-17"}, Statement(YES, "Allow", ALLOWED.actions, False, texts(ONE), variables=True)),
        (
            {"Effect": "Deny", "NotAction": [GET, "S3:*"], "NotResource": [ONE, OTHER]},
            {},
            Statement(YES, "Deny", texts("dynamodb:getitem", "s3:*"), True, texts(ONE, OTHER), True),
        ),
        (
            {**ALLOW, "Condition": {"StringEquals": {"aws:a": ["x", "y"], "aws:b": "z"}, "Null": {"aws:c": True}}},
            {},
            Statement(
                YES,
                "Allow",
                ALLOWED.actions,
                False,
                texts(ONE),
                conditions=(
                    Condition("StringEquals", "aws:a", texts("x", "y"), variables=False),
                    Condition("StringEquals", "aws:b", texts("z"), variables=False),
                    Condition("Null", "aws:c", texts("true"), variables=False),
                ),
            ),
        ),
        (
            {**ALLOW, "Condition": {"StringLike": {"aws:a": "${aws:b}"}}},
            {"Version": "2012-10-17"},
            Statement(
                YES,
                "Allow",
                ALLOWED.actions,
                False,
                texts(ONE),
                conditions=(Condition("StringLike", "aws:a", texts("${aws:b}"), variables=True),),
                variables=True,
            ),
        ),
        (
            ALLOW | {"Action": {"Fn::Sub": "DynamoDB:${Free}"}},
            {},
            Statement(YES, "Allow", (Text.of("dynamodb:", Unknown("Ref Free", FREE.because)),), False, texts(ONE)),
        ),
        # What another service's says beside its actions need not be read.
        (LOGS | {"Action": ["Logs:*", "s3:Get*"]}, {}, Statement(YES, "Allow", texts("logs:*", "s3:get*"))),
        (LOGS | {"Effect": "Deny"}, {}, Statement(YES, "Deny", texts("logs:*"))),
    ],
)
def test_read(stated: Json, document: Json, expected: Statement) -> None:
    """All that a statement says is read, the names of actions in lower case, in which IAM compares them."""
    assert read(stated, document=document) == [expected]


def test_whose_it_is() -> None:
    """A statement is that of its policy, of whatever list, and no more certain than that the policy is the role's."""
    policy = InlinePolicy("$.Policy", at("Inline"))
    found = statements_of(SOMETIMES, at({"Statement": [ALLOW, LOGS]}), policy)
    assert [(one.applies, one.policy, one.ask) for one in found] == [(SOMETIMES, policy, None)] * 2
    assert statements_of(SOMETIMES, at({"Statement": ALLOW}), policy) == found[:1]
    assert [one.policy for one in read(ALLOW)] == [None]


def test_one_inline_policy() -> None:
    """An inline policy is the same at one place, whatever world its name is read in, and another elsewhere."""
    policy = InlinePolicy("$.Policy", at("Inline"))
    assert policy == InlinePolicy("$.Policy", at({"Ref": "P0"}))
    assert policy != InlinePolicy("$.Other", at("Inline"))


@pytest.mark.parametrize(
    ("stated", "silent"),
    [
        (LOGS, True),
        (LOGS | {"Sid": "Logs", "Condition": {"Bool": {"aws:SecureTransport": "true"}}}, True),
        (LOGS | {"Effect": "Deny"}, True),
        (LOGS | {"Action": ["logs:*", "S3:GetObject"]}, True),
        ({"Effect": "Allow", "Action": "logs:*", "NotResource": ["*"]}, True),
        (ALLOW, False),
        (LOGS | {"Action": ["logs:*", GET]}, False),
        (LOGS | {"Action": ["logs:*", "DynamoDB:*"]}, False),
        (LOGS | {"Action": "*"}, False),
        (LOGS | {"Action": "d*:*"}, False),
        (LOGS | {"Action": "logs"}, False),
        (LOGS | {"Action": "dynamodb:a:b"}, False),
        (LOGS | {"Action": "logs:a:b"}, True),
        (LOGS | {"Action": []}, False),
        (LOGS | {"Action": ["logs:*", {"Ref": "P0"}]}, False),
        (LOGS | {"Action": "logs:{{resolve:ssm:name}}"}, False),
        (LOGS | {"Action": {"Ref": "P0"}}, False),
        (LOGS | {"Effect": "allow"}, False),
        (LOGS | {"NotAction": "s3:*"}, False),
        (LOGS | {"NotResource": "*"}, False),
        (LOGS | {"Principal": "*"}, False),
        (LOGS | {"Resource": []}, False),
        ({"Effect": "Allow", "NotResource": "", "Action": "logs:*"}, False),
        ({"Effect": "Allow", "Action": "logs:*"}, False),
        (either(LOGS), False),
    ],
)
def test_is_silent(stated: Json, silent: bool) -> None:
    """What is spelled out about other services alone need not be read; what IAM may refuse, or is open, is."""
    assert is_silent(at(stated)) is silent


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ([either(ALLOW)], [(PERHAPS, [GET], [ONE], "P0")]),
        ([either(LOGS)], [(PERHAPS, ["logs:*"], ["*"], "P0")]),
        ([either(ALLOW, ALLOW)], [(YES, [GET], [ONE], None)]),
        ([either(NO_VALUE)], []),
        ([NO_VALUE], []),
        (
            [either(ALLOW, ALLOW | {"Resource": OTHER})],
            [(PERHAPS, [GET], [ONE], "P0"), (PERHAPS, [GET], [OTHER], "P0")],
        ),
        ([ALLOW, either(ALLOW)], [(YES, [GET], [ONE], None), (PERHAPS, [GET], [ONE], "P0")]),
        (
            [ALLOW | {"Action": [GET, either(PUT)]}],
            [(YES, [GET], [ONE], None), (PERHAPS, [PUT], [ONE], "P0")],
        ),
        ([ALLOW | {"Action": [GET, either("s3:*")]}], [(YES, [GET], [ONE], None)]),
        (
            [ALLOW | {"Action": [GET, either("d*:*")]}],
            [(YES, [GET], [ONE], None), (PERHAPS, ["d*:*"], [ONE], "P0")],
        ),
        (
            [ALLOW | {"Action": [GET, either(PUT)], "Resource": [ONE, either(OTHER, number=1)]}],
            [
                (YES, [GET], [ONE], None),
                (PERHAPS, [GET], [OTHER], "P1"),
                (PERHAPS, [PUT], [ONE], "P0"),
                (PERHAPS, [PUT], [OTHER], "P0"),
            ],
        ),
        # Of what one condition decides another may decide a part: in every world it is asked for.
        (
            [either(ALLOW | {"Resource": [ONE, either(OTHER, number=1)]}, ALLOW | {"Resource": [ONE, OTHER]})],
            [
                (PERHAPS, [GET], [ONE], "P0"),
                (PERHAPS, [GET], [OTHER], "P0"),
                (PERHAPS, [GET], [ONE, OTHER], "P0"),
            ],
        ),
        (
            [
                either(
                    ALLOW | {"Sid": "A", "Resource": [ONE, either(OTHER, number=1)]},
                    ALLOW | {"Sid": "B", "Resource": [ONE, either(OTHER, number=1)]},
                )
            ],
            [(YES, [GET], [ONE], None), (PERHAPS, [GET], [OTHER], "P0")],
        ),
    ],
)
def test_under_conditions(stated: list[object], expected: list[tuple[Truth, list[str], list[str], str | None]]) -> None:
    """What a condition decides is a statement of its own, which may apply, and asks for the condition."""
    found = read(*stated)
    assert [
        (one.applies, [name.literal for name in one.actions], [name.literal for name in one.resources], asked(one))
        for one in found
    ] == [(applies, [name.lower() for name in actions], *rest) for applies, actions, *rest in expected]


@pytest.mark.parametrize("applies", [NO, SOMETIMES])
def test_what_perhaps_stands_in_a_policy_that_perhaps_applies(applies: Truth) -> None:
    """A policy that is not the role's says nothing to it; of two things that are open the first is told."""
    for stated in (either(ALLOW), ALLOW | {"Action": [PUT, either(GET)]}, ALLOW | {"Resource": [OTHER, either(ONE)]}):
        assert read(stated, applies=applies)[-1].applies == applies


def test_more_worlds_than_are_looked_at() -> None:
    """Where too many conditions decide what a statement says, it may say anything, and asks for them."""
    effect = {"Fn::Join": ["", [either("Allow", number=i) for i in range(COUNT)]]}
    (found,) = read(ALLOW | {"Effect": effect})
    assert found == Statement(PERHAPS, None)
    assert asked(found) == "P0"


def test_what_is_read_at_once() -> None:
    """Where nothing is decided by a condition the statements are those that are read, and ask for nothing."""

    def two(here: Node) -> Iterator[Statement]:
        yield Statement(SOMETIMES, here.string())
        yield Statement(NO, here.string())

    found = lazily(at("Deny"), two)
    assert found == [Statement(SOMETIMES, "Deny"), Statement(NO, "Deny")]
    assert [one.ask for one in found] == [None, None]


HTTPS = Condition("Bool", "aws:SecureTransport", texts("true", "false", "x"), variables=False)


def test_cost() -> None:
    """A statement costs as much as what its conditions compare, and itself."""
    assert Statement(YES, "Allow").cost == 1
    assert Statement(YES, "Allow", conditions=(HTTPS, HTTPS)).cost == 7


@pytest.mark.parametrize(
    ("statement", "answer"),
    [
        (ALLOWED, YES),
        (Statement(SOMETIMES, "Allow", texts("*"), False, texts("*")), SOMETIMES),
        (Statement(NO, "Allow", texts("*"), False, texts("*")), NO),
        (Statement(YES, "Deny", texts("*"), False, texts("*")), NO),
        (Statement(YES, None), unknown("a policy of the role is not in this template")),
        (Statement(SOMETIMES, None), SOMETIMES),
        (Statement(NO, None), NO),
        (Statement(YES, "Allow", texts("dynamodb:putitem"), False, texts("*")), NO),
        (Statement(YES, "Allow", texts("dynamodb:putitem"), True, texts("*")), YES),
        (Statement(YES, "Allow", texts("*"), False, texts(OTHER)), NO),
        (Statement(YES, "Allow", texts("*"), False, texts(OTHER), True), YES),
        (Statement(YES, "Allow", texts("*"), False, texts("${aws:a}"), variables=True), YES),
        (Statement(YES, "Allow", texts("*"), False, texts("${aws:none}"), variables=True), NO),
        (Statement(YES, "Allow", texts("*"), False, texts("${aws:none}", ONE), variables=True), YES),
        (Statement(YES, "Allow", texts("*"), False, texts("${aws:a}")), NO),
        (Statement(YES, "Allow", texts("*"), False, texts("*"), conditions=(HTTPS,)), YES),
        (
            Statement(
                SOMETIMES,
                "Allow",
                texts("*"),
                False,
                texts("*"),
                conditions=(HTTPS, Condition("Bool", "aws:a", texts("true"), variables=False)),
            ),
            NO,
        ),
    ],
)
def test_has_effect(statement: Statement, answer: Truth) -> None:
    """A statement allows what it is about, if it applies and its conditions are met."""
    request = Request({"aws:securetransport": Text.of("true"), "aws:a": Text.of(ONE), "aws:none": None})
    assert statement.has_effect("Allow", GET, Text.of(ONE), request) == answer


def test_what_nobody_has_read() -> None:
    """A statement that nobody has read may be about any resource; nothing is known of what it says."""
    unread = Statement(YES, None)
    assert unread.reaches(Text.of(ONE), Request({})) == YES
    assert unread == Statement(YES, None, (), False, (), False, (), variables=False, policy=None)
    assert unread.ask is None


def named(stated: object, principal: object, effect: str = "Allow", **document: object) -> list[Statement]:
    """Return the statements of a table's own policy."""
    world = World(TEMPLATE)
    statement = stated if principal is None else {**ALLOW, "Effect": effect, "Principal": principal}
    policy = Node(world, {"Statement": [statement], **document}, "$.Policy")
    return list(of_resource(world, TEMPLATE.resources["Role"], policy))


SESSION = unknown("whether this session of a role is the function's is decided by each request")
ACCOUNT = unknown("AWS::AccountId is known at deployment only")


@pytest.mark.parametrize(
    ("principal", "allowed", "denied"),
    [
        ("*", YES, YES),
        ({"AWS": "*"}, YES, YES),
        ({"Service": "*"}, NO, NO),
        ({"AWS": {"Fn::GetAtt": ["Role", "Arn"]}}, YES, YES),
        ({"AWS": {"Ref": "AWS::AccountId"}}, NO, YES),
        ({"AWS": "111122223333"}, NO, ACCOUNT),
        ({"AWS": {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:root"}}, NO, YES),
        ({"AWS": "arn:aws:iam::111122223333:root"}, NO, ACCOUNT),
        ({"AWS": "arn:aws:sts::111122223333:assumed-role/serve/session"}, SESSION, SESSION),
        ({"AWS": {"Fn::Sub": "arn:aws:sts::${AWS::AccountId}:assumed-role/serve/session"}}, SESSION, SESSION),
        ({"AWS": "arn:aws:iam::111122223333:user/root"}, NO, NO),
        ({"AWS": ["arn:aws:iam::111122223333:user/root", "*"]}, YES, YES),
        ({"AWS": []}, NO, NO),
        ({"AWS": "arn:aws:iam:root"}, NO, NO),
        ({"AWS": {"Ref": "Free"}}, FREE, FREE),
        ({"AWS": {"Fn::Sub": "${Free}:root"}}, NO, FREE),
        ({"AWS": {"Fn::Sub": "arn:aws:iam::${Free}:root"}}, NO, FREE),
    ],
)
def test_whom_a_table_names(principal: object, allowed: Truth, denied: Truth) -> None:
    """An account only delegates what it is allowed, but a Deny for it is one for every role in it."""
    for effect, names_role in (("Allow", allowed), ("Deny", denied)):
        expected = Statement(names_role, effect, ALLOWED.actions, False, texts(ONE))
        assert named(None, principal, effect) == [expected]


def test_statements_of_a_table_under_conditions() -> None:
    """A statement of a table's policy that a condition decides may apply, and asks for the condition."""
    (found,) = named(either({**ALLOW, "Principal": "*"}), None, Version="2012-10-17")
    assert found == Statement(PERHAPS, "Allow", ALLOWED.actions, False, texts(ONE), variables=True)
    assert asked(found) == "P0"
    assert named(NO_VALUE, None) == []


LEFT_OUT = unknown("whom NotPrincipal leaves out is not certain")


@pytest.mark.parametrize(
    ("left_out", "answer"),
    [
        ({"AWS": "arn:aws:iam::111122223333:user/someone"}, YES),
        ({"Service": "lambda.amazonaws.com"}, YES),
        ({"AWS": {"Fn::GetAtt": ["Role", "Arn"]}}, LEFT_OUT),
        ({"AWS": {"Ref": "AWS::AccountId"}}, LEFT_OUT),
        ({"AWS": {"Ref": "Free"}}, LEFT_OUT),
        ({"AWS": ["arn:aws:iam::111122223333:user/someone", {"Fn::GetAtt": ["Role", "Arn"]}]}, LEFT_OUT),
    ],
)
@pytest.mark.parametrize("effect", ["Allow", "Deny"])
def test_whom_a_table_leaves_out(effect: str, left_out: Json, answer: Truth) -> None:
    """Who is not left out is named; who is, by his account too, may still be named by what else he is."""
    expected = Statement(answer, effect, ALLOWED.actions, False, texts(ONE))
    assert named({**ALLOW, "Effect": effect, "NotPrincipal": left_out}, None) == [expected]


def test_a_document_that_is_text() -> None:
    """The text of a policy's JSON stands for the policy, of a role and of a table."""
    text = json.dumps({"Version": "2012-10-17", "Statement": {**ALLOW, "Principal": "*"}})
    world = World(TEMPLATE)
    expected = Statement(YES, "Allow", ALLOWED.actions, False, texts(ONE), variables=True)
    assert list(of_resource(world, TEMPLATE.resources["Role"], Node(world, text, "$.Policy"))) == [expected]
    assert statements_of(YES, at(text.replace(', "Principal": "*"', ""))) == [expected]


def test_refused() -> None:
    """What IAM refuses is refused: an element of a document, whom a role's policy names, nobody whom a table's does."""
    cases: list[tuple[Callable[[], object], str]] = [
        (lambda: read(ALLOW, document={"Statements": []}), "$.Policy.Statements"),
        (lambda: named(None, "*", Statements=[]), "$.Policy.Statements"),
        (lambda: read({**ALLOW, "Principal": "*"}), "$.Policy.Statement[0].Principal"),
        (lambda: named(ALLOW, None), "$.Policy.Statement[0].Principal"),
        (lambda: read({**ALLOW, "Action": "GetItem"}), "$.Policy.Statement[0].Action"),
        (lambda: read({**ALLOW, "Resource": "one"}), "$.Policy.Statement[0].Resource"),
    ]
    for refused, path in cases:
        with pytest.raises(MismatchError) as raised:
            refused()
        assert raised.value.path == path
