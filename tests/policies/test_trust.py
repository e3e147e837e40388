"""Whom a role trusts, by every action of AWS STS that lets somebody assume it."""

from __future__ import annotations

import pytest

from policies.errors import ForkError, MismatchError, UndeterminedError
from policies.model import Outcome
from policies.template import Template
from policies.trust import Trust, trust_of
from policies.values import NO, YES, Truth
from policies.worlds import World
from tests.policies.templates import ROLE, template, verdict

Json = dict[str, object]
SCENARIO = "least-privilege/role-assumed-by-lambda-only"
STATEMENTS = f"{ROLE}AssumeRolePolicyDocument.Statement"
GOOD, BAD = Outcome.COMPLIANT, Outcome.NON_COMPLIANT
EVERYONE: Json = {"AWS": "*"}


def statement(effect: str = "Allow", **more: object) -> Json:
    """Write a statement of a trust policy; without more it is that of the Lambda service."""
    stated: Json = {"Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}, **more}
    return {"Effect": effect, **{key: value for key, value in stated.items() if value is not None}}


NAME: Json = {"Ref": "Name"}
IS_NAME = Truth(None, "parameter Name may be given any value")
ACCOUNT = "111122223333"
EC2: Json = {"Service": "ec2.amazonaws.com"}
NEVER: Json = {"StringEquals": {"sts:ExternalId": "x"}}
PERHAPS: Json = {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
WHERE = "$.Resources.Role.Properties.AssumeRolePolicyDocument"


def trust(*statements: object, **document: object) -> Trust:
    """Return whom a role with these statements trusts."""
    policy = {"Statement": list(statements), **document}
    told = Template(
        "t",
        {
            "Parameters": {name: {"Type": "String"} for name in ("Name", "P0", "P1", "P2")},
            "Conditions": {f"C{i}": {"Fn::Equals": [{"Ref": f"P{i}"}, "a"]} for i in range(3)},
            "Resources": {"Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": policy}}},
        },
    )
    return trust_of(World(told), told.resources["Role"])


def said(told: Trust) -> tuple[list[tuple[str, str]], list[str], Truth]:
    """Return the kinds and places of those that a role trusts, what it leaves out, and whether it trusts Lambda."""
    trusted = [(one.kind, one.stated.path.removeprefix(WHERE)) for one in told.trusted]
    return trusted, [one.path.removeprefix(WHERE) for one in told.left_out], told.by_lambda


