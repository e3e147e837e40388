"""Whom a role trusts: who may assume it, by whichever of the actions of AWS STS.

Source: AWS IAM User Guide, "Roles terms and concepts" on trust policies, and Service Authorization Reference, "Actions,
resources, and condition keys for AWS Security Token Service".
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from policies.choices import MOST_ALTERNATIVES
from policies.conditions import Condition, Request
from policies.documents import action, check_document, check_statement, document_of, has_variables, named, principals
from policies.errors import ForkError
from policies.exploration import alternatives
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

    `policy` are its statements, `by_lambda` is whether the Lambda service may assume the role. `trusted` are those who
    may, and `left_out` the places that let everyone but some, of statements that do not trust Lambda alone; where one
    lets others in, not of all.
    """

    policy: Node
    trusted: tuple[Principal, ...]
    left_out: tuple[Node, ...]
    by_lambda: Truth


@dataclass(frozen=True, slots=True)
class _Said:
    """What a statement says of a role: whom it trusts or leaves out, and whether it allows or denies Lambda."""

    trusted: tuple[Principal, ...] = ()
    left_out: tuple[Node, ...] = ()
    allows: Truth = NO
    denies: Truth = NO

    @property
    def lets_others_in(self) -> bool:
        """Whether others than Lambda may certainly assume the role."""
        return bool(self.left_out) or any(one.is_lambda.value is False for one in self.trusted)

    @property
    def only_allows_lambda(self) -> bool:
        """Whether it says nothing but that Lambda may assume the role, if it says that."""
        of_others = (one.is_lambda.value is not True for one in self.trusted)
        return not self.left_out and self.denies.value is False and not any(of_others)


def trust_of(world: World, role: Resource) -> Trust:
    """Return whom a role trusts."""
    document = document_of(world.properties(role).get("AssumeRolePolicyDocument"))
    check_document(document)
    policy = document.get("Statement")
    said: list[_Said] = []
    perhaps: list[Node] = []
    for place in policy.members():
        allows = _allows_lambda_alone(place, document)
        if len(allows) == 1:
            said.append(_Said(allows=Truth(True in allows)))
        elif allows:
            perhaps.append(place)
        else:
            said += _said_unless_settled(place, said, document)
    denied = any_of(one.denies for one in said)
    # Statements that trust Lambda under a condition are asked for one by one, and only until one does.
    while perhaps and any_of(one.allows for one in said).value is not True and denied.value is not True:
        said.append(_said(perhaps.pop(), document))
    return Trust(
        policy,
        tuple(principal for one in said for principal in one.trusted),
        tuple(place for one in said for place in one.left_out),
        any_of(one.allows for one in said) & ~denied,
    )


def _said_unless_settled(place: Node, before: list[_Said], document: Node) -> list[_Said]:
    """Return what a statement says, but do not ask whether it is there where one before lets others in anyway."""
    try:
        return [_said(place, document)]
    except ForkError:
        if any(one.lets_others_in for one in before):
            return []
        raise


def _allows_lambda_alone(place: Node, document: Node) -> set[bool]:
    """Tell of a statement that says nothing of others in any world whether it trusts Lambda: all that it may come to.

    No condition is asked for; nothing is returned for any other statement.
    """

    def alone(here: World) -> bool | None:
        said = _said(replace(place, world=here), document)
        return said.allows.value if said.only_allows_lambda else None

    found = alternatives(place.world, alone, MOST_ALTERNATIVES) or [None]
    return set() if None in found else {bool(allows) for allows in found}


def _said(statement: Node, document: Node) -> _Said:
    """Return what a statement says, if it is there."""
    if not statement.exists:
        return _Said()
    check_statement(statement, with_principal=True)
    is_about_roles = _is_about(statement, _BY_ANYONE)
    if statement.get("Effect").string() == "Deny":
        return _Said(denies=_denies_lambda(statement, document))
    if not is_about_roles:
        return _Said()
    left_out = statement.get("NotPrincipal")
    allows = _allows_lambda(statement, document)
    return _Said(tuple(_named(statement)), (left_out,) if left_out.exists else (), allows)


def _named(statement: Node) -> Iterator[Principal]:
    return (Principal(*one) for one in principals(statement.get("Principal")))


def _allows_lambda(statement: Node, document: Node) -> Truth:
    # A condition that each request decides narrows whom the statement trusts; one that never holds trusts nobody.
    met = _met(statement, document, by_request=YES)
    return met & _is_about(statement, (_BY_A_SERVICE,)) & any_of(one.is_lambda for one in _named(statement))


def _denies_lambda(statement: Node, document: Node) -> Truth:
    met = _met(statement, document, by_request=NO)
    if met.value is False:
        return NO
    if statement.get("NotPrincipal").exists:
        left_out = (Principal(*one) for one in principals(statement.get("NotPrincipal")))
        names_lambda = ~any_of(one.is_lambda for one in left_out)
    else:
        names_lambda = any_of(one.is_lambda | one.is_everyone for one in _named(statement))
    return met & _is_about(statement, (_BY_A_SERVICE,)) & names_lambda


def _is_about(statement: Node, actions: tuple[str, ...]) -> Truth:
    """Tell whether a statement is about any of these actions, which are in lower case."""
    patterns = [_lowered(action(one)) for one in named(statement, "Action")]
    excepts = statement.get("NotAction").exists
    covered = [any_of(matches(pattern, Text.of(action)) for pattern in patterns) for action in actions]
    return any_of(~one if excepts else one for one in covered)


def _met(statement: Node, document: Node, *, by_request: Truth) -> Truth:
    """Tell whether a statement's conditions are met; `by_request` is the answer where each request decides.

    Only where there are conditions is it asked which Version the document has.
    """
    return all_of(
        _one_met(
            Condition(operator, key, tuple(value.text() for value in values.one_or_more()), has_variables(document)),
            by_request,
        )
        for operator, tests in statement.get("Condition").entries()
        for key, values in tests.entries()
    )


def _one_met(condition: Condition, by_request: Truth) -> Truth:
    met = condition.met(_CERTAIN)
    is_open = condition.key.lower() in _CERTAIN.values and any(value.unknowns for value in condition.values)
    return met if met.value is not None or is_open else by_request


def _lowered(pattern: Text) -> Text:
    return Text.of(*(part.lower() if isinstance(part, str) else part for part in pattern.parts))
