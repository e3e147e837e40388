"""Statements that hang on how they are written, and on what a request holds: letters, wildcards, conditions, Deny.

Sources: AWS IAM User Guide, "IAM JSON policy elements: Action", "… Resource", "… NotPrincipal", "… Condition operators"
(a missing key matches negated operators, `...IfExists` and `ForAllValues`), and "AWS global condition context keys".
"""

from __future__ import annotations

from collections.abc import Iterator

from proof.bases import Base
from proof.making import (
    OPEN,
    OTHER_POLICY,
    OTHER_ROLE,
    VIOLATED,
    added_statement,
    arn,
    changed,
    noticed,
    operator,
    other_role,
    own_policy,
    ref,
    role,
    table,
    trust,
)
from proof.model import Form, Mutant
from proof.places import value_at
from proof.scenarios import DATA_PLANE, OTHER_TABLE, PUBLIC, READ, TRUST, WRITE

_EVERYWHERE = {"Effect": "Deny", "Action": "dynamodb:*", "Resource": "*"}
_ALLOWED = {"Effect": "Allow", "Action": "sts:AssumeRole"}


def _by_the_table(base: Base, *statements: object) -> Mutant:
    place = (*table(base), "Properties", "ResourcePolicy")
    return changed(base, {place: {"PolicyDocument": {"Version": "2012-10-17", "Statement": list(statements)}}})


@operator(Form.DENY, noticed(VIOLATED, READ, WRITE))
def denied_in_capitals(base: Base) -> Iterator[Mutant]:
    """Deny all of the service, its name in other letters than the rest of the world writes it."""
    yield added_statement(base, {**_EVERYWHERE, "Action": "DynamoDB:*"})


@operator(Form.DENY, noticed(VIOLATED, READ, WRITE))
def denied_as_every_request_is(base: Base) -> Iterator[Mutant]:
    """Deny under conditions that every request of the function meets: its keys, or that it has none."""
    for condition in (
        {"Bool": {"aws:SecureTransport": ["false", "true"]}},
        {"StringEqualsIfExists": {"aws:SourceArn": "arn:aws:s3:::proof"}},
        {"ForAllValues:StringEquals": {"aws:SourceArn": ["arn:aws:s3:::proof"]}},
        {"StringNotEquals": {"aws:PrincipalType": "User"}},
        {"Null": {"aws:SourceArn": "true"}},
    ):
        yield added_statement(base, {**_EVERYWHERE, "Condition": condition})


@operator(Form.HARMLESS, {})
def denied_as_no_request_is(base: Base) -> Iterator[Mutant]:
    """Deny under conditions that no request of the function meets."""
    for condition in (
        {"Bool": {"aws:SecureTransport": "false"}},
        {"StringEquals": {"aws:PrincipalType": ["User", "Account"]}},
        {"Null": {"aws:PrincipalArn": "true"}},
    ):
        yield added_statement(base, {**_EVERYWHERE, "Condition": condition})


@operator(Form.UNKNOWN, noticed(OPEN, DATA_PLANE, OTHER_TABLE))
def action_kept_elsewhere(base: Base) -> Iterator[Mutant]:
    """Allow an action that the Parameter Store holds."""
    yield added_statement(base, {"Effect": "Allow", "Action": "{{resolve:ssm:/proof/action}}", "Resource": "*"})


@operator(Form.WRONG_ARN, noticed(VIOLATED, OTHER_TABLE))
def tables_by_one_letter(base: Base) -> Iterator[Mutant]:
    """Allow to read tables whose names differ in one letter."""
    resource = "arn:aws:dynamodb:*:*:table/customer?"
    yield added_statement(base, {"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": resource})


@operator(Form.WRONG_ARN, noticed(OPEN, OTHER_TABLE))
def table_of_another_account(base: Base) -> Iterator[Mutant]:
    """Allow to read the table of the same name in another account and region, where the table has a name."""
    name = value_at(base.document, table(base))["Properties"].get("TableName")
    if isinstance(name, str):
        resource = f"arn:aws:dynamodb:eu-central-2:999999999999:table/{name}"
        yield added_statement(base, {"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": resource})


@operator(Form.DENY, noticed(OPEN, READ, WRITE))
def account_denied_by_the_table(base: Base) -> Iterator[Mutant]:
    """Deny an account by its number, which may be the role's, by the table's own policy."""
    yield _by_the_table(base, {**_EVERYWHERE, "Principal": {"AWS": "111122223333"}})


@operator(Form.DENY, noticed(VIOLATED, READ, WRITE))
def all_but_another_role_denied(base: Base) -> Iterator[Mutant]:
    """Deny all but another role, by the table's own policy."""
    document = {"Version": "2012-10-17", "Statement": [{**_EVERYWHERE, "NotPrincipal": {"AWS": arn(("", OTHER_ROLE))}}]}
    place = (*table(base), "Properties", "ResourcePolicy")
    yield changed(base, {place: {"PolicyDocument": document}, **other_role(base)})


@operator(Form.ADDED, noticed(OPEN, DATA_PLANE))
def two_policies_of_one_name(base: Base) -> Iterator[Mutant]:
    """Give the role two inline policies of one name, of which one allows all on the table: one of them is kept."""
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*"}]}
    inline = {(*role(base), "Properties", "Policies"): [{"PolicyName": OTHER_POLICY, "PolicyDocument": document}]}
    everything = {"Effect": "Allow", "Action": "dynamodb:*", "Resource": arn(table(base))}
    yield changed(base, {("Resources", OTHER_POLICY): own_policy(everything, Roles=[ref(role(base))]), **inline})


@operator(Form.ADDED, noticed(VIOLATED, PUBLIC))
def opened_by_a_later_statement(base: Base) -> Iterator[Mutant]:
    """Open the table to everyone, by the second statement of its own policy."""
    read = {"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": "*"}
    account = {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}
    yield _by_the_table(base, {**read, "Principal": {"AWS": account}}, {**read, "Principal": "*"})


@operator(Form.WRONG_PRINCIPAL, noticed(VIOLATED, TRUST))
def trusted_by_all_other_actions(base: Base) -> Iterator[Mutant]:
    """Trust another account by all actions but those of another service."""
    account = {"AWS": "arn:aws:iam::111122223333:root"}
    yield changed(base, {trust(base, 1): {"Effect": "Allow", "NotAction": "s3:*", "Principal": account}})


@operator(Form.DENY, noticed(VIOLATED, TRUST))
def trusted_and_denied(base: Base) -> Iterator[Mutant]:
    """Deny everyone what the Lambda service is trusted to do."""
    for principal in ("*", {"Service": "lambda.amazonaws.com"}, {"AWS": "*"}):
        yield changed(base, {trust(base, 1): {**_ALLOWED, "Effect": "Deny", "Principal": principal}})
