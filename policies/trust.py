"""Whom a role trusts: who may assume it, by whichever of the actions of AWS STS.

Source: AWS IAM User Guide, "Roles terms and concepts" on trust policies, and Service Authorization Reference, "Actions,
resources, and condition keys for AWS Security Token Service".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from policies.conditions import Condition, Request
from policies.documents import check_document, check_statement, document_of, named, principals
from policies.identity import pseudo
from policies.values import NO, YES, Text, Truth, all_of, any_of, matches

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policies.nodes import Node
    from policies.template import Resource
    from policies.worlds import World

LAMBDA = "lambda.amazonaws.com"

_BY_A_SERVICE = "sts:assumerole"
_BY_ANYONE = (_BY_A_SERVICE, "sts:assumerolewithsaml", "sts:assumerolewithwebidentity")
_CERTAIN = Request({"sts:externalid": None, "aws:securetransport": Text.of("true")})
"""What is certain of the request by which the Lambda service assumes a role: it gives no external id."""


@dataclass(frozen=True, slots=True)
class Principal:
    """Whom a statement of a trust policy names, with its kind."""

    kind: str
    stated: Node

    @property
    def is_lambda(self) -> Truth:
        """Whether it is the Lambda service, which some templates spell with the partition's own domain."""
        if self.kind != "Service":
            return NO
        name = self.stated.text()
        of_partition = Text.of("lambda.", pseudo("AWS::URLSuffix"))
        return YES if name == of_partition else name.same(Text.of(LAMBDA))

    @property
    def is_everyone(self) -> Truth:
        """Whether it stands for everyone."""
        return self.stated.text().same(Text.of("*")) if self.kind == "AWS" else NO


@dataclass(frozen=True, slots=True)
class Trust:
    """What a trust policy comes to.

    `policy` are its statements, `trusted` those who may assume the role, `left_out` the places that let everyone
    assume it but some, and `by_lambda` whether the Lambda service may.
    """

    policy: Node
    trusted: tuple[Principal, ...]
    left_out: tuple[Node, ...]
    by_lambda: Truth


def trust_of(world: World, role: Resource) -> Trust:
    """Return whom a role trusts."""
    document = document_of(world.properties(role).get("AssumeRolePolicyDocument"))
    check_document(document)
    policy = document.get("Statement")
    statements = list(policy.one_or_more())
    for statement in statements:
        check_statement(statement, with_principal=True)
    allowing = [one for one in statements if one.get("Effect").string() == "Allow" and _is_about(one, _BY_ANYONE)]
    denying = [one for one in statements if one.get("Effect").string() == "Deny"]
    by_lambda = any_of(map(_allows_lambda, allowing)) & ~any_of(map(_denies_lambda, denying))
    left_out = tuple(one.get("NotPrincipal") for one in allowing if one.get("NotPrincipal").exists)
    return Trust(policy, tuple(one for statement in allowing for one in _named(statement)), left_out, by_lambda)


def _named(statement: Node) -> Iterator[Principal]:
    return (Principal(*one) for one in principals(statement.get("Principal")))


def _allows_lambda(statement: Node) -> Truth:
    # A condition that each request decides narrows whom the statement trusts; one that never holds trusts nobody.
    if _met(statement).value is False:
        return NO
    return _is_about(statement, (_BY_A_SERVICE,)) & any_of(one.is_lambda for one in _named(statement))


def _denies_lambda(statement: Node) -> Truth:
    if _met(statement).value is not True:
        return NO
    if statement.get("NotPrincipal").exists:
        left_out = (Principal(*one) for one in principals(statement.get("NotPrincipal")))
        names_lambda = ~any_of(one.is_lambda for one in left_out)
    else:
        names_lambda = any_of(one.is_lambda | one.is_everyone for one in _named(statement))
    return _is_about(statement, (_BY_A_SERVICE,)) & names_lambda


def _is_about(statement: Node, actions: tuple[str, ...]) -> Truth:
    """Tell whether a statement is about any of these actions, which are in lower case."""
    patterns = [_lowered(one.text()) for one in named(statement, "Action")]
    excepts = statement.get("NotAction").exists
    covered = [any_of(matches(pattern, Text.of(action)) for pattern in patterns) for action in actions]
    return any_of(~one if excepts else one for one in covered)


def _met(statement: Node) -> Truth:
    return all_of(
        Condition(operator, key, tuple(value.text() for value in values.one_or_more()), variables=False).met(_CERTAIN)
        for operator, tests in statement.get("Condition").entries()
        for key, values in tests.entries()
    )


def _lowered(pattern: Text) -> Text:
    return Text.of(*(part.lower() if isinstance(part, str) else part for part in pattern.parts))
