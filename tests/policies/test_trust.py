"""Whom a role trusts, by every action of AWS STS that lets somebody assume it."""

from __future__ import annotations

import pytest

from policies.model import Outcome
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
