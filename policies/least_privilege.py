"""Least Privilege: the system SHALL grant a function no more than the data plane of its own table."""

from __future__ import annotations

from collections.abc import Iterator

from policies import environment, iam
from policies.errors import NotApplicableError, UndeterminedError
from policies.identity import arn
from policies.model import Finding, rule
from policies.template import Resource
from policies.values import Text
from policies.worlds import World

DATA_PLANE = (
    "dynamodb:BatchGetItem",
    "dynamodb:BatchWriteItem",
    "dynamodb:DeleteItem",
    "dynamodb:GetItem",
    "dynamodb:PutItem",
    "dynamodb:Query",
    "dynamodb:Scan",
    "dynamodb:UpdateItem",
)
"""What reads and writes the items of a table."""

CONTROL_PLANE = (
    "dynamodb:CreateBackup",
    "dynamodb:CreateTable",
    "dynamodb:CreateTableReplica",
    "dynamodb:DeleteResourcePolicy",
    "dynamodb:DeleteTable",
    "dynamodb:DeleteTableReplica",
    "dynamodb:DisableKinesisStreamingDestination",
    "dynamodb:EnableKinesisStreamingDestination",
    "dynamodb:ExportTableToPointInTime",
    "dynamodb:ImportTable",
    "dynamodb:PutResourcePolicy",
    "dynamodb:RestoreTableFromBackup",
    "dynamodb:RestoreTableToPointInTime",
    "dynamodb:TagResource",
    "dynamodb:UntagResource",
    "dynamodb:UpdateContinuousBackups",
    "dynamodb:UpdateTable",
    "dynamodb:UpdateTimeToLive",
)
"""What creates, changes, copies or deletes a table
(https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html)."""

_LAMBDA = "lambda.amazonaws.com"


@rule()
def data_plane_only(table: Resource, world: World) -> Iterator[Finding]:
    """The role of a function that is given the table's name may do no control plane action on the table.

    Why: code that serves requests has no business deleting, exporting or reconfiguring its table.

    Bad: `table_permissions="All"`, which grants `dynamodb:*`.

    Good: `table_permissions="ReadWrite"`.

    References: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/best-practices-security-preventative.html
    """
    wanted = arn(world, table.logical_id, table.path)
    for function in _functions(table, world):
        for role, granted in _granted(world, function, CONTROL_PLANE, wanted):
            yield Finding(
                f"{role.logical_id}, the role of {function.logical_id}, may do control plane actions on the table",
                role.path,
                granted,
                "no control plane action on the table",
                "grant table_permissions='ReadWrite', not 'All', and no dynamodb:* of your own",
            )


@rule()
def no_other_table(table: Resource, world: World) -> Iterator[Finding]:
    """The role of a function that is given the table's name may read and write no table from outside the stack.

    Why: a wildcard resource opens every table of the account to one compromised function.

    Bad: `Action: dynamodb:GetItem` with `Resource: "*"` or `.../table/*`.

    Good: `Resource: {Fn::GetAtt: [Table, Arn]}`.

    References: https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege
    """
    other = iam.another_table(world)
    for function in _functions(table, world):
        for role, granted in _granted(world, function, DATA_PLANE, other):
            yield Finding(
                f"{role.logical_id}, the role of {function.logical_id}, reaches tables from outside the stack",
                role.path,
                granted,
                "no action on a table that the stack does not create",
                "name the table's ARN as the statement's resource, as the construct's grants do",
            )


@rule()
def role_assumed_by_lambda_only(table: Resource, world: World) -> Iterator[Finding]:
    """The role of a function that is given the table's name trusts the Lambda service and nobody else.

    Why: whoever else may assume the role reads and writes the table with it.

    Bad: a trust policy with `Principal: {AWS: "*"}`.

    Good: `Principal: {Service: lambda.amazonaws.com}`.

    References: https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html
    """
    for function in _functions(table, world):
        role = iam.role_of(world, function)
        for statement in world.properties(role).get("AssumeRolePolicyDocument").get("Statement").one_or_more():
            if statement.get("Effect").string() != "Allow":
                continue
            principal = statement.get("Principal")
            others = [] if isinstance(principal.raw, dict) else [principal]
            if not others:
                for kind, named in principal.entries():
                    others += [one for one in named.one_or_more() if (kind, one.string()) != ("Service", _LAMBDA)]
            for other in others:
                yield Finding(
                    f"{role.logical_id}, the role of {function.logical_id}, trusts more than the Lambda service",
                    other.path,
                    other.found,
                    f"Service {_LAMBDA} and nobody else",
                    "leave the role to the construct, or give it assumed_by=ServicePrincipal('lambda.amazonaws.com')",
                )


def _functions(table: Resource, world: World) -> Iterator[Resource]:
    told = list(environment.functions_told(world, table))
    if not told:
        raise NotApplicableError("no function is given the table's name")
    yield from (function for function, _ in told)


def _granted(
    world: World, function: Resource, actions: tuple[str, ...], resource: Text
) -> Iterator[tuple[Resource, list[str]]]:
    """Return the role of a function with the actions that it may do, if any; raises where that is not known."""
    role = iam.role_of(world, function)
    answers = {action: iam.may(world, role, action, resource) for action in actions}
    granted = [action for action, answer in answers.items() if answer.value]
    unclear = [answer for answer in answers.values() if answer.value is None]
    if granted:
        yield role, granted
    elif unclear:
        raise UndeterminedError(unclear[0].because, role.path)
