"""Least Privilege: the system SHALL grant a function no more than the data plane of its own table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from policies import environment, iam
from policies.dynamodb_actions import CONTROL_PLANE, DATA_PLANE
from policies.errors import NotApplicableError, UndeterminedError
from policies.findings import for_each
from policies.identity import arn, pseudo
from policies.model import Finding, rule
from policies.nodes import Node
from policies.replicas import local_holders
from policies.statements import document_of, principals
from policies.template import Resource
from policies.values import NO, YES, Origin, Text, Truth, Unknown, any_of, matches
from policies.worlds import World

_LAMBDA = "lambda.amazonaws.com"
_TRUST = f"Service {_LAMBDA} and nobody else"
_MEND_TRUST = f"leave the role to the construct, or give it assumed_by=ServicePrincipal('{_LAMBDA}')"


@rule()
def data_plane_only(table: Resource, world: World) -> Iterator[Finding]:
    """The role of a function that is given the table's name may do no control plane action on the table.

    Why: code that serves requests has no business deleting, exporting or reconfiguring its table.

    Bad: `table_permissions="All"`, which grants `dynamodb:*`.

    Good: `table_permissions="ReadWrite"`.

    References: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/best-practices-security-preventative.html
    """
    wanted = arn(world, table)
    policies = [holder.get("ResourcePolicy", "PolicyDocument") for holder in local_holders(table, world)]
    backup = Text.of(wanted, "/backup/", Unknown("a backup", "the name of a backup", Origin.GENERATED, atomic=True))

    def check(given: Given) -> Iterator[Finding]:
        role = iam.role_of(world, given.function)
        caller = iam.Caller(role, given.function)
        answers = {
            action: any_of(iam.may(world, caller, action, one, policies) for one in (wanted, backup))
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

    yield from for_each(_functions(table, world), check)


@rule()
def no_other_table(table: Resource, world: World) -> Iterator[Finding]:
    """The role of a function that is given the table's name may read and write no table from outside the stack.

    Why: a wildcard resource opens every table of the account to one compromised function.

    Bad: `Action: dynamodb:GetItem` with `Resource: "*"` or `.../table/*`.

    Good: `Resource: {Fn::GetAtt: [Table, Arn]}`.

    References: https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege
    """

    def check(given: Given) -> Iterator[Finding]:
        role = iam.role_of(world, given.function)
        caller = iam.Caller(role, given.function)

        def check_table(reached: tuple[Truth, Text]) -> Iterator[Finding]:
            reaches, table_arn = reached
            answers = {action: reaches & iam.may(world, caller, action, table_arn) for action in DATA_PLANE}
            if granted := _granted(answers, role, given):
                yield Finding(
                    f"{_whose(role, given.function)} reaches tables from outside the stack",
                    role.path,
                    granted,
                    "no action on a table that the stack does not create",
                    "name the table's ARN as the statement's resource, as the construct's grants do",
                )

        yield from for_each(iam.foreign_tables(world, role, DATA_PLANE), check_table)

    yield from for_each(_functions(table, world), check)


@rule()
def role_assumed_by_lambda_only(table: Resource, world: World) -> Iterator[Finding]:
    """The role of a function that is given the table's name trusts the Lambda service and nobody else.

    Why: whoever else may assume the role reads and writes the table with it.

    Bad: a trust policy with `Principal: {AWS: "*"}`.

    Good: `Principal: {Service: lambda.amazonaws.com}`.

    References: https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html
    """

    def check(given: Given) -> Iterator[Finding]:
        for finding in _trust(world, given.function):
            if given.told.value is None:
                raise UndeterminedError(given.told.because, given.function.path)
            yield finding

    yield from for_each(_functions(table, world), check)


def _trust(world: World, function: Resource) -> Iterator[Finding]:
    """Find whom a function's role trusts beside the Lambda service, or that it does not trust that."""
    role = iam.role_of(world, function)
    policy = document_of(world.properties(role).get("AssumeRolePolicyDocument")).get("Statement")
    allowed = [statement for statement in policy.one_or_more() if statement.get("Effect").string() == "Allow"]
    assuming = [
        statement for statement in allowed if any_of(map(_is_assume_role, statement.get("Action").one_or_more()))
    ]
    trusted = [_Trusted(*one) for statement in assuming for one in principals(statement.get("Principal"))]
    left_out = [statement.get("NotPrincipal") for statement in allowed if statement.get("NotPrincipal").exists]
    others = [*(one.stated for one in trusted if one.is_lambda.value is False), *left_out]
    for other in others:
        yield Finding(
            f"{_whose(role, function)} trusts more than the Lambda service",
            other.path,
            other.found,
            _TRUST,
            _MEND_TRUST,
        )
    trusts_lambda = any_of(one.is_lambda for one in trusted) & ~any_of(map(_denies_lambda, policy.one_or_more()))
    for one in trusted if not others else ():
        if one.is_lambda.value is None:
            raise UndeterminedError(one.is_lambda.because, one.stated.path)
    if not others and not trusts_lambda:
        yield Finding(
            f"{_whose(role, function)} does not trust the Lambda service",
            policy.path,
            policy.found,
            _TRUST,
            _MEND_TRUST,
        )


class _Trusted(NamedTuple):
    """A principal of a trust policy, with its kind."""

    kind: str
    stated: Node

    @property
    def is_lambda(self) -> Truth:
        """Whether it is the Lambda service, which some templates spell with the partition's own domain."""
        if self.kind != "Service":
            return NO
        name = self.stated.text()
        of_partition = Text.of("lambda.", pseudo("AWS::URLSuffix"))
        return YES if name == of_partition else name.same(Text.of(_LAMBDA))


def _denies_lambda(statement: Node) -> Truth:
    """Tell whether a statement of a trust policy forbids the Lambda service to assume the role."""
    if statement.get("Effect").string() != "Deny" or any(True for _ in statement.get("Condition").entries()):
        return NO
    assumes = any_of(map(_is_assume_role, statement.get("Action").one_or_more()))
    named = (_Trusted(*one) for one in principals(statement.get("Principal")))
    everyone = Text.of("*")
    return assumes & any_of(one.is_lambda | one.stated.text().same(everyone) for one in named)


def _is_assume_role(action: Node) -> Truth:
    return matches(Text.of(action.string().lower()), Text.of("sts:assumerole"))


def _whose(role: Resource, function: Resource) -> str:
    return f"{role.logical_id}, the role of {function.logical_id},"


class Given(NamedTuple):
    """A function, and whether it is given the table's name."""

    function: Resource
    told: Truth


def _functions(table: Resource, world: World) -> list[Given]:
    """Return the functions that are, or may be, given the table's name."""
    told = [Given(*one) for one in environment.functions_told(world, table)]
    if not told:
        raise NotApplicableError("no function is given the table's name")
    return told


def _granted(answers: Mapping[str, Truth], role: Resource, given: Given) -> list[str]:
    """Return the actions that a role may do; raises where it may do one perhaps, or is perhaps not concerned."""
    granted = [action for action, answer in answers.items() if answer.value]
    unclear = [answer for answer in answers.values() if answer.value is None]
    if unclear and not granted:
        raise UndeterminedError(unclear[0].because, role.path)
    if granted and given.told.value is None:
        raise UndeterminedError(given.told.because, given.function.path)
    return granted
