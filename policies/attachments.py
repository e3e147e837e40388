"""The policies that are attached to a role, wherever in a template they stand, and what they say.

A permission can live inline on the role, in an `AWS::IAM::Policy`, `ManagedPolicy` or `RolePolicy`, in a managed policy
of AWS, and in the permissions boundary.
Source: AWS IAM User Guide, "Managed policies and inline policies" and "Permissions boundaries for IAM entities".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from policies import identity
from policies.arns import same_arn, segments
from policies.aws_managed import AWS_MANAGED_POLICIES
from policies.errors import MismatchError
from policies.nodes import Node
from policies.policy_names import alike, policy_name
from policies.statements import InlinePolicy, Statement, lazily, statements_of
from policies.values import YES, Text, Truth, any_of, unknown

if TYPE_CHECKING:
    from policies.template import Resource
    from policies.worlds import World


def of_identity(world: World, role: Resource) -> list[Statement]:
    """Return the statements of all policies that are, or may be, attached to a role."""
    properties = world.properties(role)
    name = identity.id_of(world, role)

    def attached(body: Node, policy: Resource) -> Iterator[Statement]:
        return _attached(body.world, policy, name)

    found = lazily(properties.get("Policies"), _inline)
    for policy in world.declared("AWS::IAM::Policy", "AWS::IAM::RolePolicy", "AWS::IAM::ManagedPolicy"):
        found += lazily(world.attributes(policy), partial(attached, policy=policy))
    return [*_told_apart(world, found), *lazily(properties.get("ManagedPolicyArns"), _managed_ones)]


def _inline(policies: Node) -> list[Statement]:
    """Return the statements of the inline policies of a list."""

    def read(policy: Node) -> list[Statement]:
        return _of_inline(YES, policy) if policy.exists else []

    members = list(policies.members())
    if any(one is policies for one in members):
        # It is no list: this says so, or that nobody knows.
        list(policies.items())
    return [found for policy in members for found in lazily(policy, read)]


def _of_inline(applies: Truth, stated: Node) -> list[Statement]:
    """Return the statements of an inline policy; one without any replaces another of its name all the same."""
    policy = InlinePolicy(stated.path, stated.get("PolicyName"))
    return statements_of(applies, stated.get("PolicyDocument"), policy) or [Statement(applies, "Allow", policy=policy)]


def _managed_ones(arns: Node) -> list[Statement]:
    """Return the statements of the managed policies of a list."""

    def read(arn: Node) -> list[Statement]:
        return _managed(arn.world, arn.text()) if arn.exists else []

    return [found for arn in arns.members() for found in lazily(_of_list(arns, arn), read)]


def _attached(world: World, policy: Resource, name: Text) -> Iterator[Statement]:
    """Return the statements of a policy of its own, if it is attached to the role of a name."""
    stated = world.properties(policy)
    attached = any_of(_names(world, one.text(), name) for one in _roles(policy, stated))
    if attached.value is not False and world.has(policy):
        if policy.type == "AWS::IAM::ManagedPolicy":
            yield from statements_of(attached, stated.get("PolicyDocument"))
        else:
            yield from _of_inline(attached, stated)


def _roles(policy: Resource, stated: Node) -> Iterator[Node]:
    """Return the roles that a policy of its own is attached to; one in place of the list is none that is known."""
    if policy.type == "AWS::IAM::RolePolicy":
        yield from stated.get("RoleName").one_or_more()
        return
    roles = stated.get("Roles")
    yield from map(partial(_of_list, roles), roles.one_or_more())


def _of_list(stated: Node, one: Node) -> Node:
    """Return an item of what has to be a list. Raises `MismatchError` where it stands there alone.

    A value that is open as a whole may come to a list, unless it is a name that is made here.
    """
    if one is stated:
        text = one.text()
        if len(text.parts) != 1 or not text.unknowns or text.unknowns[0].is_new_name:
            raise MismatchError(stated.path, stated.found, "a list")
    return one


def _told_apart(world: World, found: Sequence[Statement]) -> Iterator[Statement]:
    """Return the statements, those of inline policies with one name as uncertain: the later replaces the other."""
    policies = {one.policy.path: one.policy for one in found if one.policy is not None}
    names = {path: policy_name(world, policy.name) for path, policy in policies.items()}
    asks = {path: [name.ask] for path, name in names.items()}
    for one in found:
        if one.policy is not None:
            asks[one.policy.path].append(one.ask)
    of_one_name = {path: [path, *others] for path, others in alike(names).items()}
    perhaps = unknown("of two inline policies with one name the later replaces the other")
    for one in found:
        places = of_one_name.get(one.policy.path) if one.policy is not None else None
        if places is None:
            yield one
        else:
            concerned = (ask for path in places for ask in asks[path])
            ask = next((ask for ask in (one.ask, *concerned) if ask is not None), None)
            yield replace(one, applies=one.applies & perhaps, ask=ask)


def _names(world: World, stated: Text, name: Text) -> Truth:
    """Tell whether what a policy is attached to is a role, by its name.

    A value that is open as a whole may, when the stack is updated, be the name that an earlier deployment has made.
    """
    answer = stated.same(name)
    return identity.is_open(world, stated) if answer.value is False else answer


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
    of_aws = (held for name, held in AWS_MANAGED_POLICIES.items() if said.endswith(f":iam::aws:policy/{name}"))
    document = next(of_aws, None) or told(world, "policy", world.template.externals.managed_policies, arn)
    if document is None:
        return [Statement(YES, None)]
    return statements_of(YES, world.node(document, f"({said})"))


def told(world: World, kind: str, held: Mapping[str, Mapping[str, object]], arn: Text) -> Mapping[str, object] | None:
    """Return what was told of a role or policy of the account, by its ARN or by its name with its path."""
    pieces = segments(arn)
    of_aws = pieces[-2:-1] == [Text.of("aws")]
    for name, value in held.items():
        if name.startswith("arn:"):
            if same_arn(arn, world.node({"Fn::Sub": name}, f"({name})").text()).value:
                return value
        elif not of_aws and pieces[-1].literal == f"{kind}/{name}":
            return value
    return None
