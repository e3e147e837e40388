"""The policies that are attached to a role, wherever in a template they stand, and what they say.

A permission can live inline on the role, in an `AWS::IAM::Policy`, `ManagedPolicy` or `RolePolicy`, in a managed policy
of AWS, and in the permissions boundary.
Source: AWS IAM User Guide, "Managed policies and inline policies" and "Permissions boundaries for IAM entities".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from policies import identity
from policies.arns import same_arn
from policies.aws_managed import AWS_MANAGED_POLICIES
from policies.nodes import Node
from policies.statements import InlinePolicy, Statement, lazily, statements_of
from policies.values import YES, Origin, Text, Truth, any_of, unknown

if TYPE_CHECKING:
    from policies.template import Resource
    from policies.worlds import World


def of_identity(world: World, role: Resource) -> list[Statement]:
    """Return the statements of all policies that are, or may be, attached to a role."""
    properties = world.properties(role)
    name = identity.id_of(world, role)

    def attached(body: Node, policy: Resource) -> Iterator[Statement]:
        return _attached(body.world, policy, name)

    found = _each(properties.get("Policies"), _inline)
    for policy in world.declared("AWS::IAM::Policy", "AWS::IAM::RolePolicy", "AWS::IAM::ManagedPolicy"):
        found += lazily(world.attributes(policy), partial(attached, policy=policy))
    return [*_told_apart(found), *_each(properties.get("ManagedPolicyArns"), _by_arn)]


def _each(items: Node, read: Callable[[Node], Iterable[Statement]]) -> list[Statement]:
    """Return the statements that are read at each item of a list."""
    return lazily(items, lambda here: [found for item in here.members() for found in lazily(item, read)])


def _inline(policy: Node) -> Iterator[Statement]:
    if policy.exists:
        yield from statements_of(YES, policy.get("PolicyDocument"), _named(policy))


def _by_arn(arn: Node) -> Iterator[Statement]:
    if arn.exists:
        yield from _managed(arn.world, arn.text())


def _attached(world: World, policy: Resource, name: Text) -> Iterator[Statement]:
    """Return the statements of a policy of its own, if it is attached to the role of a name."""
    stated = world.properties(policy)
    roles = stated.get("RoleName" if policy.type == "AWS::IAM::RolePolicy" else "Roles")
    attached = any_of(_names(one.text(), name) for one in roles.one_or_more())
    if attached.value is not False and world.has(policy):
        inline = None if policy.type == "AWS::IAM::ManagedPolicy" else _named(stated)
        yield from statements_of(attached, stated.get("PolicyDocument"), inline)


def _named(policy: Node) -> InlinePolicy:
    stated = policy.get("PolicyName")
    return InlinePolicy(stated.text() if stated.exists else None, policy.path)


def _told_apart(found: Sequence[Statement]) -> Iterator[Statement]:
    """Return the statements, those of inline policies with one name as uncertain: the later replaces the other."""
    holders: dict[Text, dict[str, Callable[[], object] | None]] = {}
    for one in found:
        if one.policy is not None and one.policy.name is not None:
            holders.setdefault(one.policy.name, {})[one.policy.path] = one.ask
    for one in found:
        alike = holders.get(one.policy.name, {}) if one.policy is not None and one.policy.name is not None else {}
        if len(alike) > 1:
            ask = next((ask for ask in (one.ask, *alike.values()) if ask is not None), None)
            perhaps = unknown("of two inline policies with one name the later replaces the other")
            yield replace(one, applies=one.applies & perhaps, ask=ask)
        else:
            yield one


def _names(stated: Text, name: Text) -> Truth:
    """Tell whether what a policy is attached to is a role, by its name.

    A value that is open as a whole may, when the stack is updated, be the name that an earlier deployment has made.
    """
    answer = stated.same(name)
    is_open = len(stated.parts) == 1 and any(part.origin is Origin.EXTERNAL for part in stated.unknowns)
    is_open = is_open and not any(part.key in identity.PSEUDO_PARAMETERS for part in stated.unknowns)
    return unknown(stated.unknowns[0].reason) if is_open and answer.value is False else answer


def of_boundary(world: World, role: Resource) -> list[Statement] | None:
    """Return the statements of the role's permissions boundary, or None where it has none."""
    boundary = world.properties(role).get("PermissionsBoundary")
    return _managed(world, boundary.text()) if boundary.exists else None


def _managed(world: World, arn: Text) -> list[Statement]:
    """Return the statements of a managed policy: the template's own, one of AWS, or one that was told of."""
    for policy in world.declared("AWS::IAM::ManagedPolicy"):
        if same_arn(arn, identity.id_of(world, policy)).value and world.has(policy):
            return statements_of(YES, world.properties(policy).get("PolicyDocument"))
    said = "".join(part if isinstance(part, str) else f"${{{part.key}}}" for part in arn.parts)
    of_aws = said.partition(":iam::aws:policy/")[2]
    document = AWS_MANAGED_POLICIES.get(of_aws) or told(world, world.template.externals.managed_policies, arn)
    if document is None:
        return [Statement(YES, None)]
    return statements_of(YES, world.node(document, f"({said})"))


def told(world: World, held: Mapping[str, Mapping[str, object]], arn: Text) -> Mapping[str, object] | None:
    """Return what was told of something of the account, by its ARN or by its name with its path."""
    last = str(arn.parts[-1]) if arn.parts else ""
    of_aws = ":iam::aws:" in last
    for name, value in held.items():
        if name.startswith("arn:"):
            if same_arn(arn, world.node({"Fn::Sub": name}, f"({name})").text()).value:
                return value
        elif not of_aws and last.partition("/")[2] == name:
            return value
    return None
