"""The statements of policy documents: what each is about, and whether it stands there in every world.

Source: AWS IAM User Guide, "IAM JSON policy element reference".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from policies import identity
from policies.arns import ACCOUNT, covers, same_arn, segments
from policies.choices import MOST_ALTERNATIVES, names
from policies.conditions import Condition, Request, resolved
from policies.documents import (
    action,
    check_document,
    check_statement,
    document_of,
    has_variables,
    named,
    principals,
    resource,
)
from policies.errors import ForkError
from policies.exploration import alternatives
from policies.nodes import Node
from policies.values import NO, YES, Text, Truth, all_of, any_of, matches, unknown

if TYPE_CHECKING:
    from policies.template import Resource
    from policies.worlds import World

_PERHAPS = unknown("a condition of the template decides which statements a policy has")


@dataclass(frozen=True, slots=True)
class InlinePolicy:
    """An inline policy: its place in the template, and that of its name."""

    path: str
    name: Node = field(compare=False)


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement of a policy, with the answer to whether the policy is the role's.

    `effect` is None where the policy stands elsewhere and nobody knows what it says. `actions` and `resources` are
    those named, or with `except_actions` and `except_resources` those left out. `variables`: `${...}` is a variable.
    `policy` is the inline policy that it belongs to, if any. Where conditions of the template decide whether it
    stands there, `ask` asks for them.
    """

    applies: Truth
    effect: str | None
    actions: tuple[Text, ...] = ()
    except_actions: bool = False
    resources: tuple[Text, ...] = ()
    except_resources: bool = False
    conditions: tuple[Condition, ...] = ()
    variables: bool = False
    policy: InlinePolicy | None = None
    ask: Callable[[], object] | None = field(default=None, compare=False)

    def has_effect(self, effect: str | None, action: str, resource: Text, request: Request) -> Truth:
        """Tell whether the statement allows, or denies, a request for an action on the resource of an ARN."""
        if self.effect is None:
            return self.applies & unknown("a policy of the role is not in this template")
        if self.effect != effect:
            return NO

        def answers() -> Iterator[Truth]:
            yield self.applies
            yield self.names_action(action)
            yield self.reaches(resource, request)
            yield from (condition.met(request) for condition in self.conditions)

        return all_of(answers())

    def reaches(self, resource: Text, request: Request) -> Truth:
        """Tell whether the statement is about the resource of an ARN; one that nobody has read may be about any."""
        if self.effect is None:
            return YES
        covered = any_of(covers(pattern, resource) for pattern in self.named(request))
        return ~covered if self.except_resources else covered

    @property
    def cost(self) -> int:
        """How many values are compared at most, beside those of actions and resources."""
        return 1 + sum(len(condition.values) for condition in self.conditions)

    def named(self, request: Request) -> Iterator[Text]:
        """Return the resources with the policy variables of a request; one with a variable of no value names none."""
        for pattern in self.resources:
            filled = resolved(pattern, request) if self.variables else pattern
            if filled is not None:
                yield filled

    def names_action(self, action: str) -> Truth:
        """Tell whether the statement is about an action."""
        about = any_of(_is_action(action, pattern) for pattern in self.actions)
        return ~about if self.except_actions else about


def statements_of(applies: Truth, document: Node, policy: InlinePolicy | None = None) -> list[Statement]:
    """Return the statements of a document of a role's policy, with the answer to whether the policy is the role's.

    `policy` tells which of the inline policies it is, where it is one.
    """
    document = document_of(document)
    check_document(document)
    found = (lazily(one, lambda here: _read(applies, here, document)) for one in document.get("Statement").members())
    return [replace(one, policy=policy) for statements in found for one in statements]


def _read(applies: Truth, place: Node, document: Node) -> Iterator[Statement]:
    if is_silent(place):
        actions = tuple(_lowered(one.text()) for one in named(place, "Action"))
        yield Statement(applies, place.get("Effect").string(), actions)
    elif place.exists:
        yield from _statements(applies, place, document, with_principal=False)


def lazily(place: Node, read: Callable[[Node], Iterable[Statement]]) -> list[Statement]:
    """Return the statements that are read at a place, asking for no condition that decides which they are.

    Where worlds differ in them, those of each: one that not every world has applies perhaps, and can `ask`.
    """
    try:
        return list(read(place))
    except ForkError:
        found = alternatives(place.world, lambda here: tuple(read(replace(place, world=here))), MOST_ALTERNATIVES)

    def ask() -> None:
        list(read(place))

    if found is None:
        return [Statement(_PERHAPS, None, ask=ask)]
    # What a statement of one alternative would ask for, it would ask for in that world only.
    return [
        replace(one, ask=one.ask and ask)
        if all(one in each for each in found)
        else replace(one, applies=one.applies & _PERHAPS, ask=ask)
        for one in dict.fromkeys(one for each in found for one in each)
    ]


