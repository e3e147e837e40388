"""Lambda-DynamoDB Integration.

The system SHALL automatically configure IAM permissions for Lambda to access the DynamoDB table.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from policies import environment, iam
from policies.errors import UndeterminedError
from policies.findings import for_each_apart
from policies.identity import arn
from policies.model import Finding, rule
from policies.replicas import local_holders
from policies.template import Resource
from policies.values import any_of
from policies.worlds import World

READ_ACTIONS = ("dynamodb:GetItem", "dynamodb:Query")
WRITE_ACTIONS = ("dynamodb:PutItem", "dynamodb:UpdateItem")

_NO_FUNCTION = "no function has the table's name in its environment"
_EXPECTED_VARIABLE = "a function's environment variable that is the name of {}, not its ARN"
_MEND_VARIABLE = "create the function through LambdaToDynamoDB, or set environment={'DDB_TABLE_NAME': table.table_name}"


@rule()
def read_permissions_granted(table: Resource, world: World) -> Iterator[Finding]:
    """The role of every function that is given the table's name may GetItem and Query on the table.

    Why: a function that knows the table and may not read it fails at its first request, in production.

    Bad: `table_permissions="Write"`, or a permissions boundary or a Deny that takes `dynamodb:Query` away.

    Good: `table_permissions="ReadWrite"`, the construct's default.

    References: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
    """
    yield from _permissions(table, world, READ_ACTIONS)


@rule()
def write_permissions_granted(table: Resource, world: World) -> Iterator[Finding]:
    """The role of every function that is given the table's name may PutItem and UpdateItem on the table.

    Why: a function that knows the table and may not write it fails at its first request, in production.

    Bad: `table_permissions="Read"`, or a policy on another table's ARN.

    Good: `table_permissions="ReadWrite"`, the construct's default.

    References: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
    """
    yield from _permissions(table, world, WRITE_ACTIONS)


@rule()
def environment_variable_injected(table: Resource, world: World) -> Iterator[Finding]:
    """A function's environment holds the table's name.

    Why: the handler finds its table by this variable and by nothing else. An ARN is not a name.

    Bad: `Variables: {DDB_TABLE_NAME: {Fn::GetAtt: [Table, Arn]}}`.

    Good: `Variables: {DDB_TABLE_NAME: {Ref: Table}}`.

    References: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
    """
    if environment.is_surely_told(world, table):
        return
    if not any_of(told for _, told in environment.functions_told(world, table)):
        yield _no_function(table, world)


def _permissions(table: Resource, world: World, actions: tuple[str, ...]) -> Iterator[Finding]:
    if environment.is_surely_told(world, table):
        candidates = environment.may_be_told(world, table)
        yield from for_each_apart(world, candidates, lambda here, one: _refused_if_told(table, here, one, actions))
        return
    functions = list(environment.functions_told(world, table))
    if not functions:
        yield _no_function(table, world)
    else:
        # Either no function is told, which is a violation, or one of these is: another, where each is refused.
        refusals = [list(_refused(table, world, function, actions)) for function, _ in functions]
        if not all(refusals):
            raise UndeterminedError(functions[0][1].because, functions[0][0].path)
        yield from itertools.chain(*refusals)


def _refused_if_told(table: Resource, world: World, function: Resource, actions: tuple[str, ...]) -> Iterator[Finding]:
    """Find what is refused to a function; undetermined where it is not known whether it is given the table's name."""
    told = environment.is_told(world, function, table)
    if told.value is False:
        return
    for finding in _refused(table, world, function, actions):
        if told.value is None:
            raise UndeterminedError(told.because, function.path)
        yield finding


def _refused(table: Resource, world: World, function: Resource, actions: tuple[str, ...]) -> Iterator[Finding]:
    """Find the actions that a function which is given the table's name may not do on the table."""
    role = iam.role_of(world, function)
    wanted = arn(world, table)
    policies = [holder.get("ResourcePolicy", "PolicyDocument") for holder in local_holders(table, world)]
    answers = {action: iam.may(world, iam.Caller(role, function), action, wanted, policies) for action in actions}
    refused = [action for action, answer in answers.items() if answer.value is False]
    if refused:
        yield Finding(
            f"{function.logical_id}, which has the table's name, may not {' and '.join(refused)} on it",
            role.path,
            {"function": function.logical_id, "role": role.logical_id, "refused": refused},
            f"the role may {' and '.join(actions)} on {table.logical_id}",
            "let the construct grant it (table_permissions='ReadWrite'), or call table.grant_read_write_data(function)",
        )
    elif unclear := [answer for answer in answers.values() if answer.value is None]:
        raise UndeterminedError(unclear[0].because, role.path)


def _no_function(table: Resource, world: World) -> Finding:
    functions = sorted(function.logical_id for function in world.of_type("AWS::Lambda::Function"))
    return Finding(
        _NO_FUNCTION,
        "$.Resources",
        {"functions": functions},
        _EXPECTED_VARIABLE.format(table.logical_id),
        _MEND_VARIABLE,
    )