@pytest.mark.parametrize(
    ("stated", "trusted", "left_out", "by_lambda"),
    [
        (statement(), [], [], YES),
        (statement(Condition=PERHAPS), [], [], YES),
        (statement(Condition=NEVER), [], [], NO),
        (statement(Condition={"Bool": {"aws:SecureTransport": "false"}}), [], [], NO),
        (statement(Condition={"StringEquals": {"sts:ExternalId": "x", "aws:SourceAccount": ACCOUNT}}), [], [], NO),
        (statement(Condition={**PERHAPS, "Null": {"sts:ExternalId": ["false"]}}), [], [], NO),
        (statement(Condition={"Bool": {"aws:SecureTransport": ["false", "true"]}}), [], [], YES),
        (statement(Condition={"StringEquals": {"aws:SourceAccount": NAME}}), [], [], YES),
        (statement(Condition={"Bool": {"aws:SecureTransport": NAME}}), [("Service", "Principal.Service")], [], IS_NAME),
        (statement(Condition={"Bool": {"AWS:securetransport": ["true", NAME]}}), [], [], YES),
        (statement(Condition={"Bool": {"aws:SecureTransport": NAME}, **NEVER}), [], [], NO),
        (statement(Condition={"Unheard": {"aws:SecureTransport": "true"}}), [], [], YES),
        (statement(Action="sts:AssumeRoleWithSAML"), [], [], NO),
        (statement(Action=["sts:TagSession", "sts:assumerole"]), [], [], YES),
        (statement(Action="sts:TagSession"), [], [], NO),
        (statement(Action=None, NotAction="sts:AssumeRole"), [], [], NO),
        (statement(Action=None, NotAction=["sts:AssumeRoleWithSAML", "sts:TagSession"]), [], [], YES),
        (statement(Principal=EC2), [("Service", "Principal.Service")], [], NO),
        (statement(Principal={"AWS": "lambda.amazonaws.com"}), [("AWS", "Principal.AWS")], [], NO),
        (statement(Principal={"Service": "*"}), [("Service", "Principal.Service")], [], NO),
        (statement(Principal="*"), [("AWS", "Principal")], [], NO),
        (statement(Principal="*", Action="sts:TagSession"), [], [], NO),
        (
            statement(Principal={"AWS": [ACCOUNT, "*"], "Service": ["lambda.amazonaws.com"]}),
            [("AWS", "Principal.AWS[0]"), ("AWS", "Principal.AWS[1]"), ("Service", "Principal.Service[0]")],
            [],
            YES,
        ),
        (statement(Principal={"Service": NAME}), [("Service", "Principal.Service")], [], IS_NAME),
        (
            statement(Principal={"Service": [NAME, "lambda.amazonaws.com"]}),
            [("Service", "Principal.Service[0]"), ("Service", "Principal.Service[1]")],
            [],
            YES,
        ),
        (statement(Principal=None, NotPrincipal={"AWS": ACCOUNT}), [], ["NotPrincipal"], NO),
        (statement(Principal=None, NotPrincipal={"AWS": ACCOUNT}, Action="sts:TagSession"), [], [], NO),
        (
            statement(Principal={"Service": {"Fn::Sub": "lambda.${AWS::URLSuffix}"}}),
            [],
            [],
            YES,
        ),
        (statement("Deny"), [], [], NO),
    ],
)
def test_what_a_statement_says(
    stated: Json, trusted: list[tuple[str, str]], left_out: list[str], by_lambda: Truth
) -> None:
    """A statement trusts those whom it names, or all but those; Lambda if its own assuming of the role is allowed."""
    expected = ([(kind, f".Statement[0].{path}") for kind, path in trusted], [f".Statement[0].{x}" for x in left_out])
    assert said(trust(stated)) == (*expected, by_lambda)


def test_an_allowance_of_an_open_action() -> None:
    """Whom it trusts, and whether for roles at all, nobody knows."""
    with pytest.raises(UndeterminedError) as raised:
        trust(statement(Action=NAME))
    assert raised.value.reason == IS_NAME.because


def deny(**more: object) -> Json:
    """Write a statement that shuts everyone out, or whom more says."""
    return statement("Deny", **{"Principal": "*", **more})


@pytest.mark.parametrize(
    ("denial", "by_lambda"),
    [
        (deny(), NO),
        (deny(Principal=EVERYONE), NO),
        (deny(Principal={"AWS": [ACCOUNT, "*"]}), NO),
        (deny(Principal={"Service": "*"}), YES),
        (deny(Principal={"AWS": ACCOUNT}), YES),
        (deny(Principal={"AWS": NAME}), IS_NAME),
        (deny(Principal={"Service": NAME}), IS_NAME),
        (deny(Principal={"Service": "lambda.amazonaws.com"}), NO),
        (deny(Principal=None, NotPrincipal={"AWS": ACCOUNT}), NO),
        (deny(Principal=None, NotPrincipal={"Service": ["ec2.amazonaws.com", "lambda.amazonaws.com"]}), YES),
        (deny(Principal=None, NotPrincipal={"Service": NAME}), IS_NAME),
        (deny(Action="sts:AssumeRoleWithSAML"), YES),
        (deny(Action="sts:TagSession"), YES),
        (deny(Action="*"), NO),
        (deny(Action=None, NotAction="sts:AssumeRole"), YES),
        (deny(Action=NAME), IS_NAME),
        (deny(Condition=PERHAPS), YES),
        (deny(Condition=NEVER), YES),
        (deny(Condition=NEVER, Principal=NAME), YES),
        (deny(Condition={"StringEquals": {"aws:SourceAccount": NAME}}), YES),
        (deny(Condition={"Unheard": {"aws:SecureTransport": "true"}}), YES),
        (deny(Condition={"Null": {"sts:ExternalId": NAME}}), IS_NAME),
        (deny(Condition={"Bool": {"AWS:securetransport": ["false", NAME]}}), IS_NAME),
        (deny(Condition={"Null": {"sts:ExternalId": NAME}, **PERHAPS}), YES),
        (deny(Condition={"Null": {"sts:ExternalId": "true"}}), NO),
        (deny(Condition={"Bool": {"aws:SecureTransport": "true"}}), NO),
        (deny(Condition={"StringEquals": {"aws:SecureTransport": "true"}}), NO),
        (deny(Condition={"Null": {"sts:ExternalId": "true"}, **PERHAPS}), YES),
    ],
)
def test_what_a_denial_says(denial: Json, by_lambda: Truth) -> None:
    """A denial shuts Lambda out where it certainly means its assuming of the role, whatever is allowed beside it."""
    assert said(trust(statement(), denial)) == said(trust(denial, statement())) == ([], [], by_lambda)


