"""What a role may do to a resource, as IAM decides it, as far as the template tells.

Source: AWS IAM User Guide, "Policy evaluation logic" and "Permissions boundaries for IAM entities". An explicit Deny
wins, a boundary's too; otherwise an Allow is needed, in an identity policy or in the resource's own, and one in the
permissions boundary where there is one. Every answer is three-valued: a policy that stands elsewhere, or a condition
that only a request decides, is unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from policies import identity, statements
from policies.arns import elsewhere, same_arn
from policies.errors import UndeterminedError
from policies.statements import Statement
from policies.values import YES, Text, Truth, any_of, unknown

if TYPE_CHECKING:
    from policies.nodes import Node
    from policies.template import Resource
    from policies.worlds import World


def role_of(world: World, function: Resource) -> Resource:
    """Return the role that a function runs as. Raises `UndeterminedError` where it stands elsewhere."""
    stated = world.properties(function).get("Role")
    wanted = stated.text()
    for role in world.of_type("AWS::IAM::Role"):
        if same_arn(wanted, identity.arn(world, role.logical_id, stated.path)).value:
            return role
    raise UndeterminedError("the function's role is not in this template", stated.path)


def may(world: World, role: Resource, action: str, resource: Text, policies: Sequence[Node] = ()) -> Truth:
    """Tell whether a role may do an action on the resource of an ARN.

    `policies` are the resource's own; of several, one for each replica, none is sure to be the one that counts.
    """
    own = _remembered(world, role, "identity", statements.of_identity) or ()
    boundary = _remembered(world, role, "boundary", statements.of_boundary)
    counts = YES if len(policies) == 1 else unknown("a replica's policy counts in its own region only")
    resource_based = [one for policy in policies for one in statements.of_resource(world, role, policy, counts)]

    world.step(role.path, len(own) + len(resource_based) + len(boundary or ()))

    def effective(effect: str, given: Iterable[Statement]) -> Truth:
        return any_of(statement.has_effect(effect, action, resource) for statement in given)

    denied = effective("Deny", (*own, *resource_based, *(boundary or ())))
    allowed = effective("Allow", (*own, *resource_based))
    within = YES if boundary is None else effective("Allow", boundary)
    return ~denied & allowed & within


def foreign_tables(world: World, role: Resource, actions: Sequence[str]) -> Iterator[tuple[Truth, Text]]:
    """Return ARNs of tables from outside the stack that statements allow actions on, as far as they go alone.

    With each comes whether the statement does reach such a table; whether the role may is for `may` to say.
    """
    tables = [identity.arn(world, table.logical_id, table.path) for table in world.of_type(*identity.TABLE_TYPES)]
    other = identity.another_table(world)
    for statement in _remembered(world, role, "identity", statements.of_identity) or ():
        unread = statement.effect is None
        if statement.effect == "Deny" or (not unread and any_of(map(statement.names_action, actions)).value is False):
            continue
        if unread or statement.except_resources:
            yield YES, other
            continue
        for pattern in statement.resources:
            reaches, arn = elsewhere(pattern, tables, other)
            if reaches.value is not False:
                yield reaches, arn


def _remembered(
    world: World, role: Resource, kind: str, read: Callable[[World, Resource], list[Statement] | None]
) -> list[Statement] | None:
    """Read the statements that concern a role once in a world."""
    key = (kind, role.logical_id)
    if key not in world.memo:
        world.memo[key] = read(world, role)
    found: list[Statement] | None = world.memo[key]
    return found