def is_silent(place: Node) -> bool:
    """Tell a statement that is spelled out and is not about DynamoDB: what else it says need not be read."""
    match place.raw:
        case {"Action": str() | list() as actions, "Effect": "Allow" | "Deny", **rest} if _has_one_resource(rest):
            spelled = actions if isinstance(actions, list) else [actions]
            return bool(spelled) and all(map(_is_elsewhere, spelled))
    return False


def _has_one_resource(rest: Mapping[object, object]) -> bool:
    """Tell that beside its effect and actions a statement has what IAM accepts; another one is read, and refused."""
    stated = rest.keys() - {"Sid", "Condition"}
    return stated in ({"Resource"}, {"NotResource"}) and all(rest[name] for name in stated)


def _is_elsewhere(action: object) -> bool:
    """Tell an action that is spelled out and of another service."""
    if not isinstance(action, str) or "{{" in action:  # a dynamic reference
        return False
    service, colon, _ = action.lower().partition(":")
    return bool(colon) and matches(Text.of(service), Text.of("dynamodb")).value is False


def of_resource(world: World, role: Resource, policy: Node) -> Iterator[Statement]:
    """Return the statements of a resource's own policy, each with the answer to whether it names the role."""
    policy = document_of(policy)
    check_document(policy)

    def read(node: Node) -> Iterator[Statement]:
        if not node.exists:
            return
        if node.get("NotPrincipal").exists:
            left_out = list(principals(node.get("NotPrincipal")))
            meant = any_of(_is_principal(world, role, kind, one.text(), "Deny") for kind, one in left_out)
            # To leave a role out takes its session's ARN and its account's as well, so that one alone decides nothing.
            names_role = YES if meant.value is False else unknown("whom NotPrincipal leaves out is not certain")
        else:
            effect = node.get("Effect").string()
            stated = principals(node.get("Principal"))
            names_role = any_of(_is_principal(world, role, kind, one.text(), effect) for kind, one in stated)
        yield from _statements(names_role, node, policy, with_principal=True)

    for one in policy.get("Statement").members():
        yield from lazily(one, read)


def _is_principal(world: World, role: Resource, kind: str, principal: Text, effect: str) -> Truth:
    """Tell whether a principal is the role. An account only delegates an Allow, but is denied with all in it."""
    if kind != "AWS":
        return NO
    if principal.literal == "*":
        return YES
    arn = identity.arn(world, role)
    if any(isinstance(part, str) and ":assumed-role/" in part for part in principal.parts):
        return unknown("whether this session of a role is the function's is decided by each request")
    whole_account = principal == _account(arn) or str(principal.literal).isdecimal()
    if whole_account or (principal.parts and str(principal.parts[-1]).endswith(":root")):
        if effect == "Allow":
            return NO
        return _account(principal).same(_account(arn))
    return same_arn(principal, arn)


def _account(arn: Text) -> Text:
    """Return the account of an ARN, or the whole of what is written otherwise, such as a parameter that gives it."""
    place = segments(arn)
    return place[ACCOUNT] if len(place) > ACCOUNT else arn


def _is_action(action: str, pattern: Text) -> Truth:
    """Tell whether a pattern in lower case names an action; IAM ignores case here."""
    return matches(pattern, Text.of(action.lower()))


def _lowered(pattern: Text) -> Text:
    return Text.of(*(part.lower() if isinstance(part, str) else part for part in pattern.parts))


def _statements(applies: Truth, node: Node, document: Node, *, with_principal: bool) -> Iterator[Statement]:
    """Return a statement, as one of all that it names for certain, and one of each that it names under a condition.

    One that names an action and a resource under conditions asks for the action's: where that is met, it is certain.
    """
    check_statement(node, with_principal=with_principal)
    variables = has_variables(document)
    actions = names(node, "Action", lambda one: _lowered(action(one)))
    resources = names(node, "Resource", resource)
    whole = Statement(
        applies,
        node.get("Effect").string(),
        tuple(one.text for one in actions if one.ask is None),
        node.get("NotAction").exists,
        tuple(one.text for one in resources if one.ask is None),
        node.get("NotResource").exists,
        tuple(_conditions(node, variables=variables)),
        variables,
    )
    yield whole
    about = [one for one in actions if one.ask is not None and not _is_elsewhere(one.text.literal)]
    perhaps = [one for one in resources if one.ask is not None]
    for resource_ in perhaps:
        yield replace(whole, applies=applies & _PERHAPS, resources=(resource_.text,), ask=resource_.ask)
    for action_ in about:
        partly = replace(whole, applies=applies & _PERHAPS, actions=(action_.text,), ask=action_.ask)
        yield partly
        for resource_ in perhaps:
            yield replace(partly, resources=(resource_.text,))


def _conditions(statement: Node, *, variables: bool) -> Iterator[Condition]:
    for operator, tests in statement.get("Condition").entries():
        for key, values in tests.entries():
            yield Condition(operator, key, tuple(value.text() for value in values.one_or_more()), variables)