VARIABLE: Json = {"StringEquals": {"aws:SecureTransport": "${aws:SecureTransport}"}}


@pytest.mark.parametrize(("version", "by_lambda"), [("2012-10-17", NO), ("2008-10-17", YES)])
def test_a_denial_by_a_policy_variable(version: str, by_lambda: Truth) -> None:
    """What stands in `${...}` is a policy variable in a document of the newer Version, and literal in the older."""
    assert trust(statement(), deny(Condition=VARIABLE), Version=version).by_lambda == by_lambda


@pytest.mark.parametrize(("version", "by_lambda"), [("2012-10-17", NO), ("2008-10-17", YES)])
def test_an_allowance_but_for_a_policy_variable(version: str, by_lambda: Truth) -> None:
    """A condition that is the opposite of what every request has is never met; in the older Version it always is."""
    allowed = statement(Condition={"StringNotEquals": {"aws:SecureTransport": "${aws:SecureTransport}"}})
    assert trust(allowed, Version=version).by_lambda == by_lambda
    assert trust(allowed, statement(Principal=EC2), Version=version).by_lambda == by_lambda


def test_an_open_version() -> None:
    """Which Version a document has is asked for where there are conditions, and only there."""
    assert trust(statement(), deny(Action="sts:AssumeRoleWithSAML"), Version=NAME).by_lambda == YES
    with pytest.raises(UndeterminedError):
        trust(statement(Condition=NEVER), Version=NAME)


def test_whom_several_statements_trust() -> None:
    """All that statements trust and leave out comes in their order; the policy is the place of the statements."""
    everyone_but = statement(Principal=None, NotPrincipal={"AWS": ACCOUNT})
    told = trust(statement(Principal="*"), everyone_but, statement(), statement(Principal=EC2), everyone_but)
    assert said(told) == (
        [("AWS", ".Statement[0].Principal"), ("Service", ".Statement[3].Principal.Service")],
        [".Statement[1].NotPrincipal", ".Statement[4].NotPrincipal"],
        YES,
    )
    assert told.policy.path == f"{WHERE}.Statement"


def if_(condition: str, then: object, otherwise: object | None = None) -> Json:
    """Write what is there under a condition, and something else, or nothing, where it is not met."""
    return {"Fn::If": [condition, then, otherwise or {"Ref": "AWS::NoValue"}]}


OTHERS = statement(Principal=EC2)
SHUT_OUT = deny()


