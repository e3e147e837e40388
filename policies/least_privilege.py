"""Least Privilege: the system SHALL grant a function no more than the data plane of its own table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from policies import environment, iam
from policies.dynamodb_actions import CONTROL_PLANE, DATA_PLANE
from policies.errors import NotApplicableError, UndeterminedError
from policies.findings import for_each, for_each_apart
from policies.identity import arn
from policies.model import Finding, rule
from policies.replicas import local_holders
from policies.template import Resource
from policies.trust import LAMBDA, trust_of
from policies.values import Text, Truth, Unknown, any_of
from policies.worlds import World

_TRUST = f"Service {LAMBDA} and nobody else"
_MEND_TRUST = f"leave the role to the construct, or give it assumed_by=ServicePrincipal('{LAMBDA}')"


@rule()
def data_plane_only(table: Resource, world: World) -> Iterator[Finding]:
    """The role of a function that is given the table's name may do no control plane action on the table.

    Why: code that serves requests has no business deleting, exporting or reconfiguring its table.

    Bad: `table_permissions="All"`, which grants `dynamodb:*`.

    Good: `table_permissions="ReadWrite"`.

    References: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/best-practices-security-preventative.html
    """

    def check(here: World, given: Given) -> Iterator[Finding]:
        wanted = arn(here, table)
        policies = [holder.get("ResourcePolicy", "PolicyDocument") for holder in local_holders(table, here)]
        name = Unknown("a backup", "the name of a backup is known once it is made", atomic=True)
        backup = Text.of(wanted, "/backup/", name)
        role = iam.role_of(here, given.function)
        caller = iam.Caller(role, given.function)
        answers = {
            action: any_of(iam.may(here, caller, action, one, policies) for one in (wanted, backup))
            for action in CONTROL_PLANE
        }
        if granted := _granted(answers, role, given):
            yield Finding(
                f"{_whose(role, given.function)} may do control plane actions on the table",
                role.path,
                granted,
                "no control plane action on the table",
                "grant table_permissions='ReadWrite', not 'All', and no dynamodb:* of your own",
            )

    yield from _for_each_told(table, world, check)


@rule()
def no_other_table(table: Resource, world: World) -> Iterator[Finding]:
    """The role of a function that is given the table's name may read and write no table from outside the stack.

    Why: a wildcard resource opens every table of the account to one compromised function.

    Bad: `Action: dynamodb:GetItem` with `Resource: "*"` or `.../table/*`.

    Good: `Resource: {Fn::GetAtt: [Table, Arn]}`.

    References: https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege
    """

    def check(here: World, given: Given) -> Iterator[Finding]:
        role = iam.role_of(here, given.function)
        caller = iam.Caller(role, given.function)

        def check_table(reached: tuple[Truth, Text]) -> Iterator[Finding]:
            reaches, table_arn = reached
            answers = {action: reaches & iam.may(here, caller, action, table_arn) for action in DATA_PLANE}
            if granted := _granted(answers, role, given):
                yield Finding(
                    f"{_whose(role, given.function)} reaches tables from outside the stack",
                    role.path,
                    granted,
                    "no action on a table that the stack does not create",
                    "name the table's ARN as the statement's resource, as the construct's grants do",
                )

        yield from for_each(iam.foreign_tables(here, role, DATA_PLANE), check_table)

    yield from _for_each_told(table, world, check)


@rule()
def role_assumed_by_lambda_only(table: Resource, world: World) -> Iterator[Finding]:
    """The role of a function that is given the table's name trusts the Lambda service and nobody else.

    Why: whoever else may assume the role reads and writes the table with it.

    Bad: a trust policy with `Principal: {AWS: "*"}`.

    Good: `Principal: {Service: lambda.amazonaws.com}`.

    References: https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html
    """

    def check(here: World, given: Given) -> Iterator[Finding]:
        for finding in _trust(here, given.function):
            if given.told.value is None:
                raise UndeterminedError(given.told.because, given.function.path)
            yield finding

    yield from _for_each_told(table, world, check)


def _trust(world: World, function: Resource) -> Iterator[Finding]:
    """Find whom a function's role trusts beside the Lambda service, or that it does not trust that."""
    role = iam.role_of(world, function)
    trust = trust_of(world, role)
    others = [*(one.stated for one in trust.trusted if one.is_lambda.value is False), *trust.left_out]
    for other in others:
        yield Finding(
            f"{_whose(role, function)} trusts more than the Lambda service",
            other.path,
            other.found,
            _TRUST,
            _MEND_TRUST,
        )
    for one in trust.trusted:
        if one.is_lambda.value is None:
            raise UndeterminedError(one.is_lambda.because, one.stated.path)
    if not others and not trust.by_lambda:
        yield Finding(
            f"{_whose(role, function)} does not trust the Lambda service",
            trust.policy.path,
            trust.policy.found,
            _TRUST,
            _MEND_TRUST,
        )


def _whose(role: Resource, function: Resource) -> str:
    return f"{role.logical_id}, the role of {function.logical_id},"


class Given(NamedTuple):
    """A function, and whether it is given the table's name."""

    function: Resource
    told: Truth


def _for_each_told(
    table: Resource, world: World, check: Callable[[World, Given], Iterator[Finding]]
) -> Iterator[Finding]:
    """Check each function that is, or may be, given the table's name."""

    def check_if_told(here: World, function: Resource) -> Iterator[Finding]:
        told = environment.is_told(here, function, table)
        if told.value is not False:
            yield from check(here, Given(function, told))

    if not environment.is_surely_told(world, table) and not any(environment.functions_told(world, table)):
        raise NotApplicableError("no function is given the table's name")
    yield from for_each_apart(world, environment.may_be_told(world, table), check_if_told)


def _granted(answers: Mapping[str, Truth], role: Resource, given: Given) -> list[str]:
    """Return the actions that a role may do; raises where it may do one perhaps, or is perhaps not concerned."""
    granted = [action for action, answer in answers.items() if answer.value]
    unclear = [answer for answer in answers.values() if answer.value is None]
    if unclear and not granted:
        raise UndeterminedError(unclear[0].because, role.path)
    if granted and given.told.value is None:
        raise UndeterminedError(given.told.because, given.function.path)
    return granted