@pytest.mark.parametrize(
    ("statements", "by_lambda"),
    [
        ([if_("C0", statement(), statement(Sid="Else"))], YES),
        ([if_("C0", statement(Action="sts:TagSession"))], NO),
        ([if_("C0", statement()), statement()], YES),
        ([statement(), if_("C0", statement(Condition=NEVER))], YES),
        ([if_("C0", statement()), SHUT_OUT], NO),
        ([statement(Principal="*"), if_("C0", OTHERS)], NO),
        ([statement(Principal=None, NotPrincipal={"AWS": ACCOUNT}), if_("C0", SHUT_OUT)], NO),
        ([statement(), statement(Principal=EC2), if_("C0", SHUT_OUT)], YES),
    ],
)
def test_conditions_that_need_not_be_asked_for(statements: list[Json], by_lambda: Truth) -> None:
    """What a statement under a condition adds is not asked for where it is settled what others say."""
    assert trust(*statements).by_lambda == by_lambda


@pytest.mark.parametrize(
    ("statements", "asked"),
    [
        ([if_("C0", statement())], "P0"),
        ([if_("C0", statement()), if_("C1", statement())], "P1"),
        ([if_("C0", statement(), statement(Action="sts:TagSession"))], "P0"),
        ([if_("C0", statement()), statement(Principal={"Service": NAME})], "P0"),
        ([statement(), if_("C0", OTHERS)], "P0"),
        ([statement(), if_("C0", statement(), OTHERS)], "P0"),
        ([statement(), if_("C0", SHUT_OUT)], "P0"),
        ([statement(), if_("C0", statement(Principal=None, NotPrincipal={"AWS": ACCOUNT}))], "P0"),
        ([statement(Principal={"Service": NAME}), if_("C0", OTHERS)], "P0"),
        ([if_("C0", statement()), statement(Principal=EC2), if_("C1", OTHERS)], "P0"),
    ],
)
def test_conditions_that_are_asked_for(statements: list[Json], asked: str) -> None:
    """What decides whom a role trusts is asked for; of statements that trust Lambda alone, the last one first."""
    with pytest.raises(ForkError) as raised:
        trust(*statements)
    assert [dict(world.assumed.bound) for world in raised.value.worlds] == [{f"Ref {asked}": "a"}, {}]


def test_a_document_that_iam_refuses() -> None:
    """A trust policy that IAM refuses as a whole is a mismatch at its place, whatever its statements."""
    with pytest.raises(MismatchError) as raised:
        trust(statement(), Version="2012-10-18")
    assert (raised.value.path, raised.value.expected) == (f"{WHERE}.Version", "the Version 2012-10-17 or 2008-10-17")


def test_a_statement_that_iam_refuses() -> None:
    """A statement that IAM refuses is a mismatch at its place, whatever the others say."""
    with pytest.raises(MismatchError) as raised:
        trust(statement(), statement(Principal=None))
    assert (raised.value.path, raised.value.expected) == (
        f"{WHERE}.Statement[1].Principal",
        "one of Principal and NotPrincipal",
    )


def outcome(*statements: Json) -> Outcome:
    """Judge a role with these statements."""
    return verdict(template({STATEMENTS: list(statements)}), SCENARIO).outcome


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        (statement(), GOOD),
        (statement(Action="sts:TagSession", Principal={"AWS": "111122223333"}), GOOD),
        (statement(Principal=EVERYONE), BAD),
        (statement(Action="sts:AssumeRoleWithWebIdentity", Principal={"Federated": "accounts.google.com"}), BAD),
        (statement(Action="sts:AssumeRoleWithSAML", Principal={"Federated": "arn:aws:iam::1:saml-provider/p"}), BAD),
        (statement(Action="sts:AssumeRoleWith*", Principal={"Federated": "*"}), BAD),
        (statement(Action="STS:assume*", Principal=EVERYONE), BAD),
        (statement(Action=None, NotAction="sts:TagSession", Principal=EVERYONE), BAD),
        (statement(Action=None, NotAction="sts:*", Principal=EVERYONE), GOOD),
        (statement(Principal=None, NotPrincipal={"AWS": "111122223333"}), BAD),
        (statement("Deny", Principal="*"), BAD),
        (statement("Deny", Principal="*", Action=None, NotAction="sts:TagSession"), BAD),
        (statement("Deny", Principal=None, NotPrincipal={"Service": "ec2.amazonaws.com"}), BAD),
        (statement("Deny", Principal=None, NotPrincipal={"Service": "lambda.amazonaws.com"}), GOOD),
        (statement("Deny", Principal="*", Condition={"Null": {"sts:ExternalId": "true"}}), BAD),
        (statement("Deny", Principal="*", Condition={"Bool": {"aws:SecureTransport": "false"}}), GOOD),
        (statement(Action=None), BAD),
        (statement(Principal=None), BAD),
        (statement(Principal={"*": "*"}), BAD),
        (statement(Principal={"Service": {"Fn::Sub": "lambda.${AWS::URLSuffix}"}}), GOOD),
        (statement(Principal={"Service": {"Fn::Sub": "ec2.${AWS::URLSuffix}"}}), BAD),
    ],
)
def test_beside_the_lambda_service(more: Json, expected: Outcome) -> None:
    """Beside the statement for the Lambda service another may let somebody else in, or shut the service out."""
    assert outcome(statement(), more) is expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"StringEquals": {"aws:SourceAccount": "111122223333"}}, GOOD),
        ({"StringEquals": {"sts:ExternalId": "x"}}, BAD),
        ({"StringEqualsIfExists": {"sts:ExternalId": "x"}}, GOOD),
    ],
)
def test_conditions(condition: Json, expected: Outcome) -> None:
    """A condition that the Lambda service can never meet trusts nobody; any other narrows the trust."""
    assert outcome(statement(Condition=condition)) is expected


def test_the_lambda_service_by_another_action() -> None:
    """The service assumes a role by sts:AssumeRole and by nothing else."""
    assert outcome(statement(Action="sts:AssumeRoleWithWebIdentity")) is BAD


COUNT = 20
CONDITIONS: Json = {
    **{f"Parameters.P{i}": {"Type": "String"} for i in range(COUNT)},
    **{f"Conditions.C{i}": {"Fn::Equals": [{"Ref": f"P{i}"}, "a"]} for i in range(COUNT)},
}


def perhaps(i: int, stated: Json, other: Json | None = None) -> Json:
    """Write a statement that is there under a condition, and another one, if any, else."""
    return {"Fn::If": [f"C{i}", stated, other or {"Ref": "AWS::NoValue"}]}


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([statement(), *(perhaps(i, statement(Action="sts:TagSession")) for i in range(COUNT))], GOOD),
        ([statement(), *(perhaps(i, statement()) for i in range(COUNT))], GOOD),
        ([*(perhaps(i, statement()) for i in range(COUNT)), statement()], GOOD),
        ([perhaps(0, statement(), statement())], GOOD),
        ([perhaps(0, statement(), statement(Sid="Else"))], GOOD),
        ([perhaps(0, statement()), perhaps(1, statement(), statement(Sid="Else"))], GOOD),
        ([perhaps(i, statement()) for i in range(COUNT)], BAD),
        ([statement(), *(perhaps(i, statement(Principal=EVERYONE)) for i in range(COUNT))], BAD),
        ([statement(), perhaps(0, statement(Principal=None, NotPrincipal={"AWS": "111122223333"}))], BAD),
        ([statement(), perhaps(0, statement("Deny"))], BAD),
        ([perhaps(0, statement(), statement("Deny"))], BAD),
        ([statement(), perhaps(0, statement("Other"))], BAD),
        ([statement(), perhaps(0, statement(Principal={"Service": {"Ref": "P1"}}))], Outcome.UNDETERMINED),
        ([statement(), perhaps(0, statement("Deny"), statement("Deny"))], BAD),
    ],
)
def test_statements_under_conditions(statements: list[Json], expected: Outcome) -> None:
    """A statement that is there in some worlds only is asked for where it decides, and for nothing else."""
    assert verdict(template({**CONDITIONS, STATEMENTS: statements}), SCENARIO).outcome is expected
